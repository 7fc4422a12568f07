//! Where the units of a path are, as sets of places: a part of a pattern is sought at 64 places of a path at once.

use super::octets::Unit;

/// For every unit of patterns, where in a path it fits.
#[derive(Debug)]
pub(super) struct Places {
    /// One set after the other, by the number of the unit; a place is a bit.
    sets: Vec<u64>,
    /// Words of a set.
    words: usize,
}

impl Places {
    pub(super) fn of(path: &[Unit]) -> Self {
        // One place more than there are units: what ends with the path ends there.
        let words = path.len() / 64 + 1;
        let mut sets = vec![0; Unit::COUNT * words];
        for (place, unit) in path.iter().enumerate() {
            for form in unit.fitting() {
                sets[form.number() * words + place / 64] |= 1 << (place % 64);
            }
        }
        Self { sets, words }
    }

    /// Where the first of the places ends, from a start on, at which a part is found.
    pub(super) fn behind(&self, part: &[Unit], start: usize) -> Option<usize> {
        // What comes before the word of the start is of no interest.
        let first = start / 64;
        let mut ends: Vec<u64> = vec![u64::MAX; self.words - first];
        ends[0] <<= start % 64;
        for unit in part {
            let set = unit.number() * self.words;
            if !step(&mut ends, &self.sets[set + first..set + self.words]) {
                return None;
            }
        }
        let found = ends.iter().position(|&word| word != 0)?;
        Some((first + found) * 64 + ends[found].trailing_zeros() as usize)
    }
}

/// Keeps the places at which the next unit fits, moved on to what follows it; `false` if there is none.
fn step(ends: &mut [u64], fits: &[u64]) -> bool {
    let (mut carried, mut any) = (0, 0);
    for (end, fit) in ends.iter_mut().zip(fits) {
        let kept = *end & fit;
        *end = kept << 1 | carried;
        carried = kept >> 63;
        any |= kept;
    }
    any != 0
}
