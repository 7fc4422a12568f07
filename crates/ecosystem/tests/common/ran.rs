//! Scenarios with changes, and what they come to.

use std::sync::Arc;

use echosphere_ecosystem::scenario::{Scenario, read};
use echosphere_ecosystem::{Data, Keeping, Simulation, metrics};
use types::metric::Row;
use web::MemoryStorage;

/// A scenario with changes.
pub(crate) fn changed(text: &str, changes: &[(&str, &str)]) -> Scenario {
    let owned = |(key, value): &(&str, &str)| ((*key).to_owned(), (*value).to_owned());
    let changes: Vec<_> = changes.iter().map(owned).collect();
    read(text, &changes, &metrics::names()).unwrap_or_else(|problems| panic!("{problems}"))
}

/// The corpora of a scenario that names no files.
pub(crate) fn corpora(scenario: &Scenario) -> Data {
    Data::load(scenario, |source, _| Err(source.to_owned())).unwrap()
}

/// A replicate at its end.
pub(crate) struct Ran {
    pub(crate) simulation: Simulation,
    pub(crate) rows: Vec<Row>,
    pub(crate) windows: usize,
}

/// Runs replicate 0, broken off and restored after so many windows. What nobody can read any more is kept if `all_documents`.
pub(crate) fn ran(
    (scenario, data): (&Scenario, &Data),
    all_documents: bool,
    broken_after: Option<usize>,
) -> Ran {
    let keeping = Keeping {
        storage: Arc::new(MemoryStorage::default()),
        all_documents,
    };
    let start = || Simulation::new(scenario, data, 0, &keeping).unwrap();
    let (mut simulation, mut rows, mut windows) = (start(), Vec::new(), 0);
    while simulation.step().unwrap() {
        rows.extend(simulation.take_rows());
        windows += 1;
        if broken_after == Some(windows) {
            let state = simulation.save().unwrap();
            simulation = start().restore(scenario, data, &keeping, state).unwrap();
        }
    }
    Ran {
        simulation,
        rows,
        windows,
    }
}

/// The same, for who asks only for rows and digest.
pub(crate) fn run(scenario: &Scenario, broken_after: Option<usize>) -> (Vec<Row>, [u8; 32]) {
    let ran = ran((scenario, &corpora(scenario)), false, broken_after);
    let digest = ran.simulation.digest().unwrap();
    (ran.rows, digest)
}
