//! How much documents of a sample resemble the others.

use super::words::Words;

/// Longest n-grams that are compared.
const ORDER: usize = 4;

/// What no matching n-gram at all counts as (Chen and Cherry 2014, smoothing 1).
const EPSILON: f64 = 0.1;

/// An n-gram with one number for each place that it lacks, and the document it stands in.
type Gram = ([u32; ORDER], u32);

/// The mean over documents of BLEU-4 with all other documents as references (Zhu et al. 2018). `None` if there are fewer than
/// two documents.
///
/// BLEU (Papineni et al. 2002) is the geometric mean over n = 1 to 4 of the share of the document's n-grams that occur in a
/// reference, each at most as often as in one of them, times exp(1 - r/c) for a document of c words whose nearest reference in
/// length, the shorter of two, has r > c. A share of zero matches is 0.1 over the number of n-grams, of which there is taken to
/// be at least one; a document without a word in common with the others has 0.
pub(super) fn self_bleu(words: &Words) -> Option<f64> {
    let documents = &words.documents;
    if documents.len() < 2 {
        return None;
    }
    let matches: Vec<Vec<u32>> = (1..=ORDER).map(|n| clipped(documents, n)).collect();
    let score = |index: usize| {
        let (length, nearest) = (documents[index].len(), nearest_length(documents, index));
        let matched = std::array::from_fn(|n| matches[n][index]);
        brevity(length, nearest) * precision(length, matched)
    };
    let sum: f64 = (0..documents.len()).map(score).sum();
    Some(sum / documents.len() as f64)
}

/// How many n-grams of each document occur in another one, each at most as often as in one of the others.
fn clipped(documents: &[Vec<u32>], n: usize) -> Vec<u32> {
    let mut grams: Vec<Gram> = Vec::new();
    for (number, words) in (0..).zip(documents) {
        grams.extend(words.windows(n).map(|gram| (padded(gram), number)));
    }
    grams.sort_unstable();
    let mut matched = vec![0; documents.len()];
    for same in grams.chunk_by(|a, b| a.0 == b.0) {
        let holders = || same.chunk_by(|a, b| a.1 == b.1);
        let holders = || holders().map(|run| (run[0].1, run.len() as u32));
        let (most, second) = two_largest(holders());
        for (document, count) in holders() {
            // Of those who hold the most, each has the second most as its best reference.
            let reference = if count == most { second } else { most };
            matched[document as usize] += count.min(reference);
        }
    }
    matched
}

fn padded(gram: &[u32]) -> [u32; ORDER] {
    std::array::from_fn(|place| gram.get(place).copied().unwrap_or(u32::MAX))
}

/// The two largest counts, equal ones both; 0 where there is none.
fn two_largest(counts: impl Iterator<Item = (u32, u32)>) -> (u32, u32) {
    counts.fold((0, 0), |(most, second), (_, count)| {
        if count > most {
            (count, most)
        } else {
            (most, second.max(count))
        }
    })
}

/// The geometric mean of the shares of matching n-grams.
fn precision(words: usize, matched: [u32; ORDER]) -> f64 {
    if matched[0] == 0 {
        return 0.0;
    }
    let share = |(n, &count): (usize, &u32)| {
        let all = words.saturating_sub(n).max(1) as f64;
        if count == 0 {
            EPSILON / all
        } else {
            f64::from(count) / all
        }
    };
    let logarithms = matched.iter().enumerate().map(share).map(libm::log);
    libm::exp(logarithms.sum::<f64>() / ORDER as f64)
}

/// What being shorter than the references costs.
fn brevity(words: usize, reference: usize) -> f64 {
    if words == 0 {
        0.0
    } else if words > reference {
        1.0
    } else {
        libm::exp(1.0 - reference as f64 / words as f64)
    }
}

/// The length of the other document that is nearest in length to this one; the shorter of two.
fn nearest_length(documents: &[Vec<u32>], index: usize) -> usize {
    let own = documents[index].len();
    let others = documents.iter().enumerate().filter(|(i, _)| *i != index);
    let lengths = others.map(|(_, words)| words.len());
    lengths
        .min_by_key(|&length| (length.abs_diff(own), length))
        .unwrap_or(0)
}
