//! What shows in a sample of documents, whatever family wrote it.
//!
//! Everything here is measured on documents that a model writes for the observer alone, so it has an error of sampling. Two
//! samples of 20 documents of 1,000 bytes by one model, n-grams of 5 bytes learnt from 400 documents on geography, differ so:
//!
//! | measure | mean | standard deviation |
//! | --- | --- | --- |
//! | `distinct_1` | 0.569 | 0.010 |
//! | `distinct_2` | 0.902 | 0.008 |
//! | `self_bleu` | 0.040 | 0.008 |
//! | `zipf_slope` | 0.486 | 0.011 |
//! | `unique_sentence_share` | 0.863 | 0.016 |
//! | `repetition_rate` | 0.0001 | 0.0002 |
//! | `vendi_score` | 9.81 | 0.22 |
//!
//! The standard deviation falls as the root of the number of documents. But the mean moves too when the size of a sample
//! changes: in a longer one words repeat more, and more documents give each of them more to resemble. Only values of samples
//! of one size compare. In a report the bands over replicates and models show the error that is there.

mod bleu;
mod shares;
#[cfg(test)]
mod tests;
mod vendi;
mod words;
mod zipf;

use types::content::{Content, ContentKind};

pub use self::vendi::{VENDI_MAX, vendi_score};
use self::words::Words;
use crate::{Measure, Measured};

/// What [`probe`] measures: a family need not write a sample if nobody wants any of these.
pub const PROBED: [Measure; 7] = [
    Measure::Distinct1,
    Measure::Distinct2,
    Measure::SelfBleu,
    Measure::ZipfSlope,
    Measure::UniqueSentenceShare,
    Measure::RepetitionRate,
    Measure::VendiScore,
];

/// Measures a sample of documents: what is wanted of [`PROBED`]. What cannot be told of a sample, such as the self-BLEU of a
/// single document, has no value. Numbers and symbols have none at all.
///
/// Words are the longest runs without ASCII white space; n-grams of words do not cross documents. The cost is that of sorting
/// the words of the sample a few times, and for the Vendi score that of the eigenvalues of a matrix as wide as there are
/// documents, of which no more than the first [`VENDI_MAX`] count.
pub fn probe(sample: &Content, out: &mut Measured) {
    if !out.wants_any(&PROBED) || sample.kind() != ContentKind::Text {
        return;
    }
    let words = Words::of(sample);
    out.measure(Measure::Distinct1, || shares::distinct_grams::<1>(&words));
    out.measure(Measure::Distinct2, || shares::distinct_grams::<2>(&words));
    out.measure_some(Measure::SelfBleu, || bleu::self_bleu(&words));
    out.measure_some(Measure::ZipfSlope, || zipf::slope(&words));
    out.measure_some(Measure::UniqueSentenceShare, || {
        shares::unique_sentences(sample)
    });
    out.measure_some(Measure::RepetitionRate, || shares::repetition_rate(&words));
    out.measure_some(Measure::VendiScore, || vendi::of_documents(sample));
}
