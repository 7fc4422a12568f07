//! What curation makes of a snapshot.

use super::super::formula::{behind_detector, ranked};
use super::{Case, Check, FOUR, PENEDO, Quantity, Reproduction, Setup, Statistic, plain};
use crate::scenario::schema::CurationStage;

const CURATED: Case = plain("w05-curation");
const MARKED: Case = Case {
    scenario: "w05-curation",
    overrides: &[
        ("population.models.publish.watermark", "true"),
        (
            "crawler.crawler.curate.1",
            "{ kind = \"watermark\", true_positive_rate = 0.9, false_positive_rate = 0.01 }",
        ),
    ],
};
const NOISELESS: Case = Case {
    scenario: "w05-curation",
    overrides: &[("crawler.crawler.curate.2.noise", "0")],
};
const NOISY: Case = Case {
    scenario: "w05-curation",
    overrides: &[("crawler.crawler.curate.2.noise", "1")],
};

/// What `of` knows of the first stage of which it knows something.
fn stage<T>(setup: &Setup<'_>, of: impl Fn(&CurationStage) -> Option<T>) -> Option<T> {
    setup.scenario().crawler[0].curate.iter().find_map(of)
}

/// The synthetic share of what the crawler finds: what models wrote at the start, and people until the lag before it comes.
fn captured(setup: &Setup<'_>) -> f64 {
    let scenario = setup.scenario();
    let days = scenario.days(scenario.crawler[0].every) - scenario.days(scenario.web.index_lag);
    let writers = scenario.site[0].writers.as_ref();
    let real = writers.map_or(f64::NAN, |people| people.per_day * days);
    let synthetic = f64::from(setup.population().count) * setup.documents();
    synthetic / (synthetic + real)
}

/// 1 less the synthetic share behind the detector; filters that treat all alike leave it.
fn real_share(setup: &Setup<'_>) -> f64 {
    let rates = |stage: &CurationStage| match *stage {
        CurationStage::Detector {
            true_positive_rate,
            false_positive_rate,
        }
        | CurationStage::Watermark {
            true_positive_rate,
            false_positive_rate,
        } => Some((true_positive_rate, false_positive_rate)),
        _ => None,
    };
    stage(setup, rates).map_or(f64::NAN, |(true_positive, false_positive)| {
        1.0 - behind_detector(captured(setup), true_positive, false_positive)
    })
}

/// The mean quality of the hosts of what is kept.
fn quality(setup: &Setup<'_>) -> f64 {
    let rank = |stage: &CurationStage| match *stage {
        CurationStage::Quality { keep, noise } => Some((keep, noise)),
        _ => None,
    };
    stage(setup, rank).map_or(f64::NAN, |(keep, noise)| ranked(keep, noise))
}

const fn real(what: &'static str, cases: &'static [Case]) -> Check {
    Check {
        what,
        formula: "1 - x(1-TPR) / (x(1-TPR) + (1-x)(1-FPR))",
        cases,
        generation: 1,
        statistic: Statistic::Mean(Quantity::Of("curated_real_share", "crawler")),
        expected: real_share,
        tolerance: FOUR,
    }
}

const fn best(what: &'static str, formula: &'static str, cases: &'static [Case]) -> Check {
    Check {
        what,
        formula,
        cases,
        generation: 1,
        statistic: Statistic::Mean(Quantity::Of("curated_quality", "crawler")),
        expected: quality,
        tolerance: FOUR,
    }
}

/// Filters with errors, and one that selects hosts.
pub(super) const W05: Reproduction = Reproduction {
    id: "W05",
    title: "Curation selects: by Bayes's rule what is real, by a noisy rank whose it is",
    papers: &[PENEDO],
    quick: true,
    checks: &[
        real("E[real share] behind a detector", &[CURATED]),
        real("E[real share] behind a detector of watermarks", &[MARKED]),
        best(
            "E[host quality], keep = 1/4, noise 0",
            "1 - k/2",
            &[NOISELESS],
        ),
        best(
            "E[host quality], keep = 1/4, noise 1/4",
            "E[q | q + sigma e > c], P = k",
            &[CURATED],
        ),
        best(
            "E[host quality], keep = 1/4, noise 1",
            "E[q | q + sigma e > c], P = k",
            &[NOISY],
        ),
    ],
};
