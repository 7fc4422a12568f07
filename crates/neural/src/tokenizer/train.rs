//! Learning merges (Sennrich et al. 2016).

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use rustc_hash::FxHashMap;

use super::alphabet;
use super::split::{self, Digits};

type Pair = (u32, u32);

/// The tokens, bytes first in their own order, and the merges; `limit` tokens at most.
pub(super) fn learn<'a>(
    limit: usize,
    texts: impl IntoIterator<Item = &'a [u8]>,
) -> (Vec<Box<[u8]>>, Vec<Pair>) {
    let mut learner = Learner::new(count(texts));
    while learner.tokens.len() < limit {
        let Some(pair) = learner.pairs.most_frequent() else {
            break;
        };
        learner.merge(pair);
    }
    learner.finish()
}

/// Each word of the texts once, with how often it is there, by first appearance.
fn count<'a>(texts: impl IntoIterator<Item = &'a [u8]>) -> Vec<(&'a [u8], u64)> {
    let mut places = FxHashMap::default();
    let mut counts: Vec<(&[u8], u64)> = Vec::new();
    for word in texts
        .into_iter()
        .flat_map(|text| split::words(text, Digits::Runs))
    {
        let place = *places.entry(word).or_insert_with(|| {
            counts.push((word, 0));
            counts.len() - 1
        });
        counts[place].1 += 1;
    }
    counts
}

/// A word as tokens, and how often it is there.
struct Word {
    tokens: Vec<u32>,
    count: u64,
}

/// Tokens here are numbered by age: bytes in the order of their letters, then what was merged.
struct Learner {
    words: Vec<Word>,
    pairs: Pairs,
    tokens: Vec<Box<[u8]>>,
    /// Numbers of tokens: two merges may give the same bytes.
    numbers: FxHashMap<Box<[u8]>, u32>,
    merges: Vec<Pair>,
}

impl Learner {
    fn new(counts: Vec<(&[u8], u64)>) -> Self {
        let bytes = alphabet::ordered();
        let mut ages = [0; 256];
        for (age, byte) in (0..).zip(bytes) {
            ages[usize::from(byte)] = age;
        }
        let word = |(word, count): (&[u8], u64)| Word {
            tokens: word.iter().map(|byte| ages[usize::from(*byte)]).collect(),
            count,
        };
        let words: Vec<_> = counts.into_iter().map(word).collect();
        let tokens: Vec<Box<[u8]>> = bytes.iter().map(|byte| Box::from([*byte])).collect();
        Self {
            pairs: Pairs::new(&words),
            words,
            numbers: tokens.iter().cloned().zip(0..).collect(),
            tokens,
            merges: Vec::new(),
        }
    }

    fn merge(&mut self, pair: Pair) {
        self.merges.push(pair);
        let merged = self.token(pair);
        for place in self.pairs.take_words(pair) {
            let word = &mut self.words[place];
            word.tokens = self.pairs.replace(word, place, (pair, merged));
        }
        self.pairs.queue_raised();
    }

    /// The token that a pair becomes.
    fn token(&mut self, (left, right): Pair) -> u32 {
        let parts = [left, right].map(|token| &*self.tokens[token as usize]);
        let whole = parts.concat().into_boxed_slice();
        let tokens = &mut self.tokens;
        *self.numbers.entry(whole).or_insert_with_key(|whole| {
            tokens.push(whole.clone());
            tokens.len() as u32 - 1
        })
    }

    /// Numbers bytes by their value.
    fn finish(mut self) -> (Vec<Box<[u8]>>, Vec<Pair>) {
        let bytes = alphabet::ordered();
        let number = |token: u32| {
            bytes
                .get(token as usize)
                .map_or(token, |byte| u32::from(*byte))
        };
        self.tokens[..256].sort_unstable();
        let merges = self.merges.into_iter();
        let merges = merges.map(|(left, right)| (number(left), number(right)));
        (self.tokens, merges.collect())
    }
}

/// How often neighbours are neighbours, and in which words.
#[derive(Default)]
struct Pairs {
    places: FxHashMap<Pair, usize>,
    seen: Vec<Seen>,
    /// Pairs by their counts; these may have fallen since, never risen.
    queue: BinaryHeap<(u64, Reverse<Pair>)>,
    /// What has risen since the queue was last told.
    raised: Vec<usize>,
}

struct Seen {
    pair: Pair,
    count: u64,
    /// Words that have it or had it.
    words: Vec<usize>,
}

impl Pairs {
    fn new(words: &[Word]) -> Self {
        let mut pairs = Self::default();
        for (place, word) in words.iter().enumerate() {
            for pair in word.tokens.windows(2) {
                pairs.add((pair[0], pair[1]), word.count, place);
            }
        }
        pairs.queue_raised();
        pairs
    }

    /// The most frequent pair, of the oldest tokens among equals; `None` if there is none.
    fn most_frequent(&mut self) -> Option<Pair> {
        while let Some((count, Reverse(pair))) = self.queue.pop() {
            let now = self.seen[self.places[&pair]].count;
            if now == count && now > 0 {
                return Some(pair);
            }
            if 0 < now && now < count {
                self.queue.push((now, Reverse(pair)));
            }
        }
        None
    }

    fn take_words(&mut self, pair: Pair) -> Vec<usize> {
        std::mem::take(&mut self.seen[self.places[&pair]].words)
    }

    fn add(&mut self, pair: Pair, count: u64, word: usize) {
        let place = *self.places.entry(pair).or_insert_with(|| {
            let (count, words) = (0, Vec::new());
            self.seen.push(Seen { pair, count, words });
            self.seen.len() - 1
        });
        let seen = &mut self.seen[place];
        seen.count += count;
        if seen.words.last() != Some(&word) {
            seen.words.push(word);
        }
        self.raised.push(place);
    }

    fn remove(&mut self, pair: Pair, count: u64) {
        self.seen[self.places[&pair]].count -= count;
    }

    /// The tokens of a word after a merge; the counts of its pairs follow.
    fn replace(&mut self, word: &Word, place: usize, (pair, merged): (Pair, u32)) -> Vec<u32> {
        let mut tokens: Vec<u32> = Vec::with_capacity(word.tokens.len());
        let mut rest = &*word.tokens;
        while let [first, behind @ ..] = rest {
            rest = behind;
            if behind.first() != Some(&pair.1) || *first != pair.0 {
                tokens.push(*first);
                continue;
            }
            rest = &behind[1..];
            self.remove(pair, word.count);
            if let Some(before) = tokens.last() {
                self.remove((*before, pair.0), word.count);
                self.add((*before, merged), word.count, place);
            }
            if let Some(after) = rest.first() {
                self.remove((pair.1, *after), word.count);
                self.add((merged, *after), word.count, place);
            }
            tokens.push(merged);
        }
        tokens
    }

    fn queue_raised(&mut self) {
        self.raised.sort_unstable();
        self.raised.dedup();
        for place in self.raised.drain(..) {
            let seen = &self.seen[place];
            self.queue.push((seen.count, Reverse(seen.pair)));
        }
    }
}
