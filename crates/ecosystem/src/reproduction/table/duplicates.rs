//! Near-duplicates in a crawl.

use super::super::formula::banded;
use super::{BRODER, Case, Check, FOUR, PENEDO, Quantity, Reproduction, Setup, Statistic};
use crate::scenario::schema::Distribution;

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
    ],
};
