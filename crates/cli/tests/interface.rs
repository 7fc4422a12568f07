//! What users see: help, lists, plain text where nobody watches.

#![expect(
    clippy::unwrap_used,
    reason = "the whole file is a test: what goes wrong ends it"
)]

#[path = "common/cases.rs"]
mod cases;
#[path = "common/printed.rs"]
mod printed;
#[path = "common/program.rs"]
mod program;

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::Stdio;

use cases::small;
use printed::printed;
use program::{command, echosphere};
use tempfile::tempdir;

/// The commands that the help of `prefix` lists.
fn commands(folder: &Path, prefix: &str) -> Vec<String> {
    let help = printed(folder, &format!("{prefix} --help"));
    let listed = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    let names = listed.take_while(|line| !line.is_empty());
    let name = |line: &str| line.split_whitespace().next().map(str::to_owned);
    names
        .filter_map(name)
        .filter(|name| name != "help")
        .collect()
}

#[test]
fn every_command_has_help_with_an_example() {
    let folder = tempdir().unwrap();
    let names = commands(folder.path(), "");
    assert!(names.len() >= 5, "{names:?}");
    for name in names.into_iter().chain([String::new()]) {
        let help = printed(folder.path(), &format!("{name} --help"));
        let example = format!("Example:\n  echosphere {name}");
        assert!(help.contains(example.trim_end()), "{name}: {help}");
    }
    let names = commands(folder.path(), "scenario");
    assert!(names.len() >= 6, "{names:?}");
    for name in names {
        let help = printed(folder.path(), &format!("scenario {name} --help"));
        let example = format!("Example:\n  echosphere scenario {name}");
        assert!(help.contains(&example), "scenario {name}: {help}");
    }
}

#[test]
fn built_in_scenarios_are_shown_checked_and_read_back() {
    let folder = tempdir().unwrap();
    let list = printed(folder.path(), "scenario list");
    assert!(
        list.contains("specialists") && list.contains("Two specialists"),
        "{list}"
    );
    for name in list
        .lines()
        .filter_map(|line| line.split_whitespace().next())
    {
        let shown = printed(folder.path(), &format!("scenario show {name}"));
        assert!(shown.contains("title = "), "{name}: {shown}");
        let checked = printed(folder.path(), &format!("scenario check {name}"));
        assert_eq!(
            checked,
            format!("{name}: ok\n"),
            "a shipped scenario warns of nothing"
        );
        let resolved = printed(folder.path(), &format!("scenario show {name} --resolved"));
        std::fs::write(folder.path().join("mine.toml"), &resolved).unwrap();
        printed(folder.path(), "scenario check mine.toml");
        let again = printed(folder.path(), "scenario show mine.toml --resolved");
        assert_eq!(again, resolved, "{name} does not read back as what it was");
    }
}

#[test]
fn a_file_is_shown_as_well_as_a_built_in_scenario() {
    let folder = tempdir().unwrap();
    let shown = printed(folder.path(), "scenario show collapse");
    std::fs::write(folder.path().join("mine.toml"), &shown).unwrap();
    assert_eq!(printed(folder.path(), "scenario show mine.toml"), shown);
}

#[test]
fn the_schema_is_json_with_every_top_level_key() {
    let folder = tempdir().unwrap();
    let schema: serde_json::Value =
        serde_json::from_str(&printed(folder.path(), "scenario schema")).unwrap();
    let keys = schema["properties"].as_object().unwrap();
    for key in [
        "title",
        "seed",
        "horizon",
        "corpora",
        "population",
        "web",
        "observe",
    ] {
        assert!(keys.contains_key(key), "{key}");
    }
}

#[test]
fn every_metric_and_corpus_is_listed() {
    let folder = tempdir().unwrap();
    let metrics = printed(folder.path(), "scenario metrics");
    small("collapse").run(folder.path(), "out", &[]);
    let bytes = std::fs::read(folder.path().join("out/metrics.parquet")).unwrap();
    let rows = report::parquet::read_metrics(bytes).unwrap();
    let measured: BTreeSet<&str> = rows.iter().map(|row| &*row.metric).collect();
    assert!(measured.contains("variance"));
    for name in measured {
        assert!(
            metrics
                .lines()
                .any(|line| line.starts_with(&format!("{name} ["))),
            "{name}"
        );
    }
    let corpora = printed(folder.path(), "scenario corpora");
    for name in ["builtin:fiction", "builtin:geography", "builtin:biology"] {
        assert!(corpora.contains(name), "{name}");
    }
}

#[test]
fn nothing_is_coloured_where_nobody_watches() {
    let folder = tempdir().unwrap();
    let case = small("collapse");
    let mut lines = vec![case.arguments("out", &[])];
    lines[0].retain(|argument| *argument != "--quiet");
    lines.extend([
        vec!["--help"],
        vec!["run", "--threads", "0"],
        vec!["run", "nope"],
    ]);
    for colour in [None, Some("1")] {
        for line in &lines {
            let mut command = command(folder.path(), line);
            command.envs(colour.map(|value| ("NO_COLOR", value)));
            let output = command.output().unwrap();
            let text = [output.stdout, output.stderr].concat();
            assert!(!text.is_empty(), "{line:?} says nothing");
            assert!(!text.contains(&0x1b), "{line:?} gives escape codes");
        }
    }
}

#[test]
fn a_reader_that_has_seen_enough_is_no_error() {
    let folder = tempdir().unwrap();
    for line in ["scenario schema", "scenario metrics", "--help"] {
        let mut command = command(folder.path(), line.split_whitespace());
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // Closed at once: the program can only find a broken pipe, however much the pipe would hold.
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && said.is_empty(), "{line}: {said}");
    }
}

#[test]
fn the_first_line_comes_before_the_pipe_is_closed() {
    let folder = tempdir().unwrap();
    let mut child = command(folder.path(), ["scenario", "schema"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::with_capacity(1, child.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    assert_eq!(line, "{\n");
    let mut said = String::new();
    child
        .stderr
        .take()
        .unwrap()
        .read_to_string(&mut said)
        .unwrap();
    assert!(child.wait().unwrap().success());
    assert_eq!(said, "");
}

#[test]
fn a_quiet_run_prints_nothing() {
    let folder = tempdir().unwrap();
    assert_eq!(
        printed(folder.path(), "run collapse --replicates 2 -q --out out"),
        ""
    );
}

#[test]
fn a_suspicious_scenario_is_run_with_a_warning() {
    let folder = tempdir().unwrap();
    let case = small("collapse").with("observe.every.generations=1000");
    let answer = echosphere(folder.path(), case.arguments("out", &[]));
    assert_eq!(
        answer.err,
        "warning: observe.every is longer than the run\n"
    );
    answer.ok();
}

#[test]
fn an_answer_that_nobody_can_have_is_an_error() {
    let folder = tempdir().unwrap();
    let full = std::fs::File::options()
        .write(true)
        .open("/dev/full")
        .unwrap();
    let mut command = command(folder.path(), ["scenario", "list"]);
    let output = command.stdout(full).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("cannot write the output"), "{said}");
}
