//! Whether interventions can be made, and whether anything comes of them.

use types::time::VirtualDuration;

use super::{Notes, days};
use crate::scenario::schema::{Scenario, Span};
use crate::scenario::stages::{self, Stage};

pub(super) fn all(scenario: &Scenario, notes: &mut Notes) {
    if scenario.intervention.is_empty() {
        return;
    }
    for (number, intervention) in scenario.intervention.iter().enumerate() {
        notes.add_if(
            days(scenario, intervention.at) > days(scenario, scenario.horizon),
            format!("intervention.{number}.at"),
            "is after the horizon: it would never be made",
        );
    }
    // What is wrong without interventions is told for itself.
    if !notes.0.is_empty() {
        return;
    }
    for attempt in stages::attempts(scenario) {
        if let Err((number, message)) = attempt {
            notes.add(format!("intervention.{number}.set"), message);
        }
    }
}

/// Changes that nobody notices, that are none, or that others take back at once.
pub(super) fn idle(scenario: &Scenario, stages: &[Stage], notes: &mut Notes) {
    let first = Scenario {
        intervention: Vec::new(),
        ..scenario.clone()
    };
    let before = std::iter::once(&first).chain(stages.iter().map(|stage| &stage.scenario));
    for (before, stage) in before.zip(stages) {
        notes.add_if(
            !is_noticed(scenario, stage.at),
            format!("intervention.{}.at", stage.number),
            "is after the last refresh of the index and the last crawl: nobody would notice it",
        );
        notes.add_if(
            stage.scenario == *before,
            format!("intervention.{}.set", stage.number),
            "changes nothing: everything has these values by then",
        );
    }
    contradictions(scenario, notes);
}

/// Whether the index is refreshed, or a crawl made, from an instant on and before the end.
fn is_noticed(scenario: &Scenario, at: Span) -> bool {
    let ticks = |span: Span| VirtualDuration::from_days(days(scenario, span)).0;
    let refresh = scenario.web.index_refresh.unwrap_or(scenario.web.index_lag);
    let crawls = scenario.crawler.iter().map(|crawler| crawler.every);
    let mut occasions = std::iter::once(refresh).chain(crawls).map(ticks);
    occasions.any(|every| {
        let next = ticks(at).checked_next_multiple_of(every);
        next.is_some_and(|next| next <= ticks(scenario.horizon))
    })
}

/// Two values for one key at one instant: the one further down in the file holds.
fn contradictions(scenario: &Scenario, notes: &mut Notes) {
    let mut seen: Vec<(f64, String, String, usize)> = Vec::new();
    for (number, intervention) in scenario.intervention.iter().enumerate() {
        let at = days(scenario, intervention.at);
        for (key, value) in intervention
            .set
            .iter()
            .filter_map(|text| stages::pair(text))
        {
            let earlier = seen.iter_mut().find(|one| (one.0, &one.1) == (at, &key));
            let Some(earlier) = earlier else {
                seen.push((at, key, value, number));
                continue;
            };
            notes.add_if(
                earlier.2 != value,
                format!("intervention.{number}.set"),
                format!(
                    "sets {key} to {value}, and intervention.{} to {} at the same instant: \
                     the one further down holds",
                    earlier.3, earlier.2
                ),
            );
            (earlier.2, earlier.3) = (value, number);
        }
    }
}
