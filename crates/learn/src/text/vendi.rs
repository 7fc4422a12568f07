//! How many different things there are in effect.

use ndarray::Array2;
use types::content::Content;

use crate::{cosine, eigen, embedding};

/// Of so many things at most the Vendi score is taken, for its cost grows with the cube of their number.
pub const VENDI_MAX: usize = 100;

/// The Vendi score of `count` things (Friedman and Dieng 2023): exp(- sum of l ln l) over the eigenvalues l of K / n, where K
/// holds their similarities. It is their number if no two are alike, 1 if all are the same, and in general the Hill number of
/// order 1 of the eigenvalues. `similarity` is asked of i < j and must be that of a positive semidefinite kernel with 1 on
/// its diagonal. `None` if there are no things; beyond [`VENDI_MAX`], the first so many count.
pub fn vendi_score(count: usize, similarity: impl Fn(usize, usize) -> f64) -> Option<f64> {
    let n = count.min(VENDI_MAX);
    let mut kernel = Array2::eye(n);
    for i in 0..n {
        for j in i + 1..n {
            kernel[(i, j)] = similarity(i, j);
            kernel[(j, i)] = kernel[(i, j)];
        }
    }
    let (mut values, _) = eigen::symmetric(kernel / n as f64);
    values.sort_unstable_by(f64::total_cmp);
    // Rounding may leave an eigenvalue of nothing a little below it.
    let positive = values.into_iter().filter(|&value| value > 0.0);
    let entropy: f64 = positive.map(|value| -value * libm::log(value)).sum();
    (n > 0).then(|| libm::exp(entropy))
}

/// The Vendi score of the documents of a sample by the cosine of their embeddings; of equal embeddings it is 1, also of those
/// of documents without a word.
pub(super) fn of_documents(sample: &Content) -> Option<f64> {
    let documents = 0..sample.len().min(VENDI_MAX);
    let vectors: Vec<Vec<f32>> = documents.map(|i| embedding([sample.text(i)])).collect();
    vendi_score(vectors.len(), |i, j| {
        if vectors[i] == vectors[j] {
            1.0
        } else {
            cosine(&vectors[i], &vectors[j])
        }
    })
}
