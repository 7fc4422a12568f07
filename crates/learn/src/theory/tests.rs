//! Moments against their definition: every number that is drawn has a coordinate of its own, and coefficients are carried
//! through every update as the model says it, pattern of updates by pattern of updates.

mod directions;
mod literal;
mod random;

use proptest::prelude::*;

use self::literal::{Literal, moments};
use self::random::{Kind, system};
use super::*;

const GENERATIONS: usize = 4;

#[track_caller]
fn close(ours: f64, literal: f64, what: &str) {
    let tolerance = 1e-10 + 1e-8 * literal.abs();
    assert!(
        (ours - literal).abs() <= tolerance,
        "{what}: {ours} is not {literal}"
    );
}

#[track_caller]
fn agree(ours: &Moments, literal: &Literal) {
    for (k, model) in literal.models.iter().enumerate() {
        for (a, b) in ours.mean[k].iter().zip(&model.mean) {
            close(*a, *b, "mean");
        }
        close(
            ours.trace_given_real[k],
            model.trace_given_real,
            "trace given real labels",
        );
        close(ours.trace_total[k], model.trace_total, "trace");
    }
    if let Some(apart) = ours.disagreement {
        close(apart.total, literal.disagreement, "disagreement");
        close(
            apart.given_real,
            literal.disagreement_given_real,
            "disagreement given real labels",
        );
    }
}

fn check(system: &System) {
    let prediction = Prediction::of(system, GENERATIONS).unwrap();
    for (ours, literal) in prediction
        .generations
        .iter()
        .zip(moments(system, GENERATIONS))
    {
        agree(ours, &literal);
    }
}

fn retentions() -> impl Strategy<Value = Retention> {
    prop_oneof![
        Just(Retention::Replace),
        Just(Retention::Accumulate),
        (0.05..0.95).prop_map(Retention::Discount),
        (1_usize..4).prop_map(Retention::Window),
    ]
}

fn scrapes() -> impl Strategy<Value = Scrape> {
    prop_oneof![Just(Scrape::Shared), Just(Scrape::Independent)]
}

fn kinds() -> impl Strategy<Value = Kind> {
    (
        1_usize..4,
        1_usize..4,
        retentions(),
        scrapes(),
        any::<u64>(),
    )
        .prop_map(|(models, dimension, retention, scrape, seed)| Kind {
            models,
            dimension,
            retention,
            scrape,
            seed,
        })
}

proptest! {
    #[test]
    fn synchronous_moments_are_those_of_the_definition(kind in kinds()) {
        check(&system(kind));
    }

    #[test]
    fn models_that_read_alike_share_a_pool(kind in kinds()) {
        let mut system = system(kind);
        system.weights = vec![system.weights[0].clone(); kind.models];
        check(&system);
        let prediction = Prediction::of(&system, 1).unwrap();
        // One model's only source is its only reader.
        let shared = Structure::AlikeReaders(kind.dimension);
        assert!(kind.models == 1 || prediction.structure == shared);
    }

    #[test]
    fn nothing_exploited_gives_the_same(kind in kinds()) {
        let synchronous = system(kind);
        let certain = System { update: Update::Bernoulli(vec![1.0; kind.models]), ..synchronous.clone() };
        let ours = Prediction::of(&synchronous, 9).unwrap();
        let plain = Prediction::of(&certain, 9).unwrap();
        assert!(matches!(plain.structure, Structure::Nothing(_)));
        for (a, b) in ours.generations.iter().zip(&plain.generations) {
            for k in 0..kind.models {
                close(a.trace_total[k], b.trace_total[k], "trace");
                close(a.mean_squared_error[k], b.mean_squared_error[k], "error");
            }
        }
        let whole = |p: &Prediction| p.last_covariances.clone().unwrap().total.concat();
        for (a, b) in whole(&ours).iter().zip(whole(&plain)) {
            close(*a, b, "covariance");
        }
    }

    #[test]
    fn schedules_of_alpha_are_followed(kind in kinds()) {
        let mut system = system(kind);
        system.alpha = (0..GENERATIONS)
            .map(|t| system.alpha[0].iter().map(|alpha| alpha * t as f64 / 3.0).collect())
            .collect();
        check(&system);
    }
}

/// Fractions of the way by which a limit is worse off the best mixture.
#[test]
fn the_best_mixture_is_where_the_closed_form_says() {
    let isotropic = |alpha: f64, beta: f64| {
        let design = |records: f64| Design::isotropic(3, 1.0, records);
        let real = |records: f64| RealData {
            design: design(records),
            truth: vec![1.0, 2.0, 3.0],
            noise: 0.8,
            fresh: false,
        };
        System {
            dimension: 3,
            real: [20.0; 4].into_iter().chain([30.0]).map(real).collect(),
            private: (0..4).collect(),
            public: vec![4; 4],
            published: vec![
                Published {
                    design: design(50.0),
                    noise: 1.1
                };
                4
            ],
            alpha: vec![vec![alpha; 4]],
            beta: vec![beta; 4],
            first_beta: Vec::new(),
            weights: vec![vec![0.25; 4]; 4],
            reference: vec![vec![1.0, 2.0, 3.0]; 4],
            tasks: Vec::new(),
            scrape: Scrape::Shared,
            retention: Retention::Replace,
            update: Update::Synchronous,
            start: Start::Scratch,
            ridge: vec![0.0; 4],
        }
    };
    let error = |alpha: f64, beta: f64| {
        let limit = Prediction::of(&isotropic(alpha, beta), 1)
            .unwrap()
            .limit
            .unwrap();
        limit.moments.unwrap().mean_squared_error[0]
    };
    let closed = Isotropic::of(&isotropic(0.5, 0.5)).unwrap();
    for (alpha, beta) in [(0.3, 0.5), (0.7, 0.9)] {
        close(
            error(alpha, beta),
            3.0 * closed.mean_squared_error(alpha, beta),
            "limit",
        );
        let (a, b) = (
            closed.best_synthetic_fraction(beta),
            closed.best_private_weight(alpha),
        );
        assert!(error(a, beta) < error(a + 0.01, beta) && error(a, beta) < error(a - 0.01, beta));
        assert!(
            error(alpha, b) < error(alpha, b + 0.01) && error(alpha, b) < error(alpha, b - 0.01)
        );
    }
    let uneven = System {
        beta: vec![0.5, 0.5, 0.5, 0.4],
        ..isotropic(0.5, 0.5)
    };
    assert_eq!(Isotropic::of(&uneven), None);
}

/// Draws some sets of real data anew for every training.
fn fresh_somewhere(mut system: System, which: u8) -> System {
    for (j, data) in system.real.iter_mut().enumerate() {
        data.fresh = which >> j & 1 == 1;
    }
    system
}

fn named(system: &System) -> Vec<(&'static str, bool)> {
    let limit = Prediction::of(system, 1).unwrap().limit.unwrap();
    limit
        .families
        .iter()
        .map(|family| (family.name, family.stable))
        .collect()
}

proptest! {
    /// One shape for all that is published: the bound holds, and the verdict is that of the spectral radius, also where
    /// nobody has real data in some direction.
    #[test]
    fn common_shapes_are_recognised(kind in kinds(), blind in any::<bool>()) {
        let kind = Kind { retention: Retention::Replace, ..kind };
        let mut system = system(kind);
        system.ridge.fill(0.0);
        let shape = system.published[0].design.clone();
        system.published.iter_mut().for_each(|published| published.design = shape.clone());
        if blind {
            let first = |design: &Design| Design { gram: block_of_first(&design.gram), ..design.clone() };
            system.real.iter_mut().for_each(|data| data.design = first(&data.design));
        }
        let limit = Prediction::of(&system, 1).unwrap().limit.unwrap();
        let family = &limit.families[0];
        assert_eq!(family.name, "S1");
        assert!(limit.spectral_radius <= family.bound.unwrap() + 1e-9);
        assert_eq!(family.stable, limit.spectral_radius < 1.0 - 1e-9);
    }

    #[test]
    fn single_models_are_recognised(kind in kinds()) {
        let system = system(Kind { models: 1, ..kind });
        assert!(named(&system).contains(&("S4", true)));
    }
}

/// The first direction alone.
fn block_of_first(gram: &faer::Mat<f64>) -> faer::Mat<f64> {
    faer::Mat::from_fn(gram.nrows(), gram.ncols(), |i, j| {
        if i == 0 && j == 0 { gram[(0, 0)] } else { 0.0 }
    })
}

#[test]
fn families_are_told_apart() {
    let kind = Kind {
        models: 3,
        dimension: 2,
        retention: Retention::Replace,
        scrape: Scrape::Shared,
        seed: 4,
    };
    let general = system(kind);
    assert_eq!(named(&general), []);
    let uniform = System {
        weights: vec![vec![1.0 / 3.0; 3]; 3],
        alpha: vec![vec![0.7; 3]],
        beta: vec![0.4; 3],
        ridge: vec![0.0; 3],
        ..general
    };
    let same = System {
        private: vec![0; 3],
        public: vec![1; 3],
        ..uniform.clone()
    };
    assert_eq!(named(&same), [("S2", true)]);
    let mut own = System {
        private: vec![0, 1, 2],
        beta: vec![1.0; 3],
        ..uniform.clone()
    };
    for (k, published) in own.published.iter_mut().enumerate() {
        published.design = own.real[k].design.clone();
    }
    assert_eq!(named(&own), [("S3", true)]);
    let mut diagonal = uniform;
    for (i, data) in diagonal.real.iter_mut().enumerate() {
        data.design = Design::of_gram(&[1.0, 0.0, 0.0, i as f64], 2);
    }
    for (i, published) in diagonal.published.iter_mut().enumerate() {
        published.design = Design::of_gram(&[0.5 + i as f64, 0.0, 0.0, 1.0], 2);
    }
    assert_eq!(named(&diagonal), [("S5", true)]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn rings_are_what_they_are_whole(retention in retentions(), scrape in scrapes(), seed in any::<u64>()) {
        let mut ring = system(Kind { models: 70, dimension: 1, retention, scrape, seed });
        for (k, row) in ring.weights.iter_mut().enumerate() {
            row.fill(0.0);
            (row[k], row[(k + 1) % 70]) = (0.3, 0.7);
        }
        let certain = System { update: Update::Bernoulli(vec![1.0; 70]), ..ring.clone() };
        let (ours, plain) = (Prediction::of(&ring, 3).unwrap(), Prediction::of(&certain, 3).unwrap());
        prop_assert_eq!(ours.structure, Structure::Sources(70));
        for (a, b) in ours.generations.iter().zip(&plain.generations) {
            for k in 0..70 {
                close(a.mean[k][0], b.mean[k][0], "mean");
                close(a.trace_given_real[k], b.trace_given_real[k], "trace given real labels");
                close(a.trace_total[k], b.trace_total[k], "trace");
            }
            close(a.disagreement.unwrap().total, b.disagreement.unwrap().total, "disagreement");
        }
    }

    #[test]
    fn missed_updates_are_averaged_over(kind in kinds(), p in prop::collection::vec(0.05..1.0, 3)) {
        let kind = Kind { models: kind.models.min(2), ..kind };
        let mut system = system(kind);
        system.update = Update::Bernoulli(p[..kind.models].to_vec());
        check(&system);
    }

    #[test]
    fn fresh_real_data_are_noise_of_a_training(kind in kinds(), fresh in any::<u8>(), updates in 0..4) {
        let kind = Kind { models: kind.models.min(2), ..kind };
        let mut system = fresh_somewhere(system(kind), fresh);
        match updates {
            0 => {}
            1 => system.start = Start::Warm { steps: 3, size: 0.05 },
            2 => system.update = Update::Bernoulli(vec![0.6; kind.models]),
            _ => {
                system.retention = Retention::Replace;
                system.update = Update::Poisson(vec![0.07; kind.models]);
                let prediction = Prediction::of(&system, 1).unwrap();
                agree(&prediction.generations[1], &literal::after_poisson(&system));
                return Ok(());
            }
        }
        check(&system);
    }

    #[test]
    fn fresh_covariances_are_given_whole(kind in kinds(), fresh in any::<u8>()) {
        let system = fresh_somewhere(system(kind), fresh);
        let certain = System { update: Update::Bernoulli(vec![1.0; kind.models]), ..system.clone() };
        let whole = |system: &System| {
            let known = Prediction::of(system, 3).unwrap().last_covariances.unwrap();
            [known.given_real.concat(), known.total.concat()].concat()
        };
        for (a, b) in whole(&system).iter().zip(whole(&certain)) {
            close(*a, b, "covariance");
        }
    }

    #[test]
    fn the_first_training_may_weigh_otherwise(kind in kinds(), first in prop::collection::vec(0.0..1.0, 3)) {
        let mut system = system(kind);
        system.first_beta = first[..kind.models].to_vec();
        check(&system);
    }

    #[test]
    fn trainings_that_do_not_end_keep_a_part(kind in kinds(), steps in 1_u32..5, size in 0.01..0.2) {
        let mut system = system(kind);
        system.start = Start::Warm { steps, size };
        check(&system);
        system.start = Start::Partial(5.0 * size);
        check(&system);
    }

    #[test]
    fn poisson_clocks_are_averaged_over(kind in kinds(), rate in 0.02..0.1) {
        let kind = Kind { models: kind.models.min(2), retention: Retention::Replace, ..kind };
        let mut system = system(kind);
        system.update = Update::Poisson((0..kind.models).map(|k| rate * (1.0 + k as f64)).collect());
        let prediction = Prediction::of(&system, 1).unwrap();
        agree(&prediction.generations[1], &literal::after_poisson(&system));
    }
}

/// Limits are where long runs end, under every retention.
#[test]
fn limits_are_where_long_runs_end() {
    let retentions = [
        Retention::Replace,
        Retention::Discount(0.6),
        Retention::Window(3),
    ];
    let mut found = 0;
    for (retention, scrape, seed) in retentions
        .iter()
        .flat_map(|r| [Scrape::Shared, Scrape::Independent].map(|s| (*r, s)))
        .flat_map(|(r, s)| (0..4).map(move |seed| (r, s, seed)))
    {
        let kind = Kind {
            models: 3,
            dimension: 2,
            retention,
            scrape,
            seed,
        };
        let system = fresh_somewhere(system(kind), seed as u8 % 2 * 5);
        let prediction = Prediction::of(&system, 3000).unwrap();
        let limit = prediction.limit.unwrap();
        let Some(end) = limit.moments else { continue };
        let last = prediction.generations.last().unwrap();
        found += 1;
        for k in 0..3 {
            close(
                last.trace_given_real[k],
                end.trace_given_real[k],
                "trace given real labels",
            );
            close(last.trace_total[k], end.trace_total[k], "trace");
            close(last.mean[k][0], end.mean[k][0], "mean");
        }
        close(
            last.disagreement.unwrap().total,
            end.disagreement.unwrap().total,
            "disagreement",
        );
    }
    assert!(found > 20, "most of these systems have a limit");
}
