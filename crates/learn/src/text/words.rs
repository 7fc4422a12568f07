//! Words of a sample, numbered.

use rustc_hash::FxHashMap;
use types::content::Content;

/// The words of each document. Equal words have equal numbers, given in the order of first occurrence.
#[derive(Debug)]
pub(super) struct Words {
    pub(super) documents: Vec<Vec<u32>>,
    /// How many different words there are: their numbers are below it.
    pub(super) distinct: u32,
}

impl Words {
    pub(super) fn of(sample: &Content) -> Self {
        let mut numbers = FxHashMap::default();
        let mut number = |word| {
            let next = numbers.len() as u32;
            *numbers.entry(word).or_insert(next)
        };
        let documents = (0..sample.len())
            .map(|index| cut(sample.text(index)).map(&mut number).collect())
            .collect();
        Self {
            documents,
            distinct: numbers.len() as u32,
        }
    }
}

/// The longest runs without ASCII white space.
fn cut(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split(u8::is_ascii_whitespace)
        .filter(|word| !word.is_empty())
}
