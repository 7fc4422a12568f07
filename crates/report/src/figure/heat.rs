//! Models against targets: the first and the last matrix of a metric.

use std::collections::BTreeMap;

use super::{Group, HeatMap};
use crate::statistics::mean;
use crate::summary::Level;

/// Most rows or columns that can still be told apart.
const SIDE_MAX: usize = 128;

/// First and last value of a model for a target in one replicate.
type Ends = (f64, f64);

/// Makes the first and the last matrix, models by targets, if there are at least two of both; or
/// the sentence that says why not.
pub(super) fn heat_maps(group: &Group<'_>) -> (Vec<HeatMap>, Option<String>) {
    let columns = group.targets.labels().to_vec();
    let models: BTreeMap<u32, usize> = group
        .roster
        .models()
        .enumerate()
        .map(|(place, model)| (model, place))
        .collect();
    if group.level != Level::Model || columns.len() < 2 || models.len() < 2 {
        return (vec![], None);
    }
    if models.len().max(columns.len()) > SIDE_MAX {
        let note = format!(
            "{} models by {} targets: too many for a heat map.",
            models.len(),
            columns.len()
        );
        return (vec![], Some(note));
    }
    let ends = ends(group, &models);
    let rows: Vec<String> = models
        .keys()
        .map(|model| group.roster.model_label(*model))
        .collect();
    let map = |title: String, end: fn(&Ends) -> f64| HeatMap {
        title,
        values: matrix(&ends, (rows.len(), columns.len()), end),
        rows: rows.clone(),
        columns: columns.clone(),
        ..HeatMap::default()
    };
    let instants = group.rows.iter().map(|row| group.clock.read(row));
    let (first, last) = instants.fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), instant| {
        (a.min(instant), b.max(instant))
    });
    let title = |name: &str, instant: f64| format!("{name} ({})", group.clock.at(instant));
    let maps = vec![
        map(title("First", first), |ends| ends.0),
        map(title("Last", last), |ends| ends.1),
    ];
    let note = "Heat map: rows are models, columns are targets, values are means over replicates.";
    (maps, Some(note.to_owned()))
}

/// Ends by place of the model, place of the target, and replicate.
fn ends(group: &Group<'_>, models: &BTreeMap<u32, usize>) -> BTreeMap<(usize, usize, u32), Ends> {
    let mut ends = BTreeMap::new();
    for row in group.rows.iter().filter(|row| row.target.is_some()) {
        let place = row
            .model
            .and_then(|model| models.get(&model))
            .copied()
            .unwrap_or_default();
        let key = (place, group.targets.place(row), row.replicate);
        ends.entry(key).or_insert((row.value, row.value)).1 = row.value;
    }
    ends
}

fn matrix(
    ends: &BTreeMap<(usize, usize, u32), Ends>,
    (rows, columns): (usize, usize),
    end: fn(&Ends) -> f64,
) -> Vec<f64> {
    let mut cells: Vec<Vec<f64>> = vec![vec![]; rows * columns];
    for ((row, column, _), ends) in ends {
        let value = end(ends);
        if !value.is_nan() {
            cells[row * columns + column].push(value);
        }
    }
    cells.iter().map(|values| mean(values)).collect()
}
