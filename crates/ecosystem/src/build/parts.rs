//! The real parts of training sets, from a scenario.

use learn::{Family, Truth};
use types::document::ModelId;

use super::Blueprint;
use crate::real::{RealPart, RealSpec};

impl Blueprint<'_> {
    /// What population `number` holds of a corpus: its private part (slot 0) or its public one (slot 1).
    pub(super) fn real_part<F: Family>(
        &self,
        family: &F,
        corpus: &str,
        (number, slot): (usize, u32),
    ) -> RealPart<F> {
        let population = &self.scenario.population[number];
        let (real, source) = (&population.real, self.source(corpus));
        let budget = self.training(population).budget;
        let default = match source.given {
            Some(_) => None,
            None => budget.map(|budget| budget.of(ModelId(0))),
        };
        // Shared records are one set, whichever populations share them; other documents are a draw for each population.
        let (lot, records) = match &*source.truth {
            Truth::Linear { own, .. } => {
                let mut corpora = self.data.sources.keys();
                (corpora.position(|name| name == corpus), Some(own.records))
            }
            _ => (None, None),
        };
        let documents = real.documents.map(|count| count as usize);
        let spec = RealSpec {
            source,
            documents: documents.or(records).or(default),
            renewal: real.renewal,
            holding: match real.public_holding {
                Some(holding) if slot == 1 => holding,
                _ => real.holding,
            },
            key: self.keys.real,
            design: self.keys.design,
            number: 2 * lot.unwrap_or(number) as u32 + slot,
            exact: budget.is_none(),
        };
        RealPart::new(family, &spec)
    }
}
