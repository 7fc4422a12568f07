//! What is measured.

use super::Notes;
use crate::scenario::schema::Scenario;
use crate::scenario::suggest::hint;

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
