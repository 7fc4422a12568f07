//! What models are made from.

use super::*;

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
            "population.a.real.public = \"normal\" gives numbers of dimension 1, but a gaussian model of \
         dimension 2 needs",
        ],
    );
    check_rule(
        SYMBOLS,
        &[("corpora.words", table)],
        &["population.a.real.public = \"words\" gives numbers of dimension 1, but a categorical"],
    );
    let file = "{ source = \"data.csv\", column = \"x\" }";
    check_rule(NUMBERS, &[("corpora.normal", file)], &[]);
    check_rule(SYMBOLS, &[("corpora.words", file)], &[]);
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
            "observe.tasks = \"dice\" has no held-out documents: allowed are folders",
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
    let synthetic = ("population.*.mixture.synthetic_fraction", "1");
    check_rule(SYMBOLS, &[expected, synthetic], &[]);
    check_rule(
        SYMBOLS,
        &[expected],
        &["population.a.publish.expected = true is not allowed: `a` mixes real documents in"],
    );
    check_rule(
        NUMBERS,
        &[expected, synthetic],
        &["population.a.publish.expected = true is not allowed: only categorical models"],
    );
    let drawn = ("population.a.training.mixing", "drawn");
    let budget = ("population.a.training.budget.documents", "3");
    check_rule(
        SYMBOLS,
        &[expected, synthetic, drawn, budget],
        &["population.a.publish.expected = true is not allowed: `a` draws a sample"],
    );
}

#[test]
fn a_detector_is_learnt_from_text_that_is_held() {
    let learned = (
        "population.a.read.detector",
        "{ learned = { documents = 9 } }",
    );
    let drawn = ("population.a.training.mixing", "drawn");
    let budget = ("population.a.training.budget", "{ documents = 5 }");
    check_rule(TEXT, &[learned, drawn, budget], &[]);
    check_rule(
        TEXT,
        &[learned],
        &["population.a.read.detector is not allowed: a detector"],
    );
    let told = "population.a.read.detector.learned is not allowed: it learns from words";
    check_rule(NUMBERS, &[learned, drawn, budget], &[told]);
    let both = "{ learned = {}, true_positive_rate = 1 }";
    let told = "population.a.read.detector.true_positive_rate is not a known key";
    check_rule(
        TEXT,
        &[("population.a.read.detector", both), drawn, budget],
        &[told],
    );
    let few = ("population.a.read.detector.learned.documents", "0");
    let told = "population.a.read.detector.learned.documents = 0 is out of range";
    check_rule(TEXT, &[learned, few, drawn, budget], &[told]);
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
