//! Equilibria of generators that compete with unlike answers.
//!
//! Each of n players gives answer k with probability p_k, and an answer that c players gave earns v_k c^-gamma (Raghavan 2024).

/// What an answer of value 1 earns on average that all n players give with probability p: E[(1 + B)^-gamma], B ~ Binomial
/// (n - 1, p).
fn earned(p: f64, (players, crowding): (u32, f64)) -> f64 {
    let others = players - 1;
    if p >= 1.0 {
        return libm::pow(f64::from(players), -crowding);
    }
    let mut probability = libm::pow(1.0 - p, f64::from(others));
    let mut mean = 0.0;
    for rivals in 0..=others {
        mean += probability * libm::pow(f64::from(rivals + 1), -crowding);
        probability *= f64::from(others - rivals) / f64::from(rivals + 1) * p / (1.0 - p);
    }
    mean
}

/// What a player earns on average when all n give answers with these probabilities.
pub(super) fn earnings(values: &[f64], p: &[f64], game: (u32, f64)) -> f64 {
    let answers = values.iter().zip(p);
    answers.map(|(v, p)| v * p * earned(*p, game)).sum()
}

/// The symmetric equilibrium: every answer that is given earns the same, and no other would earn more.
pub(super) fn equilibrium(values: &[f64], game: (u32, f64)) -> Vec<f64> {
    // An answer that earns less than the level even if nobody else gives it is not given.
    let given = |v: f64, level: f64| root(|p| v * earned(p, game) - level);
    spread(values, given)
}

/// The probabilities that make the sum of what all n players earn largest, for gamma = 1: v_k (1 - p_k)^(n-1) is the same for every
/// answer that is given.
pub(super) fn optimum(values: &[f64], players: u32) -> Vec<f64> {
    let rivals = f64::from(players - 1);
    let given = |v: f64, level: f64| root(|p| v * libm::pow(1.0 - p, rivals) - level);
    spread(values, given)
}

/// Probabilities p_k = given(v_k, level), at the level where they sum to 1; they fall as it rises.
fn spread(values: &[f64], given: impl Fn(f64, f64) -> f64) -> Vec<f64> {
    let highest = values.iter().fold(0.0, |a: f64, b| a.max(*b));
    let at = |level: f64| -> Vec<f64> { values.iter().map(|v| given(*v, level)).collect() };
    let excess = |share: f64| at(share * highest).iter().sum::<f64>() - 1.0;
    at(root(excess) * highest)
}

/// Where a falling function of 0..1 is zero, by bisection; the end that is nearer to zero if it is nowhere.
fn root(f: impl Fn(f64) -> f64) -> f64 {
    let (mut low, mut high) = (0.0, 1.0);
    for _ in 0..60 {
        let middle = 0.5 * (low + high);
        if f(middle) > 0.0 {
            low = middle;
        } else {
            high = middle;
        }
    }
    0.5 * (low + high)
}

#[cfg(test)]
mod tests {
    use types::random::{Purpose, Seed};

    use super::*;

    #[test]
    fn two_players_by_hand() {
        // v (1 - p / 2) is the same for both: 0.6 (1 - p / 2) = 0.4 (1 - (1 - p) / 2), p = 0.8.
        let p = equilibrium(&[0.6, 0.4], (2, 1.0));
        assert!((p[0] - 0.8).abs() < 1e-12 && (p[1] - 0.2).abs() < 1e-12);
        assert!((earnings(&[0.6, 0.4], &p, (2, 1.0)) - 0.36).abs() < 1e-12);
        // 0.6 (1 - p) = 0.4 p.
        assert!((optimum(&[0.6, 0.4], 2)[0] - 0.6).abs() < 1e-12);
    }

    #[test]
    fn shared_values_have_a_closed_form() {
        for (p, n) in [(0.3_f64, 5), (0.01, 16), (1.0, 3)] {
            let closed = (1.0 - libm::pow(1.0 - p, f64::from(n))) / (f64::from(n) * p);
            assert!((earned(p, (n, 1.0)) - closed).abs() < 1e-14);
        }
    }

    #[test]
    fn anarchy_costs_at_most_half_and_more_players_are_more_diverse() {
        let mut rng = Seed(9).key(0, Purpose::Sample).stream(0, 0);
        for _ in 0..50 {
            let values: Vec<f64> = (0..12).map(|_| libm::pow(rng.uniform(), 4.0)).collect();
            let mut before = f64::INFINITY;
            for players in [2, 3, 5, 9, 17] {
                let game = (players, 1.0);
                let (selfish, best) = (equilibrium(&values, game), optimum(&values, players));
                assert!((selfish.iter().sum::<f64>() - 1.0).abs() < 1e-9);
                let ratio = earnings(&values, &best, game) / earnings(&values, &selfish, game);
                assert!((1.0 - 1e-9..=2.0).contains(&ratio), "{ratio}");
                let alike: f64 = selfish.iter().map(|p| p * p).sum();
                assert!(alike <= before + 1e-9);
                before = alike;
            }
        }
    }
}
