//! From JSON Schema to shapes. Only what schemars writes for our structs is understood.

use std::collections::BTreeMap;

use serde_json::{Map, Number, Value as Json};

use super::{Length, Range, Record, Shape};

type Object = Map<String, Json>;

pub(super) fn shape(schema: &Json, definitions: &Object) -> Shape {
    if let Some(reference) = schema.get("$ref").and_then(Json::as_str) {
        let name = reference.trim_start_matches("#/$defs/");
        return shape(&definitions[name], definitions);
    }
    let branches = schema
        .get("oneOf")
        .or_else(|| schema.get("anyOf"))
        .and_then(Json::as_array);
    if let Some(branches) = branches {
        return choice(branches, definitions);
    }
    if let Some(words) = words(schema) {
        return Shape::Words(words);
    }
    match type_name(schema) {
        "boolean" => Shape::Flag,
        "integer" => Shape::Number(range(schema, true)),
        "number" => Shape::Number(range(schema, false)),
        "string" => Shape::Text(length(schema, "minLength", "maxLength")),
        "array" => list(schema, definitions),
        "object" => table(schema, definitions),
        other => unreachable!("the structs of a scenario have no value of type {other:?}"),
    }
}

/// The type; `["string", "null"]` is a text that may be left out.
fn type_name(schema: &Json) -> &str {
    match schema.get("type") {
        Some(Json::String(name)) => name,
        Some(Json::Array(names)) => names
            .iter()
            .filter_map(Json::as_str)
            .find(|name| *name != "null")
            .unwrap_or_default(),
        _ => "",
    }
}

fn words(schema: &Json) -> Option<Vec<String>> {
    let text = |word: &Json| word.as_str().map(str::to_owned);
    match (schema.get("const"), schema.get("enum")) {
        (Some(word), _) => Some(vec![text(word)?]),
        (_, Some(words)) => words.as_array()?.iter().map(text).collect(),
        _ => None,
    }
}

fn range(schema: &Json, whole: bool) -> Range {
    let bound = |key: &str| schema.get(key).and_then(Json::as_number).cloned();
    let widest = match schema.get("format").and_then(Json::as_str) {
        Some("uint32") => Some(Number::from(u32::MAX)),
        _ => None,
    };
    Range {
        whole,
        min: bound("minimum"),
        max: bound("maximum").or(widest),
    }
}

fn length(schema: &Json, min: &str, max: &str) -> Length {
    let bound = |key: &str| Some(schema.get(key)?.as_u64()? as usize);
    Length {
        min: bound(min).unwrap_or(0),
        max: bound(max).unwrap_or(usize::MAX),
    }
}

fn list(schema: &Json, definitions: &Object) -> Shape {
    let item = Box::new(shape(&schema["items"], definitions));
    Shape::List {
        item,
        length: length(schema, "minItems", "maxItems"),
    }
}

fn table(schema: &Json, definitions: &Object) -> Shape {
    match schema.get("additionalProperties") {
        Some(values @ Json::Object(_)) => Shape::Map(Box::new(shape(values, definitions))),
        _ => Shape::Record(record(schema, definitions)),
    }
}

fn record(schema: &Json, definitions: &Object) -> Record {
    let field = |(key, value): (&String, &Json)| (key.clone(), shape(value, definitions));
    let fields = schema.get("properties").and_then(Json::as_object);
    let required = schema.get("required").and_then(Json::as_array);
    Record {
        fields: fields.into_iter().flatten().map(field).collect(),
        required: required
            .into_iter()
            .flatten()
            .filter_map(Json::as_str)
            .map(Into::into)
            .collect(),
    }
}

/// Alternatives, sorted by the way in which one tells them apart.
#[derive(Default)]
struct Alternatives {
    words: Vec<String>,
    tagged: BTreeMap<String, Record>,
    keyed: BTreeMap<String, Shape>,
    others: Vec<Shape>,
}

fn choice(branches: &[Json], definitions: &Object) -> Shape {
    let mut alternatives = Alternatives::default();
    for branch in branches
        .iter()
        .filter(|branch| branch.get("type") != Some(&"null".into()))
    {
        alternatives.add(branch, definitions);
    }
    alternatives.into_shape()
}

impl Alternatives {
    fn add(&mut self, branch: &Json, definitions: &Object) {
        match shape(branch, definitions) {
            Shape::Words(words) => self.words.extend(words),
            Shape::Record(record) if tag(&record).is_some() => self.add_tagged(record),
            // An alternative written as a table with one key, whose name says which it is.
            Shape::Record(record) if record.required.len() == 1 && record.fields.len() == 1 => {
                self.keyed.extend(record.fields);
            }
            other => self.others.push(other),
        }
    }

    fn add_tagged(&mut self, mut record: Record) {
        if let Some(Shape::Words(kind)) = record.fields.remove("kind") {
            record.required.retain(|key| key != "kind");
            self.tagged
                .extend(kind.into_iter().map(|kind| (kind, record.clone())));
        }
    }

    fn into_shape(self) -> Shape {
        let mut shapes = self.others;
        if !self.words.is_empty() {
            shapes.push(Shape::Words(self.words));
        }
        if !self.tagged.is_empty() {
            shapes.push(Shape::Tagged(self.tagged));
        }
        if !self.keyed.is_empty() {
            shapes.push(Shape::Keyed(self.keyed));
        }
        if shapes.len() == 1 {
            shapes.remove(0)
        } else {
            Shape::Choice(shapes)
        }
    }
}

fn tag(record: &Record) -> Option<&Shape> {
    record
        .fields
        .get("kind")
        .filter(|kind| matches!(kind, Shape::Words(_)))
}
