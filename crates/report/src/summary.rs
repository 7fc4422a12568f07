//! A run in a few numbers: where every metric started and where it ended.

mod table;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::Serialize;
use types::metric::Row;

use crate::statistics::{deviation, mean};

pub use table::{Table, closing_table, render_table};

/// First and last values of every series, for `summary.json` and the closing table.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Summary {
    /// One entry per metric, level, population and target, sorted by these.
    pub series: Vec<SeriesSummary>,
}

/// What a value is a value of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// The whole ecosystem.
    Ecosystem,
    /// One population as a whole.
    Population,
    /// One model.
    Model,
}

impl Level {
    /// The level that a row belongs to.
    pub fn of(row: &Row) -> Self {
        match (row.model, &row.population) {
            (Some(_), _) => Self::Model,
            (None, Some(_)) => Self::Population,
            (None, None) => Self::Ecosystem,
        }
    }
}

/// First and last values of one series.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SeriesSummary {
    /// Name of the metric.
    pub metric: Arc<str>,
    /// What the values are values of.
    pub level: Level,
    /// Name of the population; `None` for values of the ecosystem.
    pub population: Option<Arc<str>>,
    /// Task, corpus or other model that the values refer to.
    pub target: Option<Arc<str>>,
    /// Number of different models, 0 above the level of models.
    pub models: usize,
    /// The first value of each model.
    pub first: Snapshot,
    /// The last value of each model.
    pub last: Snapshot,
}

/// The values of one series at its first or last observation.
///
/// Every model counts with its own first or last observation, so models that train at different
/// times are all in. NaN says that there was nothing to measure and is left out; an infinite value
/// is a value and makes the mean infinite.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Snapshot {
    /// Largest generation among the observations.
    pub generation: u32,
    /// Latest virtual time in days among the observations.
    pub time: f64,
    /// Mean over replicates of the mean over models; `null` in JSON when it is not finite.
    pub mean: f64,
    /// Sample standard deviation over replicates of the mean over models; `None` below two.
    pub sd: Option<f64>,
    /// Number of replicates with a value.
    pub replicates: usize,
}

/// Summarises all rows, which must come in order of time within a replicate.
///
/// ```
/// # use echosphere_report as report;
/// use types::metric::Row;
///
/// let row = |replicate, generation, value| Row {
///     replicate,
///     time: f64::from(generation),
///     generation,
///     model: None,
///     population: None,
///     metric: "effective_models".into(),
///     target: None,
///     value,
/// };
/// let rows = [row(0, 1, 2.0), row(0, 2, 1.0), row(1, 1, 2.0), row(1, 2, 1.5)];
/// let summary = report::summary::summarise(&rows);
/// assert_eq!(summary.series[0].first.mean, 2.0);
/// assert_eq!(summary.series[0].last.mean, 1.25);
/// ```
pub fn summarise(rows: &[Row]) -> Summary {
    let mut series: BTreeMap<Key<'_>, Ends<'_>> = BTreeMap::new();
    for row in rows {
        series.entry(Key::of(row)).or_default().observe(row);
    }
    Summary {
        series: series.iter().map(|(key, ends)| key.summary(ends)).collect(),
    }
}

/// Order of the summary.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key<'a> {
    metric: &'a Arc<str>,
    level: Level,
    population: Option<&'a Arc<str>>,
    target: Option<&'a Arc<str>>,
}

impl<'a> Key<'a> {
    pub(crate) fn of(row: &'a Row) -> Self {
        Self {
            metric: &row.metric,
            level: Level::of(row),
            population: row.population.as_ref(),
            target: row.target.as_ref(),
        }
    }

    /// Names of metric, population and target; empty where there is none.
    pub(crate) fn names(&self) -> [String; 3] {
        let name = |name: Option<&Arc<str>>| name.map_or_else(String::new, ToString::to_string);
        [
            self.metric.to_string(),
            name(self.population),
            name(self.target),
        ]
    }

    /// True if it is the key of this series.
    pub(crate) fn is_of(&self, series: &SeriesSummary) -> bool {
        self.level == series.level
            && *self.metric == series.metric
            && self.population == series.population.as_ref()
            && self.target == series.target.as_ref()
    }

    fn summary(&self, ends: &Ends<'_>) -> SeriesSummary {
        let models: BTreeSet<u32> = ends.models.keys().filter_map(|(_, model)| *model).collect();
        SeriesSummary {
            metric: Arc::clone(self.metric),
            level: self.level,
            population: self.population.cloned(),
            target: self.target.cloned(),
            models: models.len(),
            first: snapshot(
                ends.models
                    .iter()
                    .map(|(&(replicate, _), ends)| (replicate, ends.0)),
            ),
            last: snapshot(
                ends.models
                    .iter()
                    .map(|(&(replicate, _), ends)| (replicate, ends.1)),
            ),
        }
    }
}

/// First and last row of every model in every replicate.
#[derive(Debug, Default)]
struct Ends<'a> {
    models: BTreeMap<(u32, Option<u32>), (&'a Row, &'a Row)>,
}

impl<'a> Ends<'a> {
    fn observe(&mut self, row: &'a Row) {
        let ends = self
            .models
            .entry((row.replicate, row.model))
            .or_insert((row, row));
        ends.1 = row;
    }
}

/// Averages over models, then over replicates; observations come sorted by replicate.
fn snapshot<'a>(observations: impl Iterator<Item = (u32, &'a Row)>) -> Snapshot {
    let mut replicates: BTreeMap<u32, Vec<f64>> = BTreeMap::new();
    let (mut generation, mut time) = (0, f64::NEG_INFINITY);
    for (replicate, row) in observations {
        generation = generation.max(row.generation);
        time = time.max(row.time);
        if !row.value.is_nan() {
            replicates.entry(replicate).or_default().push(row.value);
        }
    }
    let means: Vec<f64> = replicates.values().map(|values| mean(values)).collect();
    Snapshot {
        generation,
        time,
        mean: mean(&means),
        sd: deviation(&means),
        replicates: means.len(),
    }
}

#[cfg(test)]
mod tests;
