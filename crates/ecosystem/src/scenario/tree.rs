//! A scenario file as a tree of values that remember where they stand.

use std::collections::BTreeMap;
use std::fmt;

use super::problem::Finding;

/// A value and its place.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Node {
    /// Offset of its key in the file; `None` if it stands in no file.
    pub(super) offset: Option<usize>,
    pub(super) value: Value,
}

/// What a node holds.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    Flag(bool),
    /// Wider than any field, so that a number that is too large is out of range and not a puzzle.
    Whole(i128),
    Float(f64),
    Text(String),
    /// A date or a time; nothing in a scenario is one.
    Time(String),
    List(Vec<Node>),
    Table(Table),
}

/// Keys and their nodes.
pub(super) type Table = BTreeMap<String, Node>;

impl Node {
    /// A table that stands in no file.
    pub(super) fn empty_table() -> Self {
        Self {
            offset: None,
            value: Value::Table(Table::new()),
        }
    }

    pub(super) fn table(&self) -> Option<&Table> {
        match &self.value {
            Value::Table(table) => Some(table),
            _ => None,
        }
    }

    /// The table it holds; anything else gives way to an empty one.
    pub(super) fn table_mut(&mut self) -> &mut Table {
        if !matches!(self.value, Value::Table(_)) {
            self.value = Value::Table(Table::new());
        }
        match &mut self.value {
            Value::Table(table) => table,
            _ => unreachable!("the line above made it a table"),
        }
    }

    pub(super) fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(super) fn get(&self, key: &str) -> Option<&Self> {
        self.table()?.get(key)
    }

    pub(super) fn finding(&self, key: &str, message: impl Into<String>) -> Finding {
        Finding {
            offset: self.offset,
            key: key.to_owned(),
            message: message.into(),
        }
    }

    /// The same value for serde.
    pub(super) fn json(&self) -> serde_json::Value {
        match &self.value {
            Value::Flag(flag) => (*flag).into(),
            Value::Whole(number) => whole_json(*number),
            Value::Float(number) => (*number).into(),
            Value::Text(text) | Value::Time(text) => text.as_str().into(),
            Value::List(list) => list.iter().map(Self::json).collect(),
            Value::Table(table) => table
                .iter()
                .map(|(key, node)| (key.clone(), node.json()))
                .collect(),
        }
    }
}

/// Only a float field takes a number beyond 64 bits, so nothing is lost that the field could hold.
fn whole_json(number: i128) -> serde_json::Value {
    let exact = i64::try_from(number).map(serde_json::Value::from);
    exact
        .or_else(|_| u64::try_from(number).map(Into::into))
        .unwrap_or((number as f64).into())
}

/// How element `index` of a list is called in a key: by its name if that is unique, else by number.
pub(super) fn label(list: &[Node], index: usize) -> String {
    let own = list.get(index).and_then(name).filter(|own| !own.is_empty());
    let unique = |own: &&str| {
        let same = list.iter().filter(|other| name(other) == Some(*own));
        same.take(2).count() == 1
    };
    own.filter(unique)
        .map_or_else(|| index.to_string(), str::to_owned)
}

fn name(node: &Node) -> Option<&str> {
    node.get("name").and_then(Node::text)
}

/// The place of every key, for problems that are found when the tree is gone.
pub(super) fn places(root: &Node) -> BTreeMap<String, Option<usize>> {
    let mut places = BTreeMap::new();
    collect(root, "", &mut places);
    places
}

fn collect(node: &Node, key: &str, places: &mut BTreeMap<String, Option<usize>>) {
    let join = |part: &str| {
        if key.is_empty() {
            part.to_owned()
        } else {
            format!("{key}.{part}")
        }
    };
    match &node.value {
        Value::Table(table) => {
            for (part, child) in table {
                collect(child, &join(part), places);
            }
        }
        Value::List(list) if list.iter().all(|child| child.table().is_some()) => {
            for (index, child) in list.iter().enumerate() {
                collect(child, &join(&label(list, index)), places);
            }
        }
        _ => {}
    }
    places.insert(key.to_owned(), node.offset);
}

/// Values as a scenario file writes them, shortened to fit a sentence.
impl fmt::Display for Value {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(flag) => write!(formatter, "{flag}"),
            Self::Whole(number) => write!(formatter, "{number}"),
            Self::Float(number) => formatter.write_str(&number_text(*number)),
            Self::Text(text) => write!(formatter, "\"{}\"", shortened(text)),
            Self::Time(text) => formatter.write_str(text),
            Self::List(list) => write!(formatter, "[{}]", elements(list)),
            Self::Table(table) if table.is_empty() => formatter.write_str("{}"),
            Self::Table(table) => write!(formatter, "{{ {} }}", entries(table)),
        }
    }
}

const SHOWN_MAX: usize = 4;

const TEXT_CHARS_MAX: usize = 60;

fn shortened(text: &str) -> String {
    match text.char_indices().nth(TEXT_CHARS_MAX) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text.to_owned(),
    }
}

fn elements(list: &[Node]) -> String {
    joined(list.iter().map(|node| node.value.to_string()), list.len())
}

fn entries(table: &Table) -> String {
    joined(
        table
            .iter()
            .map(|(key, node)| format!("{key} = {}", node.value)),
        table.len(),
    )
}

fn joined(parts: impl Iterator<Item = String>, count: usize) -> String {
    let mut shown: Vec<_> = parts.take(SHOWN_MAX).collect();
    if count > SHOWN_MAX {
        shown.push("...".to_owned());
    }
    shown.join(", ")
}

/// A number without a tail of zeros.
pub(super) fn number_text(number: f64) -> String {
    let size = number.abs();
    if size != 0.0 && !(1e-6..1e16).contains(&size) {
        format!("{number:e}")
    } else {
        number.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short() {
        assert_eq!(number_text(1.0), "1");
        assert_eq!(number_text(1e-300), "1e-300");
        assert_eq!(number_text(36_500_000.0), "36500000");
        assert_eq!(number_text(f64::NAN), "NaN");
    }

    #[test]
    fn long_values_are_cut() {
        let numbers = (0..9)
            .map(|i| Node {
                offset: None,
                value: Value::Whole(i),
            })
            .collect();
        assert_eq!(Value::List(numbers).to_string(), "[0, 1, 2, 3, ...]");
        assert_eq!(
            Value::Text("x".repeat(99)).to_string().len(),
            TEXT_CHARS_MAX + 5
        );
    }
}
