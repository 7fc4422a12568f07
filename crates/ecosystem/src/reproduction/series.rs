//! What was measured of one replicate.

use std::sync::Arc;

use types::metric::Row;

/// A number made of the metrics of one model at one fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quantity {
    /// The metric.
    Value(&'static str),
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

/// The metrics of the first model, fit by fit.
#[derive(Debug, Clone, Default)]
pub(super) struct Series {
    /// Name and values of each metric; the first value is that of fit 0, which is seldom measured.
    columns: Vec<(Arc<str>, Vec<f64>)>,
}

impl Series {
    /// Takes in the rows of the first model.
    pub(super) fn extend(&mut self, rows: Vec<Row>) {
        let first = |row: &Row| row.model == Some(0) && row.target.is_none();
        rows.into_iter()
            .filter(first)
            .for_each(|row| self.push(&row));
    }

    /// Keeps the first value of every fit.
    fn push(&mut self, row: &Row) {
        let known = self
            .columns
            .iter()
            .position(|(name, _)| *name == row.metric);
        let column = known.unwrap_or_else(|| {
            self.columns.push((Arc::clone(&row.metric), Vec::new()));
            self.columns.len() - 1
        });
        let (values, fit) = (&mut self.columns[column].1, row.generation as usize);
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
        let column = self.columns.iter().find(|(name, _)| &**name == metric);
        let value = column.and_then(|(_, values)| values.get(generation as usize));
        value.copied().unwrap_or(f64::NAN)
    }

    fn departure(&self, metric: &str, generation: u32) -> f64 {
        let first = self.metric(metric, 1);
        let distances = (1..=generation).map(|fit| (self.metric(metric, fit) - first).abs());
        // Not f64::max, which would pass over a fit that was not measured.
        distances.fold(0.0, |a, b| if b <= a { a } else { b })
    }
}
