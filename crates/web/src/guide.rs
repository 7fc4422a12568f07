//! Which run a position of a view is in, without a search.

/// So many stretches of equal length have an entry each.
const STRETCHES: u32 = 512;

/// Knows where runs begin, and in which of them each stretch of positions does.
#[derive(Debug, Clone, Default)]
pub(crate) struct Guide {
    /// Positions at which runs begin, and one that comes after all.
    starts: Vec<u32>,
    /// Of each stretch, the run of its first position.
    runs: Vec<u32>,
    /// A stretch has two to this power of positions.
    bits: u32,
}

impl Guide {
    /// Of runs that begin at these positions, ascending from 0 on, with `len` positions in all.
    pub(crate) fn new(starts: impl Iterator<Item = u32>, len: u32) -> Self {
        let mut starts: Vec<u32> = starts.collect();
        starts.push(u32::MAX);
        let bits = (len / STRETCHES).checked_ilog2().map_or(0, |log| log + 1);
        let stretches = 0..=len >> bits;
        let run_of = |stretch: u32| {
            let first = stretch << bits;
            starts.partition_point(|start| *start <= first) as u32 - 1
        };
        Self {
            runs: stretches.map(run_of).collect(),
            starts,
            bits,
        }
    }

    /// Which run a position is in, and where in it.
    #[inline]
    pub(crate) fn place(&self, position: u32) -> (usize, u32) {
        let mut run = self.runs[(position >> self.bits) as usize] as usize;
        // Hardly ever more than once: there are many more stretches than runs.
        while self.starts[run + 1] <= position {
            run += 1;
        }
        (run, position - self.starts[run])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_position_is_in_the_run_that_begins_before_it() {
        for len in [1, 2, 7, 511, 512, 513, 100_000] {
            let starts: Vec<u32> = [0, 1, 5, 6, 400, 512, 99_999]
                .into_iter()
                .filter(|start| *start < len)
                .collect();
            let guide = Guide::new(starts.iter().copied(), len);
            for position in 0..len {
                let run = starts.iter().rposition(|start| *start <= position).unwrap();
                assert_eq!(
                    guide.place(position),
                    (run, position - starts[run]),
                    "{len}"
                );
            }
        }
    }
}
