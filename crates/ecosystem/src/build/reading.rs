//! Who reads whom, from a scenario.

use std::collections::BTreeMap;

use types::document::ModelId;
use web::{Reading, Sources};

use super::Blueprint;
use crate::scenario::schema;

impl Blueprint<'_> {
    /// Whom the models of a population read.
    pub(crate) fn reading(&self, number: usize) -> Reading {
        let population = &self.scenario.population[number];
        let models = &self.models;
        let sources = match &population.read.from {
            schema::From::Everyone => Sources::Everyone,
            schema::From::Ring(neighbours) => web::ring(models, *neighbours as usize),
            schema::From::Islands(size) => web::islands(models, *size as usize),
            schema::From::Zipf(exponent) => web::zipf(models, |rank| libm::pow(rank, -exponent)),
            schema::From::Weights(weights) => Sources::Shares(
                models
                    .iter()
                    .copied()
                    .zip(weights.iter().copied())
                    .collect(),
            ),
            schema::From::Matrix(rows) => Sources::Rows(self.matrix(number, rows)),
        };
        Reading {
            sources,
            include_own: population.read.include_own,
            with_replacement: population.training.draw == schema::Draw::WithReplacement,
        }
    }

    fn matrix(&self, number: usize, rows: &[Vec<f64>]) -> BTreeMap<ModelId, Vec<(ModelId, f64)>> {
        let first: u32 = self.scenario.population[..number]
            .iter()
            .map(|population| population.count)
            .sum();
        let row = |weights: &Vec<f64>| {
            self.models
                .iter()
                .copied()
                .zip(weights.iter().copied())
                .collect()
        };
        (first..).map(ModelId).zip(rows.iter().map(row)).collect()
    }
}
