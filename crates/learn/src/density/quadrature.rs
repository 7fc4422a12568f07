//! Integrals over the real line, on a grid that follows the densities.
//!
//! The line is cut into panels at points spaced by the standard deviation of each normal component, twelve to either side,
//! and, for Student's t, in growing steps out to 10^5 scales. On each panel stands the Gauss-Legendre rule with eight nodes.
//! What is left out of a normal component has probability below 1e-31, and of Student's t with three degrees of freedom
//! below 1e-14. On panels this narrow the rule is exact to 1e-12 for a normal density and its square root.

use super::{Bell, Density};

/// Abscissae and weights of the Gauss-Legendre rule with eight nodes on [-1, 1] (Abramowitz and Stegun 1964, table 25.4).
const RULE: [(f64, f64); 4] = [
    (0.183_434_642_495_649_8, 0.362_683_783_378_362),
    (0.525_532_409_916_329, 0.313_706_645_877_887_3),
    (0.796_666_477_413_626_7, 0.222_381_034_453_374_48),
    (0.960_289_856_497_536_3, 0.101_228_536_290_376_26),
];

/// Cuts on either side of a component's mean.
const REACH: i32 = 12;

/// If there are more panels than this, neighbours are joined: a measurement of very many narrow components stays bounded, and
/// is then only as exact as its panels are narrow.
const PANELS_MAX: usize = 4096;

/// A cut, and the distance at which its component varies.
#[derive(Debug, Clone, Copy)]
struct Cut {
    at: f64,
    spacing: f64,
}

/// Nodes and weights, from left to right.
pub(super) fn nodes(densities: &[&Density]) -> Vec<(f64, f64)> {
    let cuts = panels(densities);
    let pairs = cuts.iter().zip(cuts.iter().skip(1));
    pairs.flat_map(|(&from, &to)| panel(from, to)).collect()
}

fn panel(from: f64, to: f64) -> impl Iterator<Item = (f64, f64)> {
    let (centre, half) = (0.5 * (from + to), 0.5 * (to - from));
    let left = RULE.iter().rev().map(|&(x, weight)| (-x, weight));
    left.chain(RULE)
        .map(move |(x, weight)| (centre + half * x, half * weight))
}

/// The ends of panels. A cut is left out if the one before is nearer than half of its own component's spacing: a finer
/// component keeps enough of its cuts among those of a coarser one.
fn panels(densities: &[&Density]) -> Vec<f64> {
    let mut cuts: Vec<Cut> = densities
        .iter()
        .flat_map(|density| of_density(density))
        .collect();
    cuts.sort_by(|a, b| a.at.total_cmp(&b.at));
    let mut kept: Vec<f64> = Vec::new();
    for cut in cuts {
        let apart = |&last: &f64| cut.at - last >= 0.5 * cut.spacing;
        if kept.last().is_none_or(apart) {
            kept.push(cut.at);
        }
    }
    let step = kept.len().div_ceil(PANELS_MAX).max(1);
    kept.into_iter().step_by(step).collect()
}

fn of_density(density: &Density) -> Vec<Cut> {
    match density {
        Density::Normals(bells) => bells.iter().flat_map(of_bell).collect(),
        Density::StudentT(student) => {
            let cut = |(distance, spacing): (f64, f64)| {
                [-distance, distance].map(|distance| Cut {
                    at: student.location + student.scale * distance,
                    spacing: student.scale * spacing,
                })
            };
            let near = (0..8).map(|step| (0.5 * f64::from(step), 0.5));
            let far = (0..31).map(|step| {
                let distance = 4.0 * libm::pow(1.4, f64::from(step));
                (distance, 0.25 * distance)
            });
            near.chain(far).flat_map(cut).collect()
        }
    }
}

fn of_bell(bell: &Bell) -> impl Iterator<Item = Cut> {
    let bell = *bell;
    (-REACH..=REACH).map(move |step| Cut {
        at: bell.mean + f64::from(step) * bell.sd,
        spacing: bell.sd,
    })
}
