use types::random::{Purpose, Seed};

use super::*;

const LIST: GreenList = GreenList {
    key: 7,
    gamma: 0.25,
    delta: 2.0,
};

fn greens(green: usize, scored: usize, gamma: f64) -> Greens {
    Greens {
        green,
        scored,
        gamma,
    }
}

/// Over 40,000 pairs the share of green ones has a standard error of 0.0022.
#[test]
fn a_share_gamma_of_pairs_is_green_whatever_the_key() {
    for key in 0..20 {
        let list = GreenList { key, ..LIST };
        let pairs = (0..40_000).map(|n| [n / 200, n % 200]);
        let share = list.count(&pairs.collect::<Vec<_>>()).green as f64 / 40_000.0;
        assert!((share - 0.25).abs() < 0.009, "{key}: {share}");
    }
}

/// Lists of two keys, or after two tokens, have what chance gives in common: 1/16 of the pairs, with a standard error of 0.0024.
#[test]
fn lists_are_independent() {
    let both = |other: &dyn Fn(u32, u32) -> bool| {
        let pairs = (0..10_000).map(|n| (n / 100, n % 100));
        pairs
            .filter(|&(a, b)| LIST.contains(a, b) && other(a, b))
            .count()
    };
    let keyed = GreenList { key: 8, ..LIST };
    for common in [
        both(&|a, b| keyed.contains(a, b)),
        both(&|a, b| LIST.contains(a + 1_000, b)),
        both(&|a, b| LIST.contains(a, b + 1)),
        both(&|a, b| LIST.contains(b, a)),
    ] {
        assert!((common as f64 / 10_000.0 - 0.0625).abs() < 0.01, "{common}");
    }
}

/// Probabilities of 200 equally likely tokens: those of green ones are e^2 times those of red ones.
#[test]
fn favoured_and_redrawn_tokens_come_as_often() {
    let previous = 3;
    let mut logits = [0.0; 200];
    LIST.favour(previous, &mut logits);
    let green = (0..200)
        .filter(|&token| LIST.contains(previous, token))
        .count() as f64;
    assert_eq!(
        logits.iter().filter(|logit| **logit == 2.0).count() as f64,
        green
    );
    assert_eq!(
        logits.iter().filter(|logit| **logit == 0.0).count() as f64,
        200.0 - green
    );
    let weight = green * libm::exp(2.0);
    let expected = weight / (weight + 200.0 - green);
    let (mut rng, draws) = (Seed(1).key(0, Purpose::Sample).stream(0, 0), 20_000);
    let drawn = (0..draws).filter(|_| {
        LIST.contains(
            previous,
            LIST.redraw(previous, &mut rng, |rng| rng.below(200)),
        )
    });
    let share = drawn.count() as f64 / f64::from(draws);
    let error = (expected * (1.0 - expected) / f64::from(draws)).sqrt();
    assert!((share - expected).abs() < 4.0 * error, "{share} {expected}");
}

/// Tails of the binomial distribution, as sums of fractions by hand.
#[test]
fn p_values_are_tails_of_the_binomial_distribution() {
    let check = |greens: Greens, expected: f64| {
        let found = greens.p_value();
        assert!((found - expected).abs() < 1e-12, "{greens:?}: {found}");
    };
    check(greens(0, 0, 0.25), 1.0);
    check(greens(0, 9, 0.25), 1.0);
    check(greens(4, 4, 0.5), 1.0 / 16.0);
    check(greens(3, 4, 0.5), 5.0 / 16.0);
    check(greens(2, 4, 0.5), 11.0 / 16.0);
    check(greens(1, 4, 0.5), 15.0 / 16.0);
    check(greens(2, 3, 0.25), 10.0 / 64.0);
    check(greens(1, 2, 0.5), 0.75);
}

/// Where the normal distribution is a good approximation: P(Z > 5) is 2.87e-7; half a pair is its correction.
#[test]
fn far_tails_are_near_those_of_the_normal_distribution() {
    let found = greens(252_166, 1_000_000, 0.25);
    assert!((found.z() - 5.002).abs() < 0.001, "{}", found.z());
    let p = found.p_value();
    assert!((2.7e-7..3.0e-7).contains(&p), "{p}");
    assert!(greens(9_000, 10_000, 0.25).p_value() < 1e-300);
    assert_eq!(greens(0, 0, 0.25).z(), 0.0);
}
