//! Weighted n-gram counts.

use std::borrow::Cow;

/// Sorted n-grams, each with its count.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Table {
    /// Packed n-grams, rising.
    pub(super) keys: Vec<u64>,
    /// Count of each.
    pub(super) counts: Vec<f64>,
}

impl Table {
    /// Counts `keys`, each `weight` times.
    pub(super) fn count(mut keys: Vec<u64>, weight: f64) -> Self {
        keys.sort_unstable();
        let mut table = Self::default();
        for run in keys.chunk_by(|a, b| a == b) {
            table.push(run[0], weight * run.len() as f64);
        }
        table
    }

    /// Number of distinct n-grams.
    pub(super) fn len(&self) -> usize {
        self.keys.len()
    }

    /// Appends a key above all others.
    #[inline]
    pub(super) fn push(&mut self, key: u64, count: f64) {
        self.keys.push(key);
        self.counts.push(count);
    }

    /// The same n-grams, `weight` times as often.
    fn scaled(&self, weight: f64) -> Self {
        let counts = self.counts.iter().map(|count| weight * count).collect();
        Self {
            keys: self.keys.clone(),
            counts,
        }
    }

    /// The sum of two tables, each count multiplied by its table's weight.
    pub(super) fn mixed((a, weight_a): (&Self, f64), (b, weight_b): (&Self, f64)) -> Self {
        let mut sum = Self::default();
        sum.keys.reserve(a.len().max(b.len()));
        sum.counts.reserve(a.len().max(b.len()));
        let (mut i, mut j) = (0, 0);
        while let (Some(&x), Some(&y)) = (a.keys.get(i), b.keys.get(j)) {
            let count_a = if x <= y { weight_a * a.counts[i] } else { 0.0 };
            let count_b = if y <= x { weight_b * b.counts[j] } else { 0.0 };
            sum.push(x.min(y), count_a + count_b);
            i += usize::from(x <= y);
            j += usize::from(y <= x);
        }
        sum.append(a, i, weight_a);
        sum.append(b, j, weight_b);
        sum
    }

    fn append(&mut self, other: &Self, from: usize, weight: f64) {
        self.keys.extend_from_slice(&other.keys[from..]);
        self.counts
            .extend(other.counts[from..].iter().map(|count| weight * count));
    }

    /// Forgets n-grams whose count is below `minimum`.
    pub(super) fn forget_below(&mut self, minimum: f64) {
        let mut kept = 0;
        for i in 0..self.len() {
            if self.counts[i] >= minimum {
                (self.keys[kept], self.counts[kept]) = (self.keys[i], self.counts[i]);
                kept += 1;
            }
        }
        self.keys.truncate(kept);
        self.counts.truncate(kept);
    }
}

/// What an n-gram model needs to know of documents: how often each n-gram of the highest order
/// occurs, every document being padded at its start, so that the counts of all lower orders are
/// marginals of these.
///
/// Counts lie in sorted runs of falling length, each more than twice as long as the next
/// (O'Neil et al. 1996): absorbing n tokens in any number of pieces takes O(n log n).
#[derive(Debug, Clone, Default)]
pub struct NgramStatistic {
    runs: Vec<Table>,
    documents: f64,
    tokens: f64,
}

impl NgramStatistic {
    /// Sum of the weights of all documents.
    pub fn documents(&self) -> f64 {
        self.documents
    }

    /// Weighted number of tokens, ends of documents included.
    pub fn tokens(&self) -> f64 {
        self.tokens
    }

    /// Adds `documents` documents that consist of `keys`, each with `weight`.
    pub(super) fn absorb(&mut self, documents: usize, keys: Vec<u64>, weight: f64) {
        self.documents += weight * documents as f64;
        self.tokens += weight * keys.len() as f64;
        self.add(Table::count(keys, weight));
    }

    /// Adds the documents behind another statistic.
    pub(super) fn merge(&mut self, other: &Self, weight: f64) {
        self.documents += weight * other.documents;
        self.tokens += weight * other.tokens;
        for run in &other.runs {
            self.add(run.scaled(weight));
        }
    }

    fn add(&mut self, mut run: Table) {
        while let Some(last) = self.runs.pop_if(|last| last.len() <= 2 * run.len()) {
            run = Table::mixed((&last, 1.0), (&run, 1.0));
        }
        self.runs.push(run);
    }

    /// All counts in one table.
    pub(super) fn table(&self) -> Cow<'_, Table> {
        let shortest_first = self.runs.iter().rev().map(Cow::Borrowed);
        let mix =
            |a: Cow<'_, Table>, b: Cow<'_, Table>| Cow::Owned(Table::mixed((&b, 1.0), (&a, 1.0)));
        shortest_first.reduce(mix).unwrap_or_default()
    }
}
