//! How far apart the outputs of several models are.

/// sqrt(sum over k, l of |x_k - x_l|^2): the Frobenius norm of the matrix of Euclidean distances between all models (Wang et
/// al. 2025). A model's output is all of its vectors, one after the other.
pub(super) fn frobenius(outputs: &[&[Vec<f32>]]) -> f64 {
    let mut sum = 0.0;
    for (k, a) in outputs.iter().enumerate() {
        for b in &outputs[k + 1..] {
            sum += 2.0 * squared(a, b);
        }
    }
    libm::sqrt(sum)
}

fn squared(a: &[Vec<f32>], b: &[Vec<f32>]) -> f64 {
    let pairs = a.iter().flatten().zip(b.iter().flatten());
    let differences = pairs.map(|(x, y)| f64::from(*x) - f64::from(*y));
    differences.map(|d| d * d).sum()
}

/// The cosines of two models' outputs, task by task.
pub(super) fn cosines(a: &[Vec<f32>], b: &[Vec<f32>]) -> Vec<f64> {
    let pairs = a.iter().zip(b);
    pairs.map(|(a, b)| learn::cosine(a, b)).collect()
}

/// How many different models there are in effect: the Vendi score of their outputs, by the mean of the cosines over tasks.
pub(super) fn vendi(outputs: &[&[Vec<f32>]]) -> Option<f64> {
    learn::text::vendi_score(outputs.len(), |i, j| {
        let cosines = cosines(outputs[i], outputs[j]);
        cosines.iter().sum::<f64>() / cosines.len() as f64
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two models of three write the same, on both tasks: eigenvalues 2/3 and 1/3.
    #[test]
    fn models_that_write_the_same_count_once() {
        let models = [[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]].map(|x| vec![x.to_vec(), x.to_vec()]);
        let outputs: Vec<&[Vec<f32>]> = models.iter().map(Vec::as_slice).collect();
        let expected = libm::pow(1.5, 2.0 / 3.0) * libm::cbrt(3.0);
        assert!((vendi(&outputs).unwrap() - expected).abs() < 1e-12);
    }

    /// A right triangle: every side counts twice, 2 (9 + 16 + 25) = 100.
    #[test]
    fn every_pair_counts_in_both_orders() {
        let corners = [[0.0, 0.0], [3.0, 0.0], [0.0, 4.0]].map(|corner| vec![corner.to_vec()]);
        let outputs: Vec<&[Vec<f32>]> = corners.iter().map(Vec::as_slice).collect();
        assert_eq!(frobenius(&outputs), 10.0);
        assert_eq!(frobenius(&outputs[..1]), 0.0);
    }
}
