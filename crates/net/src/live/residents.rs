//! Which actors have their models in memory, and who of them has had nothing to do for longest.

use std::collections::BTreeMap;

/// Actors of a thread whose models are in memory, in the order of their last deeds.
#[derive(Debug)]
pub(crate) struct Residents {
    /// So many at most.
    most: usize,
    /// By number of their last deed.
    order: BTreeMap<u64, u32>,
    /// Of each actor, the number of its last deed; 0 if it is not in memory.
    last: Vec<u64>,
    /// Deeds so far.
    deeds: u64,
}

impl Residents {
    /// At most so many of these actors, none of which is in memory yet.
    pub(crate) fn new(most: usize, actors: usize) -> Self {
        Self {
            most,
            order: BTreeMap::new(),
            last: vec![0; actors],
            deeds: 0,
        }
    }

    /// Notes that an actor has something to do.
    pub(crate) fn note(&mut self, slot: u32) {
        self.deeds += 1;
        let last = std::mem::replace(&mut self.last[slot as usize], self.deeds);
        self.order.remove(&last);
        self.order.insert(self.deeds, slot);
    }

    /// The actor that had nothing to do for longest, if there are too many; it counts as resting from now on.
    pub(crate) fn excess(&mut self) -> Option<u32> {
        if self.order.len() <= self.most {
            return None;
        }
        let (_, slot) = self.order.pop_first()?;
        self.last[slot as usize] = 0;
        Some(slot)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_had_nothing_to_do_for_longest_goes_first() {
        let mut residents = Residents::new(2, 5);
        for slot in [0, 1, 2, 0, 0] {
            residents.note(slot);
        }
        assert_eq!((residents.excess(), residents.excess()), (Some(1), None));
        for slot in [3, 4, 2, 1] {
            residents.note(slot);
        }
        let gone: Vec<u32> = std::iter::from_fn(|| residents.excess()).collect();
        assert_eq!(gone, [0, 3, 4]);
        residents.note(4);
        assert_eq!((residents.excess(), residents.excess()), (Some(2), None));
    }
}
