//! What is written reads back the same.

use super::rules::archives::ARCHIVED;
use super::*;

#[track_caller]
fn check_round_trip(scenario: &Scenario) {
    let text = resolved(scenario);
    let again = read(&text, &[], &crate::metrics::names())
        .unwrap_or_else(|problems| panic!("{text}\n{problems}"));
    assert_eq!(again, *scenario);
    assert_eq!(resolved(&again), text);
}

#[test]
fn builtins_read_without_a_murmur_and_round_trip() {
    for builtin in builtin::builtins() {
        let scenario = read(builtin.text, &[], &crate::metrics::names())
            .unwrap_or_else(|problems| panic!("{}: {problems}", builtin.name));
        assert_eq!(
            warnings(&scenario),
            Vec::<String>::new(),
            "{}",
            builtin.name
        );
        assert!(
            scenario.about.len() > 200,
            "{} says what to look at",
            builtin.name
        );
        assert!(
            !scenario.about.contains('\n'),
            "{} is one paragraph",
            builtin.name
        );
        check_round_trip(&scenario);
    }
}

#[test]
fn builtins_are_found_by_name() {
    assert_eq!(builtin::find("collapse").unwrap().name, "collapse");
    let slip = builtin::find("colapse").unwrap_err().to_string();
    assert_eq!(
        slip,
        "no built-in scenario is called `colapse`: did you mean `collapse`?"
    );
}

/// Every alternative of every key, some with values that are awkward to write.
const CHANGES: [&[(&str, &str)]; 17] = [
    &[
        ("population.a.enters.days", "1.5"),
        ("population.*.leaves.generations", "7"),
    ],
    &[
        ("title", "\"quotes \\\" and \\\\ and \\n lines\""),
        ("about", "'''a\n\"\"\"b\t'''"),
    ],
    &[
        ("seed", "9223372036854775807"),
        ("generation_days", "0.1"),
        ("horizon.days", "1e-6"),
    ],
    &[
        ("corpora.normal.distribution.variance", "1e-300"),
        ("horizon.generations", "0.3"),
    ],
    &[(
        "corpora.normal.distribution.mean",
        "-123456789012345680000.0",
    )],
    &[(
        "corpora.'a b'",
        "{ distribution = { kind = \"gaussian\", mean = 5e-324 } }",
    )],
    &[
        ("population.*.mixture.synthetic_fraction", "[0, 0.1, 1]"),
        ("population.*.mixture.private_weight", "[1, 0.25]"),
        ("population.a.shards", "2"),
    ],
    &[
        ("population.*.mixture.synthetic_fraction", "by-count"),
        ("population.a.count", "5"),
    ],
    &[
        ("population.a.training.regime.discount", "0.25"),
        ("web.retention.window", "3"),
    ],
    &[
        ("population.a.training.start.warm", "0.5"),
        ("population.a.training.mixing", "drawn"),
        (
            "population.a.training.budget",
            "{ documents = 10, per = \"ecosystem\", first = 50 }",
        ),
        (
            "population.a.read.detector",
            "{ true_positive_rate = 0.9, false_positive_rate = 0 }",
        ),
    ],
    &[
        (
            "population.*.family",
            "{ kind = \"kde\", bandwidth = 0.25 }",
        ),
        ("population.b.family.bandwidth", "silverman"),
        (
            "corpora.normal.distribution",
            "{ kind = \"mixture\", weights = [1, 2], means = [0, 3.5], variances = [1, 1e-3] }",
        ),
    ],
    &[
        (
            "population.a.family",
            "{ kind = \"gmm\", components = 4, covariance = \"diagonal\" }",
        ),
        ("population.b.family", "{ kind = \"student-t\", dof = 7 }"),
        (
            "population.a.publish.best_of",
            "{ candidates = 4, reward = -0.5 }",
        ),
        ("population.b.publish.shift", "-0.25"),
        (
            "corpora.normal.distribution",
            "{ kind = \"student-t\", dof = 7, scale = 2 }",
        ),
    ],
    &[
        (
            "population.*.family",
            "{ kind = \"captioned\", captions = 2 }",
        ),
        ("population.b.family.frozen", "image"),
        ("population.b.read.share", "0.25"),
        (
            "corpora.normal.distribution",
            "{ kind = \"captioned\", probabilities = [0.5, 0.5], radius = 3 }",
        ),
    ],
    &[
        (
            "population.*.family",
            "{ kind = \"discriminant\", dimension = 4 }",
        ),
        ("population.a.publish.mislabelled", "0.25"),
        (
            "population.a.publish.verifier",
            "{ keeps_right = 0.9, keeps_wrong = 0.125 }",
        ),
        (
            "corpora.normal.distribution",
            "{ kind = \"two-classes\", dimension = 4, separation = 2 }",
        ),
    ],
    &[
        ("population.a.clock.periodic", "0.5"),
        ("population.b.clock.poisson", "2"),
    ],
    &[
        ("population.a.read.from.ring", "1"),
        (
            "population.b.read.from.matrix",
            "[[0, 1, 0, 0, 0], [0.2, 0.2, 0.2, 0.2, 0.2]]",
        ),
    ],
    &[
        ("population.a.read.from.weights", "[0, 1, 0, 0, 1e-3]"),
        ("population.b.read.from.zipf", "1"),
        ("web.index_refresh.days", "0.25"),
        ("observe.metrics", "[\"mean\", \"entropy\"]"),
        ("observe.items_max", "7"),
    ],
];

#[test]
fn a_file_leaves_sizes_unsaid() {
    let file = (
        "population.a.family",
        "{ kind = \"transformer\", pretrained = \"nets/a.gguf\" }",
    );
    let begins = ("population.a.training.initial", "pretrained");
    let from_file = good(TEXT, &[file, begins]);
    check_round_trip(&from_file);
    assert!(!resolved(&from_file).contains("width"));
    assert!(
        resolved(&good(TEXT, &[("population.a.family.kind", "transformer")]))
            .contains("width = 64")
    );
}

#[test]
fn every_alternative_round_trips() {
    for changes in CHANGES {
        check_round_trip(&good(NUMBERS, changes));
    }
    check_round_trip(&good(
        NUMBERS,
        &[("web.seed", "{ corpus = \"normal\", documents = 5 }")],
    ));
    check_round_trip(&good(TEXT, &[("population.a.family.smoothing", "none")]));
    check_round_trip(&good(TEXT, &[("corpora.fiction.documents_max", "10")]));
    let expected = ("population.a.publish.expected", "true");
    let synthetic = ("population.*.mixture.synthetic_fraction", "1");
    check_round_trip(&good(SYMBOLS, &[expected, synthetic]));
    let payoff = (
        "population.a.read.payoff",
        "{ value = \"words\", crowding = 0.5 }",
    );
    check_round_trip(&good(
        SYMBOLS,
        &[
            synthetic,
            payoff,
            ("population.a.training.regime", "replace"),
        ],
    ));
    let filter = ("population.a.read.near_duplicates", "{ bands = 20 }");
    let share = ("population.a.read.share", "0.5");
    check_round_trip(&good(TEXT, &[filter, share]));
    let pages = (
        "corpora.fiction",
        "{ distribution = { kind = \"templates\", documents = 2, shared = 9, own = 1 } }",
    );
    let drawn = ("population.a.real.documents", "10");
    check_round_trip(&good(TEXT, &[pages, drawn]));
    let marks = ("population.a.publish.watermark", "true");
    let stages = "[{ kind = \"exact-dedup\", scope = \"global\" }, \
                  { kind = \"watermark\", true_positive_rate = 0.5, false_positive_rate = 0 }]";
    check_round_trip(&good(ARCHIVED, &[marks]));
    let links = (
        "crawler.bot.discovery",
        "{ links = { hops = 2, listed = 9 } }",
    );
    let clock = ("crawler.bot.clock", "{ log-normal = { sigma = 0.5 } }");
    let own = ("crawler.bot.private_to", "a");
    let fewer = ("web.links", "{ per_page = 2, copied = 0 }");
    check_round_trip(&good(ARCHIVED, &[links, clock, own, fewer]));
    let edges = (
        "population.a.read.from",
        "{ edges = \"who reads whom.csv\" }",
    );
    check_round_trip(&good(NUMBERS, &[edges]));
    let shy = ("crawler.bot.robots_failed", "0.05");
    check_round_trip(&good(ARCHIVED, &[shy, ("crawler.bot.clock", "poisson")]));
    check_round_trip(&good(ARCHIVED, &[("crawler.bot.curate", stages), marks]));
}

#[test]
fn networks_and_their_texts_round_trip() {
    let network = (
        "population.a.family",
        "{ kind = \"transformer\", width = 32, heads = 2, kv_heads = 1, hidden = 48, compute = \"fast\", \
         tokenizer = \"byte\", first = { length = { epochs = 2 }, rate = 0.5, warmup = 0.25, decay = \"constant\" } }",
    );
    let narrow = ("population.a.publish.top_k", "40");
    let unprompted = ("population.a.publish.prompt", "none");
    check_round_trip(&good(TEXT, &[network, narrow, unprompted]));
    let prompt = (
        "population.a.publish.prompt",
        "{ tokens = 8, private_share = 1 }",
    );
    let pieces = ("corpora.fiction.piece_bytes", "400");
    let answers = ("corpora.geography.content", "answers");
    check_round_trip(&good(TEXT, &[answers]));
    check_round_trip(&good(
        TEXT,
        &[("population.a.family.kind", "transformer"), prompt, pieces],
    ));
}

#[test]
fn detectors_and_watermarks_round_trip() {
    let learned = ("population.a.read.detector", "{ learned = { steps = 9 } }");
    let drawn = (
        "population.a.training",
        "{ mixing = \"drawn\", budget = { documents = 9 } }",
    );
    check_round_trip(&good(TEXT, &[learned, drawn]));
    let list = (
        "population.a.publish.watermark",
        "{ green_list = { key = 7, delta = 3.5 } }",
    );
    check_round_trip(&good(TEXT, &[list]));
}

#[test]
fn a_written_scenario_states_every_default() {
    let text = resolved(&good(NUMBERS, &[]));
    for line in [
        "seed = 1",
        "horizon = { generations = 10.0 }",
        "normal = { distribution = { kind = \"gaussian\", mean = 0.0, variance = 1.0, \
         dimension = 1 }, access = \"public\" }",
        "family = { kind = \"gaussian\", dimension = 1, estimator = \"mle\", precision = \"f64\" }",
        "clock = \"lock-step\"",
        "mixture.synthetic_fraction = 0.5",
        "training.draw = \"without-replacement\"",
        "publish.when = \"after-training\"",
        "publish.watermark = false",
        "read.include_own = true",
        "index_lag = { generations = 1.0 }",
        "metrics = []",
    ] {
        assert!(
            text.lines().any(|other| other == line),
            "no line {line:?} in\n{text}"
        );
    }
}
