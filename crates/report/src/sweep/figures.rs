//! What is drawn of a sweep: lines over one number, or maps over two.

use std::iter;

use types::metric::MetricInfo;

use super::layout::{Layout, distinct, numbers};
use super::series::{Series, shown as shown_series};
use super::{Swept, plain};
use crate::figure::{Figure, HeatMap, Line, Panel, Point};

/// Places in the palette.
const COLOURS: usize = 8;

/// A figure a metric, in the order of the catalogue; and how many series are not drawn because they are the same at all
/// points.
pub(crate) fn figures<'a>(
    swept: &'a Swept<'_>,
    catalogue: &'a [MetricInfo],
) -> (Vec<Figure<'a>>, usize) {
    let names: Vec<&str> = catalogue.iter().map(|info| info.name).collect();
    let (series, still) = shown_series(swept, &names);
    let layout = Layout::of(swept);
    if layout == Layout::Table {
        return (Vec::new(), still);
    }
    let groups = series.chunk_by(|a, b| a.name.metric == b.name.metric);
    let figures = groups.filter_map(|group| {
        let info = catalogue
            .iter()
            .find(|info| info.name == group[0].name.metric)?;
        Some(figure(swept, &layout, group, info))
    });
    (figures.collect(), still)
}

fn figure<'a>(
    swept: &'a Swept<'_>,
    layout: &Layout,
    group: &[Series],
    info: &'a MetricInfo,
) -> Figure<'a> {
    let blank = Figure {
        metric: info.name,
        info: Some(info),
        level: None,
        x_title: "",
        x_is_key: true,
        panels: Vec::new(),
        heat: Vec::new(),
        notes: Vec::new(),
    };
    let has_theory = group
        .iter()
        .any(|series| series.expected().next().is_some());
    match *layout {
        Layout::Map { x, y } => Figure {
            heat: group
                .iter()
                .flat_map(|series| maps(swept, series, (x, y)))
                .collect(),
            notes: iter::once(MAP_NOTE)
                .chain(has_theory.then_some(PAIR_NOTE))
                .map(str::to_owned)
                .collect(),
            ..blank
        },
        Layout::Lines { x, by } => Figure {
            x_title: &swept.axes[x],
            panels: panels(swept, group, (x, by)),
            notes: iter::once(LINE_NOTE)
                .chain(has_theory.then_some(DASHED_NOTE))
                .map(str::to_owned)
                .collect(),
            ..blank
        },
        Layout::Table => blank,
    }
}

const MAP_NOTE: &str = "Cells are means over models and replicates at the end of the run; the highest has a solid frame, the \
     lowest a dashed one.";
const PAIR_NOTE: &str = "Beside what was measured is what theory expects, in the same colours.";
const LINE_NOTE: &str = "A line is the mean over models and replicates at the end of the run; its band is the 95 % t-interval of \
     the mean over replicates.";
const DASHED_NOTE: &str = "The dashed line is what theory expects.";

/// The values of an axis from low to high.
fn ascending(values: &[f64]) -> Vec<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.dedup();
    sorted
}

/// What was measured, and beside it what theory expects.
fn maps(swept: &Swept<'_>, series: &Series, axes: (usize, usize)) -> Vec<HeatMap> {
    let measured = Cells {
        values: series.finite().collect(),
        ends: series.extremes(),
    };
    let expected = series.expected().map(|(point, known)| (point, known.value));
    let expected = Cells {
        values: expected.filter(|(_, value)| value.is_finite()).collect(),
        ends: series.expected_extremes(),
    };
    let title = title(series);
    if expected.values.is_empty() {
        return vec![map(swept, title, &measured, axes)];
    }
    let titled = |what: &str| match &*title {
        "" => what.to_owned(),
        title => format!("{title}: {what}"),
    };
    let expected = map(swept, titled("theory"), &expected, axes);
    let pair = [
        map(swept, titled("measured"), &measured, axes),
        HeatMap {
            ends_row: true,
            ..expected
        },
    ];
    pair.into()
}

/// What the cells of a map hold, by the number of the point.
struct Cells {
    values: Vec<(usize, f64)>,
    /// The lowest and the highest.
    ends: Option<(usize, usize)>,
}

/// One number grows to the right and the other upwards, as on a map.
fn map(swept: &Swept<'_>, title: String, cells: &Cells, (x, y): (usize, usize)) -> HeatMap {
    let (across, up) = (
        numbers(swept, x).unwrap_or_default(),
        numbers(swept, y).unwrap_or_default(),
    );
    let (columns, mut rows) = (ascending(&across), ascending(&up));
    rows.reverse();
    let mut values = vec![f64::NAN; rows.len() * columns.len()];
    let cell = |point: usize| {
        let row = rows.iter().position(|value| *value == up[point])?;
        let column = columns.iter().position(|value| *value == across[point])?;
        Some(row * columns.len() + column)
    };
    for (point, value) in &cells.values {
        if let Some(cell) = cell(*point) {
            values[cell] = *value;
        }
    }
    HeatMap {
        title,
        rows: rows.iter().copied().map(plain).collect(),
        columns: columns.iter().copied().map(plain).collect(),
        values,
        axes: Some((swept.axes[y].clone(), swept.axes[x].clone())),
        lowest: cells.ends.and_then(|ends| cell(ends.0)),
        highest: cells.ends.and_then(|ends| cell(ends.1)),
        ends_row: false,
    }
}

fn title(series: &Series) -> String {
    let parts = [&series.name.population, &series.name.target];
    let given = parts.into_iter().filter(|part| !part.is_empty());
    given.cloned().collect::<Vec<_>>().join(", ")
}

fn panels(swept: &Swept<'_>, group: &[Series], (x, by): (usize, Option<usize>)) -> Vec<Panel> {
    let Some(by) = by else {
        return by_target(swept, group, x);
    };
    let names = distinct(swept, by);
    let panel = |series: &Series| {
        let line = |(colour, name): (usize, &String)| {
            let own = |point: usize| super::shown(&swept.points[point].values[by]) == *name;
            Line {
                label: format!("{} {name}", swept.axes[by]),
                colour: colour % COLOURS,
                points: points(swept, series, x, &own),
                expected: expected(swept, series, x, &own),
            }
        };
        Panel {
            title: Some(title(series)).filter(|title| !title.is_empty()),
            lines: names.iter().enumerate().map(line).collect(),
        }
    };
    group.iter().map(panel).collect()
}

/// A panel a target, with a line for every population.
fn by_target(swept: &Swept<'_>, group: &[Series], x: usize) -> Vec<Panel> {
    let mut populations: Vec<&str> = Vec::new();
    let mut targets: Vec<&str> = Vec::new();
    for series in group {
        let (population, target) = (&*series.name.population, &*series.name.target);
        if !populations.contains(&population) {
            populations.push(population);
        }
        if !targets.contains(&target) {
            targets.push(target);
        }
    }
    let line = |series: &Series| {
        let place = populations
            .iter()
            .position(|name| *name == series.name.population);
        let label = match &*series.name.population {
            "" => "ecosystem",
            name => name,
        };
        Line {
            label: label.to_owned(),
            colour: place.unwrap_or(0) % COLOURS,
            points: points(swept, series, x, &|_| true),
            expected: expected(swept, series, x, &|_| true),
        }
    };
    let panel = |target: &&str| Panel {
        title: (targets.len() > 1 && !target.is_empty()).then(|| (*target).to_owned()),
        lines: group
            .iter()
            .filter(|series| series.name.target == **target)
            .map(line)
            .collect(),
    };
    targets.iter().map(panel).collect()
}

/// The points of one line, from left to right.
fn points(swept: &Swept<'_>, series: &Series, x: usize, own: &dyn Fn(usize) -> bool) -> Vec<Point> {
    let across = numbers(swept, x).unwrap_or_default();
    let mut points: Vec<Point> = (0..swept.points.len())
        .filter(|point| own(*point))
        .map(|point| {
            let ended = series.values[point].as_ref();
            let mean = ended.map_or(f64::NAN, |ended| ended.mean);
            let half_width = ended.and_then(|ended| ended.half_width);
            Point {
                x: across[point],
                y: mean,
                band: half_width.map(|half| (mean - half, mean + half)),
            }
        })
        .collect();
    points.sort_by(|a, b| a.x.total_cmp(&b.x));
    points
}

/// What theory expects along one line; nothing if it does not know two points of it.
fn expected(
    swept: &Swept<'_>,
    series: &Series,
    x: usize,
    own: &dyn Fn(usize) -> bool,
) -> Vec<Point> {
    let across = numbers(swept, x).unwrap_or_default();
    let known = series.expected().filter(|(point, _)| own(*point));
    let mut points: Vec<Point> = known
        .map(|(point, known)| Point {
            x: across[point],
            y: known.value,
            band: None,
        })
        .collect();
    if points.len() < 2 {
        return Vec::new();
    }
    points.sort_by(|a, b| a.x.total_cmp(&b.x));
    points
}
