//! Green lists, from a scenario.

use learn::GreenList;

use super::Blueprint;
use crate::metrics::WATERMARK_Z;
use crate::scenario::schema::{self, Family, Population};

/// The green list that a population writes by.
pub(super) fn green_list(population: &Population) -> Option<GreenList> {
    let schema::GreenList { key, gamma, delta } = population.publish.watermark.green_list()?;
    let key = u64::from(key);
    Some(GreenList { key, gamma, delta })
}

impl Blueprint<'_> {
    /// Of each population, the green list that it has at first or, if it has none, first gets.
    pub(super) fn all_green_lists(&self) -> Vec<Option<GreenList>> {
        let of = |number: usize| {
            let later = self.stages.iter().map(|stage| &stage.scenario);
            let mut all = std::iter::once(self.scenario).chain(later);
            all.find_map(|scenario| green_list(&scenario.population[number]))
        };
        (0..self.scenario.population.len()).map(of).collect()
    }

    /// The green lists that models of a population are tested for, with the numbers of the populations that write by them: those
    /// of populations with the same tokens. None if nobody asks.
    pub(super) fn tested(&self, population: &Population) -> Vec<(u16, GreenList)> {
        if !self.names(WATERMARK_Z) {
            return Vec::new();
        }
        let numbered = (0..).zip(&self.green_lists).zip(&self.scenario.population);
        let tested = |((number, list), author): ((u16, &Option<GreenList>), &Population)| {
            let list = list.filter(|_| same_tokens(&author.family, &population.family));
            Some((number, list?))
        };
        numbered.filter_map(tested).collect()
    }
}

/// True if what is a token to one is a token to the other.
fn same_tokens(a: &Family, b: &Family) -> bool {
    match (a, b) {
        (Family::Transformer(a), Family::Transformer(b)) => {
            (a.tokenizer, &a.pretrained) == (b.tokenizer, &b.pretrained)
        }
        (
            Family::Ngram {
                unit,
                vocabulary_max,
                ..
            },
            Family::Ngram {
                unit: other,
                vocabulary_max: others,
                ..
            },
        ) => unit == other && vocabulary_max == others,
        _ => false,
    }
}
