//! What a scenario may look like: the JSON Schema of the structs, in the form that the reader uses.
//!
//! ```text
//! structs ──schemars──► JSON Schema ──► Shape ──► validate, inherit, overrides
//! ```

use std::collections::BTreeMap;

use serde_json::{Map, Number, Value as Json};

mod compile;
mod describe;

/// What a value may be.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Shape {
    Flag,
    Number(Range),
    Text(Length),
    /// One of these words.
    Words(Vec<String>),
    List {
        item: Box<Shape>,
        length: Length,
    },
    /// A table with keys of the writer's choice.
    Map(Box<Shape>),
    Record(Record),
    /// A table whose key `kind` says which record it is.
    Tagged(BTreeMap<String, Record>),
    /// A table with exactly one of these keys.
    Keyed(BTreeMap<String, Shape>),
    /// Any of these, which differ by their type or, of two tables, by the one key of one of them.
    Choice(Vec<Shape>),
}

/// Bounds of a number, both included.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Range {
    pub(super) whole: bool,
    pub(super) min: Option<Number>,
    pub(super) max: Option<Number>,
}

/// Bounds of the length of a text or a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Length {
    pub(super) min: usize,
    pub(super) max: usize,
}

/// A table with known keys.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Record {
    pub(super) fields: BTreeMap<String, Shape>,
    pub(super) required: Vec<String>,
}

impl Shape {
    /// Reads a JSON Schema as schemars writes it.
    pub(super) fn of(schema: &Json) -> Self {
        let empty = Map::new();
        let definitions = schema
            .get("$defs")
            .and_then(Json::as_object)
            .unwrap_or(&empty);
        compile::shape(schema, definitions)
    }

    /// The shape under `key` of a record.
    pub(super) fn field(&self, key: &str) -> Option<&Self> {
        match self {
            Self::Record(record) => record.fields.get(key),
            _ => None,
        }
    }
}
