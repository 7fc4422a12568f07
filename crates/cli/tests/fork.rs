//! `echosphere fork`: two futures with one past.

#![expect(
    clippy::unwrap_used,
    reason = "the whole file is a test: what goes wrong ends it"
)]

#[path = "common/cases.rs"]
#[expect(dead_code, reason = "a test takes what it needs of it")]
mod cases;
#[path = "common/program.rs"]
mod program;

use std::path::Path;

use cases::{result, small};
use program::echosphere;
use tempfile::{TempDir, tempdir};

/// A finished run in the folder `past`.
fn past() -> TempDir {
    let folder = tempdir().unwrap();
    small("common-crawl-2026").run(folder.path(), "past", &[]);
    folder
}

fn digest(folder: &Path, run: &str, until: &[&str]) -> String {
    let mut arguments = vec!["digest", run];
    arguments.extend(until);
    echosphere(folder, arguments).ok()
}

#[test]
fn futures_share_their_past_and_differ_after_it() {
    let folder = past();
    let fork = |out: &str, compliance: &str| {
        let change = format!("crawler.common-crawl.compliance={compliance}");
        echosphere(
            folder.path(),
            [
                "fork", "past", "--at", "190", "--set", &change, "--out", out, "-q",
            ],
        )
        .ok();
        result(&folder.path().join(out)).digest
    };
    assert_ne!(fork("obeys", "1"), fork("ignores", "0"));
    for (until, same) in [("190", true), ("365", false)] {
        let of = |run| digest(folder.path(), run, &["--until", until]);
        assert_eq!(of("obeys"), of("past"), "obeying is what it did");
        assert_eq!(of("ignores") == of("past"), same, "until {until}");
    }
    let scenario = std::fs::read_to_string(folder.path().join("ignores/scenario.toml")).unwrap();
    assert!(
        scenario.contains(
            "[[intervention]]\nat = { days = 190.0 }\nset = [\"crawler.common-crawl.compliance=0\"]"
        ),
        "{scenario}"
    );
    // A fork can be forked.
    echosphere(
        folder.path(),
        [
            "fork",
            "ignores",
            "--at",
            "300",
            "--set",
            "site.people.writers.per_day=1",
            "--out",
            "third",
            "-q",
        ],
    )
    .ok();
    let of = |run| digest(folder.path(), run, &["--until", "300"]);
    assert_eq!(of("third"), of("ignores"));
}

#[test]
fn futures_are_drawn_side_by_side() {
    let folder = past();
    let change = "crawler.common-crawl.compliance=0";
    echosphere(
        folder.path(),
        [
            "fork", "past", "--at", "190", "--set", change, "--out", "future", "-q",
        ],
    )
    .ok();
    let compare = |more: &[&str]| {
        let mut arguments = vec!["compare", "past", "future"];
        arguments.extend(more);
        echosphere(folder.path(), arguments)
    };
    let table = compare(&["--metric", "real_share"]).ok();
    assert!(
        table.contains("past: models") && table.contains("future: models"),
        "{table}"
    );
    assert!(!table.contains("published_real_share"), "{table}");
    let page = std::fs::read_to_string(folder.path().join("compare.html")).unwrap();
    assert!(
        page.contains("crawler.common-crawl.compliance=0"),
        "what differs is shown"
    );
    let answer = compare(&["--metric", "reel_share"]);
    assert_eq!(answer.code, Some(2), "{}", answer.err);
    let answer = echosphere(folder.path(), ["compare", "past", "past"]);
    assert_eq!(answer.code, Some(2), "{}", answer.err);
    assert!(answer.err.contains("with itself"), "{}", answer.err);
}

#[test]
fn a_fork_that_cannot_be_is_bad_input() {
    let folder = past();
    for (arguments, told) in [
        (
            ["--at", "9999", "--set", "crawler.common-crawl.compliance=1"],
            "after the horizon",
        ),
        (
            ["--at", "100", "--set", "seed=4"],
            "cannot change on the way",
        ),
        (
            ["--at", "100", "--set", "crawler.common-crawl.complaince=1"],
            "did you mean `compliance`?",
        ),
        (
            ["--at", "100", "--set", "crawler.common-crawl.compliance"],
            "write KEY=VALUE",
        ),
    ] {
        let mut all = vec!["fork", "past", "--out", "never"];
        all.extend(arguments);
        let answer = echosphere(folder.path(), all);
        assert_eq!(answer.code, Some(2), "{}", answer.err);
        assert!(
            answer.err.contains(told),
            "{told} is missing: {}",
            answer.err
        );
        assert!(!folder.path().join("never").exists());
    }
}
