//! The same scenario and seed give the same bits, whatever runs them.

#![expect(
    clippy::unwrap_used,
    reason = "the whole file is a test: what goes wrong ends it"
)]

#[path = "common/cases.rs"]
mod cases;
#[path = "common/program.rs"]
mod program;
#[path = "common/reduced.rs"]
#[expect(dead_code, reason = "a test takes what it needs of it")]
mod reduced;

use cases::{Case, result, small};
use program::command;
use reduced::{built_in, reduced};
use tempfile::tempdir;

/// Runs a case at several thread counts, twice at one of them, and with another seed.
#[track_caller]
fn check(case: &Case) {
    let folder = tempdir().unwrap();
    let run = |out, more: &[&str]| case.run(folder.path(), out, more);
    let one = run("one", &["--threads", "1"]);
    let two = run("two", &["--threads", "2"]);
    assert!(one == two, "two threads give something else than one");
    let four = run("four", &["--threads", "4"]);
    assert!(one == four, "four threads give something else than one");
    let again = run("again", &["--threads", "4"]);
    assert!(four == again, "a second run gives something else");
    let other = run("other", &["--threads", "2", "--seed", "987654321"]);
    assert_ne!(one.digest, other.digest, "the seed makes no difference");
    assert!(one.metrics != other.metrics, "the seed changes no metric");
}

#[test]
fn specialists_do_not_depend_on_threads() {
    check(&small("specialists"));
}

#[test]
fn networks_do_not_depend_on_threads() {
    check(&small("specialists-neural"));
}

/// Forced by a variable of the environment, as a user can. Where a processor lacks a set it takes the next narrower one.
#[test]
fn exact_networks_do_not_depend_on_vector_instructions() {
    let (folder, case) = (tempdir().unwrap(), small("specialists-neural"));
    let run = |set: &str| {
        let mut command = command(folder.path(), case.arguments(set, &[]));
        let output = command.env("ECHOSPHERE_SIMD", set).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        result(&folder.path().join(set))
    };
    let baseline = run("baseline");
    assert!(
        baseline == run("avx2"),
        "AVX2 gives something else than SSE2"
    );
    assert!(
        baseline == run("avx512"),
        "AVX-512 gives something else than SSE2"
    );
}

#[test]
fn collapse_does_not_depend_on_threads() {
    check(&small("collapse"));
}

#[test]
fn zipf_tails_do_not_depend_on_threads() {
    check(&small("zipf-tails"));
}

#[test]
fn hundred_voices_do_not_depend_on_threads() {
    check(&small("hundred-voices"));
}

#[test]
fn asynchronous_does_not_depend_on_threads() {
    check(&small("asynchronous"));
}

#[test]
fn a_web_that_is_crawled_does_not_depend_on_threads() {
    check(&small("common-crawl-2026"));
    check(&small("closed-gardens"));
}

#[test]
fn densities_do_not_depend_on_threads() {
    check(&small("heavy-tails"));
    check(&small("two-towns"));
}

#[test]
fn g1_does_not_depend_on_threads() {
    check(&small("g1"));
}

/// A lone replicate has all threads for its shards: nothing else could hide an order among them.
#[test]
fn a_lone_replicate_does_not_depend_on_threads() {
    check(&small("specialists").with("replicates=1"));
    check(&small("asynchronous").with("replicates=1"));
}

#[test]
fn the_number_of_replicates_does_not_change_the_first_ones() {
    let folder = tempdir().unwrap();
    small("collapse").run(folder.path(), "many", &["--replicates", "3"]);
    small("collapse").run(folder.path(), "few", &["--replicates", "2"]);
    let digests = |out| program::manifest(&folder.path().join(out))["replicate_digests"].clone();
    let (many, few) = (digests("many"), digests("few"));
    assert_eq!(many.as_array().unwrap()[..2], few.as_array().unwrap()[..]);
    assert_ne!(many[0], many[1], "replicates are copies");
}

/// Runs one scenario on one thread and on four.
#[track_caller]
fn check_reduced(name: &str) {
    let (folder, case) = (tempdir().unwrap(), reduced(name));
    let run = |out, threads| case.run(folder.path(), out, &["--threads", threads]);
    let one = run("one", "1");
    assert!(
        one == run("four", "4"),
        "{name}: four threads give something else than one"
    );
    let rows = report::parquet::read_metrics(one.metrics).unwrap();
    assert!(!rows.is_empty(), "{name} measured nothing");
}

/// Whatever is built in later is covered too.
#[test]
fn every_built_in_scenario_does_not_depend_on_threads() {
    let folder = tempdir().unwrap();
    for name in built_in(folder.path()) {
        check_reduced(&name);
    }
}

#[test]
fn every_reproduction_does_not_depend_on_threads() {
    for file in ecosystem::reproduction::scenarios() {
        check_reduced(file.name);
    }
}

#[test]
fn regressions_do_not_depend_on_threads() {
    check(&small("paper-regression-four"));
    check(&small("paper-regression-homogenisation"));
}
