//! What was measured of one replicate.

use types::metric::Row;

/// A number made of the metrics of one model at one fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quantity {
    /// The metric.
    Value(&'static str),
    /// The metric's value that refers to this target.
    Of(&'static str, &'static str),
    /// The mean over the models of the first population, of which there must be several.
    Average(&'static str),
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

/// The metrics of the first model, of the first population and of the ecosystem, fit by fit.
#[derive(Debug, Clone)]
pub(super) struct Series {
    /// Name of the first population.
    first: String,
    rows: Vec<Row>,
}

impl Series {
    /// Nothing yet.
    pub(super) fn new(first: &str) -> Self {
        Self {
            first: first.to_owned(),
            rows: Vec::new(),
        }
    }

    /// Takes in the rows of the first model, of the first population and of the ecosystem.
    pub(super) fn extend(&mut self, rows: Vec<Row>) {
        let first = &self.first;
        let wanted = |row: &Row| match (row.model, &row.population) {
            (Some(model), _) => model == 0,
            (None, Some(population)) => **population == **first,
            (None, None) => true,
        };
        self.rows.extend(rows.into_iter().filter(wanted));
    }

    /// The value of a quantity after `generation` fits; not a number if it was not measured then.
    pub(super) fn get(&self, quantity: Quantity, generation: u32) -> f64 {
        let at = |metric: &str| self.metric(metric, generation);
        match quantity {
            Quantity::Value(metric) => at(metric),
            Quantity::Average(metric) => self.average(metric, generation),
            Quantity::Of(metric, target) => self.find((metric, Some(target)), generation),
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
        self.find((metric, None), generation)
    }

    fn average(&self, metric: &str, generation: u32) -> f64 {
        let mut at = self.rows.iter().filter(|row| row.generation == generation);
        let of =
            |row: &&Row| &*row.metric == metric && row.model.is_none() && row.population.is_some();
        at.find(of).map_or(f64::NAN, |row| row.value)
    }

    fn find(&self, (metric, target): (&str, Option<&str>), generation: u32) -> f64 {
        let single = |row: &Row| row.model.is_some() || row.population.is_none();
        let of =
            |row: &&Row| &*row.metric == metric && row.target.as_deref() == target && single(row);
        let mut at = self.rows.iter().filter(|row| row.generation == generation);
        at.find(of).map_or(f64::NAN, |row| row.value)
    }

    fn departure(&self, metric: &str, generation: u32) -> f64 {
        let first = self.metric(metric, 1);
        let distances = (1..=generation).map(|fit| (self.metric(metric, fit) - first).abs());
        // Not f64::max, which would pass over a fit that was not measured.
        distances.fold(0.0, |a, b| if b <= a { a } else { b })
    }
}
