//! What becomes of what models write, from a scenario.

use crate::scenario::schema::{Family, Population};
use crate::shift::Shift;

/// The bias of what a population publishes; inputs of records have none.
pub(super) fn shift(population: &Population) -> Shift {
    let inputs = match population.family {
        Family::Linear { dimension, .. } => dimension as usize,
        _ => 0,
    };
    Shift::new(population.publish.shift, inputs)
}
