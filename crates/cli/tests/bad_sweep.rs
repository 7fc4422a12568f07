//! Sweeps that are no good: everything that is wrong is said at once, and nothing is written.

#![expect(
    clippy::unwrap_used,
    reason = "the whole file is a test: what goes wrong ends it"
)]

#[path = "common/program.rs"]
#[expect(dead_code, reason = "a test takes what it needs of it")]
mod program;
#[path = "common/refusal.rs"]
mod refusal;

use std::fs;

use program::echosphere;
use refusal::refused;
use tempfile::tempdir;

/// A sweep file is refused, and the message holds all of `said`.
#[track_caller]
fn file(text: &str, said: &[&str]) {
    let folder = tempdir().unwrap();
    fs::write(folder.path().join("mine.toml"), text).unwrap();
    refused(folder.path(), "sweep mine.toml --out out", said);
}

#[test]
fn all_problems_are_told_at_once() {
    file(
        "scenario = 'collapse'\nkep = 'all'\n[grid]\nseed = []\n'web.retention' = 'replace'\n",
        &[
            "mine.toml cannot be run:",
            "line 2: kep is not a known key: did you mean `keep`?",
            "line 4: seed = [] has no values",
            "line 5: web.retention = \"replace\" is no list",
        ],
    );
    file(
        "scenario = 'collapse'\n[grid]\n'population.*.mixture.synthetic_fraction' = [0.5, 1.5]\n\
         'population.copyst.count' = [1, 2]\n'web.index_lag.generations' = [0, 1]\n",
        &[
            "line 3: population.copyist.mixture.synthetic_fraction = 1.5 is out of range: allowed is 0 to 1",
            "line 4: population.copyst.count was set, but `copyst` is not known: did you mean `copyist`?",
        ],
    );
    file(
        "scenario = 'collapse'\nseed = = 1\n",
        &["mine.toml", "line 2"],
    );
}

#[test]
fn a_rule_about_several_keys_names_the_setting_or_the_point() {
    file(
        "scenario = 'collapse'\n[grid]\n'web.index_lag.generations' = [0, 1]\nseed = [1, 2]\n",
        &["line 3: web.index_lag", "longer than zero"],
    );
}

#[test]
fn what_is_not_there_is_named() {
    file(
        "scenario = 'colapse'\n[grid]\nseed = [1]\n",
        &["mine.toml cannot be run", "did you mean `collapse`?"],
    );
    file(
        "scenario = 'deep/down.toml'\n[grid]\nseed = [1]\n",
        &["cannot read deep/down.toml"],
    );
    let folder = tempdir().unwrap();
    refused(
        folder.path(),
        "sweep colapse-by-sample-size --out out",
        &["did you mean `collapse-by-sample-size`?"],
    );
    refused(
        folder.path(),
        "sweep missing.toml --out out",
        &["missing.toml"],
    );
    let scenario = "title = 'x'\nhorizon = { generations = 1 }\n[corpora]\nt = { source = 'texts' }\n[[population]]\n\
                    name = 'a'\nfamily = { kind = 'ngram' }\nreal = { public = 't' }\n";
    fs::write(folder.path().join("scenario.toml"), scenario).unwrap();
    let sweep = "scenario = 'scenario.toml'\n[grid]\nseed = [1, 2]\n";
    fs::write(folder.path().join("mine.toml"), sweep).unwrap();
    refused(
        folder.path(),
        "sweep mine.toml --out out",
        &["corpora.t", "texts"],
    );
    let sweep = "scenario = 'scenario.toml'\n[grid]\n'corpora.t.source' = ['here', 'there']\n";
    fs::write(folder.path().join("mine.toml"), sweep).unwrap();
    refused(
        folder.path(),
        "sweep mine.toml --out out",
        &["cannot read here", "cannot read there"],
    );
}

#[test]
fn the_command_line_is_checked_too() {
    let folder = tempdir().unwrap();
    let line = "sweep collapse-by-sample-size --out out";
    for (more, said) in [
        ("--replicates 0", "replicates = 0 is out of range"),
        ("--set seed", "write KEY=VALUE"),
        ("--set sead=3", "did you mean `seed`?"),
        ("--threads 0", "1..=1024"),
        (
            "--set population.copyist.real.documents=3",
            "population.copyist.real.documents was set, but it is a key that varies",
        ),
    ] {
        refused(folder.path(), &format!("{line} {more}"), &[said]);
    }
    refused(folder.path(), "sweep --out out", &["<FILE"]);
}

#[test]
fn runs_and_sweeps_do_not_take_each_other_s_folders() {
    let folder = tempdir().unwrap();
    let run = |line: &str| echosphere(folder.path(), line.split_whitespace());
    run("run collapse -q --replicates 1 --out run").ok();
    run("sweep collapse-by-sample-size -q --replicates 1 --out sweep").ok();
    for (line, said) in [
        (
            "sweep collapse-by-sample-size --out run",
            "run already holds a run",
        ),
        (
            "sweep collapse-by-sample-size --out run --resume",
            "no manifest of a sweep",
        ),
        (
            "run collapse --out sweep --resume",
            "sweep holds a sweep and no run",
        ),
        ("resume run --retry-failed", "--retry-failed is for sweeps"),
        ("resume sweep", "the sweep in sweep is finished"),
    ] {
        let answer = run(line);
        assert_eq!(answer.code, Some(2), "{line}: {}", answer.err);
        assert!(answer.err.contains(said), "{line}: {}", answer.err);
    }
}
