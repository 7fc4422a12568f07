//! What the horizontal axis counts.

use std::collections::BTreeMap;

use types::metric::Row;

/// Unit of the horizontal axis, one for the whole report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Clock {
    /// Generations: all models train together.
    Generation,
    /// Virtual days: at some instant the models' generations differ.
    Days,
}

impl Clock {
    /// Chooses generations if, within every replicate, instants and generations are one to one.
    pub(super) fn choose(rows: &[Row]) -> Self {
        let in_step = rows
            .chunk_by(|a, b| a.replicate == b.replicate)
            .all(Self::in_lock_step);
        if in_step {
            Self::Generation
        } else {
            Self::Days
        }
    }

    fn in_lock_step(rows: &[Row]) -> bool {
        let mut generations: BTreeMap<u64, u32> = BTreeMap::new();
        let mut instants: BTreeMap<u32, u64> = BTreeMap::new();
        rows.iter().all(|row| {
            let instant = row.time.to_bits();
            *generations.entry(instant).or_insert(row.generation) == row.generation
                && *instants.entry(row.generation).or_insert(instant) == instant
        })
    }

    pub(super) fn read(self, row: &Row) -> f64 {
        match self {
            Self::Generation => f64::from(row.generation),
            Self::Days => row.time,
        }
    }

    /// Names an instant.
    pub(super) fn at(self, instant: f64) -> String {
        match self {
            Self::Generation => format!("generation {instant}"),
            Self::Days => format!("day {}", (instant * 100.0).round() / 100.0),
        }
    }

    pub(super) fn title(self) -> &'static str {
        match self {
            Self::Generation => "generation",
            Self::Days => "virtual days",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample_rows::{row, specialists};

    #[test]
    fn lock_step_counts_generations() {
        assert_eq!(Clock::choose(&specialists(2, 4)), Clock::Generation);
    }

    #[test]
    fn generations_that_differ_at_an_instant_count_days() {
        let rows = [
            row(),
            Row {
                generation: 2,
                model: Some(1),
                ..row()
            },
        ];
        assert_eq!(Clock::choose(&rows), Clock::Days);
    }

    #[test]
    fn a_generation_at_several_instants_counts_days() {
        let rows = [
            row(),
            Row {
                time: 1.25,
                model: Some(1),
                ..row()
            },
        ];
        assert_eq!(Clock::choose(&rows), Clock::Days);
    }
}
