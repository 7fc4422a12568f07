//! How the points of a sweep lie: on a line, on a plane, or in no order that can be drawn.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Swept, shown};

/// Share of the cells of a plane that must have a point for it to be a map.
const FILLED_MIN: f64 = 0.5;
/// Most lines in one pair of axes.
const LINES_MAX: usize = 8;
/// Most rows or columns of a map.
const SIDE_MAX: usize = 128;

/// What is drawn.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Layout {
    /// Values over a number; a line for each value of another axis, if there is one.
    Lines { x: usize, by: Option<usize> },
    /// Values over two numbers.
    Map { x: usize, y: usize },
    /// Nothing: there is the table.
    Table,
}

impl Layout {
    pub(super) fn of(swept: &Swept<'_>) -> Self {
        let moving: Vec<usize> = (0..swept.axes.len())
            .filter(|axis| distinct(swept, *axis).len() > 1)
            .collect();
        let is_number = |axis: usize| numbers(swept, axis).is_some();
        match moving[..] {
            [x] if is_number(x) => Self::Lines { x, by: None },
            [x, by] | [by, x] if is_number(x) && runs_along(swept, x, by) => {
                Self::Lines { x, by: Some(by) }
            }
            [x, y] if is_number(x) && is_number(y) && is_filled(swept, x, y) => Self::Map { x, y },
            [x, by] | [by, x] if is_number(x) && !is_number(by) => lines(swept, x, by),
            _ => Self::Table,
        }
    }
}

/// True if lines were asked for over this axis, and are not too many.
fn runs_along(swept: &Swept<'_>, x: usize, by: usize) -> bool {
    swept.lines_over == Some(&*swept.axes[x]) && distinct(swept, by).len() <= LINES_MAX
}

fn lines(swept: &Swept<'_>, x: usize, by: usize) -> Layout {
    if distinct(swept, by).len() > LINES_MAX {
        return Layout::Table;
    }
    Layout::Lines { x, by: Some(by) }
}

fn is_filled(swept: &Swept<'_>, x: usize, y: usize) -> bool {
    let (columns, rows) = (distinct(swept, x).len(), distinct(swept, y).len());
    let points = swept.points.len() as f64;
    columns.max(rows) <= SIDE_MAX && points >= FILLED_MIN * (columns * rows) as f64
}

/// The different values of an axis in words, in the order of the points.
pub(super) fn distinct(swept: &Swept<'_>, axis: usize) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let all = swept.points.iter().map(|point| shown(&point.values[axis]));
    all.filter(|word| seen.insert(word.clone())).collect()
}

/// The value of an axis at every point, if all are numbers.
pub(super) fn numbers(swept: &Swept<'_>, axis: usize) -> Option<Vec<f64>> {
    let values = swept.points.iter().map(|point| &point.values[axis]);
    values.map(Value::as_f64).collect()
}
