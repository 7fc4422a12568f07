//! Shapes in words, and which values they take.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::Number;

use super::super::tree::{Value, number_text};
use super::{Length, Range, Record, Shape};

impl Shape {
    /// True if a value is of the right type; its parts and its size may still be wrong.
    pub(in super::super) fn takes(&self, value: &Value) -> bool {
        match (self, value) {
            (Self::Words(words), Value::Text(word)) => words.contains(word),
            (Self::Choice(shapes), _) => shapes.iter().any(|shape| shape.takes(value)),
            (Self::Flag, Value::Flag(_))
            | (Self::Number(_), Value::Whole(_) | Value::Float(_))
            | (Self::Text(_), Value::Text(_))
            | (Self::List { .. }, Value::List(_))
            | (
                Self::Map(_) | Self::Record(_) | Self::Tagged(_) | Self::Keyed(_),
                Value::Table(_),
            ) => true,
            _ => false,
        }
    }

    /// True if one of the keys of a table says that it has this shape.
    pub(in super::super) fn is_named_in(&self, value: &Value) -> bool {
        match (self, value) {
            (Self::Keyed(shapes), Value::Table(table)) => {
                table.keys().any(|key| shapes.contains_key(key))
            }
            _ => false,
        }
    }

    /// The words that may stand in this place, alone or as a key.
    pub(in super::super) fn words(&self) -> Vec<&str> {
        match self {
            Self::Words(words) => words.iter().map(String::as_str).collect(),
            Self::Keyed(shapes) => shapes.keys().map(String::as_str).collect(),
            Self::Tagged(records) => records.keys().map(String::as_str).collect(),
            Self::Choice(shapes) => shapes.iter().flat_map(Self::words).collect(),
            _ => Vec::new(),
        }
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag => formatter.write_str("true or false"),
            Self::Number(range) => formatter.write_str(&number(range)),
            Self::Text(_) => formatter.write_str("a text"),
            Self::Words(words) => formatter.write_str(&quoted(words)),
            Self::List { item, .. } => write!(formatter, "a list, each {item}"),
            Self::Map(_) | Self::Record(_) => formatter.write_str("a table"),
            Self::Tagged(records) => formatter.write_str(&tagged(records)),
            Self::Keyed(shapes) => formatter.write_str(&keyed(shapes)),
            Self::Choice(shapes) => {
                let all: Vec<_> = shapes.iter().map(Self::to_string).collect();
                formatter.write_str(&all.join(" or "))
            }
        }
    }
}

fn number(range: &Range) -> String {
    let what = if range.whole {
        "a whole number"
    } else {
        "a number"
    };
    if range.min.is_none() && range.max.is_none() {
        return what.to_owned();
    }
    format!("{what}, {range}")
}

fn quoted(words: &[String]) -> String {
    words
        .iter()
        .map(|word| format!("\"{word}\""))
        .collect::<Vec<_>>()
        .join(", ")
}

fn tagged(records: &BTreeMap<String, Record>) -> String {
    let all: Vec<_> = records
        .keys()
        .map(|kind| format!("{{ kind = \"{kind}\" }}"))
        .collect();
    all.join(", ")
}

fn keyed(shapes: &BTreeMap<String, Shape>) -> String {
    let all: Vec<_> = shapes
        .keys()
        .map(|key| format!("{{ {key} = ... }}"))
        .collect();
    all.join(", ")
}

impl fmt::Display for Range {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.min, &self.max) {
            (Some(min), Some(max)) => write!(formatter, "{} to {}", text(min), text(max)),
            (Some(min), None) => write!(formatter, "at least {}", text(min)),
            (None, Some(max)) => write!(formatter, "at most {}", text(max)),
            (None, None) => formatter.write_str("any number"),
        }
    }
}

fn text(number: &Number) -> String {
    match (number.is_f64(), number.as_f64()) {
        (true, Some(float)) => number_text(float),
        _ => number.to_string(),
    }
}

impl fmt::Display for Length {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.min, self.max) {
            (min, usize::MAX) => write!(formatter, "at least {min}"),
            (min, max) => write!(formatter, "{min} to {max}"),
        }
    }
}
