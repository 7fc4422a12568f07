//! Models that enter and leave.

#![expect(
    clippy::unwrap_used,
    reason = "the whole file is a test: what goes wrong ends it"
)]

#[path = "common/ran.rs"]
#[expect(dead_code, reason = "a test takes what it needs of it")]
mod ran;

use std::collections::BTreeSet;

use echosphere_ecosystem::metrics;
use echosphere_ecosystem::scenario::{Scenario, read};
use echosphere_ecosystem::theory::expectation;
use ran::{Ran, changed, corpora, ran};
use types::metric::Row;

/// Two populations, of which the second is a guest from day 4 to day 9.
const GUEST: &str = r#"
title = "guest"
horizon = { days = 14 }

[corpora]
normal = { distribution = { kind = "gaussian" } }

[web]
retention = "accumulate"

[observe]
metrics = ["mean", "visible_documents"]

[[population]]
name = "host"
count = 3
family = { kind = "gaussian" }
real = { public = "normal", documents = 10 }
publish = { documents = 5 }
training = { regime = "accumulate", mixing = "drawn", draw = "with-replacement", budget = { documents = 20 } }

[[population]]
name = "guest"
like = "host"
count = 4
enters = { days = 4 }
leaves = { generations = 9 }
"#;

fn scenario(changes: &[(&str, &str)]) -> Scenario {
    changed(GUEST, changes)
}

/// What came of a run: rows, the instants at which the guests published, those at which the hosts did, and the digest.
#[derive(Debug, PartialEq)]
struct Outcome {
    rows: Vec<Row>,
    guests: BTreeSet<u64>,
    hosts: BTreeSet<u64>,
    digest: [u8; 32],
}

/// Runs replicate 0, broken off and restored after so many windows.
fn run(scenario: &Scenario, broken_after: Option<usize>) -> Outcome {
    let Ran {
        simulation, rows, ..
    } = ran((scenario, &corpora(scenario)), true, broken_after);
    let (mut guests, mut hosts) = (BTreeSet::new(), BTreeSet::new());
    let log = simulation.log();
    for item in log
        .segment_numbers()
        .flat_map(|number| &log.segment(number).publications)
    {
        let first = item.author.unwrap().0;
        for model in first..first + item.models {
            let set = if model < 3 { &mut hosts } else { &mut guests };
            set.insert(item.time.0);
        }
    }
    Outcome {
        rows,
        guests,
        hosts,
        digest: simulation.digest().unwrap(),
    }
}

const DAY: u64 = 86_400_000_000;

/// The days on which a population was seen.
fn seen(outcome: &Outcome, population: Option<&str>, metric: &str) -> BTreeSet<u64> {
    let is = |row: &&Row| row.population.as_deref() == population && &*row.metric == metric;
    let rows = outcome.rows.iter().filter(is);
    rows.map(|row| row.time.round() as u64).collect()
}

#[test]
fn guests_act_and_are_seen_while_they_are_there() {
    let outcome = run(&scenario(&[]), None);
    let days = |range: std::ops::RangeInclusive<u64>| range.map(|day| day * DAY).collect();
    assert_eq!(outcome.guests, days(5..=9));
    assert_eq!(outcome.hosts, days(1..=14));
    assert_eq!(seen(&outcome, Some("guest"), "mean"), (5..=9).collect());
    assert_eq!(seen(&outcome, Some("host"), "mean"), (1..=14).collect());
    // What they have written stays: five publications of four models with five documents each.
    let is = |row: &&Row| &*row.metric == "visible_documents" && row.time == 14.0;
    let visible = outcome.rows.iter().find(is).unwrap().value;
    assert_eq!(visible, f64::from(13 * 3 * 5 + 5 * 4 * 5));
}

#[test]
fn who_begins_with_the_truth_publishes_when_it_enters() {
    let outcome = run(
        &scenario(&[("population.guest.training.initial", "truth")]),
        None,
    );
    assert_eq!(outcome.guests, (4..=9).map(|day| day * DAY).collect());
    assert_eq!(seen(&outcome, Some("guest"), "mean"), (4..=9).collect());
}

const CLOCKS: [&[(&str, &str)]; 6] = [
    &[("population.*.clock", "lock-step")],
    &[("population.*.clock.bernoulli", "0.5")],
    &[("population.*.clock.periodic", "1.5")],
    &[("population.*.clock.poisson", "0.7")],
    &[(
        "population.*.clock",
        "{ log-normal = { median_days = 0.8, sigma = 0.5 } }",
    )],
    &[
        ("population.*.clock.poisson", "2"),
        ("population.*.publish.clock.poisson", "0.4"),
    ],
];

/// Whatever the clock, it is shifted by the instant of entering and cut off by that of leaving.
#[test]
fn every_clock_begins_on_entering_and_ends_on_leaving() {
    for clock in CLOCKS {
        let always = [
            ("population.guest.enters.days", "0"),
            ("population.guest.leaves.days", "14"),
        ];
        let whole = run(&scenario(&[clock, &always].concat()), None);
        let guest = run(&scenario(clock), None);
        let shifted = whole.guests.iter().map(|time| time + 4 * DAY);
        let expected: BTreeSet<u64> = shifted.filter(|time| *time <= 9 * DAY).collect();
        // Who missed a training has nothing to publish yet, whenever it entered.
        assert_eq!(guest.guests, expected, "{clock:?}");
        assert!(!guest.guests.is_empty(), "{clock:?}");
        assert_eq!(guest.hosts, whole.hosts, "{clock:?}");
    }
}

#[test]
fn to_be_there_all_the_time_changes_nothing() {
    let text = GUEST.replace("enters = { days = 4 }\nleaves = { generations = 9 }\n", "");
    let plain = changed(&text, &[]);
    let always = scenario(&[
        ("population.guest.enters.days", "0"),
        ("population.guest.leaves.days", "14"),
    ]);
    assert_eq!(
        (plain.population[1].enters, plain.population[1].leaves),
        (None, None)
    );
    assert!(run(&plain, None) == run(&always, None));
}

#[test]
fn threads_and_breaks_change_nothing() {
    for clock in CLOCKS {
        let scenario = scenario(clock);
        let whole = run(&scenario, None);
        for threads in [1, 2, 4] {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
            let pool = pool.build().unwrap();
            let again = pool.install(|| run(&scenario, None));
            assert!(again == whole, "{clock:?}: {threads} threads");
        }
        for windows in [3, 6, 11] {
            let again = run(&scenario, Some(windows));
            assert!(again == whole, "{clock:?}: broken after {windows} windows");
        }
    }
}

#[test]
fn theory_says_why_it_has_nothing_to_say() {
    for (change, told) in [
        (
            "population.guest.leaves.days",
            "`guest` is not there from the start (enters)",
        ),
        (
            "population.guest.enters.days",
            "`guest` does not stay to the end (leaves)",
        ),
    ] {
        let text = match change {
            "population.guest.leaves.days" => GUEST.replace("leaves = { generations = 9 }\n", ""),
            _ => GUEST.replace("enters = { days = 4 }\n", ""),
        };
        let scenario = changed(&text, &[]);
        let data = corpora(&scenario);
        let reason = expectation(&scenario, &data, false)
            .unwrap_err()
            .to_string();
        assert!(reason.contains(told), "{reason}");
    }
}

#[test]
fn nobody_enters_or_leaves_by_an_intervention() {
    for change in [
        "population.guest.enters.days=5",
        "population.guest.leaves.days=12",
    ] {
        let list = format!("[{{ at = {{ days = 2 }}, set = ['{change}'] }}]");
        let changes = [("intervention".to_owned(), list)];
        let problems = read(GUEST, &changes, &metrics::names())
            .unwrap_err()
            .to_string();
        assert!(
            problems.contains("population.guest cannot change"),
            "{problems}"
        );
    }
}
