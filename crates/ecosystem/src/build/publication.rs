//! What becomes of what models write, from a scenario.

use crate::labels::Labels;
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

/// What becomes of a population's labels; nothing if all are right and none is verified.
pub(super) fn labels(population: &Population) -> Option<Labels> {
    let publish = &population.publish;
    let kept = publish
        .verifier
        .map(|verifier| [verifier.keeps_wrong, verifier.keeps_right]);
    let changes = publish.mislabelled > 0.0 || kept.is_some();
    changes.then_some(Labels {
        mislabelled: publish.mislabelled,
        kept: kept.unwrap_or([1.0; 2]),
    })
}
