//! One case for each rule about several keys.

use super::*;

pub(super) mod archives;
mod curation;
mod data;
mod densities;
mod interventions;
mod models;
mod transformers;
mod watermarks;
mod world;

/// Reads `text` with changes; every problem must begin like its line of `expected`.
#[track_caller]
fn check_rule(text: &str, changes: &[(&str, &str)], expected: &[&str]) {
    let actual = problems(text, changes);
    let same = actual.len() == expected.len()
        && actual
            .iter()
            .zip(expected)
            .all(|(actual, expected)| without_line(actual).starts_with(expected));
    assert!(same, "expected {expected:#?}\nactual {actual:#?}");
}

fn without_line(problem: &str) -> &str {
    match problem.strip_prefix("line ") {
        Some(rest) => rest.split_once(": ").map_or(rest, |(_, rest)| rest),
        None => problem,
    }
}
