//! How steeply the frequencies of words fall.

use super::words::Words;

/// The exponent s of Zipf's law, f_r proportional to r^-s (Zipf 1935): minus the slope of ln f_r on ln r by least squares over
/// all ranks r, where f_r is how often the r-th most frequent word occurs. Larger is steeper: a few words do more of the work.
/// `None` if there are fewer than two different words.
///
/// Maximum likelihood (Clauset, Shalizi and Newman 2009) would be the better estimate of a law that holds. Least squares is
/// what studies of collapse report, so values compare; each rank counts alike, so the many words that occur once weigh much,
/// and the value is about as low as the sample is short.
pub(super) fn slope(words: &Words) -> Option<f64> {
    let mut counts = vec![0_u32; words.distinct as usize];
    for &word in words.documents.iter().flatten() {
        counts[word as usize] += 1;
    }
    counts.sort_unstable_by(|a, b| b.cmp(a));
    let points: Vec<[f64; 2]> = (1_u32..)
        .zip(&counts)
        .map(|(rank, &count)| [libm::log(f64::from(rank)), libm::log(f64::from(count))])
        .collect();
    let n = points.len() as f64;
    let mean = |axis: usize| points.iter().map(|point| point[axis]).sum::<f64>() / n;
    let (x, y) = (mean(0), mean(1));
    let moment = |axis: usize, centre: f64| {
        let terms = points.iter().map(|p| (p[0] - x) * (p[axis] - centre));
        terms.sum::<f64>()
    };
    // A sum of negative terms starts from -0.0, and so does an exponent of nothing.
    (points.len() > 1).then(|| 0.0 - moment(1, y) / moment(0, x))
}
