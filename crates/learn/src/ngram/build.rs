//! From counts to a fitted model, in one walk over the sorted counts.

use super::Smoothing;
use super::fitted::{Level, NONE, NgramFitted};
use super::packing::Packing;
use super::statistic::Table;

/// Bounds of a discount. Kneser-Ney discounts of text lie above the lower one, but for the shortest
/// contexts, where it hardly matters. Weights above 1 leave nothing that occurs once, so that the
/// estimate would fall to 0 and nothing be left for the unseen.
const DISCOUNT_MIN: f64 = 0.5;
const DISCOUNT_MAX: f64 = 0.95;

/// Builds the model behind a table of counts.
pub(super) fn build(
    table: &Table,
    packing: Packing,
    smoothing: Smoothing,
    outcomes: u32,
) -> NgramFitted {
    let mut builder = Builder::new(packing, smoothing, outcomes);
    let mut from = 0;
    for group in table
        .keys
        .chunk_by(|a, b| packing.split(*a).0 == packing.split(*b).0)
    {
        let counts = &table.counts[from..from + group.len()];
        from += group.len();
        builder.descend(packing.split(group[0]).0);
        builder.leaf(group, counts);
    }
    builder.close_to(0);
    builder.close();
    builder.finish()
}

struct Builder {
    packing: Packing,
    smoothing: Smoothing,
    outcomes: u32,
    levels: Vec<Level>,
    seen: Vec<Seen>,
    /// Followers of the open context of each level, gathered from the longer contexts below it.
    tallies: Vec<Tally>,
    /// Followers so far of the deepest open context.
    sum: Sum,
    /// Tokens of the open contexts.
    open: Vec<u32>,
    /// True once the deepest open context has its followers.
    closed_leaf: bool,
}

/// How many counts of a level are one and two.
#[derive(Clone, Copy, Default)]
struct Seen {
    once: f64,
    twice: f64,
}

/// Followers of one context, by token.
struct Tally {
    /// How often each token followed.
    counts: Vec<f64>,
    /// After how many distinct longer contexts.
    kinds: Vec<f64>,
    tokens: Vec<u32>,
}

impl Builder {
    fn new(packing: Packing, smoothing: Smoothing, outcomes: u32) -> Self {
        let orders = packing.context() + 1;
        let mut builder = Self {
            packing,
            smoothing,
            outcomes,
            levels: (0..orders).map(|_| Level::empty()).collect(),
            seen: vec![Seen::default(); orders],
            tallies: (0..orders - 1)
                .map(|_| Tally::new(outcomes as usize))
                .collect(),
            sum: Sum::default(),
            open: Vec::new(),
            closed_leaf: false,
        };
        builder.add_context(0, 0);
        builder
    }

    fn add_context(&mut self, k: usize, token: u32) {
        let first_child = self.levels.get(k + 1).map_or(0, |below| below.tokens.len());
        self.levels[k].tokens.push(token);
        self.levels[k].children.push(first_child as u32);
    }

    /// Closes what does not contain `history` and opens what does.
    fn descend(&mut self, history: u64) {
        let shared = (0..self.open.len())
            .take_while(|&k| self.open[k] == self.packing.back(history, k))
            .count();
        self.close_to(shared);
        for k in shared..self.packing.context() {
            let token = self.packing.back(history, k);
            self.open.push(token);
            self.add_context(k + 1, token);
            if token == self.packing.start() {
                break;
            }
        }
    }

    fn close_to(&mut self, depth: usize) {
        while self.open.len() > depth {
            self.close();
            self.open.pop();
        }
    }

    /// Gives the deepest open context its counts.
    fn leaf(&mut self, keys: &[u64], counts: &[f64]) {
        for (key, &count) in keys.iter().zip(counts) {
            let (_, token) = self.packing.split(*key);
            self.follow(token, count, count);
        }
        self.end_context();
        self.closed_leaf = true;
    }

    /// Gives the deepest open context, unless it is a leaf, what was gathered from below it.
    fn close(&mut self) {
        if std::mem::take(&mut self.closed_leaf) {
            return;
        }
        let k = self.open.len();
        let mut tokens = std::mem::take(&mut self.tallies[k].tokens);
        tokens.sort_unstable();
        for &token in &tokens {
            let (count, kinds) = self.tallies[k].take(token);
            let value = match self.smoothing {
                Smoothing::KneserNey => kinds,
                Smoothing::None => count,
            };
            self.follow(token, count, value);
        }
        tokens.clear();
        self.tallies[k].tokens = tokens;
        self.end_context();
    }

    /// Adds a follower to the deepest open context: it occurred `count` times, counts as `value`.
    #[inline]
    fn follow(&mut self, token: u32, count: f64, value: f64) {
        let k = self.open.len();
        self.sum.add(value);
        self.levels[k].next.push(token);
        self.levels[k].sums.push(self.sum.total);
        self.seen[k].add(value);
        if k > 0 {
            self.tallies[k - 1].add(token, count);
        }
    }

    fn end_context(&mut self) {
        let sum = std::mem::take(&mut self.sum);
        let level = &mut self.levels[self.open.len()];
        level.entries.push(level.next.len() as u32);
        level.backoff.push(sum.kinds / sum.total);
    }

    fn finish(mut self) -> NgramFitted {
        for k in 0..self.levels.len() {
            let below = self.levels.get(k + 1).map_or(0, |below| below.tokens.len());
            let discount = self.seen[k].discount(self.smoothing);
            let level = &mut self.levels[k];
            level.children.push(below as u32);
            level.discount = discount;
            level
                .backoff
                .iter_mut()
                .for_each(|kinds| *kinds *= discount);
        }
        NgramFitted {
            packing: self.packing,
            outcomes: self.outcomes,
            documents: 0.0,
            unigrams: unigrams(&self.levels[0], self.outcomes),
            first: first(&self.levels, self.packing.start()),
            levels: self.levels,
        }
    }
}

/// Running sums over the followers of one context.
#[derive(Default)]
struct Sum {
    total: f64,
    kinds: f64,
}

impl Sum {
    #[inline]
    fn add(&mut self, value: f64) {
        self.total += value;
        self.kinds += value.min(1.0);
    }
}

impl Seen {
    /// A count c between two integers stands for either of them, with mean c.
    #[inline]
    fn add(&mut self, count: f64) {
        self.once += (1.0 - (count - 1.0).abs()).max(0.0);
        self.twice += (1.0 - (count - 2.0).abs()).max(0.0);
    }

    /// D = n1 / (n1 + 2 n2).
    fn discount(self, smoothing: Smoothing) -> f64 {
        let all = self.once + 2.0 * self.twice;
        match smoothing {
            Smoothing::None => 0.0,
            Smoothing::KneserNey if all <= 0.0 => DISCOUNT_MIN,
            Smoothing::KneserNey => (self.once / all).clamp(DISCOUNT_MIN, DISCOUNT_MAX),
        }
    }
}

impl Tally {
    fn new(outcomes: usize) -> Self {
        Self {
            counts: vec![0.0; outcomes],
            kinds: vec![0.0; outcomes],
            tokens: Vec::new(),
        }
    }

    #[inline]
    fn add(&mut self, token: u32, count: f64) {
        let i = token as usize;
        if self.counts[i] == 0.0 {
            self.tokens.push(token);
        }
        self.counts[i] += count;
        self.kinds[i] += count.min(1.0);
    }

    #[inline]
    fn take(&mut self, token: u32) -> (f64, f64) {
        let i = token as usize;
        (
            std::mem::take(&mut self.counts[i]),
            std::mem::take(&mut self.kinds[i]),
        )
    }
}

impl Level {
    fn empty() -> Self {
        Self {
            tokens: Vec::new(),
            children: Vec::new(),
            entries: vec![0],
            next: Vec::new(),
            sums: Vec::new(),
            backoff: Vec::new(),
            discount: 0.0,
        }
    }
}

/// The empty context, backed by the uniform distribution.
fn unigrams(root: &Level, outcomes: u32) -> Vec<f64> {
    let mut p = vec![root.backoff[0] / f64::from(outcomes); outcomes as usize];
    for place in root.followers(0) {
        p[root.next[place] as usize] += root.share(0, place);
    }
    p
}

/// The context that each token alone makes.
fn first(levels: &[Level], start: u32) -> Vec<u32> {
    let mut first = vec![NONE; start as usize + 1];
    for (node, &token) in levels
        .get(1)
        .map_or(&[][..], |level| &level.tokens)
        .iter()
        .enumerate()
    {
        first[token as usize] = node as u32;
    }
    first
}
