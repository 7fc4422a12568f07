//! Thresholds: `p99(publish) < 20ms`, `freshness_p95 < 5s`, `error_rate < 0.1%`, `done_rate > 100k`.

use serde::Serialize;

use super::super::suggest::hint;

/// Something that must hold at the end, over everything that was measured.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Threshold {
    /// As it was written.
    pub text: String,
    /// What is compared.
    pub subject: Subject,
    /// True if it must be below the limit, false if above.
    pub below: bool,
    /// The limit: seconds, a share, or a number a second.
    pub limit: f64,
}

/// What a threshold compares.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub enum Subject {
    /// A duration that this share of all durations of an operation does not exceed.
    Quantile(String, f64),
    /// The mean duration of an operation.
    Mean(String),
    /// Share of the deeds that were due which were not done.
    ErrorRate,
    /// Deeds done a second.
    DoneRate,
}

/// What a number is followed by, and what it is then multiplied by.
const SECONDS: [(&str, f64); 4] = [("us", 1e-6), ("ms", 1e-3), ("min", 60.0), ("s", 1.0)];
const RATES: [(&str, f64); 3] = [("k", 1e3), ("M", 1e6), ("", 1.0)];
const SHARES: [(&str, f64); 2] = [("%", 1e-2), ("", 1.0)];

impl Threshold {
    /// Reads a threshold. `operations` are the names of what takes time.
    ///
    /// # Errors
    /// What is wrong with it, and what is allowed.
    pub fn read(text: &str, operations: &[&str]) -> Result<Self, String> {
        let malformed = || {
            format!(
                "= {text:?} is no threshold: write for instance \"p99(publish) < 20ms\", \"error_rate < 0.1%\" or \"done_rate > 1000\""
            )
        };
        let at = text.find(['<', '>']).ok_or_else(malformed)?;
        let (name, limit) = (
            text[..at].trim(),
            text[at + 1..].trim_start_matches('=').trim(),
        );
        let subject = subject(name, operations).map_err(|why| format!("= {text:?}: {why}"))?;
        let units: &[(&str, f64)] = match subject {
            Subject::Quantile(..) | Subject::Mean(_) => &SECONDS,
            Subject::ErrorRate => &SHARES,
            Subject::DoneRate => &RATES,
        };
        let limit = number(limit, units).ok_or_else(|| {
            let names: Vec<String> = units.iter().map(|unit| format!("`{}`", unit.0)).collect();
            format!(
                "= {text:?}: {limit:?} is no limit: allowed is a number from 0 on with one of {}",
                names.join(", ")
            )
        })?;
        Ok(Self {
            below: text[at..].starts_with('<'),
            text: text.to_owned(),
            subject,
            limit,
        })
    }

    /// True if a value keeps to it.
    pub fn holds(&self, value: f64) -> bool {
        if self.below {
            value < self.limit
        } else {
            value > self.limit
        }
    }
}

/// A number followed by one of these units.
fn number(text: &str, units: &[(&str, f64)]) -> Option<f64> {
    let of = |(unit, factor): &(&str, f64)| {
        let digits = text.strip_suffix(unit)?.trim_end();
        Some(digits.replace('_', "").parse::<f64>().ok()? * factor)
    };
    let value = units.iter().find_map(of)?;
    (value.is_finite() && value >= 0.0).then_some(value)
}

/// `p99(publish)`, `publish_p99`, `mean(publish)`, `error_rate`, `done_rate`.
fn subject(name: &str, operations: &[&str]) -> Result<Subject, String> {
    match name {
        "error_rate" => return Ok(Subject::ErrorRate),
        "done_rate" => return Ok(Subject::DoneRate),
        _ => {}
    }
    let called = name.strip_suffix(')').and_then(|name| name.split_once('('));
    let suffixed = || {
        name.rsplit_once('_')
            .map(|(operation, which)| (which, operation))
    };
    let (which, operation) = called.or_else(suffixed).ok_or_else(|| {
        format!("nothing is called {name:?}: allowed are error_rate, done_rate and for instance p99(publish)")
    })?;
    if !operations.contains(&operation) {
        let known = hint(operation, operations.iter().copied());
        return Err(format!("no operation is called {operation:?}: {known}"));
    }
    let operation = operation.to_owned();
    match which {
        "mean" => return Ok(Subject::Mean(operation)),
        "max" => return Ok(Subject::Quantile(operation, 1.0)),
        "median" => return Ok(Subject::Quantile(operation, 0.5)),
        _ => {}
    }
    let percent: Option<f64> = which
        .strip_prefix('p')
        .and_then(|digits| digits.parse().ok());
    match percent {
        Some(percent) if (0.0..=100.0).contains(&percent) => {
            Ok(Subject::Quantile(operation, percent / 100.0))
        }
        _ => Err(format!(
            "{which:?} is no statistic: allowed are p0 to p100, median, mean and max"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Threshold, String> {
        Threshold::read(text, &["publish", "freshness"])
    }

    #[test]
    fn thresholds_say_what_how_and_how_much() {
        let quantile = |name: &str, share| Subject::Quantile(name.to_owned(), share);
        for (text, subject, below, limit) in [
            ("p99(publish) < 20ms", quantile("publish", 0.99), true, 0.02),
            ("freshness_p95<5s", quantile("freshness", 0.95), true, 5.0),
            (
                "p99.9(publish) <= 1 min",
                quantile("publish", 99.9 / 100.0),
                true,
                60.0,
            ),
            (
                "max(publish) < 250us",
                quantile("publish", 1.0),
                true,
                250e-6,
            ),
            (
                "mean(publish) < 1s",
                Subject::Mean("publish".to_owned()),
                true,
                1.0,
            ),
            ("error_rate < 0.1%", Subject::ErrorRate, true, 0.001),
            ("done_rate > 100k", Subject::DoneRate, false, 1e5),
        ] {
            let threshold = read(text).unwrap();
            assert_eq!((&threshold.subject, threshold.below), (&subject, below));
            assert!((threshold.limit - limit).abs() < 1e-12 * limit, "{text}");
        }
        let fast = read("p99(publish) < 20ms").unwrap();
        assert!(fast.holds(0.019) && !fast.holds(0.02));
        let many = read("done_rate > 5").unwrap();
        assert!(many.holds(6.0) && !many.holds(5.0));
    }

    #[test]
    fn what_is_wrong_is_told_with_what_is_allowed() {
        for (text, said) in [
            ("publish", "is no threshold"),
            ("p99(pubish) < 1s", "did you mean `publish`?"),
            ("p101(publish) < 1s", "p0 to p100"),
            ("p99(publish) < 20", "`us`, `ms`, `min`, `s`"),
            ("p99(publish) < fast", "is no limit"),
            ("error_rate < -1%", "a number from 0 on"),
            ("speed > 3", "nothing is called \"speed\""),
        ] {
            let message = read(text).unwrap_err();
            assert!(message.contains(said), "{message}");
        }
    }
}
