//! Sites, pages and crawlers.

use super::{
    CHAPMAN, CHO, COMMON_CRAWL, Case, Check, FOUR, GRAPHITE, Quantity, Reproduction, Setup,
    Statistic, Tolerance, plain,
};
use crate::scenario::schema::Crawler;

/// Days from the start to the t-th fit.
fn days(setup: &Setup<'_>) -> f64 {
    f64::from(setup.t) * setup.scenario().generation_days
}

/// The share of pages that live longer than until the t-th fit; they were published on the first day.
fn survival(setup: &Setup<'_>) -> f64 {
    let law = setup.scenario().site[0].page_lifetime;
    law.map_or(f64::NAN, |law| {
        libm::exp(-libm::pow((days(setup) - 0.5) / law.scale_days, law.shape))
    })
}

const LIVE: Check = Check {
    what: "E[share of pages alive], 1 year",
    formula: "exp(-(t / scale)^shape)",
    cases: &[plain("w01-link-rot")],
    generation: 1,
    statistic: Statistic::Mean(Quantity::Value("live_share")),
    expected: survival,
    tolerance: FOUR,
};

/// Pages die young.
pub(super) const W01: Reproduction = Reproduction {
    id: "W01",
    title: "Pages are lost as Weibull's law says: 8 % in a year, 38 % in ten",
    papers: &[CHAPMAN],
    quick: true,
    checks: &[
        LIVE,
        Check {
            what: "E[share of pages alive], 10 years",
            generation: 10,
            ..LIVE
        },
        Check {
            what: "the same, 1 year, as found",
            formula: "0.92, as published",
            expected: |_| 0.92,
            tolerance: Tolerance::Relative(0.01),
            ..LIVE
        },
        Check {
            what: "the same, 10 years, as found",
            formula: "0.62, as published",
            generation: 10,
            expected: |_| 0.62,
            tolerance: Tolerance::Relative(0.02),
            ..LIVE
        },
    ],
};

const FETCHED: Case = plain("w02-fetches");

const fn fetched(
    what: &'static str,
    target: &'static str,
    expected: fn(&Setup<'_>) -> f64,
) -> Check {
    Check {
        what,
        formula: "as published",
        cases: &[FETCHED],
        generation: 2,
        statistic: Statistic::Mean(Quantity::Of("fetch_share", target)),
        expected,
        tolerance: FOUR,
    }
}

fn crawler<'a>(setup: &Setup<'a>) -> &'a Crawler {
    &setup.scenario().crawler[0]
}

/// Fetches end as they do at Common Crawl.
pub(super) const W02: Reproduction = Reproduction {
    id: "W02",
    title: "Fetches are redirected, denied and fail as often as Common Crawl's",
    papers: &[COMMON_CRAWL],
    quick: true,
    checks: &[
        fetched("E[share redirected]", "crawler: redirected", |setup| {
            crawler(setup).redirected
        }),
        fetched("E[share denied]", "crawler: denied", |setup| {
            crawler(setup).denied
        }),
        fetched("E[share failed]", "crawler: failed", |setup| {
            crawler(setup).failed
        }),
    ],
};

/// The share of a population among new documents on a day.
fn adopted(setup: &Setup<'_>, day: f64) -> f64 {
    setup
        .population()
        .publish
        .adoption
        .map_or(f64::NAN, |adoption| {
            let (midpoint, scale) = (
                setup.scenario().days(adoption.midpoint),
                setup.scenario().days(adoption.scale),
            );
            adoption.ceiling / (1.0 + libm::exp((midpoint - day) / scale))
        })
}

/// Steps of the integral, by the midpoint rule.
const STEPS: u32 = 10_000;

/// Of all that was published until the t-th fit, the share of people: h t over h t + integral of h s / (1 - s).
fn peoples_share(setup: &Setup<'_>) -> f64 {
    let step = days(setup) / f64::from(STEPS);
    let odds = |number: u32| {
        let share = adopted(setup, (f64::from(number) + 0.5) * step);
        share / (1.0 - share)
    };
    let mean = (0..STEPS).map(odds).sum::<f64>() / f64::from(STEPS);
    1.0 / (1.0 + mean)
}

const ADOPTED: Check = Check {
    what: "E[real share of all published], November 2023",
    formula: "t / (t + integral s/(1-s)), s = c/(1+e^((m-t)/k))",
    cases: &[plain("w03-adoption")],
    generation: 12,
    statistic: Statistic::Mean(Quantity::Value("published_real_share")),
    expected: peoples_share,
    tolerance: FOUR,
};

/// Synthetic articles become a half.
pub(super) const W03: Reproduction = Reproduction {
    id: "W03",
    title: "The share of synthetic articles grows logistically, to about a half",
    papers: &[GRAPHITE],
    quick: true,
    checks: &[
        ADOPTED,
        Check {
            what: "E[real share of all published], November 2024",
            generation: 24,
            ..ADOPTED
        },
    ],
};

/// Changes a day, and days since the last crawl at the t-th fit.
fn since_crawl(setup: &Setup<'_>) -> (f64, f64) {
    let rate = setup.scenario().site[0].changes.first();
    let every = setup.scenario().days(crawler(setup).every);
    let elapsed = days(setup) - every * libm::floor(days(setup) / every);
    (rate.map_or(f64::NAN, |kind| kind.per_day), elapsed)
}

const FRESH: Check = Check {
    what: "E[share of fresh copies], first round",
    formula: "e^(-lambda t)",
    cases: &[plain("w04-copies")],
    generation: 3,
    statistic: Statistic::Mean(Quantity::Of("archive_freshness", "crawler")),
    expected: |setup| {
        let (rate, elapsed) = since_crawl(setup);
        libm::exp(-rate * elapsed)
    },
    tolerance: FOUR,
};

const AGE: Check = Check {
    what: "E[age of copies, days], first round",
    formula: "t - (1 - e^(-lambda t)) / lambda",
    statistic: Statistic::Mean(Quantity::Of("archive_age", "crawler")),
    expected: |setup| {
        let (rate, elapsed) = since_crawl(setup);
        elapsed + libm::expm1(-rate * elapsed) / rate
    },
    ..FRESH
};

/// Copies grow old between crawls.
pub(super) const W04: Reproduction = Reproduction {
    id: "W04",
    title: "Copies grow stale and old between two crawls",
    papers: &[CHO],
    quick: true,
    checks: &[
        FRESH,
        AGE,
        Check {
            what: "E[share of fresh copies], third round",
            generation: 7,
            ..FRESH
        },
        Check {
            what: "E[age of copies, days], third round",
            generation: 7,
            ..AGE
        },
    ],
};
