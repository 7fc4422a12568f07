//! What is drawn: every metric's trajectories and heat maps as plain numbers with labels.

mod bins;
mod clock;
mod heat;
mod roster;
mod targets;
mod trajectory;

use std::collections::BTreeMap;

use types::metric::{MetricInfo, Row};

use crate::summary::Level;
use clock::Clock;
use roster::Roster;
use targets::Targets;

/// Most series in one panel, the size of the palette.
const SERIES_MAX: usize = 8;

/// All that is shown of one metric at one level.
#[derive(Debug, Clone)]
pub(crate) struct Figure<'a> {
    pub(crate) metric: &'a str,
    pub(crate) info: Option<&'a MetricInfo>,
    /// Added to the title when a metric is measured at several levels.
    pub(crate) level: Option<&'static str>,
    pub(crate) x_title: &'a str,
    /// Whether values stand over a key of a sweep and not over time.
    pub(crate) x_is_key: bool,
    pub(crate) panels: Vec<Panel>,
    pub(crate) heat: Vec<HeatMap>,
    /// Sentences for the caption: what a line and a band are.
    pub(crate) notes: Vec<String>,
}

/// One pair of axes.
#[derive(Debug, Clone)]
pub(crate) struct Panel {
    /// The target, when there are several.
    pub(crate) title: Option<String>,
    pub(crate) lines: Vec<Line>,
}

/// One trajectory.
#[derive(Debug, Clone)]
pub(crate) struct Line {
    pub(crate) label: String,
    /// Place in the palette, the same for the same model or population in all figures.
    pub(crate) colour: usize,
    pub(crate) points: Vec<Point>,
    /// What theory expects; empty where it says nothing.
    pub(crate) expected: Vec<Point>,
}

impl Line {
    /// The class that makes a line solid, for what is dashed beside it is theory.
    pub(crate) fn stroke(&self) -> &'static str {
        if self.expected.is_empty() { "" } else { " s" }
    }
}

/// A mean with its band; `y` is not finite where nothing finite was measured.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Point {
    pub(crate) x: f64,
    pub(crate) y: f64,
    pub(crate) band: Option<(f64, f64)>,
}

/// A matrix with labels; not finite where nothing finite was measured.
#[derive(Debug, Clone, Default)]
pub(crate) struct HeatMap {
    pub(crate) title: String,
    pub(crate) rows: Vec<String>,
    pub(crate) columns: Vec<String>,
    /// Row-major, `rows.len() * columns.len()` values.
    pub(crate) values: Vec<f64>,
    /// What rows and columns are, if labels alone do not say it.
    pub(crate) axes: Option<(String, String)>,
    /// Cells with a frame.
    pub(crate) lowest: Option<usize>,
    pub(crate) highest: Option<usize>,
    /// Whether the next chart begins a row of its own.
    pub(crate) ends_row: bool,
}

/// Rows of one metric at one level, with what all figures share.
struct Group<'a> {
    rows: Vec<&'a Row>,
    /// What theory expects of the metric at this level.
    expected: Vec<&'a Row>,
    level: Level,
    targets: Targets<'a>,
    roster: &'a Roster<'a>,
    clock: Clock,
}

/// Makes one figure per metric and level, in the order of the catalogue; metrics that the
/// catalogue does not list come last.
pub(crate) fn figures<'a>(
    (rows, expected): (&'a [Row], &'a [Row]),
    catalogue: &'a [MetricInfo],
) -> Vec<Figure<'a>> {
    let roster = Roster::new(rows);
    let clock = Clock::choose(rows);
    let mut groups: BTreeMap<(usize, &str, Level), Vec<&Row>> = BTreeMap::new();
    let place = |metric: &str| catalogue.iter().position(|info| info.name == metric);
    for (metric, of_metric) in by_metric(rows) {
        let place = place(metric).unwrap_or(catalogue.len());
        for row in of_metric {
            groups
                .entry((place, metric, Level::of(row)))
                .or_default()
                .push(row);
        }
    }
    let levels: Vec<(&str, Level)> = groups
        .keys()
        .map(|(_, name, level)| (*name, *level))
        .collect();
    let several = |metric: &str| levels.iter().filter(|(name, _)| *name == metric).count() > 1;
    groups
        .into_iter()
        .map(|((place, metric, level), rows)| {
            let targets = Targets::new(&rows, &roster);
            let same = |row: &&Row| &*row.metric == metric && Level::of(row) == level;
            let group = Group {
                rows,
                expected: expected.iter().filter(same).collect(),
                level,
                targets,
                roster: &roster,
                clock,
            };
            let level = several(metric).then(|| level_name(level));
            Figure {
                level,
                ..figure(&group, metric, catalogue.get(place))
            }
        })
        .collect()
}

fn by_metric(rows: &[Row]) -> BTreeMap<&str, Vec<&Row>> {
    let mut metrics: BTreeMap<&str, Vec<&Row>> = BTreeMap::new();
    for row in rows {
        metrics.entry(&row.metric).or_default().push(row);
    }
    metrics
}

fn level_name(level: Level) -> &'static str {
    match level {
        Level::Ecosystem => "ecosystem",
        Level::Population => "populations",
        Level::Model => "models",
    }
}

fn figure<'a>(group: &Group<'_>, metric: &'a str, info: Option<&'a MetricInfo>) -> Figure<'a> {
    let (panels, mut notes) = trajectory::panels(group);
    let (heat, note) = heat::heat_maps(group);
    notes.extend(note);
    Figure {
        metric,
        info,
        level: None,
        x_title: group.clock.title(),
        x_is_key: false,
        panels,
        heat,
        notes,
    }
}

#[cfg(test)]
mod tests;
