//! Whatever is wrong with the input is said in words that help, with the exit code of bad input, and nothing is run.

#![expect(
    clippy::unwrap_used,
    reason = "the whole file is a test: what goes wrong ends it"
)]

#[path = "common/program.rs"]
mod program;
#[path = "common/refusal.rs"]
mod refusal;

use program::{echosphere, manifest};
use refusal::refused;
use tempfile::tempdir;

/// A collapse with one change is refused, and the message holds all of `said`.
#[track_caller]
fn change(change: &str, said: &[&str]) {
    let folder = tempdir().unwrap();
    refused(
        folder.path(),
        &format!("run collapse --out out --set {change}"),
        said,
    );
}

#[test]
fn a_value_out_of_range_is_told_with_key_and_range() {
    change(
        "population.copyist.mixture.synthetic_fraction=1.5",
        &[
            "population.copyist.mixture.synthetic_fraction = 1.5",
            "allowed is 0 to 1",
        ],
    );
    change(
        "population.copyist.count=0",
        &["population.copyist.count = 0", "allowed is 1 to"],
    );
    change(
        "replicates=1000000",
        &["replicates = 1000000", "allowed is 1 to 100000"],
    );
    change(
        "web.memory_mib=0",
        &["web.memory_mib = 0", "allowed is 1 to"],
    );
}

#[test]
fn a_wrong_word_is_answered_with_the_right_one() {
    change(
        "population.copyist.family.kind=gausian",
        &[
            "family.kind = \"gausian\"",
            "did you mean `gaussian`?",
            "\"ngram\"",
        ],
    );
    change("sead=7", &["`sead` is not known", "did you mean `seed`?"]);
    change(
        "population.copist.count=2",
        &["`copist` is not known", "`copyist`"],
    );
    let folder = tempdir().unwrap();
    refused(
        folder.path(),
        "run colapse --out out",
        &["`colapse`", "did you mean `collapse`?"],
    );
    refused(
        folder.path(),
        "run xyzzy --out out",
        &["`xyzzy`", "known are `specialists`"],
    );
}

#[test]
fn a_zero_lag_is_explained() {
    let said = ["web.index_lag", "longer than zero", "parallel"];
    change("web.index_lag.generations=0", &said);
}

#[test]
fn a_change_without_value_is_told_how_to_write_one() {
    change("seed", &["--set seed", "KEY=VALUE", "--set seed=7"]);
    change("seed=", &["seed"]);
    change("=7", &["--set"]);
}

#[test]
fn arguments_out_of_range_are_refused() {
    let folder = tempdir().unwrap();
    let line = "run collapse --out out";
    for (argument, said) in [
        ("--threads 0", "1..=1024"),
        ("--threads many", "--threads"),
        ("--checkpoint-every 0", "--checkpoint-every"),
        ("--seed x", "--seed"),
        ("--replicates 0", "allowed is 1 to 100000"),
        ("--colour", "--colour"),
    ] {
        refused(folder.path(), &format!("{line} {argument}"), &[said]);
    }
}

#[test]
fn several_problems_are_told_at_once() {
    let folder = tempdir().unwrap();
    let line = "run collapse --out out --set sead=4 --set population.copyist.count=0 \
                --set population.*.publish.temperature=-1";
    let said = [
        "collapse cannot be run",
        "`sead`",
        "copyist.count = 0",
        "temperature = -1",
    ];
    refused(folder.path(), line, &said);
}

#[test]
fn a_scenario_file_that_cannot_be_read_is_named() {
    let folder = tempdir().unwrap();
    refused(
        folder.path(),
        "run missing.toml --out out",
        &["missing.toml", "No such file"],
    );
    std::fs::write(folder.path().join("latin.toml"), b"title = \"\xe9\"").unwrap();
    refused(
        folder.path(),
        "run latin.toml --out out",
        &["latin.toml", "UTF-8", "9"],
    );
    std::fs::write(folder.path().join("cut.toml"), "title = \"x\"\nseed = \n").unwrap();
    refused(
        folder.path(),
        "run cut.toml --out out",
        &["cut.toml", "line 2"],
    );
}

#[test]
fn unknown_keys_and_missing_ones_are_told_with_their_lines() {
    let folder = tempdir().unwrap();
    let text = "title = \"x\"\nsead = 4\n[[population]]\nname = \"a\"\ncuont = 3\n";
    std::fs::write(folder.path().join("mine.toml"), text).unwrap();
    let said = [
        "mine.toml",
        "line 2",
        "`seed`",
        "line 5",
        "`count`",
        "horizon",
        "family",
    ];
    refused(folder.path(), "run mine.toml --out out", &said);
}

/// The ends of the ranges that others are refused for leaving.
#[test]
fn values_at_the_ends_of_their_ranges_are_run() {
    let folder = tempdir().unwrap();
    let line = "run collapse -q --out out --threads 1 --set replicates=1 --set population.copyist.count=1 \
                --set population.copyist.mixture.synthetic_fraction=1 --set web.memory_mib=1";
    echosphere(folder.path(), line.split_whitespace()).ok();
    assert_eq!(manifest(&folder.path().join("out"))["models"], 1);
}
