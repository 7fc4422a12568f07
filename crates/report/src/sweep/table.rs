//! A sweep in tables: where every series is lowest and highest, and all points.

use super::series::{Series, shown as shown_series};
use super::{Swept, shown};
use crate::number::significant;
use crate::summary::Table;

/// Where every series that is shown is lowest and highest, at most `rows_max` of them, in the order of `catalogue`.
pub fn extremes_table(swept: &Swept<'_>, catalogue: &[&str], rows_max: usize) -> Table {
    let (all, _) = shown_series(swept, catalogue);
    let moving: Vec<&Series> = all
        .iter()
        .filter(|series| series.extremes().is_some())
        .collect();
    let shown = &moving[..moving.len().min(rows_max)];
    let head = [
        "metric",
        "population",
        "target",
        "lowest",
        "at",
        "highest",
        "at",
    ];
    let table = Table {
        head: head.map(str::to_owned).to_vec(),
        rows: shown.iter().map(|series| extremes(swept, series)).collect(),
        text_columns: 3,
        metrics_left_out: left_out(&moving, shown),
    };
    table.without_empty_columns()
}

/// Metrics of which nothing is shown.
fn left_out(all: &[&Series], shown: &[&Series]) -> usize {
    let metrics = |series: &[&Series]| {
        let mut names: Vec<String> = series.iter().map(|one| one.name.metric.clone()).collect();
        names.dedup();
        names.len()
    };
    metrics(all) - metrics(shown)
}

fn extremes(swept: &Swept<'_>, series: &Series) -> Vec<String> {
    let mut row = vec![
        series.name.metric.clone(),
        series.name.population.clone(),
        series.name.target.clone(),
    ];
    if let Some((low, high)) = series.extremes() {
        for point in [low, high] {
            row.push(value(series, point));
            row.push(name(swept, point));
        }
    }
    row
}

fn value(series: &Series, point: usize) -> String {
    let ended = series.values[point].as_ref();
    ended.map_or_else(String::new, |ended| significant(ended.mean))
}

/// The values of a point in words.
pub(super) fn name(swept: &Swept<'_>, point: usize) -> String {
    let values = swept.axes.iter().zip(&swept.points[point].values);
    let words = values
        .filter(|(_, value)| !value.is_null())
        .map(|(axis, value)| format!("{axis} = {}", shown(value)));
    words.collect::<Vec<_>>().join(", ")
}

/// All points with their values, and the ends of at most `series_max` series.
pub fn points_table(swept: &Swept<'_>, catalogue: &[&str], series_max: usize) -> Table {
    let (all, _) = shown_series(swept, catalogue);
    let moving: Vec<&Series> = all.iter().collect();
    let kept = &moving[..moving.len().min(series_max)];
    let title = |series: &&Series| {
        let name = &series.name;
        let several = |part: fn(&Series) -> &str, own: &str| {
            let of_metric = kept.iter().filter(|other| other.name.metric == name.metric);
            let mut parts = of_metric.map(|other| part(other));
            parts.any(|other| other != own)
        };
        let mut words = vec![name.metric.as_str()];
        if several(|series| &series.name.population, &name.population) {
            words.push(&name.population);
        }
        if several(|series| &series.name.target, &name.target) {
            words.push(&name.target);
        }
        words.join(" ").trim_end().to_owned()
    };
    let row = |(number, point): (usize, &super::SweepPoint)| {
        let mut row: Vec<String> = point.values.iter().map(shown).collect();
        row.extend(kept.iter().map(|series| value(series, number)));
        row
    };
    Table {
        head: swept
            .axes
            .iter()
            .cloned()
            .chain(kept.iter().map(title))
            .collect(),
        rows: swept.points.iter().enumerate().map(row).collect(),
        text_columns: 0,
        metrics_left_out: left_out(&moving, kept),
    }
}
