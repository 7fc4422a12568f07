//! Warnings: legal, and probably not meant.

use super::rules::archives::ARCHIVED;
use super::*;

#[track_caller]
fn check_warned(text: &str, changes: &[(&str, &str)], expected: &[&str]) {
    assert_eq!(warnings(&good(text, changes)), expected);
}

#[test]
fn plain_scenarios_raise_no_suspicion() {
    check_warned(NUMBERS, &[], &[]);
    check_warned(TEXT, &[], &[]);
    check_warned(SYMBOLS, &[], &[]);
}

#[test]
fn a_schedule_fits_the_horizon() {
    let fraction = "population.a.mixture.synthetic_fraction";
    check_warned(SYMBOLS, &[(fraction, "[0, 1]")], &[]);
    check_warned(
        SYMBOLS,
        &[(fraction, "[0, 0, 0, 0]"), ("horizon.generations", "2")],
        &[
            "population.a.mixture.synthetic_fraction has 4 values, but a model trains only about 3 \
         times before the horizon",
        ],
    );
}

#[test]
fn somebody_publishes() {
    let silent = ("population.*.publish.documents", "0");
    let fraction = "population.a.mixture.synthetic_fraction";
    check_warned(
        SYMBOLS,
        &[silent, (fraction, "1")],
        &[
            "population.a.mixture.synthetic_fraction has no effect: nobody publishes, so every \
         training is on real data",
        ],
    );
    check_warned(SYMBOLS, &[silent, (fraction, "0")], &[]);
}

#[test]
fn the_web_keeps_what_is_read() {
    check_warned(
        SYMBOLS,
        &[("web.retention", "replace")],
        &["population.a.training.regime asks for older documents than web.retention keeps"],
    );
}

#[test]
fn settings_without_effect_are_told() {
    check_warned(
        SYMBOLS,
        &[
            ("population.a.training.draw", "with-replacement"),
            ("population.a.publish.tokens", "7"),
            ("corpora.words.documents_max", "7"),
        ],
        &[
            "population.a.training.draw has no effect: nothing is drawn with mixing = \"exact\"",
            "population.a.publish.tokens has no effect: only n-gram models write tokens",
            "corpora.words.documents_max has no effect on a distribution; real.documents says \
             how many are drawn",
        ],
    );
}

#[test]
fn the_run_is_long_enough() {
    check_warned(
        SYMBOLS,
        &[
            ("web.index_lag.generations", "10"),
            ("observe.every.generations", "11"),
        ],
        &[
            "web.index_lag is as long as the run: nobody will ever read anything",
            "observe.every is longer than the run",
        ],
    );
}

#[test]
fn corpora_are_used() {
    let dice = (
        "corpora.dice",
        "{ distribution = { kind = \"uniform\", symbols = 6 } }",
    );
    check_warned(
        SYMBOLS,
        &[dice],
        &[
            "corpora.dice is used by nobody",
            "corpora.words.distribution has 100 symbols, but `dice` has 6",
        ],
    );
    check_warned(
        TEXT,
        &[("corpora.jargon", "{ source = \"builtin:jargon\" }")],
        &[],
    );
}

#[test]
fn secrets_are_kept() {
    check_warned(
        TEXT,
        &[
            ("population.a.real.private", "fiction"),
            ("web.seed", "{ corpus = \"geography\", documents = 3 }"),
        ],
        &[
            "population.a.real.private is no secret: a population has the same corpus as \
             real.public",
            "web.seed.corpus puts a private corpus on the web, where everybody reads it",
        ],
    );
}

#[test]
fn slices_are_even() {
    check_warned(
        SYMBOLS,
        &[
            ("population.a.count", "3"),
            ("population.a.shards", "4"),
            ("population.a.read.from.islands", "2"),
        ],
        &[
            "population.a.shards is more than the 3 models: some shards will be empty",
            "population.a.read.from.islands = 2 does not divide 3: the last island is smaller",
        ],
    );
}

#[test]
fn green_lists_that_are_looked_for_are_there() {
    let metrics = crate::metrics::names();
    let told = |changes: &[(&str, &str)]| {
        let asked = ("observe.metrics", "[\"watermark_z\"]");
        warnings(&read(TEXT, &pairs(&[&[asked], changes].concat()), &metrics).unwrap())
    };
    let nobody =
        "observe.metrics names watermark_z, but no population has a publish.watermark.green_list";
    assert_eq!(told(&[]), [nobody]);
    let mark = (
        "population.a.publish.watermark",
        "{ green_list = { key = 7 } }",
    );
    assert!(told(&[mark]).is_empty());
    let later = "[{ at = { generations = 2 }, set = ['population.a.publish.watermark={ green_list = { key = 7 } }'] }]";
    assert!(told(&[("intervention", later)]).is_empty());
}

#[test]
fn stages_of_curation_find_something_to_do() {
    check_warned(ARCHIVED, &[], &[]);
    let stages = "[{ kind = \"url-dedup\" }, { kind = \"exact-dedup\" }, \
                  { kind = \"watermark\", true_positive_rate = 1, false_positive_rate = 0 }]";
    let curate = ("crawler.bot.curate", stages);
    let marks = ("population.a.publish.watermark", "true");
    let url = "crawler.bot.curate.0.scope = \"snapshot\" has no effect: a snapshot has a page once; \"global\" compares \
               with earlier ones";
    let symbols = "crawler.bot.curate.1.kind = \"exact-dedup\" keeps one document of each symbol and rejects all others: \
                   equal symbols are equal documents";
    let mark = "crawler.bot.curate.2.kind = \"watermark\" finds none: no population has publish.watermark = true";
    check_warned(ARCHIVED, &[curate], &[url, symbols, mark]);
    check_warned(ARCHIVED, &[curate, marks], &[url, symbols]);
    check_warned(
        ARCHIVED,
        &[marks],
        &["population.a.publish.watermark has no effect: no crawler looks for it"],
    );
    let later = "[{ at = { days = 9 }, set = ['population.a.publish.watermark=true'] }]";
    check_warned(
        ARCHIVED,
        &[curate, ("intervention", later)],
        &[url, symbols],
    );
    let numbers = [
        ("corpora.words.distribution", "{ kind = \"gaussian\" }"),
        ("population.a.family", "{ kind = \"gaussian\" }"),
        ("crawler.bot.curate", "[{ kind = \"exact-dedup\" }]"),
    ];
    check_warned(
        ARCHIVED,
        &numbers,
        &[
            "crawler.bot.curate.0.kind = \"exact-dedup\" has no effect: two documents of numbers are hardly ever equal",
        ],
    );
}

#[test]
fn kernels_take_memory() {
    let kde = ("population.*.family", "{ kind = \"kde\" }");
    check_warned(NUMBERS, &[kde], &[]);
    let many = ("population.a.count", "100000");
    check_warned(
        NUMBERS,
        &[kde, many],
        &[
            "population.a.family may hold 163916 GiB: each of 100000 kde models keeps its training \
             set of about 110002210 documents",
            "population.b.family may hold 3 GiB: each of 2 kde models keeps its training set of about \
             110002210 documents",
        ],
    );
    let drawn = [
        kde,
        many,
        ("population.*.training.mixing", "drawn"),
        ("population.*.training.budget", "{ documents = 100 }"),
    ];
    check_warned(NUMBERS, &drawn, &[]);
}
