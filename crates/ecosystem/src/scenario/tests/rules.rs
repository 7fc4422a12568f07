//! One case for each rule about several keys.

use super::*;

/// Reads `text` with changes; every problem must begin like its line of `expected`.
#[track_caller]
fn check_rule(text: &str, changes: &[(&str, &str)], expected: &[&str]) {
    let actual = problems(text, changes);
    let same = actual.len() == expected.len()
        && actual
            .iter()
            .zip(expected)
            .all(|(actual, expected)| without_line(actual).starts_with(expected));
    assert!(same, "expected {expected:#?}\nactual {actual:#?}");
}

fn without_line(problem: &str) -> &str {
    match problem.strip_prefix("line ") {
        Some(rest) => rest.split_once(": ").map_or(rest, |(_, rest)| rest),
        None => problem,
    }
}

#[test]
fn names_can_be_told_apart() {
    let named = |name: &str, expected: &[&str]| {
        check_rule(NUMBERS, &[("population.1.name", name)], expected);
    };
    named("\"a\"", &["population.1.name = \"a\" is taken"]);
    named(
        "\"*\"",
        &["population.1.name = \"*\" is not a name: `*` stands for all"],
    );
    named(
        "\"12\"",
        &["population.1.name = \"12\" is not a name: numbers stand for"],
    );
    named(
        "\"x.y\"",
        &["population.1.name = \"x.y\" is not a name: allowed is"],
    );
    let corpus = ("corpora.3", "{ distribution = { kind = \"gaussian\" } }");
    check_rule(
        NUMBERS,
        &[corpus],
        &["corpora.3 is not a name: numbers stand for"],
    );
}

#[test]
fn corpora_exist() {
    check_rule(
        TEXT,
        &[
            ("population.a.real.private", "geograpy"),
            ("population.a.real.public", "novels"),
            ("web.seed", "{ corpus = \"fictoin\", documents = 3 }"),
            ("observe.tasks", "[\"fiction\", \"biology\"]"),
        ],
        &[
            "population.a.real.private = \"geograpy\" is no corpus of this scenario: \
             did you mean `geography`?",
            "population.a.real.public = \"novels\" is no corpus of this scenario: \
             known are `fiction`, `geography`",
            "web.seed.corpus = \"fictoin\" is no corpus of this scenario: did you mean `fiction`?",
            "observe.tasks = \"biology\" is no corpus of this scenario: known are",
        ],
    );
}

#[test]
fn private_corpora_stay_private() {
    check_rule(
        TEXT,
        &[
            ("population.a.real.public", "geography"),
            ("population.a.real.private", "fiction"),
        ],
        &["population.a.real.public = \"geography\" is not allowed: that corpus has access"],
    );
}

#[test]
fn a_corpus_has_exactly_one_origin() {
    let corpus = |value: &str, expected: &[&str]| {
        check_rule(TEXT, &[("corpora.fiction", value)], expected);
    };
    corpus(
        "{ access = \"public\" }",
        &["corpora.fiction has no origin: give `source` or"],
    );
    corpus(
        "{ source = \"x\", distribution = { kind = \"markov\", letters = 3, length = 9 } }",
        &["corpora.fiction has two origins"],
    );
    corpus(
        "{ distribution = { kind = \"markov\", letters = 3, length = 9 } }",
        &["population.a.real.documents is missing: a distribution has no end"],
    );
    corpus("{ source = \"folder\" }", &[]);
}

#[test]
fn builtin_sources_are_known() {
    check_rule(
        TEXT,
        &[("corpora.fiction.source", "builtin:fictoin")],
        &[
            "corpora.fiction.source = \"builtin:fictoin\" is not built in: \
           did you mean `fiction`?",
        ],
    );
}

#[test]
fn columns_are_of_tables() {
    let corpus = |value: &str, expected: &[&str]| {
        check_rule(NUMBERS, &[("corpora.normal", value)], expected);
    };
    corpus("{ source = \"data.CSV\", column = \"height\" }", &[]);
    corpus("{ source = \"data.parquet\", column = \"height\" }", &[]);
    corpus(
        "{ source = \"data.csv\" }",
        &["corpora.normal.column is missing: a table needs"],
    );
    corpus(
        "{ source = \"builtin:iris\" }",
        &["corpora.normal.column is missing"],
    );
    corpus(
        "{ source = \"builtin:iris\", column = \"petal_lenght_cm\" }",
        &[
            "corpora.normal.column = \"petal_lenght_cm\" is no column of `iris`: \
           did you mean `petal_length_cm`?",
        ],
    );
    corpus(
        "{ distribution = { kind = \"gaussian\" }, column = \"height\" }",
        &["corpora.normal.column = \"height\" has no table: allowed is"],
    );
    check_rule(
        TEXT,
        &[("corpora.fiction.column", "height")],
        &["corpora.fiction.column = \"height\" has no table"],
    );
}

#[test]
fn probabilities_are_weights() {
    let probabilities = |value: &str, expected: &[&str]| {
        let value = format!("{{ kind = \"categorical\", probabilities = {value} }}");
        check_rule(SYMBOLS, &[("corpora.words.distribution", &value)], expected);
    };
    probabilities("[1, 2.5, 0]", &[]);
    probabilities(
        "[1, -2.5]",
        &["corpora.words.distribution.probabilities has the weight -2.5: allowed is at least 0"],
    );
    probabilities(
        "[0, 0]",
        &["corpora.words.distribution.probabilities are all 0"],
    );
}

#[test]
fn data_fit_the_family() {
    let wide = [("population.*.family.dimension", "2")];
    check_rule(
        NUMBERS,
        &wide,
        &[
            "population.a.real.public = \"normal\" gives numbers of dimension 1, but a gaussian \
         model of dimension 2 needs",
        ],
    );
    let fit = [wide[0], ("corpora.normal.distribution.dimension", "2")];
    check_rule(NUMBERS, &fit, &[]);
    let table = "{ source = \"builtin:iris\", column = \"petal_length_cm\" }";
    check_rule(NUMBERS, &[("corpora.normal", table)], &[]);
    check_rule(
        NUMBERS,
        &[("corpora.normal", table), wide[0]],
        &[
            "population.a.real.public = \"normal\" gives a column, but a gaussian model of \
         dimension 2 needs",
        ],
    );
    let species = "{ source = \"builtin:iris\", column = \"species\" }";
    check_rule(
        NUMBERS,
        &[("corpora.normal", species)],
        &[
            "population.a.real.public = \"normal\" gives symbols, but a gaussian model of dimension \
         1 needs",
        ],
    );
    check_rule(SYMBOLS, &[("corpora.words", species)], &[]);
    check_rule(
        SYMBOLS,
        &[("corpora.words", "{ source = \"builtin:fiction\" }")],
        &["population.a.real.public = \"words\" gives text, but a categorical model needs symbols"],
    );
    let uniform = (
        "corpora.fiction",
        "{ distribution = { kind = \"uniform\", symbols = 3 } }",
    );
    check_rule(
        TEXT,
        &[uniform, ("population.a.real.documents", "9")],
        &["population.a.real.public = \"fiction\" gives symbols, but an n-gram model needs text"],
    );
}

#[test]
fn seeds_and_tasks_fit_the_models() {
    let uniform = (
        "corpora.dice",
        "{ distribution = { kind = \"uniform\", symbols = 6 } }",
    );
    check_rule(
        TEXT,
        &[
            uniform,
            ("web.seed", "{ corpus = \"dice\", documents = 9 }"),
            ("observe.tasks", "[\"dice\"]"),
        ],
        &[
            "web.seed.corpus = \"dice\" gives symbols, but an n-gram model needs text",
            "observe.tasks = \"dice\" gives symbols, but an n-gram model needs text",
        ],
    );
}

#[test]
fn everybody_publishes_one_kind() {
    check_rule(
        NUMBERS,
        &[("population.b.family.precision", "f32")],
        &[
            "population.b.family publishes numbers (dimension 1, f32), but `a` publishes numbers \
         (dimension 1, f64)",
        ],
    );
}

#[test]
fn everybody_has_real_data() {
    check_rule(
        SYMBOLS,
        &[("population.a.real", "{ documents = 3 }")],
        &["population.a.real names no corpus: give `private`, `public` or both, for the first"],
    );
    let truth = ("population.a.training.initial", "truth");
    check_rule(SYMBOLS, &[truth], &[]);
    check_rule(
        SYMBOLS,
        &[("population.a.real", "{}"), truth],
        &["population.a.real names no corpus: give `public` or `private`, whose truth"],
    );
    check_rule(
        TEXT,
        &[truth],
        &["population.a.training.initial = \"truth\" is not allowed"],
    );
}

#[test]
fn a_distribution_needs_a_number_of_documents() {
    let unsaid = ("population.a.real", "{ public = \"words\" }");
    check_rule(
        SYMBOLS,
        &[unsaid],
        &["population.a.real.documents is missing"],
    );
    let drawn = ("population.a.training.mixing", "drawn");
    let budget = ("population.a.training.budget.documents", "5");
    check_rule(SYMBOLS, &[unsaid, drawn, budget], &[]);
    let truth = ("population.a.training.initial", "truth");
    let synthetic = ("population.a.mixture.synthetic_fraction", "1");
    check_rule(SYMBOLS, &[unsaid, truth, synthetic], &[]);
}

#[test]
fn budgets_belong_to_samples() {
    let drawn = ("population.a.training.mixing", "drawn");
    let budget = ("population.a.training.budget.documents", "3");
    check_rule(
        NUMBERS,
        &[drawn],
        &["population.a.training.budget is missing: mixing"],
    );
    check_rule(
        NUMBERS,
        &[budget],
        &["population.a.training.budget is not allowed: mixing"],
    );
    check_rule(NUMBERS, &[drawn, budget], &[]);
    let shared = ("population.a.training.budget.per", "ecosystem");
    check_rule(
        NUMBERS,
        &[drawn, budget, shared],
        &["population.a.training.budget.documents = 3 is less than one document for each of 5"],
    );
}

#[test]
fn expectations_are_exact_and_categorical() {
    let expected = ("population.a.publish.expected", "true");
    check_rule(SYMBOLS, &[expected], &[]);
    check_rule(
        NUMBERS,
        &[expected],
        &["population.a.publish.expected = true is not allowed: only categorical models"],
    );
    let drawn = ("population.a.training.mixing", "drawn");
    let budget = ("population.a.training.budget.documents", "3");
    check_rule(
        SYMBOLS,
        &[expected, drawn, budget],
        &["population.a.publish.expected = true is not allowed: `a` draws a sample"],
    );
}

#[test]
fn a_detector_needs_a_sample() {
    let detector = (
        "population.a.read.detector",
        "{ true_positive_rate = 0.9, false_positive_rate = 0.1 }",
    );
    check_rule(
        NUMBERS,
        &[detector],
        &["population.a.read.detector is not allowed: a detector"],
    );
}

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
    from("{ ring = 1 }", &[]);
    from(
        "{ ring = 2 }",
        &["population.a.read.from.ring = 2 needs at least 5 models"],
    );
    from("{ islands = 3 }", &[]);
    from(
        "{ islands = 4 }",
        &["population.a.read.from.islands = 4 is more than the 3 models"],
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
    let text = NUMBERS.replace("documents = 10 }", "documents = 10 }\nread.from.ring = 2");
    check(
        &text,
        &[
            "line 13: population.a.read.from.ring = 2 needs at least 5 models: the population has \
         3; allowed is at most 1",
            "line 13: population.b.read.from.ring = 2 needs at least 5 models: the population has \
         2; allowed is at most 0",
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
