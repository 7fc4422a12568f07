use std::sync::Arc;

use types::metric::Row;
use web::MemoryStorage;

use super::*;

fn scenario(name: &str) -> (Scenario, Data) {
    let files = crate::reproduction::scenarios();
    let file = files.iter().find(|file| file.name == name).unwrap();
    let scenario = crate::scenario::read(file.text, &[], &crate::metrics::names()).unwrap();
    let data = Data::load(&scenario, |source, _| Err(source.to_owned())).unwrap();
    (scenario, data)
}

/// Runs replicate 0, broken off and restored after so many windows; rows and digest.
fn outcome(name: &str, broken_after: Option<usize>) -> (Vec<Row>, [u8; 32]) {
    let (scenario, data) = scenario(name);
    let keeping = Keeping {
        storage: Arc::new(MemoryStorage::default()),
        all_documents: false,
    };
    let start = || Simulation::new(&scenario, &data, 0, &keeping).unwrap();
    let (mut simulation, mut rows, mut windows) = (start(), Vec::new(), 0);
    while simulation.step().unwrap() {
        rows.extend(simulation.take_rows());
        windows += 1;
        if broken_after == Some(windows) {
            let state = simulation.save().unwrap();
            simulation = start().restore(&scenario, &data, &keeping, state).unwrap();
        }
    }
    assert!(
        broken_after.is_none_or(|after| after < windows),
        "broke off"
    );
    (rows, simulation.digest().unwrap())
}

#[test]
fn shares_captions_judges_and_horizons_survive_a_break() {
    for (name, windows) in [
        ("p23-freshness", 500),
        ("p31-shared-store", 20),
        ("p34-normative-filter", 3),
        ("p35-captions", 5),
    ] {
        let whole = outcome(name, None);
        assert!(!whole.0.is_empty());
        assert!(whole == outcome(name, Some(windows)), "{name}");
    }
}
