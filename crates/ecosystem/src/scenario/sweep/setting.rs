//! One value for one key, or for several keys that go together.

use std::fmt;

use super::super::tree::{self, Node, number_text};
use super::super::{parse, write};

/// A value for one key, or for several that go together.
#[derive(Debug, Clone, PartialEq)]
pub struct Setting {
    /// The keys, as `--set` writes them.
    pub keys: Vec<String>,
    /// The value as TOML.
    pub toml: String,
    /// The value as tables and figures show it.
    pub value: Value,
    /// Line of the sweep file, if it stands in one.
    pub(super) line: Option<usize>,
}

/// A value as tables and figures show it.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// A whole number.
    Whole(i64),
    /// Any other number.
    Real(f64),
    /// A text, or what TOML writes for anything else.
    Text(String),
}

impl Setting {
    /// A setting of a file; `keys` are separated by commas.
    pub(super) fn new(keys: &str, node: &Node, line: Option<usize>) -> Self {
        let keys = keys.split(',').map(|key| key.trim().to_owned());
        // What JSON cannot hold is no value of a scenario either, and is refused there.
        let toml = write::inline(&node.json()).unwrap_or_else(|| node.value.to_string());
        let value = match &node.value {
            tree::Value::Whole(number) => match i64::try_from(*number) {
                Ok(number) => Value::Whole(number),
                // Larger than any key takes: the scenario refuses it as it stands.
                Err(_) => Value::Text(number.to_string()),
            },
            tree::Value::Float(number) => Value::Real(*number),
            tree::Value::Text(text) => Value::Text(text.clone()),
            tree::Value::Flag(_)
            | tree::Value::Time(_)
            | tree::Value::List(_)
            | tree::Value::Table(_) => Value::Text(toml.clone()),
        };
        Self {
            keys: keys.collect(),
            toml,
            value,
            line,
        }
    }

    /// A setting of the command line.
    pub(super) fn argument(key: &str, value: &str) -> Self {
        Self::new(key, &parse::argument(value), None)
    }

    /// The keys as a sweep file writes them.
    pub fn key(&self) -> String {
        self.keys.join(", ")
    }

    /// A change for every key.
    pub(super) fn changes(&self) -> impl Iterator<Item = (String, String)> + '_ {
        self.keys.iter().map(|key| (key.clone(), self.toml.clone()))
    }
}

impl Value {
    /// The number that it is, if it is one.
    pub fn number(&self) -> Option<f64> {
        match self {
            Self::Whole(number) => Some(*number as f64),
            Self::Real(number) => Some(*number),
            Self::Text(_) => None,
        }
    }

    /// True if a scenario cannot tell them apart.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            // Large seeds that differ may be the same in floating point.
            (Self::Whole(a), Self::Whole(b)) => a == b,
            _ => match (self.number(), other.number()) {
                (Some(a), Some(b)) => a == b,
                _ => self == other,
            },
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Whole(number) => write!(f, "{number}"),
            Self::Real(number) => f.write_str(&number_text(*number)),
            Self::Text(text) => f.write_str(text),
        }
    }
}
