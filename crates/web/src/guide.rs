//! Which run a position of a view is in, without a search.

/// At least so many stretches of equal length have an entry each.
const STRETCHES: u32 = 512;
/// For each run there are so many stretches.
const STRETCHES_A_RUN: u32 = 4;
/// Of so many runs in one stretch the right one is found faster one after another.
const FEW: u32 = 8;

/// So many positions are looked up side by side.
pub(crate) const AT_ONCE: usize = 64;

/// Knows where runs begin, and in which of them each stretch of positions does.
#[derive(Debug, Clone, Default)]
pub(crate) struct Guide {
    /// Positions at which runs begin, and one that comes after all.
    starts: Vec<u32>,
    /// Of each stretch, and of one after the last, the run of its first position.
    runs: Vec<u32>,
    /// A stretch has two to this power of positions.
    bits: u32,
}

impl Guide {
    /// Of runs that begin at these positions, ascending from 0 on, with `len` positions in all.
    pub(crate) fn new(starts: impl Iterator<Item = u32>, len: u32) -> Self {
        let mut starts: Vec<u32> = starts.collect();
        let stretches = STRETCHES.max(STRETCHES_A_RUN.saturating_mul(starts.len() as u32));
        let bits = (len / stretches).checked_ilog2().map_or(0, |log| log + 1);
        let mut run = 0;
        let run_of = |stretch: u32| {
            let first = u64::from(stretch) << bits;
            while starts
                .get(run + 1)
                .is_some_and(|start| u64::from(*start) <= first)
            {
                run += 1;
            }
            run as u32
        };
        let runs = (0..=(len >> bits) + 1).map(run_of).collect();
        starts.push(u32::MAX);
        Self { starts, runs, bits }
    }

    /// Which run a position is in, and where in it.
    #[inline]
    pub(crate) fn place(&self, position: u32) -> (usize, u32) {
        let stretch = (position >> self.bits) as usize;
        let (first, last) = (self.runs[stretch], self.runs[stretch + 1]);
        let mut run = first as usize;
        if last - first > FEW {
            let starts = &self.starts[run..=last as usize];
            run += starts.partition_point(|start| *start <= position) - 1;
        } else {
            // Hardly ever more than once: there are many more stretches than runs.
            while self.starts[run + 1] <= position {
                run += 1;
            }
        }
        (run, position - self.starts[run])
    }
}

/// Room for so many places.
#[derive(Debug)]
pub(crate) struct Places([(usize, u32); AT_ONCE]);

impl Default for Places {
    fn default() -> Self {
        Self([(0, 0); AT_ONCE])
    }
}

impl Places {
    /// The places of at most [`AT_ONCE`] positions. Who reads what is there afterwards has all that it needs asked of memory before it waits for any.
    #[inline]
    pub(crate) fn of(&mut self, positions: &[u32], guide: &Guide) -> &[(usize, u32)] {
        for (place, position) in self.0.iter_mut().zip(positions) {
            *place = guide.place(*position);
        }
        &self.0[..positions.len()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(starts: &[u32], len: u32) {
        let guide = Guide::new(starts.iter().copied(), len);
        for position in 0..len {
            let run = starts.partition_point(|start| *start <= position) - 1;
            assert_eq!(
                guide.place(position),
                (run, position - starts[run]),
                "{len}"
            );
        }
    }

    #[test]
    fn every_position_is_in_the_run_that_begins_before_it() {
        for len in [1, 2, 7, 511, 512, 513, 100_000] {
            let starts = [0, 1, 5, 6, 400, 512, 99_999].into_iter();
            let starts: Vec<u32> = starts.filter(|start| *start < len).collect();
            check(&starts, len);
        }
    }

    #[test]
    fn many_runs_may_crowd_at_one_place() {
        let crowd: Vec<u32> = [0].into_iter().chain(90_000..91_000).collect();
        check(&crowd, 100_000);
        let even: Vec<u32> = (0..1_000).map(|run| 7 * run).collect();
        check(&even, 7_000);
    }
}
