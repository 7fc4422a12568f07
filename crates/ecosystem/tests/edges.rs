//! Who reads whom, from a file.

#![expect(
    clippy::unwrap_used,
    reason = "the whole file is a test: what goes wrong ends it"
)]

#[path = "common/ran.rs"]
#[expect(dead_code, reason = "a test takes what it needs of it")]
mod ran;

use echosphere_ecosystem::scenario::Scenario;
use echosphere_ecosystem::{Data, DataError, Loaded};
use ran::{changed, ran};

/// Three voices, of which each listens to some.
fn scenario(from: &str) -> Scenario {
    let text = r#"
title = "three"
horizon = { generations = 6 }
[corpora]
truth = { distribution = { kind = "gaussian" } }
[[population]]
name = "voice"
count = 3
family = { kind = "gaussian" }
real = { public = "truth", documents = 20 }
publish = { documents = 30 }
"#;
    changed(text, &[("population.voice.read.from", from)])
}

/// The file `graph.csv`: model 0 reads 1 and 2, 1 itself, 2 mostly 0.
fn open(source: &str, column: Option<&str>) -> Result<Loaded, String> {
    if source != "graph.csv" {
        return Err(format!("cannot read {source}"));
    }
    Ok(Loaded::Numbers(match column {
        Some("reader") => vec![0.0, 0.0, 1.0, 2.0, 2.0],
        Some("author") => vec![1.0, 2.0, 1.0, 1.0, 0.0],
        Some("weight") => vec![4.0, 4.0, 0.1, 1.0, 3.0],
        other => return Err(format!("no column {other:?}")),
    }))
}

fn digest(scenario: &Scenario) -> [u8; 32] {
    let data = Data::load(scenario, open).unwrap();
    let ran = ran((scenario, &data), false, None);
    ran.simulation.digest().unwrap()
}

#[test]
fn a_file_says_the_same_as_a_matrix() {
    let file = digest(&scenario("{ edges = \"graph.csv\" }"));
    let matrix = "{ matrix = [[0.0, 0.5, 0.5], [0.0, 1.0, 0.0], [0.75, 0.25, 0.0]] }";
    assert_eq!(file, digest(&scenario(matrix)));
    assert_ne!(file, digest(&scenario("everyone")));
}

#[test]
fn a_file_may_take_over_on_the_way() {
    let text = echosphere_ecosystem::scenario::resolved(&scenario("everyone"));
    let change = "[{ at = { generations = 3 }, set = ['population.voice.read.from={ edges = \"graph.csv\" }'] }]";
    let later = changed(&text, &[("intervention", change)]);
    assert_ne!(digest(&later), digest(&scenario("everyone")));
}

#[test]
fn what_cannot_be_loaded_is_told_by_key() {
    let errors = Data::load(&scenario("{ edges = \"other.csv\" }"), open).unwrap_err();
    let told: Vec<String> = errors.iter().map(DataError::to_string).collect();
    assert_eq!(told, ["read.from.edges: cannot read other.csv"]);
}
