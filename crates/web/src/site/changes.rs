//! A Poisson process that can be asked about any stretch of time.

use types::random::Stream;
use types::time::{VirtualDuration, VirtualTime};

/// Changes at a rate, in cells of one mean waiting time each. What lies in a cell comes from a stream of the cell's own, so
/// whoever asks about a stretch of time looks only at the cells up to the first change that he finds: one or two.
pub(super) struct Cells<F> {
    length: u64,
    stream: F,
}

impl<F: Fn(u32) -> Stream> Cells<F> {
    /// Changes `rate` times a day on average; `None` if never.
    pub(super) fn new(rate: f64, stream: F) -> Option<Self> {
        let length = VirtualDuration::from_days(1.0 / rate).0.max(1);
        (rate > 0.0).then_some(Self { length, stream })
    }

    /// The first change in (`after`, `until`].
    pub(super) fn first(&self, after: VirtualTime, until: VirtualTime) -> Option<VirtualTime> {
        let cells = self.cell(after)..=self.cell(until);
        let found = |cell| self.changes(cell).find(|&time| time > after);
        cells
            .into_iter()
            .find_map(found)
            .filter(|&time| time <= until)
    }

    /// The last change in (`after`, `until`].
    pub(super) fn last(&self, after: VirtualTime, until: VirtualTime) -> Option<VirtualTime> {
        let cells = self.cell(after)..=self.cell(until);
        let found = |cell| self.changes(cell).filter(|&time| time <= until).last();
        cells.rev().find_map(found).filter(|&time| time > after)
    }

    fn cell(&self, time: VirtualTime) -> u32 {
        u32::try_from(time.0 / self.length)
            .unwrap_or(CELLS_MAX)
            .min(CELLS_MAX)
    }

    /// The changes in a cell, in order. Their number is Poisson with mean 1: as many as uniform numbers whose product stays above
    /// exp(-1) (Knuth 1969).
    fn changes(&self, cell: u32) -> impl Iterator<Item = VirtualTime> {
        let mut rng = (self.stream)(cell);
        let limit = libm::exp(-1.0);
        let (mut count, mut product) = (0, rng.uniform());
        while product > limit {
            count += 1;
            product *= rng.uniform();
        }
        let start = u64::from(cell) * self.length;
        let place =
            |rng: &mut Stream| VirtualTime(start + (rng.uniform() * self.length as f64) as u64);
        let mut times: Vec<VirtualTime> = (0..count).map(|_| place(&mut rng)).collect();
        times.sort_unstable();
        times.into_iter()
    }
}

/// Cells have numbers up to this. No scenario has a horizon behind it.
const CELLS_MAX: u32 = u32::MAX - 16;
