//! Names that `--set` and the metrics can tell apart.

use super::Notes;
use crate::scenario::schema::Scenario;

pub(super) fn populations(scenario: &Scenario, notes: &mut Notes) {
    let names = scenario.population.iter().map(|one| one.name.as_str());
    unique("population", &names.collect::<Vec<_>>(), notes);
}

/// Names of one list are different and can be used as keys.
pub(super) fn unique(list: &str, names: &[&str], notes: &mut Notes) {
    for (index, &name) in names.iter().enumerate() {
        let key = format!("{list}.{index}.name");
        let taken = names[..index].contains(&name);
        notes.add_if(
            taken,
            &key,
            format!("= \"{name}\" is taken: names must be unique"),
        );
        if let Some(reason) = unusable(name) {
            notes.add(&key, format!("= \"{name}\" {reason}"));
        }
    }
}

pub(super) fn corpora(scenario: &Scenario, notes: &mut Notes) {
    for name in scenario.corpora.keys() {
        if let Some(reason) = unusable(name) {
            notes.add(format!("corpora.{name}"), reason);
        }
    }
}

/// Why a name would not do in the path of a key.
fn unusable(name: &str) -> Option<&'static str> {
    if name == "*" {
        Some("is not a name: `*` stands for all")
    } else if name.parse::<f64>().is_ok() {
        Some("is not a name: numbers stand for places in the file")
    } else if name.trim().is_empty() || name.contains(['.', '=']) {
        Some("is not a name: allowed is at least one letter, without `.` and `=`")
    } else {
        None
    }
}
