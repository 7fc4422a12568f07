//! The page of a load: what was measured of a population against the clock.

use serde_json::Value;

use super::page::Page;
use super::section::section;
use crate::figure::{Figure, HeatMap, Line, Panel, Point};
use crate::summary::Table;

/// What the page of a load is made of.
#[derive(Debug, Clone)]
pub struct LoadInput<'a> {
    /// Heading of the page.
    pub title: &'a str,
    /// Paragraphs below it.
    pub about: &'a str,
    /// Tables, each with its heading and a sentence below it.
    pub tables: &'a [(&'a str, Table, &'a str)],
    /// What happened in time.
    pub figures: &'a [LoadFigure],
    /// Everything else, as JSON.
    pub manifest: &'a Value,
}

/// Quantities over the time of the wall.
#[derive(Debug, Clone, Default)]
pub struct LoadFigure {
    /// Its heading.
    pub title: String,
    /// Sentence below it.
    pub note: String,
    /// What lies along the horizontal axis of lines.
    pub x_title: String,
    /// Lines.
    pub lines: Vec<LoadLine>,
    /// A matrix of time and duration, if there is one.
    pub matrix: Option<LoadMatrix>,
}

/// A quantity.
#[derive(Debug, Clone, Default)]
pub struct LoadLine {
    /// What it is.
    pub label: String,
    /// Where it goes through.
    pub points: Vec<(f64, f64)>,
}

/// How many durations fell where, and when.
#[derive(Debug, Clone, Default)]
pub struct LoadMatrix {
    /// What the rows are: durations, the longest first.
    pub rows: Vec<String>,
    /// What the columns are: instants.
    pub columns: Vec<String>,
    /// Row by row.
    pub values: Vec<f64>,
}

/// Writes the page of a load as one HTML file without scripts and without references to other files.
///
/// ```
/// # use echosphere_report as report;
/// use report::html::{LoadFigure, LoadInput, LoadLine, load_html};
///
/// let figure = LoadFigure {
///     title: "done".to_owned(),
///     x_title: "seconds".to_owned(),
///     lines: vec![LoadLine { label: "done/s".to_owned(), points: vec![(1.0, 10.0), (2.0, 11.0)] }],
///     ..LoadFigure::default()
/// };
/// let html = load_html(&LoadInput {
///     title: "Fish & chips",
///     about: "",
///     tables: &[],
///     figures: &[figure],
///     manifest: &serde_json::json!({ "version": "0.1.0" }),
/// });
/// assert!(html.contains("<h1>Fish &amp; chips</h1>") && html.contains("done/s"));
/// ```
pub fn load_html(input: &LoadInput<'_>) -> String {
    let mut page = Page::new(input.title);
    page.about(input.about);
    for (title, table, note) in input.tables {
        page.titled_table(title, table, note);
    }
    let drawn = input.figures.iter().map(drawn);
    page.figures(drawn.map(|figure| section(&figure)));
    page.manifest(input.manifest);
    page.finish()
}

fn drawn(figure: &LoadFigure) -> Figure<'_> {
    let line = |(colour, line): (usize, &LoadLine)| Line {
        label: line.label.clone(),
        colour,
        points: line
            .points
            .iter()
            .map(|&(x, y)| Point { x, y, band: None })
            .collect(),
        expected: Vec::new(),
    };
    let lines: Vec<Line> = figure.lines.iter().enumerate().map(line).collect();
    let panel = Panel { title: None, lines };
    let matrix = figure.matrix.iter().map(|matrix| HeatMap {
        title: String::new(),
        rows: matrix.rows.clone(),
        columns: matrix.columns.clone(),
        values: matrix.values.clone(),
        axes: Some(("duration".to_owned(), "seconds".to_owned())),
        ..HeatMap::default()
    });
    Figure {
        metric: &figure.title,
        info: None,
        level: None,
        x_title: &figure.x_title,
        x_is_key: false,
        panels: if panel.lines.is_empty() {
            Vec::new()
        } else {
            vec![panel]
        },
        heat: matrix.collect(),
        notes: vec![figure.note.clone()],
    }
}
