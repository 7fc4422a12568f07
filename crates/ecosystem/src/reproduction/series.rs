//! What was measured of one replicate.

use std::sync::Arc;

use types::metric::Row;

/// A number made of the metrics of one model at one fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quantity {
    /// The metric.
    Value(&'static str),
    /// The metric's value that refers to this target.
    Of(&'static str, &'static str),
    /// 1 minus the metric's value that refers to this target.
    OfComplement(&'static str, &'static str),
    /// The mean over the models of the first population, of which there must be several.
    Average(&'static str),
    /// Its square.
    Square(&'static str),
    /// Its square root.
    Root(&'static str),
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
    /// Values of each metric; the first is that of fit 0, which is seldom measured.
    columns: Vec<(Column, Vec<f64>)>,
}

/// What a column holds.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Column {
    metric: Arc<str>,
    target: Option<Arc<str>>,
    /// Whether it is the mean over a population.
    average: bool,
}

impl Series {
    /// Nothing yet.
    pub(super) fn new(first: &str) -> Self {
        Self {
            first: first.to_owned(),
            columns: Vec::new(),
        }
    }

    /// Takes in the rows of the first model, of the first population and of the ecosystem.
    pub(super) fn extend(&mut self, rows: Vec<Row>) {
        for row in rows {
            let wanted = match (row.model, &row.population) {
                (Some(model), _) => model == 0,
                (None, Some(population)) => **population == *self.first,
                (None, None) => true,
            };
            if wanted {
                self.push(&row);
            }
        }
    }

    /// Keeps the first value of every fit.
    fn push(&mut self, row: &Row) {
        let column = Column {
            metric: Arc::clone(&row.metric),
            target: row.target.clone(),
            average: row.model.is_none() && row.population.is_some(),
        };
        let known = self.columns.iter().position(|(known, _)| *known == column);
        let at = known.unwrap_or_else(|| {
            self.columns.push((column, Vec::new()));
            self.columns.len() - 1
        });
        let (values, fit) = (&mut self.columns[at].1, row.generation as usize);
        if values.len() <= fit {
            values.resize(fit, f64::NAN);
            values.push(row.value);
        }
    }

    /// The value of a quantity after `generation` fits; not a number if it was not measured then.
    pub(super) fn get(&self, quantity: Quantity, generation: u32) -> f64 {
        let at = |metric: &str| self.metric(metric, generation);
        match quantity {
            Quantity::Value(metric) => at(metric),
            Quantity::Of(metric, target) => self.find((metric, Some(target), false), generation),
            Quantity::OfComplement(metric, target) => {
                1.0 - self.find((metric, Some(target), false), generation)
            }
            Quantity::Average(metric) => self.find((metric, None, true), generation),
            Quantity::Square(metric) => at(metric) * at(metric),
            Quantity::Root(metric) => libm::sqrt(at(metric)),
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
        self.find((metric, None, false), generation)
    }

    fn find(&self, (metric, target, average): (&str, Option<&str>, bool), fit: u32) -> f64 {
        let same = |column: &Column| {
            &*column.metric == metric
                && column.target.as_deref() == target
                && column.average == average
        };
        let column = self.columns.iter().find(|(column, _)| same(column));
        let value = column.and_then(|(_, values)| values.get(fit as usize));
        value.copied().unwrap_or(f64::NAN)
    }

    fn departure(&self, metric: &str, generation: u32) -> f64 {
        let first = self.metric(metric, 1);
        let distances = (1..=generation).map(|fit| (self.metric(metric, fit) - first).abs());
        // Not f64::max, which would pass over a fit that was not measured.
        distances.fold(0.0, |a, b| if b <= a { a } else { b })
    }
}
