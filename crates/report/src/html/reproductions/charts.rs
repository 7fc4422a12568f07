//! Measurement and formula over fits, or one over the other.

use super::{CheckedNumber, Comparison};
use crate::escape::escape;
use crate::figure::{Line, Panel, Point};
use crate::svg::{Axis, Scale, line_chart};

/// Half the width of a band, in standard errors.
const BAND: f64 = 2.0;
/// Trajectories with more fits have a logarithmic axis.
const LINEAR_MAX: f64 = 1000.0;
/// Room at either end of the line where measurement and formula are equal, as a share of their span.
const MARGIN: f64 = 0.08;

/// Place in the palette of what agrees, and of what does not.
const COLOURS: [usize; 2] = [0, 1];

/// A figure for each quantity that was followed, then one for all other numbers.
pub(super) fn charts(checks: &[CheckedNumber]) -> String {
    let followed = longest(checks);
    let known: Vec<(String, &str)> = followed.iter().map(|check| subject(check)).collect();
    let once: Vec<&CheckedNumber> = checks
        .iter()
        .filter(|check| !known.contains(&subject(check)))
        .collect();
    let figures: String = followed.into_iter().map(over_fits).collect();
    figures + &one_over_the_other(&once)
}

/// What a trajectory is about: checks of one quantity at several fits have one trajectory.
fn subject(check: &CheckedNumber) -> (String, &str) {
    (name(&check.what), &check.scenarios)
}

/// A name without the fit: "E\[variance\], t = 10" is about "E\[variance\]".
fn name(what: &str) -> String {
    let segment = |segment: &str| {
        let Some(fit) = segment.strip_prefix("t = ") else {
            return Some(segment.to_owned());
        };
        let relative = fit.split_once(" over ");
        relative.map(|(_, since)| format!("over {since}"))
    };
    let segments: Vec<String> = what.split(", ").filter_map(segment).collect();
    segments.join(", ")
}

/// The longest trajectory of each quantity that was followed.
fn longest(checks: &[CheckedNumber]) -> Vec<&CheckedNumber> {
    let mut longest: Vec<&CheckedNumber> = Vec::new();
    for check in checks.iter().filter(|check| check.trajectory.len() > 2) {
        let same = longest
            .iter()
            .position(|known| subject(known) == subject(check));
        match same {
            None => longest.push(check),
            Some(at) if longest[at].trajectory.len() < check.trajectory.len() => {
                longest[at] = check;
            }
            Some(_) => {}
        }
    }
    longest
}

fn over_fits(check: &CheckedNumber) -> String {
    let at = |moment: &Comparison| f64::from(moment.fit);
    let points = check.trajectory.iter();
    let expected = points.clone().map(|moment| Point {
        x: at(moment),
        y: moment.expected,
        band: None,
    });
    let line = Line {
        label: name(&check.what),
        colour: COLOURS[usize::from(!check.ok)],
        points: points.map(|moment| point(at(moment), moment)).collect(),
        expected: expected.collect(),
    };
    let fits = check.trajectory.iter().map(at);
    let scale = if fits.clone().any(|fit| fit > LINEAR_MAX) {
        Scale::of_keys(fits)
    } else {
        Scale::of_instants(fits, true)
    };
    let title = line.label.clone();
    figure(&title, vec![line], ("fits", scale))
}

fn point(x: f64, moment: &Comparison) -> Point {
    let reach = BAND * moment.standard_error;
    let band = (reach > 0.0).then_some((moment.measured - reach, moment.measured + reach));
    Point {
        x,
        y: moment.measured,
        band,
    }
}

/// Measurements over what the formulas say, with the line where they agree; nothing if there are none.
fn one_over_the_other(checks: &[&CheckedNumber]) -> String {
    let lasts = checks
        .iter()
        .filter_map(|check| Some((*check, check.trajectory.last()?)));
    let mut lines: Vec<Line> = lasts
        .clone()
        .map(|(check, last)| Line {
            label: check.what.clone(),
            colour: COLOURS[usize::from(!check.ok)],
            points: vec![point(last.expected, last)],
            expected: Vec::new(),
        })
        .collect();
    let equal = equal(lasts.flat_map(|(_, last)| [last.expected, last.measured]));
    let Some(first) = lines.first_mut() else {
        return String::new();
    };
    first.expected = equal.to_vec();
    let scale = Scale::of_instants(equal.iter().map(|point| point.x), false);
    figure("Measurement over formula", lines, ("formula", scale))
}

/// The ends of the line where both are equal, a little beyond all values.
fn equal(values: impl Iterator<Item = f64> + Clone) -> [Point; 2] {
    let finite = values.filter(|value| value.is_finite());
    let low = finite.clone().fold(f64::INFINITY, f64::min);
    let high = finite.fold(f64::NEG_INFINITY, f64::max);
    let span = high - low;
    let size = low.abs().max(high.abs());
    let margin = if span > MARGIN * size {
        MARGIN * span
    } else {
        MARGIN * size
    };
    [low - margin, high + margin].map(|x| Point {
        x,
        y: x,
        band: None,
    })
}

fn figure(title: &str, lines: Vec<Line>, (x_title, x): (&str, Scale)) -> String {
    let points = || {
        let all = lines
            .iter()
            .flat_map(|line| line.points.iter().chain(&line.expected));
        all.copied()
    };
    let bands = points()
        .filter_map(|point| point.band)
        .flat_map(<[f64; 2]>::from);
    let y = Scale::of_values(points().map(|point| point.y), bands);
    let (x, y) = (
        Axis {
            title: x_title,
            scale: x,
        },
        Axis {
            title: "",
            scale: y,
        },
    );
    let panel = Panel { title: None, lines };
    let svg = line_chart(&panel, &x, &y, title);
    format!("<div><h4>{}</h4>{svg}</div>\n", escape(title))
}
