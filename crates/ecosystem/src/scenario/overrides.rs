//! `--set key=value`: changes to a scenario that are not in its file.

use super::parse;
use super::problem::Finding;
use super::shape::{Record, Shape};
use super::suggest::hint;
use super::tree::{Node, Table, Value, label};

/// Applies overrides in the order given; those that lead nowhere are found and leave no trace.
pub(super) fn apply(
    root: &mut Node,
    shape: &Shape,
    overrides: &[(String, String)],
) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (key, value) in overrides {
        let mut changed = root.clone();
        let path: Vec<&str> = key.split('.').map(str::trim).collect();
        match set(&mut changed, shape, &path, &parse::argument(value)) {
            Ok(()) => *root = changed,
            Err(message) => findings.push(Finding::placeless(key, message)),
        }
    }
    findings
}

type Outcome = Result<(), String>;

fn set(place: &mut Node, shape: &Shape, path: &[&str], value: &Node) -> Outcome {
    let Some((&key, rest)) = path.split_first() else {
        *place = value.clone();
        return Ok(());
    };
    match shape {
        Shape::Record(record) => set_field(place.table_mut(), record, (key, rest), value),
        Shape::Tagged(_) => set_tagged(place, shape, (key, rest), value),
        Shape::Keyed(shapes) => {
            let shape = shapes.get(key).ok_or_else(|| unknown(key, shapes.keys()))?;
            let table = place.table_mut();
            // Of the alternatives there can be only one.
            table.retain(|other, _| other == key);
            set(entry(table, key), shape, rest, value)
        }
        Shape::Map(shape) => {
            let table = place.table_mut();
            if !rest.is_empty() && !table.contains_key(key) {
                return Err(unknown(key, table.keys()));
            }
            let table_key = entry(table, key);
            set(table_key, shape, rest, value)
        }
        Shape::List { item, .. } => set_elements(place, item, (key, rest), value),
        Shape::Choice(shapes) => {
            let holder = shapes.iter().find(|shape| shape.has(key));
            set(
                place,
                holder.ok_or_else(|| leafless(key, shape))?,
                path,
                value,
            )
        }
        _ => Err(leafless(key, shape)),
    }
}

/// A path, cut after its first key.
type Cut<'a> = (&'a str, &'a [&'a str]);

fn set_field(table: &mut Table, record: &Record, (key, rest): Cut<'_>, value: &Node) -> Outcome {
    let shape = record
        .fields
        .get(key)
        .ok_or_else(|| unknown(key, record.fields.keys()))?;
    // A corpus is a file or a distribution: naming the one drops the other.
    let rivals: &[&str] = match key {
        "source" => &["distribution"],
        "distribution" => &["source", "column"],
        _ => &[],
    };
    for rival in rivals {
        table.remove(*rival);
    }
    set(entry(table, key), shape, rest, value)
}

fn set_tagged(place: &mut Node, shape: &Shape, (key, rest): Cut<'_>, value: &Node) -> Outcome {
    let Shape::Tagged(records) = shape else {
        return Ok(());
    };
    let table = place.table_mut();
    if key == "kind" && rest.is_empty() {
        // What the new kind does not know goes with the old one.
        let record = value.text().and_then(|kind| records.get(kind));
        table.retain(|other, _| record.is_some_and(|record| record.fields.contains_key(other)));
        table.insert(key.to_owned(), value.clone());
        return Ok(());
    }
    let kind = table
        .get("kind")
        .and_then(Node::text)
        .unwrap_or_default()
        .to_owned();
    let record = records
        .get(&kind)
        .ok_or_else(|| format!("was set, but there is no `kind` yet: allowed is {shape}"))?;
    set_field(table, record, (key, rest), value)
}

fn set_elements(place: &mut Node, item: &Shape, (key, rest): Cut<'_>, value: &Node) -> Outcome {
    let Value::List(list) = &mut place.value else {
        return Err("was set, but the file has no list there".to_owned());
    };
    let labels: Vec<String> = (0..list.len()).map(|index| label(list, index)).collect();
    let chosen = |index: usize| key == "*" || key == labels[index] || key == index.to_string();
    if !(0..list.len()).any(chosen) {
        return Err(unknown(key, labels.iter()));
    }
    let chosen = list
        .iter_mut()
        .enumerate()
        .filter(|(index, _)| chosen(*index));
    chosen
        .map(|(_, node)| node)
        .try_for_each(|node| set(node, item, rest, value))
}

impl Shape {
    /// True if a path can go on with `key` from here.
    fn has(&self, key: &str) -> bool {
        match self {
            Self::Keyed(shapes) => shapes.contains_key(key),
            Self::Record(record) => record.fields.contains_key(key),
            Self::Tagged(_) | Self::Map(_) => true,
            Self::List { .. } => key == "*" || key.parse::<usize>().is_ok(),
            _ => false,
        }
    }
}

fn entry<'a>(table: &'a mut Table, key: &str) -> &'a mut Node {
    table
        .entry(key.to_owned())
        .or_insert_with(Node::empty_table)
}

fn unknown<'a>(key: &str, known: impl Iterator<Item = &'a String>) -> String {
    format!(
        "was set, but `{key}` is not known: {}",
        hint(key, known.map(String::as_str))
    )
}

fn leafless(key: &str, shape: &Shape) -> String {
    format!("was set, but nothing has a key `{key}` there: allowed is {shape}")
}
