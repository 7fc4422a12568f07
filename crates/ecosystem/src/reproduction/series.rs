//! What was measured of one replicate.

use types::metric::Row;

/// A number made of the metrics of one model at one fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quantity {
    /// The metric.
    Value(&'static str),
    /// Its square.
    Square(&'static str),
    /// 1 minus the metric.
    Complement(&'static str),
    /// variance + mean^2.
    SecondMoment,
    /// The square of how far the metric is from its value at the first fit.
    SquareSinceFirst(&'static str),
    /// How far the metric has ever been from its value at the first fit.
    Departure(&'static str),
}

/// The metrics of the first model and of the ecosystem, fit by fit.
#[derive(Debug, Clone, Default)]
pub(super) struct Series {
    rows: Vec<Row>,
}

impl Series {
    /// Takes in the rows of the first model and of the ecosystem.
    pub(super) fn extend(&mut self, rows: Vec<Row>) {
        let wanted = |row: &Row| match row.model {
            Some(model) => model == 0,
            None => row.population.is_none(),
        };
        let all = rows.into_iter().filter(wanted);
        self.rows.extend(all.filter(|row| row.target.is_none()));
    }

    /// The value of a quantity after `generation` fits; not a number if it was not measured then.
    pub(super) fn get(&self, quantity: Quantity, generation: u32) -> f64 {
        let at = |metric: &str| self.metric(metric, generation);
        match quantity {
            Quantity::Value(metric) => at(metric),
            Quantity::Square(metric) => at(metric) * at(metric),
            Quantity::Complement(metric) => 1.0 - at(metric),
            Quantity::SecondMoment => at("variance") + at("mean") * at("mean"),
            Quantity::SquareSinceFirst(metric) => {
                let distance = at(metric) - self.metric(metric, 1);
                distance * distance
            }
            Quantity::Departure(metric) => self.departure(metric, generation),
        }
    }

    fn metric(&self, metric: &str, generation: u32) -> f64 {
        self.rows
            .iter()
            .find(|row| row.generation == generation && &*row.metric == metric)
            .map_or(f64::NAN, |row| row.value)
    }

    fn departure(&self, metric: &str, generation: u32) -> f64 {
        let first = self.metric(metric, 1);
        let distances = (1..=generation).map(|fit| (self.metric(metric, fit) - first).abs());
        // Not f64::max, which would pass over a fit that was not measured.
        distances.fold(0.0, |a, b| if b <= a { a } else { b })
    }
}
