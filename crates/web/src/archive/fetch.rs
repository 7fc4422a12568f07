//! What comes of a fetch.

/// What comes of a fetch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FetchOutcome {
    /// The page was fetched.
    Success,
    /// The crawler has it already: it has not changed since.
    NotModified,
    /// The server sends the crawler elsewhere.
    Redirected,
    /// The server refuses.
    Denied,
    /// The server does not answer, or with an error of its own.
    Failed,
    /// There is no such page any more.
    Gone,
}

/// All outcomes, with the names that metrics have for them.
pub const FETCH_OUTCOMES: [(FetchOutcome, &str); 6] = [
    (FetchOutcome::Success, "success"),
    (FetchOutcome::NotModified, "not-modified"),
    (FetchOutcome::Redirected, "redirected"),
    (FetchOutcome::Denied, "denied"),
    (FetchOutcome::Failed, "failed"),
    (FetchOutcome::Gone, "gone"),
];

/// Shares of fetches that come to nothing, whatever the page.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Shares {
    /// Sent elsewhere.
    pub redirected: f64,
    /// Refused.
    pub denied: f64,
    /// Failed.
    pub failed: f64,
}

impl Shares {
    /// What goes wrong, if anything does, for a number that is uniform in [0, 1).
    pub(super) fn mishap(&self, uniform: f64) -> Option<FetchOutcome> {
        let bounds = [
            (self.redirected, FetchOutcome::Redirected),
            (self.denied, FetchOutcome::Denied),
            (self.failed, FetchOutcome::Failed),
        ];
        let mut bound = 0.0;
        bounds.into_iter().find_map(|(share, outcome)| {
            bound += share;
            (uniform < bound).then_some(outcome)
        })
    }
}

/// Fetches by what came of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    /// In the order of [`FETCH_OUTCOMES`].
    pub counts: [u64; 6],
    /// Pages on hosts that may be fetched from.
    pub allowed: u64,
    /// Pages on hosts that it leaves alone, because they disallow it.
    pub disallowed: u64,
}

impl Tally {
    /// Number of fetches.
    pub fn fetches(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// Fetches with this outcome.
    pub fn count(&self, outcome: FetchOutcome) -> u64 {
        self.counts[outcome as usize]
    }

    pub(super) fn note(&mut self, outcome: FetchOutcome) {
        self.counts[outcome as usize] += 1;
    }

    /// Adds what came of other fetches.
    pub fn add(&mut self, other: &Self) {
        for (count, more) in self.counts.iter_mut().zip(other.counts) {
            *count += more;
        }
        self.allowed += other.allowed;
        self.disallowed += other.disallowed;
    }
}
