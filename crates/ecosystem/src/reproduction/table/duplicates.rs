//! Near-duplicates in a crawl.

use super::super::formula::banded;
use super::{BRODER, Case, Check, FOUR, PENEDO, Quantity, Reproduction, Setup, Statistic, plain};
use crate::scenario::schema::{CurationStage, DedupScope, Distribution};

const SHARED: &str = "corpora.pages.distribution.shared";
const OWN: &str = "corpora.pages.distribution.own";
const BANDS: &str = "population.*.read.near_duplicates.bands";
const ROWS: &str = "population.*.read.near_duplicates.rows";

/// Pages with so many words in common and of their own.
macro_rules! pages {
    ($shared:literal, $own:literal $(, $key:expr => $value:literal)*) => {
        &[Case {
            scenario: "p22-near-duplicates",
            overrides: &[(SHARED, $shared), (OWN, $own) $(, ($key, $value))*],
        }]
    };
}

/// The share of documents that are dropped: half of the pairs that are found. The common words make runs of their own,
/// and every run that reaches into a page's own words is that page's alone.
fn dropped(setup: &Setup<'_>) -> f64 {
    let corpus = setup.scenario().corpora.get("pages");
    let distribution = corpus.and_then(|corpus| corpus.distribution.as_ref());
    let (Some(&Distribution::Templates { shared, own, .. }), Some(filter)) =
        (distribution, setup.population().read.near_duplicates)
    else {
        return f64::NAN;
    };
    let common = f64::from(shared) + 1.0 - f64::from(filter.shingle);
    let s = common / (common + 2.0 * f64::from(own));
    0.5 * banded(s, f64::from(filter.bands), f64::from(filter.rows))
}

const fn p22(what: &'static str, cases: &'static [Case]) -> Check {
    Check {
        what,
        formula: "(1 - (1 - s^r)^b) / 2",
        cases,
        generation: 1,
        statistic: Statistic::Mean(Quantity::Complement("kept_share")),
        expected: dropped,
        tolerance: FOUR,
    }
}

const STAGE: &str = "crawler.crawler.curate.0";
const ONE_CRAWL: Case = plain("p22-snapshot");
const WIDE: Case = Case {
    scenario: "p22-snapshot",
    overrides: &[
        (
            STAGE,
            "{ kind = \"near-dedup\", shingle = 5, bands = 450, rows = 20 }",
        ),
        ("replicates", "5"),
    ],
};
const THREE_CRAWLS: Case = Case {
    scenario: "p22-snapshot",
    overrides: &[("crawler.crawler.redirected", "0.5")],
};
const GLOBAL: Case = Case {
    scenario: "p22-snapshot",
    overrides: &[
        ("crawler.crawler.redirected", "0.5"),
        ("crawler.crawler.curate.0.scope", "global"),
    ],
};

/// The share that is dropped of all that m crawls captured, each of which misses a page with probability q. A page comes in crawl k with
/// probability (1 - q) q^(k-1), in any with c = 1 - q^m, both pages of a pair in the same one with sum_k (1 - q)^2 q^(2k-2), and p of
/// the pairs are found among those that are compared.
fn dropped_of_archive(setup: &Setup<'_>) -> f64 {
    let scenario = setup.scenario();
    let (crawler, corpus) = (&scenario.crawler[0], scenario.corpora.get("pages"));
    let distribution = corpus.and_then(|corpus| corpus.distribution.as_ref());
    let (
        Some(&Distribution::Templates { shared, own, .. }),
        Some(&CurationStage::NearDedup {
            shingle,
            bands,
            rows,
            scope,
        }),
    ) = (distribution, crawler.curate.first())
    else {
        return f64::NAN;
    };
    let common = f64::from(shared) + 1.0 - f64::from(shingle);
    let s = common / (common + 2.0 * f64::from(own));
    let crawls = libm::floor(scenario.days(scenario.horizon) / scenario.days(crawler.every));
    let (q, missed) = (crawler.redirected, libm::pow(crawler.redirected, crawls));
    let any = 1.0 - missed;
    let compared = match scope {
        DedupScope::Global => any * any,
        DedupScope::Snapshot => (1.0 - q) / (1.0 + q) * (1.0 - missed * missed),
    };
    compared * banded(s, f64::from(bands), f64::from(rows)) / (2.0 * any)
}

const fn archived(what: &'static str, formula: &'static str, cases: &'static [Case]) -> Check {
    Check {
        what,
        formula,
        statistic: Statistic::Mean(Quantity::OfComplement(
            "curated_share",
            "crawler: near-dedup: real",
        )),
        expected: dropped_of_archive,
        ..p22("", cases)
    }
}

/// Pairs of pages with a common template, behind MinHash with bands.
pub(super) const P22: Reproduction = Reproduction {
    id: "P22",
    title: "MinHash with b bands of r rows finds similar texts by an S-curve",
    papers: &[BRODER, PENEDO],
    quick: true,
    checks: &[
        p22("dropped, 14 x 8, s = 0.60", pages!("52", "16")),
        p22("dropped, 14 x 8, s = 0.70", pages!("60", "12")),
        p22("dropped, 14 x 8, s = 0.75", pages!("64", "10")),
        p22("dropped, 14 x 8, s = 0.80", pages!("68", "8")),
        p22("dropped, 14 x 8, s = 0.85", pages!("72", "6")),
        p22(
            "dropped, 450 x 20, s = 0.60",
            pages!("52", "16", BANDS => "450", ROWS => "20", "replicates" => "10"),
        ),
        p22(
            "dropped, 450 x 20, s = 0.75",
            pages!("64", "10", BANDS => "450", ROWS => "20", "replicates" => "10"),
        ),
        p22(
            "dropped, 450 x 20, s = 0.80",
            pages!("68", "8", BANDS => "450", ROWS => "20", "replicates" => "10"),
        ),
        archived(
            "dropped of a snapshot, 14 x 8, s = 0.75",
            "p / 2, p = 1 - (1 - s^r)^b",
            &[ONE_CRAWL],
        ),
        archived(
            "dropped of a snapshot, 450 x 20, s = 0.75",
            "p / 2, p = 1 - (1 - s^r)^b",
            &[WIDE],
        ),
        archived(
            "dropped of 3 crawls within each, q = 1/2",
            "p (1-q)(1-q^2m) / (2 (1+q)(1-q^m))",
            &[THREE_CRAWLS],
        ),
        archived(
            "dropped of 3 crawls, globally, q = 1/2",
            "p (1 - q^m) / 2",
            &[GLOBAL],
        ),
    ],
};
