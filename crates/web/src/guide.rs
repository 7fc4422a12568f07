//! Which run a position of a view is in, without a search.

/// At least so many stretches of equal length have an entry each.
const STRETCHES: u32 = 512;
/// For each run there are so many stretches.
const STRETCHES_A_RUN: u32 = 4;

/// Knows where runs begin, and in which of them each stretch of positions does.
#[derive(Debug, Clone, Default)]
pub(crate) struct Guide {
    /// Positions at which runs begin, and one that comes after all.
    starts: Vec<u32>,
    /// Those of equal length, and one after the last.
    stretches: Vec<Stretch>,
    /// A stretch has two to this power of positions.
    bits: u32,
}

#[derive(Debug, Clone, Copy)]
struct Stretch {
    /// The run of its first position.
    run: u32,
    /// Where the run after that begins; [`CROWDED`] if more than one run begins in the stretch.
    next: u32,
}

/// No run but the first begins here.
const CROWDED: u32 = 0;

impl Guide {
    /// Of runs that begin at these positions, ascending from 0 on, with `len` positions in all.
    pub(crate) fn new(starts: impl Iterator<Item = u32>, len: u32) -> Self {
        let mut starts: Vec<u32> = starts.collect();
        let stretches = STRETCHES.max(STRETCHES_A_RUN.saturating_mul(starts.len() as u32));
        let bits = (len / stretches).checked_ilog2().map_or(0, |log| log + 1);
        let begins_by =
            |run: usize, at: u64| starts.get(run).is_some_and(|start| u64::from(*start) < at);
        let mut run = 0;
        let stretch_of = |number: u32| {
            let first = u64::from(number) << bits;
            while begins_by(run + 1, first + 1) {
                run += 1;
            }
            let crowded = begins_by(run + 2, first + (1 << bits));
            Stretch {
                run: run as u32,
                next: match starts.get(run + 1) {
                    Some(_) if crowded => CROWDED,
                    Some(next) => *next,
                    None => u32::MAX,
                },
            }
        };
        let stretches = (0..=(len >> bits) + 1).map(stretch_of).collect();
        starts.push(u32::MAX);
        Self {
            starts,
            stretches,
            bits,
        }
    }

    /// Which run a position is in.
    #[inline(always)]
    pub(crate) fn run(&self, position: u32) -> usize {
        let number = (position >> self.bits) as usize;
        let Stretch { run, next } = self.stretches[number];
        if next == CROWDED {
            return self.search(number, position);
        }
        // A comparison rather than a branch: which way it goes is as random as what is read.
        run as usize + usize::from(position >= next)
    }

    /// The same where more than one run begins in the stretch.
    #[cold]
    fn search(&self, number: usize, position: u32) -> usize {
        let [first, last] = [number, number + 1].map(|at| self.stretches[at].run as usize);
        first + self.starts[first..=last].partition_point(|start| *start <= position) - 1
    }

    /// Which run a position is in, and where in it.
    #[inline]
    pub(crate) fn place(&self, position: u32) -> (usize, u32) {
        let run = self.run(position);
        (run, position - self.starts[run])
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
