//! Who reads whom, when, how much, and what is measured.

use super::*;

#[test]
fn matrices_are_row_stochastic() {
    let matrix = |value: &str, expected: &[&str]| {
        check_rule(
            NUMBERS,
            &[("population.b.read.from.matrix", value)],
            expected,
        );
    };
    matrix("[[1, 0, 0, 0, 0], [0.2, 0.2, 0.2, 0.2, 0.2]]", &[]);
    matrix(
        "[[1, 0, 0, 0, 0]]",
        &["population.b.read.from.matrix has 1 rows: allowed is one a reader, 2"],
    );
    matrix(
        "[[1, 0], [0.2, 0.2, 0.2, 0.2, 0.3]]",
        &[
            "population.b.read.from.matrix.0 has 2 columns: allowed is one a model of the scenario, 5",
            "population.b.read.from.matrix.1 sums to 1.1",
        ],
    );
    matrix(
        "[[2, -1, 0, 0, 0], [1, 0, 0, 0, 0]]",
        &["population.b.read.from.matrix.0 has the entry -1: allowed is at least 0"],
    );
}

#[test]
fn weights_are_one_a_model() {
    let weights = |value: &str, expected: &[&str]| {
        check_rule(
            NUMBERS,
            &[("population.b.read.from.weights", value)],
            expected,
        );
    };
    weights("[0, 1, 2, 3, 4]", &[]);
    weights(
        "[1, 2]",
        &["population.b.read.from.weights has 2 weights: allowed is one a model"],
    );
    weights(
        "[0, 1, 2, -3, 4]",
        &["population.b.read.from.weights has the weight -3"],
    );
    weights(
        "[0, 0, 0, 0, 0]",
        &["population.b.read.from.weights are all 0"],
    );
}

#[test]
fn neighbourhoods_fit_the_population() {
    let from = |value: &str, expected: &[&str]| {
        check_rule(NUMBERS, &[("population.a.read.from", value)], expected);
    };
    from("{ ring = 2 }", &[]);
    from(
        "{ ring = 3 }",
        &["population.a.read.from.ring = 3 needs at least 7 models"],
    );
    from("{ islands = 5 }", &[]);
    from(
        "{ islands = 6 }",
        &["population.a.read.from.islands = 6 is more than the 5 models"],
    );
}

#[test]
fn everybody_has_somebody_to_read() {
    let alone = ("population.a.read.include_own", "false");
    check_rule(
        TEXT,
        &[alone],
        &["population.a.read.include_own = false is not allowed"],
    );
    check_rule(NUMBERS, &[alone], &[]);
    check_rule(
        NUMBERS,
        &[alone, ("population.a.read.from.islands", "1")],
        &["population.a.read.include_own = false is not allowed"],
    );
    check_rule(
        TEXT,
        &[
            alone,
            ("web.seed", "{ corpus = \"fiction\", documents = 9 }"),
        ],
        &[],
    );
}

#[test]
fn seeds_are_for_those_who_read_everybody() {
    let seed = ("web.seed", "{ corpus = \"normal\", documents = 9 }");
    check_rule(NUMBERS, &[seed], &[]);
    check_rule(
        NUMBERS,
        &[seed, ("population.a.read.from.ring", "1")],
        &["population.a.read.from is not allowed with web.seed"],
    );
}

#[test]
fn spans_are_longer_than_zero() {
    check_rule(
        NUMBERS,
        &[
            ("horizon.days", "0"),
            ("web.index_lag.days", "1e-12"),
            ("observe.every.days", "0"),
        ],
        &[
            "horizon = { days = 0 } is too short",
            "observe.every = { days = 0 } is too short",
            "web.index_lag = { days = 1e-12 } is too short: it must be longer than zero, because \
             models run in parallel",
        ],
    );
    check_rule(
        NUMBERS,
        &[
            ("horizon.generations", "1000000"),
            ("generation_days", "36500"),
        ],
        &["horizon = { generations = 1000000 } is longer than 36500000 days"],
    );
}

#[test]
fn the_index_is_refreshed_within_the_lag() {
    let refresh = |days: &str, expected: &[&str]| {
        check_rule(NUMBERS, &[("web.index_refresh.days", days)], expected);
    };
    refresh("0.5", &[]);
    refresh("1", &[]);
    refresh(
        "0",
        &["web.index_refresh = { days = 0 } is out of range: allowed is above zero"],
    );
    refresh(
        "1.5",
        &["web.index_refresh = { days = 1.5 } is out of range: allowed is above"],
    );
}

#[test]
fn sizes_fit_the_numbers_that_count_them() {
    check_rule(
        NUMBERS,
        &[
            ("population.a.count", "100000000"),
            ("population.*.publish.documents", "1"),
            ("web.retention", "replace"),
        ],
        &["population has 100000002 models in all: allowed is at most 100000000"],
    );
    let many = [
        ("population.a.count", "5000000"),
        ("population.a.publish.documents", "100"),
    ];
    check_rule(
        NUMBERS,
        &many,
        &["population may have about 5.500e9 documents visible at once"],
    );
    check_rule(
        NUMBERS,
        &[many[0], many[1], ("web.retention", "replace")],
        &[],
    );
    check_rule(
        NUMBERS,
        &[many[0], many[1], ("web.retention.window", "3")],
        &[],
    );
}

#[test]
fn metrics_are_known() {
    check_rule(
        NUMBERS,
        &[("observe.metrics", "[\"variance\", \"varience\", \"x\"]")],
        &[
            "observe.metrics = \"varience\" is no metric: did you mean `variance`?",
            "observe.metrics = \"x\" is no metric: known are `entropy`, `mean`",
        ],
    );
}

#[test]
fn rules_know_the_lines_of_their_keys() {
    let text = NUMBERS.replace("documents = 10 }", "documents = 10 }\nread.from.ring = 3");
    check(
        &text,
        &[
            "line 13: population.a.read.from.ring = 3 needs at least 7 models: the scenario has \
             5; allowed is at most 2",
        ],
    );
    // What is missing is told where it would stand.
    let text = SYMBOLS.replace(", documents = 10", "");
    check(
        &text,
        &[
            "line 11: population.a.real.documents is missing: a distribution has no end, and \
         mixing = \"exact\" has no budget, so say how many documents are held",
        ],
    );
}

#[test]
fn a_share_is_read_of_an_exact_mixture() {
    let share = ("population.a.read.share", "0.2");
    check_rule(NUMBERS, &[share], &[]);
    let drawn = ("population.a.training.mixing", "drawn");
    let budget = ("population.a.training.budget.documents", "3");
    check_rule(
        NUMBERS,
        &[share, drawn, budget],
        &["population.a.read.share = 0.2 is not allowed: with mixing = \"drawn\" the budget"],
    );
    check_rule(
        NUMBERS,
        &[("population.a.read.share", "0")],
        &["population.a.read.share = 0"],
    );
}

#[test]
fn hosts_and_their_changes_can_be_counted() {
    let site = |rest: &str, days: &str, expected: &[&str]| {
        let site = format!("[{{ name = \"s\", {rest} }}, {{ name = \"t\", hosts = 10_000_000 }}]");
        let homes = (
            "population.*.publish.sites",
            "[{ site = \"s\", share = 1 }]",
        );
        let slow = ("population.*.clock.periodic", "36500");
        let changes = [("site", site.as_str()), homes, slow, ("horizon.days", days)];
        check_rule(NUMBERS, &changes, expected);
    };
    site(
        "changes = [{ share = 1, per_day = 1000 }]",
        "4_294_000",
        &[],
    );
    site(
        "changes = [{ share = 1, per_day = 1000 }]",
        "36_500_000",
        &[
            "site.s.changes = { per_day = 1000 } is out of range over 36500000 days: allowed is 0 to 117",
        ],
    );
    let many = (0..10).map(|number| format!("{{ name = \"s{number}\", hosts = 10_000_000 }}"));
    let many = many.collect::<Vec<_>>().join(", ");
    let share = (
        "population.*.publish.sites",
        "[{ site = \"s0\", share = 1 }]",
    );
    let count =
        |list: String, expected: &[&str]| check_rule(NUMBERS, &[("site", &list), share], expected);
    count(format!("[{many}]"), &[]);
    count(
        format!("[{many}, {{ name = \"t\", owner = \"a\" }}]"),
        &["site has 100000003 hosts in all: allowed is at most 100000000"],
    );
}

#[test]
fn models_enter_before_they_leave_and_both_while_the_run_lasts() {
    let rule = |changes: &[(&str, &str)], expected: &[&str]| check_rule(NUMBERS, changes, expected);
    rule(
        &[
            ("population.a.enters.days", "0"),
            ("population.a.leaves.generations", "10"),
            ("population.b.enters.generations", "9.5"),
        ],
        &[],
    );
    rule(
        &[("population.a.enters.days", "10")],
        &[
            "population.a.enters = { days = 10 } is out of range: allowed is from the start to before the horizon, \
             { generations = 10 }",
        ],
    );
    rule(
        &[
            ("population.a.enters.days", "3"),
            ("population.a.leaves.days", "3"),
        ],
        &[
            "population.a.leaves = { days = 3 } is out of range: allowed is after it enters, { days = 3 }, and at most \
             the horizon, { generations = 10 }",
        ],
    );
    rule(
        &[("population.b.leaves.days", "10.5")],
        &[
            "population.b.leaves = { days = 10.5 } is out of range: allowed is after it enters, { days = 0 }, and at most \
             the horizon, { generations = 10 }",
        ],
    );
}

#[test]
fn real_documents_and_populations_have_names_of_their_own() {
    let text = NUMBERS.replace("name = \"b\"", "name = \"people\"");
    let metrics = crate::metrics::names();
    assert!(read(&text, &[], &metrics).is_ok());
    let named = pairs(&[("observe.metrics", "[\"source_share\"]")]);
    let problems = read(&text, &named, &metrics).unwrap_err().to_string();
    let told = "population.1.name = \"people\" is taken: source_share calls real documents so";
    assert!(problems.contains(told), "{problems}");
}
