//! What share of a sample is new.

use types::content::Content;

use super::words::Words;

/// Words of an n-gram, for the rate of repetition.
const REPEATED: usize = 4;

/// Distinct n-grams of words over n-grams of words (Li et al. 2016); 0 if there is none. For single words it is the type-token
/// ratio.
pub(super) fn distinct_grams<const N: usize>(words: &Words) -> f64 {
    let grams = words.documents.iter();
    distinct_share(grams.flat_map(|words| words.array_windows::<N>())).unwrap_or(0.0)
}

/// Distinct sentences over sentences. A sentence ends at `.`, `!`, `?` and at the end of a line or document; blanks around it
/// do not count, nor do sentences of nothing else.
pub(super) fn unique_sentences(sample: &Content) -> Option<f64> {
    let sentences = (0..sample.len()).flat_map(|index| {
        sample
            .text(index)
            .split(|byte| b".!?\n\r".contains(byte))
            .map(<[u8]>::trim_ascii)
            .filter(|sentence| !sentence.is_empty())
    });
    distinct_share(sentences)
}

/// 1 - distinct 4-grams of words / 4-grams of words, of one document: the share of 4-grams that came before in it (Welleck et
/// al. 2020). The mean over the documents that have a 4-gram.
pub(super) fn repetition_rate(words: &Words) -> Option<f64> {
    let grams = |words: &Vec<u32>| distinct_share(words.array_windows::<REPEATED>());
    let (mut sum, mut documents) = (0.0, 0_u32);
    for distinct in words.documents.iter().filter_map(grams) {
        (sum, documents) = (sum + 1.0 - distinct, documents + 1);
    }
    (documents > 0).then(|| sum / f64::from(documents))
}

/// Distinct items over items.
fn distinct_share<T: Ord>(items: impl Iterator<Item = T>) -> Option<f64> {
    let mut items: Vec<T> = items.collect();
    let all = items.len();
    items.sort_unstable();
    items.dedup();
    (all > 0).then(|| items.len() as f64 / all as f64)
}
