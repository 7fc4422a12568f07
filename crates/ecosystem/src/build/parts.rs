//! The real parts of training sets, and what depends on the replicate's designs, from a scenario.

use learn::{Family, Linear, Truth};
use types::document::ModelId;

use super::Blueprint;
use crate::linear::{self, Origin};
use crate::real::{RealPart, RealSpec};
use crate::scenario::schema::Population;

impl Blueprint<'_> {
    /// The family of a linear population, with the inputs of this replicate.
    pub(super) fn linear(&self, population: &Population) -> Linear {
        let origin = Origin {
            seed: self.scenario.seed,
            name: &population.name,
        };
        let mut family = linear::family(&population.family, origin);
        family.design = family.design.in_replicate(self.keys.design);
        family
    }

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
                let origin = Origin {
                    seed: self.scenario.seed,
                    name: corpus,
                };
                // By the corpus's name, so that one more corpus changes nobody's data.
                (Some(origin.lot()), Some(own.records))
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
