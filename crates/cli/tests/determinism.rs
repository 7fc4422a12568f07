//! The same scenario and seed give the same bits, whatever runs them.

#![expect(
    clippy::unwrap_used,
    reason = "the whole file is a test: what goes wrong ends it"
)]

#[path = "common/cases.rs"]
mod cases;
#[path = "common/program.rs"]
mod program;

use cases::{Case, small};
use ecosystem::scenario::schema::{From, Scenario, Span};
use program::echosphere;
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

/// Whatever is built in later is covered too.
#[test]
fn every_built_in_scenario_does_not_depend_on_threads() {
    let folder = tempdir().unwrap();
    let list = echosphere(folder.path(), ["scenario", "list"]).ok();
    let names: Vec<&str> = list
        .lines()
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    assert!(names.len() >= 8, "few scenarios are built in: {names:?}");
    for name in names {
        let case = reduced(name);
        let [one, four] = ["1", "4"].map(|threads| {
            case.run(
                folder.path(),
                &format!("{name}-{threads}"),
                &["--threads", threads],
            )
        });
        assert!(
            one == four,
            "{name}: four threads give something else than one"
        );
        let rows = report::parquet::read_metrics(one.metrics).unwrap();
        assert!(!rows.is_empty(), "{name} measured nothing");
    }
}

/// A built-in scenario made small, without leaving out what makes it what it is.
fn reduced(name: &str) -> Case {
    let text = ecosystem::scenario::builtin::find(name).unwrap().text;
    let scenario = ecosystem::scenario::read(text, &[], &ecosystem::metrics::names()).unwrap();
    let mut case = Case {
        scenario: name.to_owned(),
        changes: vec![
            "replicates=2".to_owned(),
            "observe.evaluation_bytes_max=2000".to_owned(),
        ],
    };
    match scenario.horizon {
        Span::Generations(count) if count > 4.0 => case = case.with("horizon.generations=4"),
        Span::Days(days) if days > 20.0 => case = case.with("horizon.days=20"),
        _ => {}
    }
    let every = scenario.generation_days;
    case = case.with(&format!("observe.every.days={every}"));
    populations(&scenario, case)
}

/// Fewer and smaller models, where nothing else counts them.
fn populations(scenario: &Scenario, mut case: Case) -> Case {
    let listed =
        |from: &From| matches!(from, From::Matrix(_) | From::Weights(_) | From::Islands(_));
    let countable = !scenario
        .population
        .iter()
        .any(|population| listed(&population.read.from));
    for population in &scenario.population {
        let name = &population.name;
        let mut at_most = |key: &str, value: u32, max: u32| {
            if value > max {
                case.changes.push(format!("population.{name}.{key}={max}"));
            }
        };
        if countable {
            at_most("count", population.count, 70);
        }
        at_most("publish.documents", population.publish.documents, 40);
        at_most("publish.tokens", population.publish.tokens, 200);
        if let Some(budget) = population.training.budget {
            at_most("training.budget.documents", budget.documents, 40);
        }
        at_most(
            "real.documents",
            population.real.documents.unwrap_or(0),
            200,
        );
    }
    case
}
