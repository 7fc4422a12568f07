//! Theory as a user asks for it: systems from files, scenarios, and what is said to input that is no good.

#![expect(
    clippy::unwrap_used,
    reason = "the whole file is a test: what goes wrong ends it"
)]

#[path = "common/program.rs"]
#[expect(dead_code, reason = "a test takes what it needs of it")]
mod program;
#[path = "common/refusal.rs"]
mod refusal;

use std::path::Path;

use program::echosphere;
use refusal::refused;
use serde_json::{Value, json};
use tempfile::tempdir;

/// One golden vector's inputs.
fn inputs(number: usize) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/golden/theory.json");
    let file: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    file["configs"][number]["inputs"].clone()
}

fn answer(question: &Value) -> Value {
    let folder = tempdir().unwrap();
    std::fs::write(folder.path().join("system.json"), question.to_string()).unwrap();
    let out = echosphere(folder.path(), ["theory", "system.json"]).ok();
    serde_json::from_str(&out).unwrap()
}

#[test]
fn an_object_is_answered_by_an_object_and_a_list_by_a_list() {
    let one = answer(&inputs(0));
    assert_eq!(one["limit"]["rho_B"], json!(0.5));
    let two = answer(&json!([inputs(0), { "inputs": inputs(2), "expected": {} }]));
    assert_eq!(two[0], one);
    let note = two[1]["limit"]["note"].as_str().unwrap();
    assert!(note.starts_with("no finite limit"), "{note}");
}

/// A number is written with as many digits as tell it from every other.
#[test]
fn numbers_have_seventeen_digits() {
    let folder = tempdir().unwrap();
    std::fs::write(folder.path().join("system.json"), inputs(1).to_string()).unwrap();
    let out = echosphere(folder.path(), ["theory", "system.json"]).ok();
    assert!(
        out.contains("0.83333333333333337") || out.contains("0.83333333333333326"),
        "rho of p2"
    );
}

#[test]
fn options_beyond_the_vectors_are_taken() {
    let mut question = inputs(4);
    question["ridge"] = json!(0.1);
    question["retention"] = json!({ "kind": "window", "w": 3 });
    question["alpha"] = json!(0.5);
    question.as_object_mut().unwrap().remove("theta_ref");
    assert!(answer(&question)["limit"]["tr_V"].is_array());
    question["retention"] = json!({ "kind": "replace" });
    question["activation_rate"] = json!([0.5, 1.0, 2.0, 0.1]);
    assert!(
        answer(&question)["limit"]["rho_mean_operator"]
            .as_f64()
            .unwrap()
            < 1.0
    );
    question["warm_start"] = json!({ "steps": 3, "size": 0.05 });
    assert!(answer(&question)["per_generation"]["tr_V"].is_array());
}

/// The system with one change is refused, and the message holds all of `said`.
#[track_caller]
fn change(changes: &[(&str, Value)], said: &[&str]) {
    let mut question = inputs(4);
    for (pointer, value) in changes {
        *question.pointer_mut(pointer).unwrap() = value.clone();
    }
    said_to(&question.to_string(), said);
}

#[track_caller]
fn said_to(text: &str, said: &[&str]) {
    let folder = tempdir().unwrap();
    std::fs::write(folder.path().join("bad.json"), text).unwrap();
    refused(folder.path(), "theory bad.json", said);
}

#[test]
fn every_problem_is_told_by_its_path() {
    change(
        &[
            ("/W/1", json!([0.5, 0.2, 0.1, 0.1])),
            ("/W/0/1", json!(-0.3)),
            ("/sigma_priv/2", json!(-1.0)),
            ("/alpha/3", json!(1.5)),
            ("/X_syn/0/4", json!([1.0, 2.0])),
            ("/theta_pub", json!([1.0])),
            ("/noise_mode", json!("shard")),
        ],
        &[
            "W[0][1] = -0.3 is not allowed: allowed is a number, 0 or more",
            "sigma_priv[2] = -1.0 is not allowed",
            "alpha[3] = 1.5 is not allowed: allowed is a number from 0 to 1",
            "X_syn[0][4] has 2 entries: it has to have 3",
            "theta_pub has 1 entries: it has to have 3",
            "noise_mode = \"shard\" is not allowed: did you mean `shared`?",
        ],
    );
    change(
        &[("/W/1", json!([0.5, 0.2, 0.1, 0.1]))],
        &["W[1] sums to 0.9", "it has to sum to 1"],
    );
    change(
        &[("/K", json!(3))],
        &["alpha has 4 entries: it has to have 3", "W has 4 entries"],
    );
    change(
        &[(
            "/retention",
            json!({ "kind": "discount", "gamma": 2, "w": 3 }),
        )],
        &[
            "retention.gamma = 2 is not allowed",
            "retention.w is not a known key",
        ],
    );
}

#[test]
fn numbers_that_are_none_are_told_by_their_path() {
    let text = inputs(4).to_string();
    let at = text.find("\"sigma_pub\":").unwrap() + "\"sigma_pub\":".len();
    let end = at + text[at..].find([',', '}']).unwrap();
    said_to(
        &format!("{}NaN{}", &text[..at], &text[end..]),
        &["sigma_pub = NaN is not allowed: allowed is a number, 0 or more"],
    );
    let text = json!([inputs(0), { "K": 1 }]).to_string();
    said_to(&text, &["[1].d is missing", "[1].T is missing"]);
    said_to("{ \"K\": }", &["line 1", "is not JSON"]);
    said_to("[]", &["holds an empty list"]);
    let mut unknown = inputs(0);
    unknown["thetapub"] = json!(1);
    said_to(
        &unknown.to_string(),
        &["thetapub is not a known key: did you mean `theta_pub`?"],
    );
}

#[test]
fn a_scenario_is_predicted_or_it_is_said_why_not() {
    let folder = tempdir().unwrap();
    let line = [
        "theory",
        "paper-regression-transfer",
        "--out",
        "theory.parquet",
    ];
    let out = echosphere(folder.path(), line).ok();
    assert!(
        out.contains("spectral radius of the update: 0.875000, and means converge"),
        "{out}"
    );
    let rows =
        report::parquet::read_metrics(std::fs::read(folder.path().join("theory.parquet")).unwrap())
            .unwrap();
    assert!(
        rows.iter()
            .any(|row| &*row.metric == "excess_risk" && row.generation == 61)
    );
    let why =
        |line: &str, said: &str| refused(folder.path(), line, &["no closed form is known", said]);
    why(
        "theory p36-competition",
        "weighs documents by what they earned",
    );
    why("theory specialists", "its models are neither linear nor");
    why(
        "theory paper-regression-two --set population.*.training.mixing=drawn --set population.*.training.budget.documents=20",
        "draws samples",
    );
    why(
        "theory paper-regression-two --set population.*.family.design=gaussian-fresh",
        "drawn anew",
    );
    refused(
        folder.path(),
        "theory paper-regression-too",
        &["did you mean `paper-regression-two`?"],
    );
    refused(
        folder.path(),
        "theory missing.json",
        &["cannot read missing.json"],
    );
}

#[test]
fn a_run_is_compared_with_theory_and_warned_of() {
    let folder = tempdir().unwrap();
    let line = [
        "run",
        "paper-regression-unstable",
        "--replicates",
        "20",
        "--out",
        "out",
    ];
    let answer = echosphere(folder.path(), line);
    assert_eq!(answer.code, Some(0), "{}", answer.err);
    assert!(
        answer
            .err
            .contains("the spectral radius of the update is 1.1701, which is not below 1"),
        "{}",
        answer.err
    );
    assert!(
        answer
            .out
            .lines()
            .any(|line| line.contains("theory") && line.contains(" z ")),
        "{}",
        answer.out
    );
    let page = std::fs::read_to_string(folder.path().join("out/report.html")).unwrap();
    assert!(page.contains("Theory and measurement") && page.contains("class=\"t\""));
    std::fs::remove_file(folder.path().join("out/report.html")).unwrap();
    echosphere(folder.path(), ["report", "out"]).ok();
    assert_eq!(
        page,
        std::fs::read_to_string(folder.path().join("out/report.html")).unwrap()
    );
    let stable = echosphere(
        folder.path(),
        [
            "run",
            "paper-regression-two",
            "--replicates",
            "2",
            "--out",
            "two",
        ],
    );
    assert!(!stable.err.contains("spectral radius"), "{}", stable.err);
}
