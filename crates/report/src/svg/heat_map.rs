//! A matrix as coloured cells with their values.

use super::palette::Colour;
use super::scale::is_drawable;
use super::{Anchor, At, Px, Shading, Svg};
use crate::figure::HeatMap;
use crate::number::significant;

const WIDTH: f64 = 420.0;
const RIGHT: f64 = 10.0;
/// Width of a letter of a label, a little more than it takes.
const GLYPH: f64 = 7.2;
/// Labels with more letters are cut.
const LABEL_MAX: usize = 16;
/// Most labels along one side.
const LABELS_MAX: usize = 13;
/// Height of the title of an axis.
const TITLE: f64 = 16.0;
/// Length by which cells reach under the next.
const OVERLAP: f64 = 0.4;
/// Smallest cell that holds a printed value.
const PRINTED: (f64, f64) = (34.0, 16.0);

/// Draws a matrix with a bar that explains its colours.
pub(crate) fn heat_map(map: &HeatMap, shading: Shading) -> String {
    let grid = Grid::new(map);
    let mut svg = Svg::new(WIDTH, grid.bottom() + 34.0, &map.title);
    draw_axes(&mut svg, &grid, map);
    draw_labels(&mut svg, &grid, map);
    for (idx, value) in map.values.iter().enumerate() {
        let (row, column) = (idx / map.columns.len(), idx % map.columns.len());
        draw_cell(
            &mut svg,
            &grid,
            (row, column),
            Cell {
                map,
                shading,
                value: *value,
            },
        );
    }
    draw_frames(&mut svg, &grid, (map, shading));
    draw_bar(&mut svg, &grid, shading);
    svg.finish()
}

/// Where the cells are.
struct Grid {
    corner: At,
    cell: At,
    rows: usize,
    /// Whether labels of columns stand aslant.
    aslant: bool,
}

impl Grid {
    fn new(map: &HeatMap) -> Self {
        let room = if map.axes.is_some() { TITLE } else { 0.0 };
        let left = 10.0 + room + GLYPH * longest(&map.rows);
        let letters = GLYPH * longest(&map.columns);
        let straight = (WIDTH - RIGHT - left) / map.columns.len() as f64;
        let aslant = letters > straight - 4.0;
        // A label aslant reaches to the right of its column and further up.
        let (right, top) = if aslant {
            (0.77 * letters, 16.0 + 0.65 * letters)
        } else {
            (0.0, 20.0)
        };
        let width = (WIDTH - RIGHT - left - right) / map.columns.len() as f64;
        let height = (300.0 / map.rows.len() as f64).clamp(2.5, 32.0);
        Self {
            corner: At(left, top + room),
            cell: At(width, height),
            rows: map.rows.len(),
            aslant,
        }
    }

    fn bottom(&self) -> f64 {
        self.corner.1 + self.cell.1 * self.rows as f64
    }

    fn place(&self, row: f64, column: f64) -> At {
        At(
            self.corner.0 + column * self.cell.0,
            self.corner.1 + row * self.cell.1,
        )
    }

    fn prints(&self) -> bool {
        self.cell.0 >= PRINTED.0 && self.cell.1 >= PRINTED.1
    }
}

fn longest(labels: &[String]) -> f64 {
    let letters = labels
        .iter()
        .map(|label| label.chars().count())
        .max()
        .unwrap_or(0);
    letters.min(LABEL_MAX) as f64
}

/// Cuts in the middle, because names of models differ at their ends.
fn cut(label: &str) -> String {
    let letters: Vec<char> = label.chars().collect();
    if letters.len() <= LABEL_MAX {
        return label.to_owned();
    }
    let (head, tail) = (LABEL_MAX / 2, LABEL_MAX - LABEL_MAX / 2 - 1);
    let tail = &letters[letters.len() - tail..];
    letters[..head].iter().chain(&['…']).chain(tail).collect()
}

/// What rows and columns are: beside the rows, read upwards, and above the columns.
fn draw_axes(svg: &mut Svg, grid: &Grid, map: &HeatMap) {
    let Some((rows, columns)) = &map.axes else {
        return;
    };
    let At(x, _) = grid.place(0.0, map.columns.len() as f64 / 2.0);
    svg.text(At(x, 12.0), Anchor::Middle, &cut(columns));
    let At(_, y) = grid.place(grid.rows as f64 / 2.0, 0.0);
    svg.push(format_args!(
        "<g transform=\"translate(12 {}) rotate(-90)\">",
        Px(y)
    ));
    svg.text(At(0.0, 0.0), Anchor::Middle, &cut(rows));
    svg.push(format_args!("</g>"));
}

/// Frames around the cells that stand out.
fn draw_frames(svg: &mut Svg, grid: &Grid, (map, shading): (&HeatMap, Shading)) {
    for (cell, class) in [(map.lowest, "f d"), (map.highest, "f")] {
        let Some(cell) = cell else { continue };
        let (row, column) = (cell / map.columns.len(), cell % map.columns.len());
        let At(x, y) = grid.place(row as f64, column as f64);
        svg.push(format_args!(
            "<rect class=\"{class}\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" style=\"stroke:{}\"/>",
            Px(x + 2.0),
            Px(y + 2.0),
            Px((grid.cell.0 - 4.0).max(1.0)),
            Px((grid.cell.1 - 4.0).max(1.0)),
            shading.colour(map.values[cell]).ink()
        ));
    }
}

fn draw_labels(svg: &mut Svg, grid: &Grid, map: &HeatMap) {
    let every = map.rows.len().div_ceil(LABELS_MAX);
    for (row, label) in map.rows.iter().enumerate().step_by(every) {
        let At(x, y) = grid.place(row as f64 + 0.5, 0.0);
        svg.text(At(x - 6.0, y + 4.0), Anchor::End, &cut(label));
    }
    let every = map.columns.len().div_ceil(LABELS_MAX);
    for (column, label) in map.columns.iter().enumerate().step_by(every) {
        let At(x, y) = grid.place(0.0, column as f64 + 0.5);
        if grid.aslant {
            svg.push(format_args!(
                "<g transform=\"translate({} {}) rotate(-40)\">",
                Px(x),
                Px(y - 5.0)
            ));
            svg.text(At(0.0, 0.0), Anchor::Start, &cut(label));
            svg.push(format_args!("</g>"));
        } else {
            svg.text(At(x, y - 6.0), Anchor::Middle, &cut(label));
        }
    }
}

/// One value with what it takes to draw it.
#[derive(Clone, Copy)]
struct Cell<'a> {
    map: &'a HeatMap,
    shading: Shading,
    value: f64,
}

fn draw_cell(svg: &mut Svg, grid: &Grid, (row, column): (usize, usize), cell: Cell<'_>) {
    let At(x, y) = grid.place(row as f64, column as f64);
    // Cells reach under their neighbours, otherwise rounding leaves seams between small ones.
    let (width, height) = (Px(grid.cell.0 + OVERLAP), Px(grid.cell.1 + OVERLAP));
    if !is_drawable(cell.value) {
        svg.push(format_args!(
            "<rect class=\"e\" x=\"{}\" y=\"{}\" width=\"{width}\" height=\"{height}\"/>",
            Px(x),
            Px(y)
        ));
        return;
    }
    let colour = cell.shading.colour(cell.value);
    svg.push(format_args!(
        "<rect x=\"{}\" y=\"{}\" width=\"{width}\" height=\"{height}\" fill=\"{}\"",
        Px(x),
        Px(y),
        colour.hex()
    ));
    if !grid.prints() {
        svg.push(format_args!("/>"));
        return;
    }
    let title = format!(
        "{}, {}: {}",
        cell.map.rows[row],
        cell.map.columns[column],
        significant(cell.value)
    );
    svg.push(format_args!(
        "><title>{}</title></rect>",
        crate::escape::escape(&title)
    ));
    let At(x, y) = grid.place(row as f64 + 0.5, column as f64 + 0.5);
    svg.push(format_args!(
        "<text class=\"v\" x=\"{}\" y=\"{}\" text-anchor=\"middle\" style=\"fill:{}\">{}</text>",
        Px(x),
        Px(y + 4.0),
        colour.ink(),
        cell.shading.print(cell.value)
    ));
}

/// The palette from low to high with the values at its ends.
fn draw_bar(svg: &mut Svg, grid: &Grid, shading: Shading) {
    const STEPS: u32 = 32;
    let (top, left) = (grid.bottom() + 14.0, WIDTH - RIGHT - 48.0 - 128.0);
    for step in 0..STEPS {
        let colour = Colour::at((f64::from(step) + 0.5) / f64::from(STEPS));
        svg.push(format_args!(
            "<rect x=\"{}\" y=\"{}\" width=\"4.2\" height=\"10\" fill=\"{}\"/>",
            Px(left + 4.0 * f64::from(step)),
            Px(top),
            colour.hex()
        ));
    }
    svg.text(
        At(left - 6.0, top + 9.5),
        Anchor::End,
        &shading.print(shading.low),
    );
    svg.text(
        At(left + 134.0, top + 9.5),
        Anchor::Start,
        &shading.print(shading.high),
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(values: &[f64], columns: usize) -> HeatMap {
        let names = |count: usize| (0..count).map(|idx| format!("<{idx}>")).collect();
        HeatMap {
            title: "t".to_owned(),
            rows: names(values.len() / columns),
            columns: names(columns),
            values: values.to_vec(),
            ..HeatMap::default()
        }
    }

    #[test]
    fn values_are_printed_and_gaps_are_empty() {
        let map = map(&[1.25, 2.5, f64::NAN, f64::INFINITY], 2);
        let svg = heat_map(&map, Shading::of(std::slice::from_ref(&map)));
        assert!(
            svg.contains(">1.25</text>") && svg.contains(">2.50</text>"),
            "{svg}"
        );
        assert_eq!(svg.matches("class=\"e\"").count(), 2);
        assert!(!svg.contains("NaN") && !svg.contains("inf") && svg.contains("&lt;0&gt;"));
    }

    #[test]
    fn crowds_are_not_printed() {
        let map = map(&vec![0.5; 10_000], 100);
        let svg = heat_map(&map, Shading::of(std::slice::from_ref(&map)));
        assert!(!svg.contains("class=\"v\""));
        assert!(svg.matches("<text").count() < 40);
    }

    #[test]
    fn long_labels_keep_both_ends() {
        assert_eq!(cut("the writers of the north 17"), "the writ…orth 17");
    }
}
