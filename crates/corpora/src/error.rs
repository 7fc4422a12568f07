//! Why no corpus or column was returned.

use crate::problem::Problem;
use crate::suggest::{hint, list};

/// How many names an error message spells out.
const NAMES_SHOWN_MAX: usize = 20;

/// Why no corpus or column was returned.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CorpusError {
    /// No built-in corpus has this name.
    #[error(
        "no built-in corpus `{name}`{}; available: {}",
        hint(nearest.as_deref()),
        list(available, NAMES_SHOWN_MAX)
    )]
    UnknownCorpus {
        /// The name asked for.
        name: String,
        /// The name that was probably meant.
        nearest: Option<String>,
        /// All names there are.
        available: Vec<String>,
    },
    /// No built-in table has this name.
    #[error(
        "no built-in table `{name}`{}; available: {}",
        hint(nearest.as_deref()),
        list(available, NAMES_SHOWN_MAX)
    )]
    UnknownTable {
        /// The name asked for.
        name: String,
        /// The name that was probably meant.
        nearest: Option<String>,
        /// All names there are.
        available: Vec<String>,
    },
    /// A table has no column of this name.
    #[error(
        "{file}: no column `{column}`{}; available: {}",
        hint(nearest.as_deref()),
        list(available, NAMES_SHOWN_MAX)
    )]
    UnknownColumn {
        /// Name of the file.
        file: String,
        /// The column asked for.
        column: String,
        /// The column that was probably meant.
        nearest: Option<String>,
        /// The columns in the order of the header.
        available: Vec<String>,
    },
    /// The files say something that cannot be used.
    #[error("`{name}` has {}: {}", count(problems.len() + omitted), sentences(problems, *omitted))]
    Invalid {
        /// Name of the corpus or of the table's file.
        name: String,
        /// The first problems: file by file and line by line, then those between files.
        problems: Vec<Problem>,
        /// How many more there were.
        omitted: usize,
    },
}

impl CorpusError {
    /// The problems that were found in the files; empty when a name was the problem.
    pub fn problems(&self) -> &[Problem] {
        match self {
            Self::Invalid { problems, .. } => problems,
            Self::UnknownCorpus { .. } | Self::UnknownTable { .. } | Self::UnknownColumn { .. } => {
                &[]
            }
        }
    }
}

fn count(problems: usize) -> String {
    if problems == 1 {
        "1 problem".to_owned()
    } else {
        format!("{problems} problems")
    }
}

fn sentences(problems: &[Problem], omitted: usize) -> String {
    let mut sentences: Vec<String> = problems.iter().map(ToString::to_string).collect();
    if omitted > 0 {
        sentences.push(format!("and {omitted} more"));
    }
    sentences.join("; ")
}
