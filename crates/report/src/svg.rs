//! A small writer of SVG elements, and the two charts made with it.
//!
//! Colours are classes, so that the page's style decides them for light and dark; only the cells of
//! heat maps carry their own. Lengths are in units of the view box, which the page scales.

mod heat_map;
mod line_chart;
mod palette;
mod scale;
mod shading;

use std::fmt;

use crate::escape::escape;

pub(crate) use heat_map::heat_map;
pub(crate) use line_chart::{Axis, line_chart};
pub(crate) use scale::Scale;
pub(crate) use shading::Shading;

/// Where a text's position lies in the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Anchor {
    Start,
    Middle,
    End,
}

impl Anchor {
    fn name(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Middle => "middle",
            Self::End => "end",
        }
    }
}

/// A position in the view box, down and to the right of its corner.
#[derive(Debug, Clone, Copy, PartialEq)]
struct At(f64, f64);

/// A length, written with at most one decimal.
#[derive(Debug, Clone, Copy)]
struct Px(f64);

impl fmt::Display for Px {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        debug_assert!(
            self.0.is_finite(),
            "positions are checked before they are drawn"
        );
        let tenths = (self.0 * 10.0).round() / 10.0;
        if tenths.fract() == 0.0 {
            write!(f, "{tenths:.0}")
        } else {
            write!(f, "{tenths:.1}")
        }
    }
}

/// One picture under construction.
#[derive(Debug)]
struct Svg {
    text: String,
}

impl Svg {
    fn new(width: f64, height: f64, label: &str) -> Self {
        let mut svg = Self {
            text: String::new(),
        };
        svg.push(format_args!(
            "<svg viewBox=\"0 0 {} {}\" role=\"img\" aria-label=\"{}\">",
            Px(width),
            Px(height),
            escape(label)
        ));
        svg
    }

    fn push(&mut self, element: fmt::Arguments<'_>) {
        fmt::write(&mut self.text, element).expect("a string takes all that is written to it");
    }

    fn line(&mut self, from: At, to: At, class: &str) {
        let (x1, y1, x2, y2) = (Px(from.0), Px(from.1), Px(to.0), Px(to.1));
        self.push(format_args!(
            "<line class=\"{class}\" x1=\"{x1}\" y1=\"{y1}\" x2=\"{x2}\" y2=\"{y2}\"/>"
        ));
    }

    fn text(&mut self, at: At, anchor: Anchor, text: &str) {
        self.push(format_args!(
            "<text x=\"{}\" y=\"{}\" text-anchor=\"{}\">{}</text>",
            Px(at.0),
            Px(at.1),
            anchor.name(),
            escape(text)
        ));
    }

    /// A closed or open line through some points; nothing for fewer than two.
    fn path(&mut self, points: &[At], class: &str, closed: bool) {
        if points.len() < 2 {
            return;
        }
        self.push(format_args!("<path class=\"{class}\" d=\""));
        for (idx, at) in points.iter().enumerate() {
            let command = if idx == 0 { "M" } else { "L" };
            self.push(format_args!("{command}{} {}", Px(at.0), Px(at.1)));
        }
        self.push(format_args!("{}\"/>", if closed { "Z" } else { "" }));
    }

    /// A dot that shows `title` under the pointer.
    fn dot(&mut self, at: At, class: &str, title: &str) {
        self.push(format_args!(
            "<circle class=\"{class}\" cx=\"{}\" cy=\"{}\" r=\"2.5\"><title>{}</title></circle>",
            Px(at.0),
            Px(at.1),
            escape(title)
        ));
    }

    fn finish(mut self) -> String {
        self.text.push_str("</svg>");
        self.text
    }
}
