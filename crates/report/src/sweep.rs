//! A sweep: points that differ in some keys, and where each of them ended.
//!
//! Points come with the values of their axes as JSON numbers, texts or nothing, and with the summary of their rows. What
//! is drawn and tabulated is the mean of every series at its last observation, over models and then over replicates; and
//! beside it what theory expects, where it knows.

mod figures;
mod layout;
mod series;
mod table;
#[cfg(test)]
mod tests;
mod theory;

use serde::ser::SerializeSeq;
use serde::{Serialize, Serializer};
use serde_json::Value;
use types::metric::Row;

use crate::comparison::compare;
use crate::summary::{Level, SeriesSummary, Snapshot, summarise};

pub(crate) use figures::figures;
pub use table::{extremes_table, points_table};
pub use theory::{DISPENSABLE, Expected, theory_table};

/// One point of a sweep.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SweepPoint {
    /// The value of every axis: a number, a text, or null where the scenario's own value stayed.
    pub values: Vec<Value>,
    /// Where every series ended; empty if the point failed. It began where all points began, or near it: JSON leaves that
    /// out.
    #[serde(serialize_with = "ends")]
    pub series: Vec<SeriesSummary>,
    /// What theory expects of each of them, in their order.
    #[serde(skip)]
    pub expected: Vec<Option<Expected>>,
}

impl SweepPoint {
    /// A point with these values of its axes, from its rows and from those that theory expects.
    pub fn new(values: Vec<Value>, rows: &[Row], expected: &[Row]) -> Self {
        let series = summarise(rows).series;
        let comparisons = compare(rows, expected);
        let of = |series| comparisons.iter().find(|known| known.is_of(series));
        let expected = series.iter().map(|one| of(one).map(Expected::of)).collect();
        Self {
            values,
            series,
            expected,
        }
    }
}

/// What tables and figures of a sweep are made from.
#[derive(Debug, Clone, Copy)]
pub struct Swept<'a> {
    /// Names of the axes.
    pub axes: &'a [String],
    /// The points, in order.
    pub points: &'a [SweepPoint],
    /// Metrics that are shown, in this order; all that change between points if empty.
    pub metrics: &'a [String],
    /// The axis that lines run over where two numbers vary; they make a map if there is none.
    pub lines_over: Option<&'a str>,
}

fn ends<S: Serializer>(series: &[SeriesSummary], serializer: S) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    struct End<'a> {
        metric: &'a str,
        level: Level,
        population: Option<&'a str>,
        target: Option<&'a str>,
        models: usize,
        last: &'a Snapshot,
    }
    let mut list = serializer.serialize_seq(Some(series.len()))?;
    for one in series {
        list.serialize_element(&End {
            metric: &one.metric,
            level: one.level,
            population: one.population.as_deref(),
            target: one.target.as_deref(),
            models: one.models,
            last: &one.last,
        })?;
    }
    list.end()
}

/// A value as people read it.
fn shown(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Number(number) => match number.as_f64() {
            Some(real) if !number.is_i64() && !number.is_u64() => plain(real),
            _ => number.to_string(),
        },
        Value::Bool(_) | Value::Array(_) | Value::Object(_) => value.to_string(),
    }
}

/// A number as short as it was probably typed.
fn plain(real: f64) -> String {
    if real != 0.0 && !(1e-4..1e7).contains(&real.abs()) {
        format!("{real:e}")
    } else {
        real.to_string()
    }
}
