//! What there is to be run.

use ecosystem::reproduction::{MISSING, Reproduction, ReproductionError};

use crate::run::compact;

/// Title, papers, cost and scenarios of each.
pub(super) fn list(chosen: &[&'static Reproduction]) -> Result<Vec<String>, ReproductionError> {
    let mut lines = Vec::new();
    for reproduction in chosen {
        lines.push(format!("{}  {}", reproduction.id, reproduction.title));
        lines.push(format!("     {}", papers(reproduction)));
        lines.push(format!("     {}", cost(reproduction)?));
        let cases = reproduction.cases().into_iter();
        lines.extend(cases.map(|case| format!("     echosphere run {case}")));
    }
    Ok(lines)
}

/// What was tried and does not come out.
pub(super) fn missing() -> impl Iterator<Item = String> {
    MISSING.iter().flat_map(|missing| {
        [
            format!("{}  {}", missing.id, missing.title),
            format!("     {}", missing.paper),
            format!("     not reproduced: {}", missing.why),
        ]
    })
}

/// Where it was published.
pub(super) fn papers(reproduction: &Reproduction) -> String {
    if reproduction.papers.is_empty() {
        return "derived for this program".to_owned();
    }
    let papers = reproduction.papers.iter().map(ToString::to_string);
    papers.collect::<Vec<_>>().join("; ")
}

fn cost(reproduction: &Reproduction) -> Result<String, ReproductionError> {
    let checks = match reproduction.checks.len() {
        1 => "1 check".to_owned(),
        count => format!("{count} checks"),
    };
    let replicates = match reproduction.replicates()? {
        1 => "1 replicate".to_owned(),
        count => format!("{count} replicates"),
    };
    let updates = compact(reproduction.work()? as f64);
    let quick = if reproduction.quick { ", quick" } else { "" };
    Ok(format!(
        "{checks}, {replicates}, {updates} model updates{quick}"
    ))
}
