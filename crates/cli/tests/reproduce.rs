//! `echosphere reproduce`: published results come out, and a false one does not.

use std::process::{Command, Output};

/// A few of the quick rows, one of each kind of tolerance; all of `--quick` and the whole table are for release builds.
const QUICK: &str = "P01,P10,P13,P19,P24";

fn reproduce(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_echosphere"));
    let output = command.arg("reproduce").args(arguments).output();
    output.expect("the program starts")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn published_results_come_out() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("reproduce.json");
    let output = reproduce(&["--quick", "--only", QUICK, "--out", &file.to_string_lossy()]);
    let table = text(&output.stdout);
    assert_eq!(
        output.status.code(),
        Some(0),
        "{table}{}",
        text(&output.stderr)
    );
    assert!(table.starts_with("id "), "{table}");
    let mut rows: Vec<&str> = table.lines().skip(1).collect();
    let closing = rows.pop().unwrap();
    assert!(rows.iter().all(|line| line.ends_with(" ok")), "{table}");
    assert!(closing.ends_with(" s: all within tolerance"), "{closing}");
    let json: serde_json::Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    let outcomes = json.as_array().unwrap();
    assert_eq!(outcomes.len(), rows.len());
    assert!(outcomes.iter().all(|outcome| outcome["ok"] == true));
}

#[test]
fn a_false_expectation_is_a_miss() {
    let output = reproduce(&["--only", "P13", "--falsify", "P13"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stdout).contains("MISS"));
    assert_eq!(text(&output.stderr), "error: 5 of 5 checks missed: P13\n");
}

#[test]
fn a_slip_of_the_number_is_bad_input() {
    let output = reproduce(&["--only", "P1"]);
    assert_eq!(output.status.code(), Some(2));
    let message = text(&output.stderr);
    assert!(message.contains("did you mean `P01`?"), "{message}");
}

#[test]
fn what_does_not_come_out_is_listed_with_its_reason() {
    let list = text(&reproduce(&["--list"]).stdout);
    let end = list.find("P26  ").expect(&list);
    assert!(list[end..].contains("not reproduced: published are Hellinger distances"));
    let output = reproduce(&["--only", "p26"]);
    assert_eq!(output.status.code(), Some(2));
    let message = text(&output.stderr);
    assert!(message.contains("does not come out"), "{message}");
}

#[test]
fn what_is_listed_can_be_run() {
    let output = reproduce(&["--list", "--only", "P13,P02"]);
    assert_eq!(output.status.code(), Some(0));
    let list = text(&output.stdout);
    let (first, second) = (list.find("P02  "), list.find("P13  "));
    assert!(
        first.is_some() && first < second,
        "in the order of the table:\n{list}"
    );
    assert!(
        list.contains("     echosphere run p13-temperature\n"),
        "{list}"
    );
    assert!(
        list.contains("     5 checks, 2 replicates, 10.0 model updates"),
        "{list}"
    );
    let mut show = Command::new(env!("CARGO_BIN_EXE_echosphere"));
    let shown = show
        .args(["scenario", "show", "p13-temperature"])
        .output()
        .unwrap();
    assert!(shown.status.success());
}

#[test]
fn a_page_is_written_whole() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("page.html");
    let output = reproduce(&["--only", "P13", "--html", &file.to_string_lossy()]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let html = std::fs::read_to_string(&file).unwrap();
    assert!(html.contains("<h2>P13 ") && html.ends_with("</html>\n"));
    assert_eq!(html.matches("<svg").count(), 5, "one for each quantity");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn nothing_to_run_is_bad_input() {
    let output = reproduce(&["--quick", "--only", "P02"]);
    assert_eq!(output.status.code(), Some(2));
    let message = text(&output.stderr);
    assert!(message.contains("--quick leaves nothing"), "{message}");
}
