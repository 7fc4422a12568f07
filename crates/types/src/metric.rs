//! Metrics: what is measured, and one row of the long table that measurements go to.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// Description of one metric, as printed by `scenario metrics`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MetricInfo {
    /// Name used in scenario files, tables and plots.
    pub name: &'static str,
    /// Unit, for instance `nats` or `1` for a pure number.
    pub unit: &'static str,
    /// Formula in plain text.
    pub formula: &'static str,
    /// Author and year of the definition.
    pub source: &'static str,
}

/// One row of `metrics.parquet`.
///
/// `model` is `None` for a value of the whole ecosystem or of a whole population; `target` names the task, corpus
/// or other model that the value refers to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// Replicate number, from 0.
    pub replicate: u32,
    /// Virtual time in days.
    pub time: f64,
    /// Generation: the number of fits so far, from 1 at the first fit. For an ecosystem value, the largest of any model.
    pub generation: u32,
    /// Model number, or `None` at population or ecosystem level.
    pub model: Option<u32>,
    /// Population name, or `None` at ecosystem level.
    pub population: Option<Arc<str>>,
    /// Metric name, one of the catalogue's.
    pub metric: Arc<str>,
    /// What the value refers to, if anything.
    pub target: Option<Arc<str>>,
    /// The value, in the metric's unit.
    pub value: f64,
}
