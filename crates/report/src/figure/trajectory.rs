//! Lines over time: rows to means and bands.

use std::collections::BTreeSet;

use super::bins::Bins;
use super::clock::Clock;
use super::roster::Who;
use super::{Group, Line, Panel, Point};
use crate::statistics::{half_width_95, mean, quantile};
use crate::summary::Level;

/// One value on its way into a point.
#[derive(Debug, Clone, Copy)]
struct Entry {
    panel: usize,
    who: Who,
    x: f64,
    replicate: u32,
    value: f64,
}

/// What a band is drawn from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum BandKind {
    /// One replicate of single series has no spread.
    None,
    /// Uncertainty of the mean over replicates.
    Interval,
    /// Spread of many models.
    Quantiles,
}

/// Makes the panels of one metric, and sentences on what they show.
pub(super) fn panels(group: &Group<'_>) -> (Vec<Panel>, Vec<String>) {
    let mut entries: Vec<Entry> = group.rows.iter().map(|row| entry(group, row)).collect();
    let order = |a: &Entry, b: &Entry| {
        (a.panel, a.who)
            .cmp(&(b.panel, b.who))
            .then(a.x.total_cmp(&b.x))
    };
    entries.sort_by(order);
    let bins = bins(group, &entries);
    for entry in &mut entries {
        entry.x = bins.place(entry.x);
    }
    let band = band_kind(group);
    let expected = expected(group, &bins);
    let panels: Vec<Panel> = entries
        .chunk_by(|a, b| a.panel == b.panel)
        .map(|entries| panel(group, (entries, &expected), band))
        .collect();
    let notes = notes(group, band, &panels)
        .into_iter()
        .chain(bins.note(group.clock.title()));
    let notes = notes.collect();
    (panels, notes)
}

fn entry(group: &Group<'_>, row: &types::metric::Row) -> Entry {
    let panel = if group.targets.have_panels() {
        group.targets.place(row)
    } else {
        0
    };
    Entry {
        panel,
        who: group.roster.who(row),
        x: group.clock.read(row),
        replicate: row.replicate,
        value: row.value,
    }
}

fn band_kind(group: &Group<'_>) -> BandKind {
    let first = group.rows.first().map(|row| row.replicate);
    if group.level == Level::Model && group.roster.is_crowd() {
        BandKind::Quantiles
    } else if group.rows.iter().any(|row| Some(row.replicate) != first) {
        BandKind::Interval
    } else {
        BandKind::None
    }
}

fn bins(group: &Group<'_>, entries: &[Entry]) -> Bins {
    let mut instants: Vec<f64> = entries.iter().map(|entry| entry.x).collect();
    instants.sort_by(f64::total_cmp);
    instants.dedup();
    // Generations are instants that all replicates share, also when a model joins late.
    if group.clock == Clock::Generation {
        return Bins::choose(&instants, 1.0, 0);
    }
    let series: BTreeSet<(u32, Option<u32>, usize)> = group
        .rows
        .iter()
        .map(|row| (row.replicate, row.model, group.targets.place(row)))
        .collect();
    let lines = entries
        .chunk_by(|a, b| (a.panel, a.who) == (b.panel, b.who))
        .count();
    let points = entries
        .chunk_by(|a, b| (a.panel, a.who, a.x) == (b.panel, b.who, b.x))
        .count();
    let series_per_line = series.len() as f64 / lines as f64;
    let filling = entries.len() as f64 / (points as f64 * series_per_line);
    let generations = group
        .rows
        .iter()
        .map(|row| row.generation)
        .max()
        .unwrap_or(0);
    Bins::choose(&instants, filling, generations)
}

/// What theory expects, in the order of lines and instants.
fn expected(group: &Group<'_>, bins: &Bins) -> Vec<Entry> {
    let known = group.expected.iter().filter(|row| group.targets.know(row));
    let mut entries: Vec<Entry> = known
        .map(|row| {
            let entry = entry(group, row);
            let x = bins.place(entry.x);
            Entry { x, ..entry }
        })
        .collect();
    entries.sort_by(|a, b| {
        (a.panel, a.who)
            .cmp(&(b.panel, b.who))
            .then(a.x.total_cmp(&b.x))
    });
    entries
}

/// Points of one line, instant by instant.
fn points(entries: &[Entry], band: BandKind) -> Vec<Point> {
    entries
        .chunk_by(|a, b| a.x == b.x)
        .map(|at| point(at, band))
        .collect()
}

fn panel(group: &Group<'_>, (entries, expected): (&[Entry], &[Entry]), band: BandKind) -> Panel {
    let labels = group.targets.labels();
    let titled = group.targets.have_panels() && !labels.is_empty();
    Panel {
        title: titled.then(|| labels[entries[0].panel].clone()),
        lines: entries
            .chunk_by(|a, b| a.who == b.who)
            .map(|entries| Line {
                label: group.roster.label(entries[0].who),
                colour: group.roster.colour(entries[0].who),
                points: points(entries, band),
                expected: points(of_line(expected, &entries[0]), BandKind::None),
            })
            .collect(),
    }
}

/// The entries of the same line.
fn of_line<'e>(entries: &'e [Entry], line: &Entry) -> &'e [Entry] {
    let start = entries.partition_point(|e| (e.panel, e.who) < (line.panel, line.who));
    let rest = &entries[start..];
    &rest[..rest.partition_point(|e| (e.panel, e.who) == (line.panel, line.who))]
}

/// Sums up the values of one instant; values that are NaN are left out.
fn point(entries: &[Entry], band: BandKind) -> Point {
    let x = entries[0].x;
    let mut known: Vec<Entry> = entries
        .iter()
        .filter(|entry| !entry.value.is_nan())
        .copied()
        .collect();
    if known.is_empty() {
        return Point {
            x,
            y: f64::NAN,
            band: None,
        };
    }
    known.sort_by_key(|entry| entry.replicate);
    let means: Vec<f64> = known
        .chunk_by(|a, b| a.replicate == b.replicate)
        .map(|of_replicate| mean(&values(of_replicate)))
        .collect();
    let y = mean(&means);
    let band = match band {
        BandKind::None => None,
        BandKind::Interval => half_width_95(&means).map(|half| (y - half, y + half)),
        BandKind::Quantiles => {
            let mut sorted = values(&known);
            sorted.sort_by(f64::total_cmp);
            Some((quantile(&sorted, 0.05), quantile(&sorted, 0.95)))
        }
    };
    Point {
        x,
        y,
        band: band.filter(|(low, high)| low.is_finite() && high.is_finite()),
    }
}

fn values(entries: &[Entry]) -> Vec<f64> {
    entries.iter().map(|entry| entry.value).collect()
}

fn notes(group: &Group<'_>, band: BandKind, panels: &[Panel]) -> Vec<String> {
    let replicates: BTreeSet<u32> = group.rows.iter().map(|row| row.replicate).collect();
    let replicates = counted(replicates.len(), "replicate");
    let mut notes: Vec<String> = group.targets.note().into_iter().collect();
    match band {
        BandKind::None => {}
        BandKind::Interval => notes.push(format!(
            "Line: mean over {replicates}; band: 95\u{a0}% t-interval of that mean."
        )),
        BandKind::Quantiles => notes.push(format!(
            "Line: mean over {} and {replicates}; band: 5\u{a0}% to 95\u{a0}% quantile of their values.",
            counted(group.roster.models().count(), "model")
        )),
    }
    let lines = || panels.iter().flat_map(|panel| &panel.lines);
    if lines().any(|line| !line.expected.is_empty()) {
        notes.push("Dashed: what theory expects, exactly.".to_owned());
    }
    let mut points = lines().flat_map(|line| &line.points);
    if points.any(|point| !point.y.is_finite()) {
        notes.push("A gap in a line is a value that is infinite or undefined.".to_owned());
    }
    notes
}

fn counted(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}
