//! Whether interventions can be made.

use super::{Notes, days};
use crate::scenario::schema::Scenario;
use crate::scenario::stages;

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
