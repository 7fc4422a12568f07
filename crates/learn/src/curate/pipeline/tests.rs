use proptest::prelude::*;
use types::random::{Purpose, Seed};

use super::super::{Detector, KeepShares, MinHash, NoisyRank, Scope};
use super::*;

const N: usize = 20_000;

fn verdicts() -> StreamKey {
    Seed(3).key(0, Purpose::Verdict)
}

fn pipeline(stages: &[Stage]) -> Pipeline {
    Pipeline {
        stages: stages.to_vec(),
        verdicts: verdicts(),
    }
}

/// Pages of which every third is real and every second one is watermarked; qualities lie evenly.
fn facts(count: usize) -> Vec<PageFacts> {
    let facts = |page: usize| PageFacts {
        page: page as u32,
        is_real: page.is_multiple_of(3),
        host_quality: (page as f64 + 0.5) / count as f64,
        watermarked: page.is_multiple_of(2),
    };
    (0..count).map(facts).collect()
}

fn nothing() -> Content {
    Content::from_texts(Vec::<&str>::new())
}

fn curate(stages: &[Stage], facts: &[PageFacts]) -> Curated {
    let content = nothing();
    let haul = Haul {
        content: &content,
        facts,
    };
    pipeline(stages).curate(&haul, &mut Memory::default())
}

/// What is kept of texts on pages with these numbers, haul after haul.
fn kept(stages: &[Stage], hauls: &[&[(u32, &str)]]) -> Vec<Vec<u32>> {
    let pipeline = pipeline(stages);
    let mut memory = Memory::of([&pipeline]);
    let mut all = Vec::new();
    for haul in hauls {
        let content = Content::from_texts(haul.iter().map(|one| one.1));
        let facts: Vec<PageFacts> = haul
            .iter()
            .map(|one| PageFacts {
                page: one.0,
                is_real: true,
                host_quality: 0.0,
                watermarked: false,
            })
            .collect();
        let haul = Haul {
            content: &content,
            facts: &facts,
        };
        let curated = pipeline.curate(&haul, &mut memory);
        all.push(curated.kept.iter().map(|&at| facts[at].page).collect());
    }
    all
}

#[track_caller]
fn check_share(kept: u64, reached: u64, expected: f64) {
    let share = kept as f64 / reached as f64;
    let error = (expected * (1.0 - expected) / reached as f64).sqrt();
    assert!(
        (share - expected).abs() <= 5.0 * error,
        "{share} {expected}"
    );
}

const NEAR: MinHash = MinHash {
    shingle: 1,
    bands: 20,
    rows: 2,
    seed: 7,
};

#[test]
fn a_pipeline_without_stages_keeps_everything() {
    let curated = curate(&[], &facts(5));
    assert_eq!(curated.kept, [0, 1, 2, 3, 4]);
    assert!(curated.stages.is_empty());
}

#[test]
fn a_page_is_kept_once_where_urls_are_compared_with_all() {
    let hauls: [&[(u32, &str)]; 3] = [&[(1, "a"), (2, "a")], &[(2, "b"), (3, "b")], &[(3, "c")]];
    let dedup = |scope| kept(&[Stage::UrlDedup(scope)], &hauls);
    assert_eq!(dedup(Scope::Snapshot), [vec![1, 2], vec![2, 3], vec![3]]);
    assert_eq!(dedup(Scope::Global), [vec![1, 2], vec![3], vec![]]);
}

#[test]
fn the_first_of_equal_contents_stays() {
    let hauls: [&[(u32, &str)]; 2] = [
        &[(1, "a"), (2, "b"), (3, "a")],
        &[(4, "b"), (5, "c"), (6, "c")],
    ];
    let dedup = |scope| kept(&[Stage::ExactDedup(scope)], &hauls);
    assert_eq!(dedup(Scope::Snapshot), [vec![1, 2], vec![4, 5]]);
    assert_eq!(dedup(Scope::Global), [vec![1, 2], vec![5]]);
}

#[test]
fn near_duplicates_are_found_in_earlier_hauls_too() {
    let hauls: [&[(u32, &str)]; 2] = [
        &[(1, "a b c d e f g h"), (2, "a b c d e f g x")],
        &[
            (3, "y b c d e f g h"),
            (4, "p q r s t u v w"),
            (5, "p q r s t u v z"),
        ],
    ];
    let dedup = |scope| kept(&[Stage::NearDedup(NEAR, scope)], &hauls);
    assert_eq!(dedup(Scope::Snapshot), [vec![1], vec![3, 4]]);
    assert_eq!(dedup(Scope::Global), [vec![1], vec![4]]);
}

/// Only what comes through the whole pipeline counts as kept.
#[test]
fn what_a_later_stage_rejects_is_not_remembered() {
    let best = NoisyRank {
        keep: 0.0,
        noise: 0.0,
    };
    let hauls: [&[(u32, &str)]; 2] = [&[(1, "a")], &[(1, "a")]];
    let stages = [
        Stage::UrlDedup(Scope::Global),
        Stage::ExactDedup(Scope::Global),
    ];
    assert_eq!(kept(&stages, &hauls), [vec![1], vec![]]);
    let pipeline = pipeline(&[&stages[..], &[Stage::Quality(best)]].concat());
    let (content, facts) = (Content::from_texts(["a"]), facts(1));
    let (mut memory, haul) = (
        Memory::of([&pipeline]),
        Haul {
            content: &content,
            facts: &facts,
        },
    );
    for _ in 0..2 {
        let curated = pipeline.curate(&haul, &mut memory);
        assert!(curated.kept.is_empty());
        assert_eq!(curated.stages[1].kept.total(), 1);
    }
}

#[test]
fn filters_keep_their_shares() {
    let shares = KeepShares {
        real: 0.7,
        synthetic: 0.4,
    };
    let detector = Detector {
        true_positive_rate: 0.9,
        false_positive_rate: 0.05,
    };
    for (stage, real, synthetic) in [
        (Stage::Language(shares), 0.7, 0.4),
        (Stage::Heuristics(shares), 0.7, 0.4),
        (Stage::Detector(detector), 0.95, 0.1),
    ] {
        let tally = curate(&[stage], &facts(N)).stages[0];
        check_share(tally.kept.real, tally.reached.real, real);
        check_share(tally.kept.synthetic, tally.reached.synthetic, synthetic);
    }
    let marked = curate(&[Stage::Watermark(detector)], &facts(N)).kept;
    let even = marked.iter().filter(|at| at.is_multiple_of(2)).count() as u64;
    check_share(even, N as u64 / 2, 0.1);
    check_share(marked.len() as u64 - even, N as u64 / 2, 0.95);
}

/// Kinds of filters draw apart: what one keeps says nothing about what another does.
#[test]
fn two_filters_multiply() {
    let shares = KeepShares {
        real: 0.5,
        synthetic: 0.5,
    };
    let both = curate(
        &[Stage::Language(shares), Stage::Heuristics(shares)],
        &facts(N),
    );
    check_share(both.kept.len() as u64, N as u64, 0.25);
}

#[test]
fn a_page_is_judged_alike_in_every_haul() {
    let shares = KeepShares {
        real: 0.5,
        synthetic: 0.5,
    };
    let all = facts(100);
    let pages = |facts: &[PageFacts]| -> Vec<u32> {
        let curated = curate(&[Stage::Language(shares)], facts);
        curated.kept.iter().map(|&at| facts[at].page).collect()
    };
    let later: Vec<u32> = pages(&all).into_iter().filter(|page| *page >= 40).collect();
    assert_eq!(pages(&all[40..]), later);
}

/// Without noise the best hosts stay; with much of it, anybody does.
#[test]
fn quality_selects_hosts_as_far_as_noise_lets_it() {
    let mean = |noise| {
        let kept = curate(
            &[Stage::Quality(NoisyRank { keep: 0.25, noise })],
            &facts(N),
        )
        .kept;
        assert_eq!(kept.len(), N / 4);
        let sum: f64 = kept.iter().map(|at| (*at as f64 + 0.5) / N as f64).sum();
        sum / kept.len() as f64
    };
    assert!((mean(0.0) - 0.875).abs() < 1e-9);
    // sd of the uniform law over sqrt(N / 4), five times.
    assert!((mean(1e6) - 0.5).abs() < 0.02);
    assert!(mean(0.3) > 0.6 && mean(0.3) < 0.8);
}

#[test]
fn a_quality_stage_keeps_a_share_of_what_reaches_it() {
    let shares = KeepShares {
        real: 0.0,
        synthetic: 1.0,
    };
    let best = NoisyRank {
        keep: 0.5,
        noise: 0.0,
    };
    let stages = [Stage::Language(shares), Stage::Quality(best)];
    // Synthetic are 1, 2, 4, 5, 7 and 8, of which the better half stays.
    assert_eq!(curate(&stages, &facts(9)).kept, [5, 7, 8]);
    let reversed = [stages[1], stages[0]];
    // The better half of 0 to 8 is 4 to 8; 6 is real.
    assert_eq!(curate(&reversed, &facts(9)).kept, [4, 5, 7, 8]);
}

fn any_stage() -> impl Strategy<Value = Stage> {
    let scope = prop_oneof![Just(Scope::Snapshot), Just(Scope::Global)];
    let shares = |(real, synthetic)| KeepShares { real, synthetic };
    let detector = |(true_positive_rate, false_positive_rate)| Detector {
        true_positive_rate,
        false_positive_rate,
    };
    let rates = || (0.0..=1.0, 0.0..=1.0);
    prop_oneof![
        scope.clone().prop_map(Stage::UrlDedup),
        scope.clone().prop_map(Stage::ExactDedup),
        scope.prop_map(|scope| Stage::NearDedup(NEAR, scope)),
        rates().prop_map(move |two| Stage::Language(shares(two))),
        rates().prop_map(move |two| Stage::Heuristics(shares(two))),
        rates().prop_map(|(keep, noise)| Stage::Quality(NoisyRank { keep, noise })),
        rates().prop_map(move |two| Stage::Detector(detector(two))),
        rates().prop_map(move |two| Stage::Watermark(detector(two))),
    ]
}

proptest! {
    #[test]
    fn tallies_add_up(
        stages in proptest::collection::vec(any_stage(), 0..8),
        hauls in proptest::collection::vec(proptest::collection::vec(0..12_u8, 0..40), 1..4),
    ) {
        let pipeline = pipeline(&stages);
        let mut memory = Memory::of([&pipeline]);
        for words in hauls {
            let content = Content::from_texts(words.iter().map(|word| format!("{word} and so on")));
            let facts = facts(words.len());
            let haul = Haul { content: &content, facts: &facts };
            let curated = pipeline.curate(&haul, &mut memory);
            let all: Vec<usize> = (0..words.len()).collect();
            let mut before = haul.count(&all);
            for stage in &curated.stages {
                prop_assert_eq!(stage.reached, before);
                prop_assert!(stage.kept.real <= before.real && stage.kept.synthetic <= before.synthetic);
                before = stage.kept;
            }
            prop_assert_eq!(haul.count(&curated.kept), before);
            prop_assert!(curated.kept.windows(2).all(|pair| pair[0] < pair[1]));
        }
    }

    /// Deduplication in two hauls against everything is that of both together.
    #[test]
    fn global_duplicates_do_not_depend_on_where_hauls_are_cut(
        words in proptest::collection::vec(0..20_u8, 0..60),
        cut in 0..60_usize,
    ) {
        let texts: Vec<String> = words.iter().map(|word| format!("text number {word}")).collect();
        let numbered: Vec<(u32, &str)> = (0..).zip(texts.iter().map(String::as_str)).collect();
        let cut = cut.min(numbered.len());
        let stages = [Stage::ExactDedup(Scope::Global)];
        let (first, second) = numbered.split_at(cut);
        prop_assert_eq!(kept(&stages, &[first, second]).concat(), kept(&stages, &[&numbered]).concat());
    }
}
