//! What becomes of archives.

use super::*;
use crate::scenario::schema::CurationStage;

/// A web with people, models and a crawler whose archive is curated.
pub(in super::super) const ARCHIVED: &str = r#"
title = "archived"
horizon = { days = 100 }

[corpora]
words = { distribution = { kind = "zipf", symbols = 100 } }

[[population]]
name = "a"
family = { kind = "categorical" }
real = { public = "words", documents = 10 }
publish = { sites = [{ site = "people", share = 1.0 }] }
read = { archive = { crawler = "bot" } }

[[site]]
name = "people"
writers = { corpus = "words", per_day = 3.0 }

[[crawler]]
name = "bot"
every = { days = 10 }
fetches = 100
curate = [
    { kind = "url-dedup", scope = "global" },
    { kind = "language", real = 0.5, synthetic = 0.5 },
    { kind = "heuristics", real = 1, synthetic = 0.5 },
    { kind = "quality", keep = 0.3, noise = 0.25 },
    { kind = "detector", true_positive_rate = 0.9, false_positive_rate = 0.05 },
]

[web]
retention = "accumulate"
"#;

const CURATE: &str = "crawler.bot.curate";

#[test]
fn stages_are_read_in_their_order() {
    check_rule(ARCHIVED, &[], &[]);
    let kinds = |changes: &[(&str, &str)]| -> Vec<&'static str> {
        let stages = &good(ARCHIVED, changes).crawler[0].curate;
        stages.iter().map(CurationStage::kind).collect()
    };
    let file = ["url-dedup", "language", "heuristics", "quality", "detector"];
    assert_eq!(kinds(&[]), file);
    let two = "[{ kind = \"detector\", true_positive_rate = 1, false_positive_rate = 0 }, { kind = \"url-dedup\" }]";
    assert_eq!(kinds(&[(CURATE, two)]), ["detector", "url-dedup"]);
    let keep = good(ARCHIVED, &[("crawler.*.curate.3.keep", "0.125")]);
    let quality = CurationStage::Quality {
        keep: 0.125,
        noise: 0.25,
    };
    assert_eq!(keep.crawler[0].curate[3], quality);
}

#[test]
fn a_stage_says_what_it_needs() {
    check_rule(
        ARCHIVED,
        &[(
            CURATE,
            "[{ kind = \"qualty\" }, { kind = \"quality\", keep = 1.5 }, { keep = 1 }, \
              { kind = \"exact-dedup\", scope = \"web\" }, { kind = \"language\", real = 1, synthetic = 1, bands = 3 }]",
        )],
        &[
            "crawler.bot.curate.0.kind = \"qualty\" is not allowed: allowed is \"detector\", \"exact-dedup\", \
             \"heuristics\", \"language\", \"near-dedup\", \"quality\", \"url-dedup\", \"watermark\"; did you mean `quality`?",
            "crawler.bot.curate.1.keep = 1.5 is out of range: allowed is 0 to 1",
            "crawler.bot.curate.1.noise is missing: allowed is a number, 0 to 1000000",
            "crawler.bot.curate.2.kind is missing: allowed is \"detector\"",
            "crawler.bot.curate.3.scope = \"web\" is not allowed: allowed is \"snapshot\", \"global\"",
            "crawler.bot.curate.4.bands is not a known key",
        ],
    );
}

#[test]
fn contradictory_stages_are_told_all_at_once() {
    let both = "true_positive_rate = 1, false_positive_rate = 1";
    let stages = format!(
        "[{{ kind = \"near-dedup\" }}, {{ kind = \"quality\", keep = 0, noise = 0 }}, {{ kind = \"detector\", {both} }}, \
          {{ kind = \"language\", real = 0, synthetic = 0 }}, {{ kind = \"quality\", keep = 1, noise = 0 }}, \
          {{ kind = \"watermark\", {both} }}, {{ kind = \"heuristics\", real = 0, synthetic = 0 }}]"
    );
    check_rule(
        ARCHIVED,
        &[(CURATE, &stages)],
        &[
            "crawler.bot.curate.4.kind = \"quality\" is there already: allowed is one stage of each kind",
            "crawler.bot.curate.0.kind = \"near-dedup\" is not allowed: only texts, which n-gram models write, have words \
             to compare; allowed are \"url-dedup\", \"exact-dedup\"",
            "crawler.bot.curate.1 = \"quality\": keep = 0 keeps nothing: allowed is above 0, up to 1",
            "crawler.bot.curate.2 = \"detector\": true_positive_rate = 1 and false_positive_rate = 1 keep nothing",
            "crawler.bot.curate.3 = \"language\": real = 0 and synthetic = 0 keep nothing: allowed is at least one above 0",
            "crawler.bot.curate.5 = \"watermark\": true_positive_rate = 1",
            "crawler.bot.curate.6 = \"heuristics\": real = 0",
        ],
    );
}

#[test]
fn curation_may_change_on_the_way() {
    let at_ten = |change: &str| format!("[{{ at = {{ days = 10 }}, set = ['{change}'] }}]");
    for change in [
        "crawler.bot.curate=[]",
        "crawler.bot.curate=[{ kind = \"url-dedup\", scope = \"global\" }]",
        "crawler.bot.curate.3.keep=0.1",
        "population.a.publish.watermark=true",
    ] {
        check_rule(ARCHIVED, &[("intervention", &at_ten(change))], &[]);
    }
    for (change, told) in [
        ("crawler.bot.curate.3.keep=2", "out of range"),
        ("crawler.bot.curate.3.keep=0", "keep = 0 keeps nothing"),
        ("crawler.bot.curate.9.keep=1", "`9` is not known"),
        (
            "crawler.bot.curate=[{ kind = \"near-dedup\" }]",
            "only texts",
        ),
    ] {
        let found = problems(ARCHIVED, &[("intervention", &at_ten(change))]);
        assert!(
            found.len() == 1 && found[0].contains("intervention.0.set") && found[0].contains(told),
            "{change}: {found:?}"
        );
    }
}

#[test]
fn private_crawlers_belong_to_a_population() {
    let two = "[[population]]\nname = \"b\"\nlike = \"a\"\ncount = 1200\n\n[[site]]";
    let two = ARCHIVED.replacen("[[site]]", two, 1);
    let owner = |name: &'static str| ("crawler.bot.private_to", name);
    check_rule(ARCHIVED, &[owner("a")], &[]);
    check_rule(
        ARCHIVED,
        &[owner("nobody")],
        &["crawler.bot.private_to = \"nobody\" is not a population"],
    );
    check_rule(
        &two,
        &[owner("b")],
        &[
            "population.a.read.archive.crawler = \"bot\" is private to population b",
            "crawler gives 1200 models crawlers to themselves: allowed are at most 1000",
        ],
    );
    let change = "[{ at = { days = 10 }, set = ['crawler.bot.private_to=a'] }]";
    let told = "intervention.0.set crawler.bot cannot change on the way";
    check_rule(ARCHIVED, &[("intervention", change)], &[told]);
}
