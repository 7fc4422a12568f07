//! Near-duplicates by MinHash and banding.

use rustc_hash::{FxHashMap, FxHashSet};
use types::content::Content;

/// MinHash with locality-sensitive hashing (Broder 1997; Leskovec, Rajaraman and Ullman 2014, chapter 3), as FineWeb (14 bands
/// of 8 rows, shingles of 5 words) and RefinedWeb (450 bands of 20) use it.
///
/// A text is the set of its shingles. Two sets with Jaccard similarity s agree in one minimum with probability s, and are
/// candidates if all minima of some band agree: with probability 1 - (1 - s^rows)^bands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MinHash {
    /// Words a shingle.
    pub shingle: usize,
    /// Bands.
    pub bands: usize,
    /// Minima a band.
    pub rows: usize,
    /// Which hash functions are used.
    pub seed: u64,
}

/// Bands of documents: number of the band, and its key.
pub(super) type BandKeys = FxHashSet<(u32, u64)>;

impl MinHash {
    /// The documents that are kept, by position: the first one of every group of texts that are linked by candidate pairs.
    /// Documents without words are all alike. What is no text is kept.
    pub fn kept(&self, content: &Content) -> Vec<usize> {
        let all: Vec<usize> = (0..content.len()).collect();
        self.kept_of(content, &all, None)
    }

    /// The same among the documents at `among`, ascending. Of a group that is linked to something known, nothing is kept.
    pub(super) fn kept_of(
        &self,
        content: &Content,
        among: &[usize],
        known: Option<&BandKeys>,
    ) -> Vec<usize> {
        if !matches!(content, Content::Text { .. }) {
            return among.to_vec();
        }
        let mut groups: Vec<usize> = (0..among.len()).collect();
        let mut seen: FxHashMap<(u32, u64), usize> = FxHashMap::default();
        let mut old = vec![false; among.len()];
        for (place, &at) in among.iter().enumerate() {
            self.each_band(content, at, |key| {
                old[place] |= known.is_some_and(|known| known.contains(&key));
                let first = *seen.entry(key).or_insert(place);
                let (a, b) = (root(&mut groups, first), root(&mut groups, place));
                // The earliest document stands for its group.
                groups[a.max(b)] = a.min(b);
            });
        }
        for place in 0..among.len() {
            let first = root(&mut groups, place);
            old[first] |= old[place];
        }
        let kept = |place: &usize| groups[*place] == *place && !old[*place];
        let places = (0..among.len()).filter(kept);
        places.map(|place| among[place]).collect()
    }

    /// Calls `visit` with the key of every band of the text at `at`; there is none where there is no text.
    pub(super) fn each_band(
        &self,
        content: &Content,
        at: usize,
        mut visit: impl FnMut((u32, u64)),
    ) {
        if matches!(content, Content::Text { .. }) {
            let keys = self.bands_of(content.text(at));
            (0..).zip(keys).for_each(&mut visit);
        }
    }

    /// One number a band: equal if all minima of the band are.
    fn bands_of(&self, text: &[u8]) -> Vec<u64> {
        let shingles = self.shingles(text);
        let minimum = |function: usize| {
            let key = mix(self.seed ^ mix(function as u64 + 1));
            let hashes = shingles.iter().map(|shingle| mix(shingle ^ key));
            hashes.min().unwrap_or(0)
        };
        let band = |band: usize| {
            let rows = band * self.rows..(band + 1) * self.rows;
            rows.fold(0, |key, function| mix(key ^ minimum(function)))
        };
        (0..self.bands).map(band).collect()
    }

    /// Hashes of all runs of `shingle` words, or of all words where there are fewer.
    fn shingles(&self, text: &[u8]) -> Vec<u64> {
        let words: Vec<u64> = text
            .split(u8::is_ascii_whitespace)
            .filter(|word| !word.is_empty())
            .map(hash)
            .collect();
        let run = |words: &[u64]| words.iter().fold(0, |key, word| mix(key ^ word));
        let length = self.shingle.min(words.len()).max(1);
        let mut shingles: Vec<u64> = words.windows(length).map(run).collect();
        shingles.sort_unstable();
        shingles.dedup();
        shingles
    }
}

/// The earliest member of a group, as far as known; the way there is made shorter.
fn root(groups: &mut [usize], mut at: usize) -> usize {
    while groups[at] != at {
        groups[at] = groups[groups[at]];
        at = groups[at];
    }
    at
}

/// A word's hash: FNV-1a (Fowler, Noll and Vo 1991), mixed.
fn hash(word: &[u8]) -> u64 {
    let step = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    mix(word.iter().fold(0xcbf2_9ce4_8422_2325, step))
}

/// The finaliser of SplitMix64 (Steele, Lea and Flood 2014): a bijection in which every bit depends on every bit.
pub(super) fn mix(mut x: u64) -> u64 {
    x = x.wrapping_add(0x9e37_79b9_7f4a_7c15);
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FINE: MinHash = MinHash {
        shingle: 5,
        bands: 14,
        rows: 8,
        seed: 0,
    };

    fn kept(texts: &[&str]) -> Vec<usize> {
        FINE.kept(&Content::from_texts(texts))
    }

    #[test]
    fn copies_go_and_others_stay() {
        let texts = [
            "one two three four five six seven",
            "a text of quite other words about something else",
            "one two  three four\nfive six seven",
            "",
            "a b",
            "   ",
        ];
        assert_eq!(kept(&texts), [0, 1, 3, 4]);
    }

    #[test]
    fn a_chain_of_candidates_is_one_group() {
        // Every text shares all but a few shingles with the next, and the last shares few with the first.
        let word = |i: usize| format!("w{i}");
        let text = |from: usize| {
            let words: Vec<String> = (from..from + 200).map(word).collect();
            words.join(" ")
        };
        let texts: Vec<String> = (0..8).map(|i| text(5 * i)).collect();
        let all: Vec<&str> = texts.iter().map(String::as_str).collect();
        assert_eq!(kept(&all), [0]);
        assert_eq!(kept(&[all[0], &text(900)]), [0, 1]);
    }

    #[test]
    fn candidates_are_as_likely_as_the_curve_says() {
        // Sets of 40 words of which 30 are common: s = 30 / 50.
        let mut candidates = 0;
        for seed in 0..2_000 {
            let minhash = MinHash {
                shingle: 1,
                seed,
                ..FINE
            };
            let text = |own: &str| {
                let common = (0..30).map(|i| format!("c{i}"));
                let words: Vec<String> =
                    common.chain((0..10).map(|i| format!("{own}{i}"))).collect();
                words.join(" ")
            };
            let content = Content::from_texts([text("a"), text("b")]);
            candidates += 2 - minhash.kept(&content).len();
        }
        let expected = 1.0 - libm::pow(1.0 - libm::pow(0.6, 8.0), 14.0);
        let share = candidates as f64 / 2e3;
        assert!((share - expected).abs() < 0.037, "{share} {expected}");
    }

    #[test]
    fn numbers_are_not_compared() {
        let content = Content::F64(types::content::Numbers {
            dimension: 1,
            values: vec![1.0; 3],
        });
        assert_eq!(FINE.kept(&content), [0, 1, 2]);
    }
}
