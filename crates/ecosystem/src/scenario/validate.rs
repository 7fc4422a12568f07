//! Does a tree have the shape of a scenario? All problems at once.

use std::collections::BTreeMap;

use super::problem::Finding;
use super::shape::{Length, Range, Record, Shape};
use super::suggest::{hint, nearest};
use super::tree::{Node, Table, Value, label};

/// Everything about `root` that is not of this shape.
pub(super) fn validate(root: &Node, shape: &Shape) -> Vec<Finding> {
    let mut validator = Validator {
        trail: Vec::new(),
        findings: Vec::new(),
    };
    validator.value(root, shape);
    validator.findings
}

struct Validator {
    /// The keys from the root to here.
    trail: Vec<String>,
    findings: Vec<Finding>,
}

impl Validator {
    fn value(&mut self, node: &Node, shape: &Shape) {
        if !shape.takes(&node.value) {
            return self.mismatch(node, shape);
        }
        match (shape, &node.value) {
            (Shape::Number(range), number) => self.number(node, number, range),
            (Shape::Text(length), Value::Text(text)) => {
                self.length(node, text.chars().count(), "characters", *length);
            }
            (Shape::List { item, length }, Value::List(list)) => {
                self.length(node, list.len(), "elements", *length);
                self.list(list, item);
            }
            (Shape::Map(shape), Value::Table(table)) => {
                for (key, child) in table {
                    self.child(key, child, shape);
                }
            }
            (Shape::Record(record), Value::Table(table)) => self.record(node, table, record),
            (Shape::Tagged(records), Value::Table(table)) => self.tagged(node, table, records),
            (Shape::Keyed(shapes), Value::Table(table)) => self.keyed(node, table, shapes),
            (Shape::Choice(shapes), value) => {
                let named = shapes.iter().find(|shape| shape.is_named_in(value));
                let shape = named.or_else(|| shapes.iter().find(|shape| shape.takes(value)));
                if let Some(shape) = shape {
                    self.value(node, shape);
                }
            }
            _ => {}
        }
    }

    fn child(&mut self, key: &str, node: &Node, shape: &Shape) {
        self.trail.push(key.to_owned());
        self.value(node, shape);
        self.trail.pop();
    }

    fn find(&mut self, node: &Node, message: impl Into<String>) {
        self.findings
            .push(node.finding(&self.trail.join("."), message));
    }

    fn find_below(&mut self, key: &str, node: &Node, message: impl Into<String>) {
        self.trail.push(key.to_owned());
        self.find(node, message);
        self.trail.pop();
    }

    fn mismatch(&mut self, node: &Node, shape: &Shape) {
        let meant = node.text().and_then(|word| nearest(word, shape.words()));
        let meant = meant.map_or_else(String::new, |word| format!("; did you mean `{word}`?"));
        let message = format!("= {} is not allowed: allowed is {shape}{meant}", node.value);
        self.find(node, message);
    }

    fn number(&mut self, node: &Node, number: &Value, range: &Range) {
        match number {
            Value::Float(float) if !float.is_finite() => {
                self.find(
                    node,
                    format!("= {number} is not finite: allowed is {range}"),
                );
            }
            Value::Float(_) if range.whole => {
                self.find(
                    node,
                    format!("= {number} is not a whole number: allowed is {range}"),
                );
            }
            _ if !range.holds(number) => {
                self.find(
                    node,
                    format!("= {number} is out of range: allowed is {range}"),
                );
            }
            _ => {}
        }
    }

    fn length(&mut self, node: &Node, actual: usize, what: &str, length: Length) {
        if !(length.min..=length.max).contains(&actual) {
            self.find(node, format!("has {actual} {what}: allowed is {length}"));
        }
    }

    fn list(&mut self, list: &[Node], item: &Shape) {
        // Lists of numbers may be long; only tables have names to look for.
        let named = list.iter().any(|node| node.table().is_some());
        for (index, node) in list.iter().enumerate() {
            let key = if named {
                label(list, index)
            } else {
                index.to_string()
            };
            self.child(&key, node, item);
        }
    }

    fn record(&mut self, node: &Node, table: &Table, record: &Record) {
        // A population whose `like` could not be followed; that has been told already, and what
        // it lacks would have come from there.
        let orphan = self.trail.len() == 2
            && self.trail.first().is_some_and(|key| key == "population")
            && table.contains_key("like");
        for (key, child) in table.iter().filter(|(key, _)| !(orphan && *key == "like")) {
            self.field(key, child, record);
        }
        let missing = |key: &&String| !orphan && !table.contains_key(*key);
        for key in record.required.iter().filter(missing) {
            let allowed = &record.fields[key];
            self.find_below(key, node, format!("is missing: allowed is {allowed}"));
        }
    }

    fn field(&mut self, key: &str, node: &Node, record: &Record) {
        match record.fields.get(key) {
            Some(shape) => self.child(key, node, shape),
            None => self.unknown(key, node, record.fields.keys()),
        }
    }

    fn unknown<'a>(&mut self, key: &str, node: &Node, known: impl Iterator<Item = &'a String>) {
        let hint = hint(key, known.map(String::as_str));
        self.find_below(key, node, format!("is not a known key: {hint}"));
    }

    fn tagged(&mut self, node: &Node, table: &Table, records: &BTreeMap<String, Record>) {
        let kinds = Shape::Words(records.keys().cloned().collect());
        let Some(kind) = table.get("kind") else {
            return self.find_below("kind", node, format!("is missing: allowed is {kinds}"));
        };
        match kind.text().and_then(|name| records.get(name)) {
            Some(record) => {
                let mut rest = table.clone();
                rest.remove("kind");
                self.record(node, &rest, record);
            }
            None => self.child("kind", kind, &kinds),
        }
    }

    fn keyed(&mut self, node: &Node, table: &Table, shapes: &BTreeMap<String, Shape>) {
        for (key, child) in table {
            match shapes.get(key) {
                Some(shape) => self.child(key, child, shape),
                None => self.unknown(key, child, shapes.keys()),
            }
        }
        let known = table.keys().filter(|key| shapes.contains_key(*key)).count();
        // An unknown key has been told; it was probably meant to be the one.
        if known > 1 || table.is_empty() {
            let allowed = Shape::Keyed(shapes.clone());
            self.find(
                node,
                format!("= {} is not allowed: give one of {allowed}", node.value),
            );
        }
    }
}

impl Range {
    fn holds(&self, number: &Value) -> bool {
        let number = match number {
            Value::Whole(number) => return self.holds_whole(*number),
            Value::Float(number) => *number,
            _ => return false,
        };
        let bound = |bound: &Option<serde_json::Number>| {
            bound.as_ref().and_then(serde_json::Number::as_f64)
        };
        bound(&self.min).is_none_or(|min| number >= min)
            && bound(&self.max).is_none_or(|max| number <= max)
    }

    /// Compares whole numbers as such: a float does not tell 2^63 - 1 from 2^63.
    fn holds_whole(&self, number: i128) -> bool {
        let above = self.min.as_ref().is_none_or(|min| match min.as_i128() {
            Some(min) => number >= min,
            None => min.as_f64().is_none_or(|min| number as f64 >= min),
        });
        let below = self.max.as_ref().is_none_or(|max| match max.as_i128() {
            Some(max) => number <= max,
            None => max.as_f64().is_none_or(|max| number as f64 <= max),
        });
        above && below
    }
}
