//! The page with tables and figures.

use ecosystem::reproduction::{Moment, Outcome, Reproduction};
use report::html::{
    CheckedNumber, Comparison, PublishedResult, ReproductionsInput, reproductions_html,
};
use serde_json::json;

use super::list::papers;
use super::table::{closing, replicates};

const ABOUT: &str = "The program runs the scenarios of published results through the same engine as everything else, and \
     compares what comes out with the formulas. Tolerances and seeds are fixed; what misses is shown as a miss.";

pub(super) fn page(chosen: &[&'static Reproduction], outcomes: &[Outcome], seconds: f64) -> String {
    let results: Vec<PublishedResult> = chosen
        .iter()
        .map(|reproduction| result(reproduction, outcomes))
        .collect();
    let about = format!("{ABOUT}\n\n{}.", closing(outcomes, seconds));
    let manifest = json!({
        "version": env!("CARGO_PKG_VERSION"),
        "commit": env!("ECHOSPHERE_COMMIT"),
        "toolchain": env!("ECHOSPHERE_TOOLCHAIN"),
        "target": env!("ECHOSPHERE_TARGET"),
    });
    reproductions_html(&ReproductionsInput {
        title: "Published results, reproduced",
        about: &about,
        results: &results,
        manifest: &manifest,
    })
}

fn result(reproduction: &Reproduction, outcomes: &[Outcome]) -> PublishedResult {
    let own = outcomes
        .iter()
        .filter(|outcome| outcome.id == reproduction.id);
    PublishedResult {
        id: reproduction.id.to_owned(),
        title: reproduction.title.to_owned(),
        papers: papers(reproduction),
        checks: own.map(checked).collect(),
    }
}

fn checked(outcome: &Outcome) -> CheckedNumber {
    let mut trajectory: Vec<Comparison> = outcome.trajectory.iter().map(comparison).collect();
    if let Some(last) = trajectory.last_mut() {
        // A falsified outcome expects something else than its formula.
        last.expected = outcome.expected;
    }
    CheckedNumber {
        what: outcome.what.to_owned(),
        formula: outcome.formula.to_owned(),
        scenarios: outcome.scenarios.join("\n"),
        replicates: replicates(&outcome.replicates),
        tolerance: outcome.tolerance.to_string(),
        z: outcome.z,
        ok: outcome.ok,
        seconds: outcome.seconds,
        trajectory,
    }
}

fn comparison(moment: &Moment) -> Comparison {
    Comparison {
        fit: moment.generation,
        expected: moment.expected,
        measured: moment.measured,
        standard_error: moment.standard_error,
    }
}
