//! A fitted n-gram model: a tree of contexts in flat arrays.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::packing::Packing;
use super::statistic::Table;

/// No model has more tokens in an n-gram.
pub(super) const ORDER_MAX: usize = 16;

/// A fitted n-gram model.
///
/// Level k holds the contexts of k tokens, below the context of k - 1 tokens that each extends
/// into the past. A context lists the tokens that followed it, with what they count. A context
/// that reaches the start of its document goes no further.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NgramFitted {
    pub(super) packing: Packing,
    /// Number of tokens that can follow: those that can be written, and the end if it is learned.
    pub(super) outcomes: u32,
    /// Weight of the documents it was fitted on.
    pub(super) documents: f64,
    pub(super) levels: Vec<Level>,
    /// Probability of each outcome without a context.
    pub(super) unigrams: Vec<f64>,
    /// For each token the context that it alone makes, or [`NONE`].
    pub(super) first: Vec<u32>,
}

/// No context.
pub(super) const NONE: u32 = u32::MAX;

/// All contexts of one length.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Level {
    /// Oldest token of each context.
    pub(super) tokens: Vec<u32>,
    /// Where the longer contexts of each context begin in the next level; one more than contexts.
    pub(super) children: Vec<u32>,
    /// Where the tokens that followed each context begin in `next`; one more than contexts.
    pub(super) entries: Vec<u32>,
    /// Tokens that followed, rising within a context.
    pub(super) next: Vec<u32>,
    /// Sums of counts up to and including each token, within a context.
    pub(super) sums: Vec<f64>,
    /// What each context leaves to the shorter one.
    pub(super) backoff: Vec<f64>,
    /// What is taken from a count.
    pub(super) discount: f64,
}

/// The contexts that a history ends in, from the empty one to the longest that was seen.
#[derive(Debug, Clone, Copy)]
pub(super) struct Path {
    pub(super) nodes: [u32; ORDER_MAX],
    pub(super) depth: usize,
}

impl Level {
    #[inline]
    fn children(&self, node: u32) -> Range<usize> {
        self.children[node as usize] as usize..self.children[node as usize + 1] as usize
    }

    /// Where the tokens that followed a context are.
    #[inline]
    pub(super) fn followers(&self, node: u32) -> Range<usize> {
        self.entries[node as usize] as usize..self.entries[node as usize + 1] as usize
    }

    /// The place of `token` among those that followed a context.
    #[inline]
    pub(super) fn find(&self, node: u32, token: u32) -> Option<usize> {
        let range = self.followers(node);
        self.next[range.clone()]
            .binary_search(&token)
            .ok()
            .map(|place| range.start + place)
    }

    /// What the tokens after a context count together.
    #[inline]
    pub(super) fn total(&self, node: u32) -> f64 {
        self.sums[self.followers(node).end - 1]
    }

    /// Count of the follower at `place` of a context whose followers begin at `first`.
    #[inline]
    pub(super) fn count(&self, first: usize, place: usize) -> f64 {
        self.sums[place]
            - if place == first {
                0.0
            } else {
                self.sums[place - 1]
            }
    }

    /// The counts of the tokens after a context.
    pub(super) fn counts(&self, node: u32) -> impl Iterator<Item = (u32, f64)> {
        let range = self.followers(node);
        range
            .clone()
            .map(move |place| (self.next[place], self.count(range.start, place)))
    }

    /// Discounted count over total: (c - D min(1, c)) / C.
    #[inline]
    pub(super) fn share(&self, node: u32, place: usize) -> f64 {
        let count = self.count(self.entries[node as usize] as usize, place);
        (count - self.discount * count.min(1.0)) / self.total(node)
    }
}

impl NgramFitted {
    /// Tokens in an n-gram of the highest order.
    pub fn order(&self) -> usize {
        self.levels.len()
    }

    /// The contexts that `history` ends in.
    #[inline]
    pub(super) fn path(&self, history: u64) -> Path {
        let mut path = Path {
            nodes: [0; ORDER_MAX],
            depth: 0,
        };
        for k in 0..self.packing.context() {
            let token = self.packing.back(history, k);
            let Some(node) = self.child(k, path.nodes[k], token) else {
                break;
            };
            path.depth = k + 1;
            path.nodes[path.depth] = node;
            if token == self.packing.start() {
                break;
            }
        }
        path
    }

    /// The context that extends context `node` of level `k` by `token`.
    #[inline]
    fn child(&self, k: usize, node: u32, token: u32) -> Option<u32> {
        if k == 0 {
            return Some(self.first[token as usize]).filter(|&child| child != NONE);
        }
        let range = self.levels[k].children(node);
        let place = self.levels[k + 1].tokens[range.clone()]
            .binary_search(&token)
            .ok()?;
        Some((range.start + place) as u32)
    }

    /// Probability of `token` after the contexts of `path`: from the shortest context up,
    /// p(w | h) = (c(h w) - D min(1, c(h w))) / c(h) + backoff(h) p(w | shorter h).
    #[inline]
    pub(super) fn probability(&self, path: &Path, token: u32) -> f64 {
        let mut p = self.unigrams[token as usize];
        let mut seen = true;
        for (level, &node) in self.levels[1..].iter().zip(&path.nodes[1..=path.depth]) {
            // What never followed a context never followed a longer one.
            let place = if seen { level.find(node, token) } else { None };
            seen = place.is_some();
            let share = place.map_or(0.0, |place| level.share(node, place));
            p = share + level.backoff[node as usize] * p;
        }
        p
    }

    /// The counts of the highest order.
    pub(super) fn table(&self) -> Table {
        let mut table = Table::default();
        self.collect(0, 0, 0, &mut table);
        table
    }

    /// Appends the counts below context `node` of level `k`, whose tokens are in `history`.
    fn collect(&self, k: usize, node: u32, history: u64, table: &mut Table) {
        if k < self.packing.context() && !self.at_start(k, node) {
            for child in self.levels[k].children(node) {
                let token = self.levels[k + 1].tokens[child];
                let history = self.packing.place(history, k, token);
                self.collect(k + 1, child as u32, history, table);
            }
            return;
        }
        let start = self.packing.start();
        let pad = |history, k| self.packing.place(history, k, start);
        let history = (k..self.packing.context()).fold(history, pad);
        for (token, count) in self.levels[k].counts(node) {
            table.push(self.packing.key(history, token), count);
        }
    }

    /// True if a context reaches the start of its document.
    pub(super) fn at_start(&self, k: usize, node: u32) -> bool {
        k > 0 && self.levels[k].tokens[node as usize] == self.packing.start()
    }
}
