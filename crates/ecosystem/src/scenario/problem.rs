//! What can be wrong with a scenario, one sentence each, all of them at once.

use std::fmt;

/// One thing that is wrong with a scenario.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Line of the file, counted from 1; `None` for what stands in no line.
    pub line: Option<usize>,
    /// Where, as `--set` would write it: `population.geographer.mixture.synthetic_fraction`.
    /// Empty for a problem of the whole file.
    pub key: String,
    /// What is wrong and what is allowed; reads on from the key.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(line) = self.line {
            write!(formatter, "line {line}: ")?;
        }
        if !self.key.is_empty() {
            write!(formatter, "{} ", self.key)?;
        }
        formatter.write_str(&self.message)
    }
}

/// Everything that is wrong with a scenario, in the order of the file; one a line when displayed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", lines(.list))]
pub struct Problems {
    /// The problems; never empty.
    pub list: Vec<Problem>,
}

fn lines(list: &[Problem]) -> String {
    list.iter()
        .map(Problem::to_string)
        .collect::<Vec<_>>()
        .join("\n")
}

/// A problem whose place is not yet a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Finding {
    /// Offset in the file in bytes.
    pub(super) offset: Option<usize>,
    pub(super) key: String,
    pub(super) message: String,
}

impl Finding {
    /// A finding about a key of the command line.
    pub(super) fn placeless(key: &str, message: impl Into<String>) -> Self {
        Self {
            offset: None,
            key: key.to_owned(),
            message: message.into(),
        }
    }

    fn problem(self, text: &str) -> Problem {
        let line = self.offset.map(|offset| line_column(text, offset).0);
        Problem {
            line,
            key: self.key,
            message: self.message,
        }
    }
}

/// Findings as problems in the order of the file, or nothing if there are none.
///
/// What a population inherits is found again in every heir: it is told once, where it stands.
pub(super) fn none_or_problems(text: &str, findings: Vec<Finding>) -> Result<(), Problems> {
    let mut kept: Vec<Finding> = Vec::new();
    for finding in findings {
        let told = |other: &Finding| {
            (other.offset, &other.message) == (finding.offset, &finding.message)
                && (finding.offset.is_some() || other.key == finding.key)
                && last_segment(&other.key) == last_segment(&finding.key)
        };
        if !kept.iter().any(told) {
            kept.push(finding);
        }
    }
    kept.sort_by_key(|finding| (finding.offset.is_none(), finding.offset));
    let list: Vec<_> = kept
        .into_iter()
        .map(|finding| finding.problem(text))
        .collect();
    if list.is_empty() {
        Ok(())
    } else {
        Err(Problems { list })
    }
}

fn last_segment(key: &str) -> &str {
    key.rsplit('.').next().unwrap_or(key)
}

/// Line and column of an offset in bytes, both counted from 1.
pub(super) fn line_column(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..offset).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or(before).chars().count() + 1;
    (line, column)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_columns_count_from_one() {
        assert_eq!(line_column("ab\ncd", 0), (1, 1));
        assert_eq!(line_column("ab\ncd", 4), (2, 2));
        assert_eq!(line_column("ab", 99), (1, 3));
    }

    #[test]
    fn a_problem_reads_as_a_sentence() {
        let problem = Problem {
            line: Some(14),
            key: "web.index_lag".to_owned(),
            message: "= 0 is out of range: allowed is above 0".to_owned(),
        };
        let expected = "line 14: web.index_lag = 0 is out of range: allowed is above 0";
        assert_eq!(problem.to_string(), expected);
    }
}
