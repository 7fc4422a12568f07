//! Who feeds whom, how many sources there are, and how old they are.

#![expect(
    clippy::unwrap_used,
    reason = "the whole file is a test: what goes wrong ends it"
)]

#[path = "common/ran.rs"]
#[expect(dead_code, reason = "a test takes what it needs of it")]
mod ran;

use std::collections::BTreeMap;

use echosphere_ecosystem::scenario::builtin;
use echosphere_ecosystem::{Ledger, Observation, Outbox, Sum, reproduction};
use ran::{changed, corpora, ran, run};
use types::metric::Row;
use types::time::{VirtualDuration, VirtualTime};

/// Three populations of one model each, who all hold real data and publish alike.
const THREE: &str = r#"
title = "three"
horizon = { generations = 5 }

[corpora]
words = { distribution = { kind = "zipf", symbols = 10 } }

[observe]
metrics = ["source_share", "effective_sources", "staleness", "real_share"]

[[population]]
name = "a"
family = { kind = "categorical" }
real = { public = "words", documents = 10 }
mixture = { synthetic_fraction = 0.5 }
publish = { documents = 8 }

[[population]]
name = "b"
like = "a"

[[population]]
name = "c"
like = "a"
"#;

fn rows(text: &str, changes: &[(&str, &str)]) -> Vec<Row> {
    run(&changed(text, changes), None).0
}

/// The values of a metric on a day, by target, of a population.
fn values(rows: &[Row], (population, metric): (&str, &str), day: f64) -> Vec<(String, f64)> {
    let is = |row: &&Row| {
        &*row.metric == metric && row.population.as_deref() == Some(population) && row.time == day
    };
    let value = |row: &Row| (row.target.as_deref().unwrap_or("").to_owned(), row.value);
    rows.iter().filter(is).map(value).collect()
}

#[track_caller]
fn near(actual: &[(String, f64)], expected: &[(&str, f64)]) {
    let same = actual.len() == expected.len()
        && actual.iter().zip(expected).all(|(actual, expected)| {
            actual.0 == expected.0 && (actual.1 - expected.1).abs() < 1e-12
        });
    assert!(same, "{actual:?} is not {expected:?}");
}

#[test]
fn a_matrix_of_who_reads_whom_gives_its_shares() {
    let from = [
        ("population.a.read.from.matrix", "[[0, 0.75, 0.25]]"),
        ("population.b.read.from.matrix", "[[1, 0, 0]]"),
        ("population.c.read.from.matrix", "[[0.5, 0, 0.5]]"),
    ];
    let rows = rows(THREE, &from);
    // Nobody had published when they trained first.
    let shares = |reader, day| values(&rows, (reader, "source_share"), day);
    let sources = |[a, b, c]: [f64; 3], public| {
        [
            ("a", a),
            ("b", b),
            ("c", c),
            ("real: private", 0.0),
            ("real: public", public),
            ("people", 0.0),
        ]
    };
    near(&shares("a", 1.0), &sources([0.0; 3], 1.0));
    for day in [2.0, 5.0] {
        near(&shares("a", day), &sources([0.0, 0.375, 0.125], 0.5));
        near(&shares("b", day), &sources([0.5, 0.0, 0.0], 0.5));
        near(&shares("c", day), &sources([0.25, 0.0, 0.25], 0.5));
    }
    let effective = |reader| values(&rows, (reader, "effective_sources"), 3.0);
    near(
        &effective("a"),
        &[("", 1.0 / (0.140_625 + 0.015_625 + 0.25))],
    );
    near(&effective("b"), &[("", 2.0)]);
    near(&effective("c"), &[("", 1.0 / 0.375)]);
}

#[test]
fn on_a_ring_three_feed_each_with_equal_shares() {
    let changes = [
        ("population.*.count", "4"),
        ("population.*.read.from.ring", "1"),
        ("population.*.mixture.synthetic_fraction", "1"),
        ("population.*.real.private", "words"),
    ];
    let rows = rows(THREE, &changes);
    // Of a's models 0 to 3, the first reads one of c's and the last one of b's.
    let mean = |name: &str| {
        let is = |row: &&Row| {
            row.model.is_none()
                && &*row.metric == "source_share"
                && row.population.as_deref() == Some("a")
                && row.target.as_deref() == Some(name)
                && row.time == 4.0
        };
        rows.iter().find(is).unwrap().value
    };
    assert!((mean("a") - 10.0 / 12.0).abs() < 1e-12);
    assert!((mean("b") - 1.0 / 12.0).abs() < 1e-12);
    assert!((mean("c") - 1.0 / 12.0).abs() < 1e-12);
}

#[test]
fn what_is_known_grows_old_as_it_piles_up() {
    let age =
        |changes: &[(&str, &str)], day| values(&rows(THREE, changes), ("b", "staleness"), day);
    let pile = [
        ("population.*.training.regime", "accumulate"),
        ("web.retention", "accumulate"),
    ];
    let new = [
        ("population.*.training.regime", "replace"),
        ("web.retention", "replace"),
    ];
    near(&age(&new, 1.0), &[]);
    near(&age(&new, 4.0), &[("", 1.0)]);
    // On day 5 it has read what was published on the days 1 to 4.
    near(&age(&pile, 5.0), &[("", 2.5)]);
    let others = [pile[0], pile[1], ("population.*.read.include_own", "false")];
    near(&age(&others, 5.0), &[("", 2.5)]);
    // Half a day after it was read, it is half a day older.
    let late = [new[0], new[1], ("observe.every.generations", "0.5")];
    near(&age(&late, 4.5), &[("", 1.5)]);
}

const ALL: &str = "[\"source_share\", \"effective_sources\", \"staleness\", \"real_share\"]";

fn builtin_text(name: &str) -> &'static str {
    builtin::find(name).unwrap().text
}

fn published_text(name: &str) -> &'static str {
    let files = reproduction::scenarios();
    files.iter().find(|file| file.name == name).unwrap().text
}

/// Shares sum to 1, and those of real documents to the real share, whatever is read and however it is mixed.
#[track_caller]
fn check_sums(text: &str, changes: &[(&str, &str)]) {
    let mut changes = changes.to_vec();
    changes.push(("observe.metrics", ALL));
    let rows = rows(text, &changes);
    let mut sums: BTreeMap<_, [f64; 3]> = BTreeMap::new();
    for row in rows {
        let reader = (row.time.to_bits(), row.population.clone(), row.model);
        let real = row
            .target
            .as_deref()
            .is_some_and(|name| name.starts_with("real: ") || name == "people");
        let sum = sums.entry(reader).or_default();
        match &*row.metric {
            "source_share" => {
                sum[0] += row.value;
                sum[1] += if real { row.value } else { 0.0 };
            }
            "real_share" => sum[2] = row.value,
            "effective_sources" => assert!(row.value > 1.0 - 1e-12, "{row:?}"),
            _ => assert!(row.value >= 0.0, "{row:?}"),
        }
    }
    assert!(sums.len() > 2);
    for (reader, [all, real, measured]) in sums {
        assert!((all - 1.0).abs() < 1e-9, "{reader:?}: {all}");
        assert!(real <= measured + 1e-5, "{reader:?}: {real}, {measured}");
    }
}

#[test]
fn shares_sum_to_one_whatever_is_read() {
    let few = ("horizon.generations", "6");
    check_sums(THREE, &[]);
    check_sums(THREE, &[("population.*.read.include_own", "false")]);
    check_sums(THREE, &[("population.*.read.share", "0.5")]);
    check_sums(THREE, &[("population.*.read.scrape", "independent")]);
    check_sums(
        THREE,
        &[("web.seed", "{ corpus = \"words\", documents = 5 }")],
    );
    let drawn = [
        ("population.*.training.mixing", "drawn"),
        ("population.*.training.budget", "{ documents = 30 }"),
        ("population.*.count", "3"),
    ];
    check_sums(THREE, &drawn);
    check_sums(
        THREE,
        &[drawn[0], drawn[1], ("population.*.read.from.zipf", "1")],
    );
    for name in PUBLISHED {
        check_sums(published_text(name), &[few]);
    }
    check_sums(builtin_text("closed-gardens"), &[("horizon.days", "300")]);
}

/// Behind a detector, and in competition.
const PUBLISHED: [&str; 2] = ["p24-detector", "p36-competition"];

#[test]
fn threads_and_breaks_change_no_diet() {
    let changes = [
        ("horizon.days", "200"),
        ("population.*.count", "20"),
        ("observe.models_max", "3"),
        (
            "observe.metrics",
            "[\"source_share\", \"effective_sources\", \"staleness\", \"days_since_real\", \"freshness\"]",
        ),
    ];
    let scenario = changed(builtin_text("closed-gardens"), &changes);
    let whole = run(&scenario, None);
    for threads in [1, 2] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
        let pool = pool.build().unwrap();
        assert!(
            pool.install(|| run(&scenario, None)) == whole,
            "{threads} threads"
        );
    }
    for windows in [3, 20] {
        assert!(
            run(&scenario, Some(windows)) == whole,
            "broken after {windows} windows"
        );
    }
}

/// Nodes tell of sources by number.
#[test]
fn only_sources_that_there_are_are_taken_from_elsewhere() {
    let scenario = changed(THREE, &[]);
    let ledger = Ledger::new(&scenario, &corpora(&scenario), 0);
    let takes = |metric, number| {
        let mut seen = Observation::new(0, VirtualTime(1));
        seen.sums.push(Sum {
            metric,
            task: Some(number),
            count: 1,
            total: 0.5,
        });
        ledger.takes(&Outbox {
            observations: vec![seen],
            ..Outbox::default()
        })
    };
    assert!(takes("source_share", 5));
    assert!(!takes("source_share", 6));
    assert!(!takes("real_share", 0));
}

/// The newest real document is found by its publication, in the log of the finished run.
#[test]
fn the_last_real_document_is_as_old_as_the_log_says() {
    let changes = [
        ("horizon.days", "300"),
        ("site.people.writers.per_day", "0.2"),
        ("observe.metrics", "[\"days_since_real\"]"),
    ];
    let scenario = changed(builtin_text("closed-gardens"), &changes);
    let ran = ran((&scenario, &corpora(&scenario)), true, None);
    let (rows, simulation) = (ran.rows, ran.simulation);
    let log = simulation.log();
    let segments = log
        .segment_numbers()
        .flat_map(|number| &log.segment(number).publications);
    let real: Vec<VirtualTime> = segments
        .filter(|item| item.is_real())
        .map(|item| item.time)
        .collect();
    let targets: Vec<_> = rows.iter().map(|row| row.target.as_deref()).collect();
    assert_eq!(targets[..3], [None, Some("compliant"), Some("defiant")]);
    for three in rows.chunks(3) {
        // Index and facts are as of the beginning of the window, and windows are eight days.
        let day = (three[0].time / 8.0).floor() * 8.0;
        let now = VirtualTime::START + VirtualDuration::from_days(day);
        let newest = real.iter().filter(|time| **time < now).max().unwrap();
        assert_eq!(three[0].value, now.since(*newest).days());
        // Crawlers come later.
        assert!(three[1].value >= three[0].value && three[2].value >= three[0].value);
        assert!(three[1].value < day, "{three:?}");
    }
    assert!(rows.len() > 20);
}
