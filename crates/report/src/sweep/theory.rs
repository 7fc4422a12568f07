//! What theory expects of the points, and how far from it they are.

use super::Swept;
use super::series::{Series, shown as shown_series};
use super::table::name;
use crate::comparison::{Comparison, standardised};
use crate::statistics::mean;
use crate::summary::Table;

/// What theory expects of a series at the end of a point.
#[derive(Debug, Clone, PartialEq)]
pub struct Expected {
    /// The expectation.
    pub value: f64,
    /// How many standard errors the mean over replicates is from it; `None` below two, and for means over many targets.
    pub z: Option<f64>,
    /// What was measured, replicate by replicate, as means over models.
    pub replicates: Vec<(u32, f64)>,
}

impl Expected {
    pub(super) fn of(comparison: &Comparison<'_>) -> Self {
        Self {
            value: comparison.expected,
            z: comparison.z,
            replicates: comparison.replicates.clone(),
        }
    }

    /// The expectation of a mean, if that of each part is known.
    pub(super) fn mean_of<'a>(all: impl Iterator<Item = Option<&'a Self>>) -> Option<Self> {
        let values: Option<Vec<f64>> = all.map(|one| Some(one?.value)).collect();
        Some(Self {
            value: mean(&values?),
            z: None,
            replicates: Vec::new(),
        })
    }
}

/// Standardised differences that count as large.
const LARGE: f64 = 2.0;

/// Where every series that is shown is least as measured and in theory, whether the two points differ by more than chance,
/// and how far measurement is from theory over all points; at most `rows_max` series, in the order of `catalogue`.
pub fn theory_table(swept: &Swept<'_>, catalogue: &[&str], rows_max: usize) -> Table {
    let (all, _) = shown_series(swept, catalogue);
    let known = all
        .iter()
        .filter(|series| series.expected().next().is_some());
    let head = [
        "metric",
        "population",
        "target",
        MEASURED_LEAST,
        "theory least at",
        "z between",
        "largest |z|",
        LARGEST_AT,
        "|z| > 2",
        "points",
    ];
    let table = Table {
        head: head.map(str::to_owned).to_vec(),
        rows: known
            .take(rows_max)
            .map(|series| row(swept, series))
            .collect(),
        text_columns: 3,
        metrics_left_out: 0,
    };
    table.without_empty_columns()
}

/// The columns of [`theory_table`] that can be done without where there is little room.
pub const DISPENSABLE: [&str; 2] = [MEASURED_LEAST, LARGEST_AT];
const MEASURED_LEAST: &str = "measured least at";
const LARGEST_AT: &str = "where";

fn row(swept: &Swept<'_>, series: &Series) -> Vec<String> {
    let at = |point: Option<usize>| point.map_or_else(String::new, |point| name(swept, point));
    let expected = series.expected_extremes().map(|(low, _)| low);
    let measured = series.extremes().map(|(low, _)| low);
    let between = measured
        .zip(expected)
        .and_then(|pair| between(series, pair));
    let scores = series.expected();
    let scores: Vec<(usize, f64)> = scores
        .filter_map(|(point, known)| Some((point, known.z?.abs())))
        .collect();
    let largest = scores.iter().max_by(|a, b| a.1.total_cmp(&b.1));
    let large = scores.iter().filter(|(_, z)| *z > LARGE).count();
    let decimals = |z: Option<f64>| z.map(|z| format!("{z:.2}")).unwrap_or_default();
    vec![
        series.name.metric.clone(),
        series.name.population.clone(),
        series.name.target.clone(),
        at(measured.filter(|_| expected.is_some())),
        at(expected),
        decimals(between),
        decimals(largest.map(|(_, z)| *z)),
        at(largest.map(|(point, _)| *point)),
        largest.map_or_else(String::new, |_| large.to_string()),
        series.expected().count().to_string(),
    ]
}

/// The standardised difference of two points, the second minus the first, over replicates that are twins; nothing if they
/// are one point.
fn between(series: &Series, (measured, expected): (usize, usize)) -> Option<f64> {
    if measured == expected {
        return None;
    }
    let replicates = |point: usize| {
        let ended = series.values[point].as_ref()?;
        Some(&ended.expected.as_ref()?.replicates)
    };
    let (first, second) = (replicates(measured)?, replicates(expected)?);
    let twins = first.iter().zip(second).filter(|(a, b)| a.0 == b.0);
    let differences: Vec<f64> = twins.map(|(a, b)| b.1 - a.1).collect();
    standardised(&differences, 0.0)
}
