//! Trajectories with bands between two axes.

use super::{Anchor, At, Scale, Svg};
use crate::figure::{Line, Panel, Point};
use crate::number::significant;

const WIDTH: f64 = 420.0;
const HEIGHT: f64 = 250.0;
/// Room for the unit above and for ticks and title below.
const TOP: f64 = 26.0;
const BOTTOM: f64 = 42.0;
const RIGHT: f64 = 12.0;
/// Width of a figure of a label, a little more than it takes.
const GLYPH: f64 = 7.2;
/// Lines with more points get no dots.
const DOTS_MAX: usize = 64;

/// One axis: what it counts, and how.
#[derive(Debug, Clone)]
pub(crate) struct Axis<'a> {
    /// Name or unit.
    pub(crate) title: &'a str,
    /// Values to positions.
    pub(crate) scale: Scale,
}

/// Draws one panel. `label` describes it to those who cannot see it.
pub(crate) fn line_chart(panel: &Panel, x: &Axis<'_>, y: &Axis<'_>, label: &str) -> String {
    let mut svg = Svg::new(WIDTH, HEIGHT, label);
    let ticks = y.scale.ticks(5);
    let longest = ticks
        .iter()
        .map(|(_, label)| label.chars().count())
        .max()
        .unwrap_or(1);
    let frame = Frame {
        left: 12.0 + GLYPH * longest as f64,
        x: x.scale,
        y: y.scale,
    };
    draw_y_axis(&mut svg, &frame, &ticks, y.title);
    draw_x_axis(&mut svg, &frame, x);
    for line in &panel.lines {
        draw_band(&mut svg, &frame, line);
    }
    for line in &panel.lines {
        draw_line(&mut svg, &frame, line, x.title);
    }
    for line in &panel.lines {
        draw_expected(&mut svg, &frame, line);
    }
    svg.finish()
}

/// The rectangle between the axes, and the way from values into it.
struct Frame {
    left: f64,
    x: Scale,
    y: Scale,
}

impl Frame {
    fn across(&self, share: f64) -> f64 {
        self.left + share * (WIDTH - RIGHT - self.left)
    }

    fn up(share: f64) -> f64 {
        HEIGHT - BOTTOM - share * (HEIGHT - BOTTOM - TOP)
    }

    fn place(&self, point: Point) -> Option<At> {
        let (x, y) = (self.x.position(point.x)?, self.y.position(point.y)?);
        Some(At(self.across(x), Self::up(y)))
    }
}

fn draw_y_axis(svg: &mut Svg, frame: &Frame, ticks: &[(f64, String)], title: &str) {
    svg.text(At(frame.left - 6.0, 13.0), Anchor::Start, title);
    for (value, label) in ticks {
        let Some(share) = frame.y.position(*value) else {
            continue;
        };
        let y = Frame::up(share);
        svg.line(At(frame.left, y), At(WIDTH - RIGHT, y), "g");
        svg.text(At(frame.left - 6.0, y + 4.0), Anchor::End, label);
    }
}

fn draw_x_axis(svg: &mut Svg, frame: &Frame, axis: &Axis<'_>) {
    let base = HEIGHT - BOTTOM;
    svg.line(At(frame.left, base), At(WIDTH - RIGHT, base), "a");
    for (value, label) in uncrowded(frame, &axis.scale) {
        let Some(share) = frame.x.position(value) else {
            continue;
        };
        let x = frame.across(share);
        svg.line(At(x, base), At(x, base + 4.0), "a");
        // A label at the end of the axis moves inwards instead of being cut.
        let half = 0.5 * GLYPH * label.chars().count() as f64;
        if x + half > WIDTH {
            svg.text(At(WIDTH, base + 17.0), Anchor::End, &label);
        } else {
            svg.text(At(x, base + 17.0), Anchor::Middle, &label);
        }
    }
    svg.text(
        At(frame.across(0.5), HEIGHT - 7.0),
        Anchor::Middle,
        axis.title,
    );
}

/// Eight ticks, or fewer where their labels would touch.
fn uncrowded(frame: &Frame, scale: &Scale) -> Vec<(f64, String)> {
    let many = scale.ticks(8);
    let widths = many
        .iter()
        .map(|(_, label)| GLYPH * (label.chars().count() + 2) as f64);
    if widths.sum::<f64>() < WIDTH - frame.left {
        return many;
    }
    scale.ticks(4)
}

fn draw_band(svg: &mut Svg, frame: &Frame, line: &Line) {
    let class = format!("b c{}", line.colour);
    let ends = |point: &Point| {
        let (low, high) = point.band?;
        let x = frame.place(*point)?.0;
        Some((
            At(x, Frame::up(frame.y.clipped(low))),
            At(x, Frame::up(frame.y.clipped(high))),
        ))
    };
    for run in runs(line.points.iter().map(ends)) {
        let (low, high): (Vec<At>, Vec<At>) = run.into_iter().unzip();
        if let ([low], [high]) = (low.as_slice(), high.as_slice()) {
            svg.line(*low, *high, &format!("w c{}", line.colour));
        }
        let outline: Vec<At> = low.into_iter().chain(high.into_iter().rev()).collect();
        if outline.len() > 2 {
            svg.path(&outline, &class, true);
        }
    }
}

fn draw_line(svg: &mut Svg, frame: &Frame, line: &Line, x_title: &str) {
    let places: Vec<Option<At>> = line
        .points
        .iter()
        .map(|point| frame.place(*point))
        .collect();
    let mut lonely = false;
    for run in runs(places.iter().copied()) {
        lonely |= run.len() == 1;
        svg.path(&run, &format!("l c{}{}", line.colour, line.stroke()), false);
    }
    if line.points.len() <= DOTS_MAX || lonely {
        let class = format!("p c{}", line.colour);
        for (point, at) in line.points.iter().zip(places) {
            if let Some(at) = at {
                svg.dot(at, &class, &tooltip(line, *point, x_title));
            }
        }
    }
}

/// What theory expects lies over what was measured.
fn draw_expected(svg: &mut Svg, frame: &Frame, line: &Line) {
    for run in runs(line.expected.iter().map(|point| frame.place(*point))) {
        svg.path(&run, "t", false);
    }
}

fn tooltip(line: &Line, point: Point, x_title: &str) -> String {
    let value = significant(point.y);
    let instant = significant_instant(point.x);
    let band = point
        .band
        .map(|(low, high)| format!(" ({} to {})", significant(low), significant(high)));
    format!(
        "{}, {x_title} {instant}: {value}{}",
        line.label,
        band.unwrap_or_default()
    )
}

fn significant_instant(x: f64) -> String {
    if x.fract() == 0.0 {
        format!("{x:.0}")
    } else {
        significant(x)
    }
}

/// Cuts a sequence at its gaps.
fn runs<T>(items: impl Iterator<Item = Option<T>>) -> Vec<Vec<T>> {
    let mut runs = vec![vec![]];
    for item in items {
        match item {
            Some(item) => runs.last_mut().expect("there is always a run").push(item),
            None => runs.push(vec![]),
        }
    }
    runs.retain(|run: &Vec<T>| !run.is_empty());
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(values: &[f64], band: Option<(f64, f64)>) -> String {
        let points: Vec<Point> = values
            .iter()
            .enumerate()
            .map(|(idx, y)| Point {
                x: idx as f64,
                y: *y,
                band,
            })
            .collect();
        let x = Scale::of_instants(points.iter().map(|point| point.x), true);
        let y = Scale::of_values(values.iter().copied(), std::iter::empty());
        let line = Line {
            label: "<a>".to_owned(),
            colour: 2,
            points,
            expected: vec![],
        };
        let panel = Panel {
            title: None,
            lines: vec![line],
        };
        line_chart(
            &panel,
            &Axis {
                title: "x",
                scale: x,
            },
            &Axis {
                title: "y",
                scale: y,
            },
            "l",
        )
    }

    #[test]
    fn what_is_not_finite_is_a_gap() {
        let svg = drawn(&[1.0, 2.0, f64::NAN, 2.0, 3.0, f64::INFINITY, 4.0], None);
        assert_eq!(svg.matches("class=\"l c2\"").count(), 2);
        assert_eq!(svg.matches("<circle").count(), 5);
        assert!(!svg.contains("NaN") && !svg.contains("inf"));
    }

    #[test]
    fn bands_are_drawn_where_they_exist() {
        assert!(!drawn(&[1.0, 2.0], None).contains("class=\"b"));
        assert_eq!(
            drawn(&[1.0, 2.0], Some((0.5, 2.5)))
                .matches("class=\"b c2\"")
                .count(),
            1
        );
        let svg = drawn(&[0.001, 0.1, 10.0], Some((-5.0, 2.5)));
        assert!(svg.contains("class=\"b c2\"") && !svg.contains("NaN"));
    }

    #[test]
    fn tooltips_are_escaped() {
        assert!(drawn(&[1.0], None).contains("<title>&lt;a&gt;, x 0: 1.000</title>"));
    }

    #[test]
    fn nothing_drawable_is_bare_axes() {
        let svg = drawn(&[f64::NAN, f64::NEG_INFINITY], None);
        assert!(!svg.contains("NaN") && !svg.contains("<circle"));
    }
}
