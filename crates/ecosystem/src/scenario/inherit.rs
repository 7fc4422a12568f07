//! `like = "NAME"`: a population takes from another what it does not say itself.

use super::problem::Finding;
use super::shape::Shape;
use super::suggest::hint;
use super::tree::{Node, Table, Value, label};

/// Completes every population; one whose `like` leads nowhere keeps the key.
pub(super) fn inherit(root: &mut Node, shape: &Shape) -> Vec<Finding> {
    let Some(Shape::List { item, .. }) = shape.field("population") else {
        return Vec::new();
    };
    let Some(Value::List(list)) = root.table_mut().get_mut("population").map(|n| &mut n.value)
    else {
        return Vec::new();
    };
    let given = list.clone();
    let mut findings = Vec::new();
    for (index, place) in list.iter_mut().enumerate() {
        match ancestors(&given, index) {
            Ok(line) => *place = descend(&given, &line, item),
            Err(fault) => findings.extend(fault.finding(&given, index)),
        }
    }
    findings
}

/// Why a line of ancestors has no end.
enum Fault {
    /// This population names one that there is not.
    Unknown(usize),
    /// These follow each other in a circle.
    Circle(Vec<usize>),
}

impl Fault {
    /// What to say about population `index`; nothing if the fault is an ancestor's.
    fn finding(&self, list: &[Node], index: usize) -> Option<Finding> {
        let like = list[index].get("like")?;
        let message = match self {
            Self::Unknown(at) if *at == index => {
                let name = like.text().unwrap_or_default();
                let names = list.iter().filter_map(name_of);
                format!(
                    "= {} names no population: {}",
                    like.value,
                    hint(name, names)
                )
            }
            Self::Circle(members) if members.contains(&index) => {
                let names: Vec<_> = members.iter().map(|&member| label(list, member)).collect();
                format!("= {} goes in a circle: {}", like.value, names.join(", "))
            }
            _ => return None,
        };
        Some(like.finding(&format!("population.{}.like", label(list, index)), message))
    }
}

fn name_of(node: &Node) -> Option<&str> {
    node.get("name").and_then(Node::text)
}

/// A population, the one it is like, the one that is like, and so on.
fn ancestors(list: &[Node], index: usize) -> Result<Vec<usize>, Fault> {
    let mut line = vec![index];
    let mut last = index;
    while let Some(like) = list[last].get("like") {
        let named = |node: &Node| name_of(node).is_some() && name_of(node) == like.text();
        last = list.iter().position(named).ok_or(Fault::Unknown(last))?;
        if let Some(start) = line.iter().position(|&member| member == last) {
            return Err(Fault::Circle(line.split_off(start)));
        }
        line.push(last);
    }
    Ok(line)
}

fn descend(list: &[Node], line: &[usize], shape: &Shape) -> Node {
    let mut heir: Option<Node> = None;
    for &member in line.iter().rev() {
        let mut node = list[member].clone();
        if let (Some(parent), Value::Table(table)) = (heir, &mut node.value) {
            table.remove("like");
            let parent = nameless(parent);
            merge(&mut node, &parent, shape);
        }
        heir = Some(node);
    }
    heir.unwrap_or_else(Node::empty_table)
}

/// A name is the one thing that is not inherited.
fn nameless(mut parent: Node) -> Node {
    if let Value::Table(table) = &mut parent.value {
        table.remove("name");
    }
    parent
}

/// Adds to `child` what only `parent` says.
fn merge(child: &mut Node, parent: &Node, shape: &Shape) {
    let (Value::Table(own), Value::Table(other)) = (&mut child.value, &parent.value) else {
        return;
    };
    match shape {
        Shape::Record(record) => merge_tables(own, other, |key| record.fields.get(key)),
        Shape::Map(shape) => merge_tables(own, other, |_| Some(shape)),
        Shape::Tagged(records) => {
            let kind = |table: &Table| table.get("kind").and_then(Node::text).map(str::to_owned);
            let (own_kind, other_kind) = (kind(own), kind(other));
            // Another kind has other keys: nothing of the parent's would fit.
            if own_kind.is_none() || own_kind == other_kind {
                let record = other_kind.and_then(|kind| records.get(&kind));
                merge_tables(own, other, |key| record?.fields.get(key));
            }
        }
        // Of alternatives there can be only one, and the child has it.
        _ => {}
    }
}

fn merge_tables<'a>(own: &mut Table, other: &Table, shape: impl Fn(&str) -> Option<&'a Shape>) {
    for (key, theirs) in other {
        match (own.get_mut(key), shape(key)) {
            (None, _) => drop(own.insert(key.clone(), theirs.clone())),
            (Some(mine), Some(shape)) => merge(mine, theirs, shape),
            (Some(_), None) => {}
        }
    }
}
