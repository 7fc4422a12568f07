//! Merging the tokens of a word.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use rustc_hash::FxHashMap;

/// Applies merges to one word after another, in the time of n log n for a word of n bytes.
pub(super) struct Merger<'a> {
    ranks: &'a FxHashMap<(u32, u32), (u32, u32)>,
    links: Vec<Link>,
    /// Rank and position of pairs that could be merged: the lowest rank first, then the leftmost.
    waiting: BinaryHeap<Reverse<(u32, usize)>>,
}

/// A token of the word; the places of its neighbours, or `NONE`.
#[derive(Clone, Copy)]
struct Link {
    token: u32,
    before: usize,
    after: usize,
}

const NONE: usize = usize::MAX;
/// What stands where a token was that has become part of the one before it.
const GONE: u32 = u32::MAX;

impl<'a> Merger<'a> {
    pub(super) fn new(ranks: &'a FxHashMap<(u32, u32), (u32, u32)>) -> Self {
        let (links, waiting) = (Vec::new(), BinaryHeap::new());
        Self {
            ranks,
            links,
            waiting,
        }
    }

    /// Appends what the tokens of a word become.
    pub(super) fn merge(&mut self, word: impl Iterator<Item = u32>, out: &mut Vec<u32>) {
        self.links.clear();
        let link = |(place, token): (usize, u32)| Link {
            token,
            before: place.wrapping_sub(1),
            after: place + 1,
        };
        self.links.extend(word.enumerate().map(link));
        if let Some(last) = self.links.last_mut() {
            last.after = NONE;
        }
        for place in 0..self.links.len() {
            self.consider(place);
        }
        while let Some(Reverse((rank, place))) = self.waiting.pop() {
            self.apply(rank, place);
        }
        let left = self.links.iter().map(|link| link.token);
        out.extend(left.filter(|token| *token != GONE));
    }

    /// The merge of the pair that begins at a place, if there is one.
    fn found(&self, place: usize) -> Option<(u32, u32)> {
        let link = self.links.get(place)?;
        let next = self.links.get(link.after)?;
        self.ranks.get(&(link.token, next.token)).copied()
    }

    fn consider(&mut self, place: usize) {
        if let Some((rank, _)) = self.found(place) {
            self.waiting.push(Reverse((rank, place)));
        }
    }

    fn apply(&mut self, rank: u32, place: usize) {
        // What waited may be gone, or part of something else.
        let Some((_, merged)) = self.found(place).filter(|found| found.0 == rank) else {
            return;
        };
        let gone = self.links[place].after;
        let after = self.links[gone].after;
        self.links[gone].token = GONE;
        self.links[place] = Link {
            token: merged,
            after,
            ..self.links[place]
        };
        if let Some(next) = self.links.get_mut(after) {
            next.before = place;
        }
        self.consider(place);
        self.consider(self.links[place].before);
    }
}
