//! What is measured.

use super::Notes;
use crate::diet::REAL;
use crate::metrics::SOURCE_SHARE;
use crate::scenario::schema::Scenario;
use crate::scenario::suggest::hint;

/// Sources of training sets can be told apart.
pub(super) fn sources(scenario: &Scenario, notes: &mut Notes) {
    let mut named = scenario.observe.metrics.iter();
    if !named.any(|name| name == SOURCE_SHARE) {
        return;
    }
    for (number, population) in scenario.population.iter().enumerate() {
        notes.add_if(
            REAL.contains(&population.name.as_str()),
            format!("population.{number}.name"),
            format!(
                "= \"{}\" is taken: {SOURCE_SHARE} calls real documents so",
                population.name
            ),
        );
    }
}

pub(super) fn metrics(scenario: &Scenario, known: &[&str], notes: &mut Notes) {
    for name in &scenario.observe.metrics {
        if !known.contains(&name.as_str()) {
            let hint = hint(name, known.iter().copied());
            notes.add(
                "observe.metrics",
                format!("= \"{name}\" is no metric: {hint}"),
            );
        }
    }
}
