//! Theory against the vectors of tests/golden/theory.json, which an independent program computed.

#![expect(
    clippy::unwrap_used,
    reason = "the whole file is a test: what goes wrong ends it"
)]

use echosphere_ecosystem::theory::{Question, answer, read};
use serde_json::Value;

const VECTORS: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../tests/golden/theory.json"
);

/// Relative 1e-8, absolute 1e-10, as the file says.
fn close(ours: f64, theirs: f64) -> bool {
    (ours - theirs).abs() <= 1e-10 + 1e-8 * theirs.abs()
}

/// Every key of theirs is among ours, with the same values.
fn compare(path: &str, ours: &Value, theirs: &Value, differences: &mut Vec<String>) {
    match (ours, theirs) {
        (Value::Object(ours), Value::Object(theirs)) => {
            for (key, value) in theirs {
                match ours.get(key) {
                    Some(own) => compare(&format!("{path}.{key}"), own, value, differences),
                    None => differences.push(format!("{path}.{key} is missing")),
                }
            }
        }
        (Value::Array(ours), Value::Array(theirs)) if ours.len() == theirs.len() => {
            for (i, (own, value)) in ours.iter().zip(theirs).enumerate() {
                compare(&format!("{path}[{i}]"), own, value, differences);
            }
        }
        (Value::Number(own), Value::Number(value)) => {
            let (own, value) = (own.as_f64().unwrap(), value.as_f64().unwrap());
            if !close(own, value) {
                differences.push(format!("{path}: {own} is not {value}"));
            }
        }
        _ if ours == theirs => {}
        _ => differences.push(format!("{path}: {ours} is not {theirs}")),
    }
}

fn answered(question: &Question) -> Value {
    serde_json::from_str(&answer(question).unwrap()).unwrap()
}

#[test]
fn every_golden_vector_is_met() {
    let file: Value = serde_json::from_str(&std::fs::read_to_string(VECTORS).unwrap()).unwrap();
    let vectors = file["configs"].as_array().unwrap();
    assert_eq!(vectors.len(), 6);
    for vector in vectors {
        let questions = read(&vector["inputs"].to_string()).unwrap();
        let ours = answered(&questions.list[0]);
        let mut differences = Vec::new();
        compare(
            &questions.list[0].name,
            &ours,
            &vector["expected"],
            &mut differences,
        );
        differences.truncate(20);
        assert!(differences.is_empty(), "{differences:#?}");
    }
}
