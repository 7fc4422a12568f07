//! Families of systems that are proved to be stable: what makes the spectral radius of B fall below 1, whatever the numbers.
//!
//! It is not automatic, even with real data for everybody: a matrix-weighted average of vectors can leave their convex hull.

use faer::{Mat, Scale, Side};

use super::matrix::{common_eigenvectors, pseudo_inverse};
use super::system::System;

/// A reason why a system is stable, or how stable it is.
#[derive(Debug, Clone, PartialEq)]
pub struct StableFamily {
    /// Short name, S1 to S5.
    pub name: &'static str,
    /// What the systems of the family have in common.
    pub what: &'static str,
    /// True if the real data cover what they have to, so that the spectral radius is below 1.
    pub stable: bool,
    /// An upper bound for the spectral radius, where one is known.
    pub bound: Option<f64>,
}

/// The families that a system with these synthetic fractions belongs to.
pub(super) fn stable_families(
    system: &System,
    alpha: &[f64],
    pooled: &[Mat<f64>],
) -> Vec<StableFamily> {
    let setting = Setting {
        system,
        alpha,
        pooled,
        grams: system
            .published
            .iter()
            .map(|published| &published.design.gram)
            .collect(),
    };
    let families = [
        setting.common_shape(),
        setting.alike(),
        setting.own_designs(),
        setting.alone(),
        setting.commuting(),
    ];
    families.into_iter().flatten().collect()
}

struct Setting<'a> {
    system: &'a System,
    alpha: &'a [f64],
    pooled: &'a [Mat<f64>],
    grams: Vec<&'a Mat<f64>>,
}

/// Relative size of what counts as rounding.
const ROUNDING: f64 = 1e-10;

impl Setting<'_> {
    /// S1: all published Gram matrices are multiples of one. Then every update is an average followed by a contraction, and
    /// the spectral radius is below 1 if and only if real data together cover every direction, class by class of readers.
    fn common_shape(&self) -> Option<StableFamily> {
        let first = self.grams[0];
        let alike = self.grams.iter().all(|gram| are_multiples(gram, first));
        if !alike || !is_positive(first) {
            return None;
        }
        let root = inverse_root(first);
        let bound = (0..self.alpha.len()).map(|k| {
            let real = &root * self.system.real_gram(k) * &root;
            let least = smallest(&real).max(0.0);
            let pooled = self.alpha[k] * self.pooled[k].norm_max() / first.norm_max();
            pooled / (pooled + (1.0 - self.alpha[k]) * least)
        });
        let bound = bound.filter(|x| !x.is_nan()).fold(0.0, f64::max);
        Some(StableFamily {
            name: "S1",
            what: "what all models publish has the same shape",
            stable: self.is_covered(),
            bound: Some(bound),
        })
    }

    /// S2: all read alike and weigh alike: eigenvalues are real, from 0 to below 1.
    fn alike(&self) -> Option<StableFamily> {
        let system = self.system;
        let rows = system.weights.iter().all(|row| *row == system.weights[0]);
        let equal = self.alpha.iter().all(|alpha| *alpha == self.alpha[0])
            && (1..self.alpha.len()).all(|k| are_close(&system.real_gram(k), &system.real_gram(0)));
        (rows && equal && self.ridge_is_common()).then(|| StableFamily {
            name: "S2",
            what: "all models read alike and weigh the same real data alike",
            stable: self.alpha[0] < 1.0 && is_positive(&system.real_gram(0)),
            bound: None,
        })
    }

    /// S3: a uniform pool of what looks like each model's own private data.
    fn own_designs(&self) -> Option<StableFamily> {
        let (system, models) = (self.system, self.alpha.len());
        let share = 1.0 / models as f64;
        let uniform = system
            .weights
            .iter()
            .flatten()
            .all(|weight| (weight - share).abs() < ROUNDING);
        let equal = self.alpha.iter().all(|alpha| *alpha == self.alpha[0])
            && system.beta.iter().all(|beta| *beta == system.beta[0]);
        let private = |k: usize| &system.real[system.private[k]].design.gram;
        let own = (0..models).all(|k| are_multiples(private(k), self.grams[k]));
        let mean = &self.pooled[0];
        let public =
            (0..models).all(|k| are_multiples(&system.real[system.public[k]].design.gram, mean));
        let fits =
            uniform && equal && own && (system.beta[0] == 1.0 || public) && self.has_no_ridge();
        (fits && is_positive(mean)).then(|| StableFamily {
            name: "S3",
            what: "a uniform pool of inputs like each model's own private ones",
            stable: self.alpha[0] < 1.0,
            bound: None,
        })
    }

    /// S4: a single model, whose update is similar to a symmetric matrix with eigenvalues from 0 to below 1.
    fn alone(&self) -> Option<StableFamily> {
        (self.alpha.len() == 1).then(|| StableFamily {
            name: "S4",
            what: "a single model",
            stable: self.is_covered(),
            bound: None,
        })
    }

    /// S5: all Gram matrices commute, so every common direction is a scalar problem.
    fn commuting(&self) -> Option<StableFamily> {
        let mut all: Vec<&Mat<f64>> = self
            .system
            .real
            .iter()
            .map(|data| &data.design.gram)
            .collect();
        all.extend(&self.grams);
        common_eigenvectors(&all, ROUNDING).map(|_| StableFamily {
            name: "S5",
            what: "all Gram matrices have the same eigenvectors",
            stable: self.is_covered(),
            bound: None,
        })
    }

    fn has_no_ridge(&self) -> bool {
        self.system.ridge.iter().all(|ridge| *ridge == 0.0)
    }

    fn ridge_is_common(&self) -> bool {
        self.system
            .ridge
            .iter()
            .all(|ridge| *ridge == self.system.ridge[0])
    }

    /// True if in every closed class of readers the real data of all members together, and penalties, reach every direction.
    fn is_covered(&self) -> bool {
        let (sources, readers) = self.graph();
        let mut told = vec![false; self.alpha.len()];
        for k in 0..self.alpha.len() {
            if told[k] || self.alpha[k] == 0.0 {
                continue;
            }
            let (class, back) = (reachable(&sources, k), reachable(&readers, k));
            let members: Vec<usize> = (0..class.len()).filter(|&j| class[j]).collect();
            if members.iter().any(|&j| !back[j]) {
                continue;
            }
            if !self.covers(&members) {
                return false;
            }
            for j in members {
                told[j] = true;
            }
        }
        true
    }

    /// True if the real data of these models together, and penalties, reach every direction.
    fn covers(&self, members: &[usize]) -> bool {
        let d = self.system.dimension;
        let mut sum = Mat::<f64>::zeros(d, d);
        for &j in members {
            sum += self.system.real_gram(j) * Scale(1.0 - self.alpha[j])
                + Mat::<f64>::identity(d, d) * Scale(self.system.ridge[j]);
        }
        is_positive(&sum)
    }

    /// For every model whom it reads, and who reads it.
    fn graph(&self) -> (Vec<Vec<usize>>, Vec<Vec<usize>>) {
        let models = self.alpha.len();
        let (mut sources, mut readers) = (vec![Vec::new(); models], vec![Vec::new(); models]);
        for (k, row) in self.system.weights.iter().enumerate() {
            for (j, weight) in row.iter().enumerate() {
                if *weight > 0.0 && self.alpha[k] > 0.0 {
                    sources[k].push(j);
                    readers[j].push(k);
                }
            }
        }
        (sources, readers)
    }
}

/// Whom k reaches along these edges, itself included.
fn reachable(edges: &[Vec<usize>], k: usize) -> Vec<bool> {
    let (mut seen, mut next) = (vec![false; edges.len()], vec![k]);
    seen[k] = true;
    while let Some(k) = next.pop() {
        for &j in &edges[k] {
            if !std::mem::replace(&mut seen[j], true) {
                next.push(j);
            }
        }
    }
    seen
}

fn smallest(matrix: &Mat<f64>) -> f64 {
    let values = matrix.self_adjoint_eigenvalues(Side::Lower);
    values.map_or(f64::NAN, |values| {
        values.first().copied().unwrap_or(f64::NAN)
    })
}

fn is_positive(matrix: &Mat<f64>) -> bool {
    smallest(matrix) > ROUNDING * matrix.norm_max()
}

fn are_close(a: &Mat<f64>, b: &Mat<f64>) -> bool {
    (a - b).norm_max() <= ROUNDING * a.norm_max().max(b.norm_max())
}

/// True if both are multiples of one matrix that is not zero.
fn are_multiples(a: &Mat<f64>, b: &Mat<f64>) -> bool {
    let (x, y) = (a.norm_l2(), b.norm_l2());
    x > 0.0 && y > 0.0 && are_close(&(a * Scale(1.0 / x)), &(b * Scale(1.0 / y)))
}

/// G^-1/2.
fn inverse_root(gram: &Mat<f64>) -> Mat<f64> {
    let inverse = pseudo_inverse(gram);
    let Ok(eigen) = inverse.self_adjoint_eigen(Side::Lower) else {
        return inverse;
    };
    let (vectors, values) = (eigen.U(), eigen.S().column_vector());
    let d = gram.nrows();
    let scaled = Mat::from_fn(d, d, |i, j| {
        vectors[(i, j)] * libm::sqrt(values[j].max(0.0))
    });
    scaled * vectors.transpose()
}
