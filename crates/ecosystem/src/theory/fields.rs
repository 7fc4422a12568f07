//! Fields of a JSON object, with every problem told by its path.

use serde_json::{Map, Value};

use crate::scenario::Problem;
use crate::scenario::suggest::hint;

/// An object being read, and what is wrong with it.
#[derive(Debug)]
pub(super) struct Fields<'a> {
    object: &'a Map<String, Value>,
    /// Where the object stands, with a dot at the end unless it is the whole file.
    path: String,
    problems: &'a mut Vec<Problem>,
}

/// Numbers that a field may hold.
#[derive(Debug, Clone, Copy)]
pub(super) enum Allowed {
    Any,
    /// From the first to the second.
    Within(f64, f64),
    /// 0 or more.
    NotNegative,
    /// Above 0.
    Positive,
}

impl Allowed {
    fn holds(self, x: f64) -> bool {
        x.is_finite()
            && match self {
                Self::Any => true,
                Self::Within(low, high) => (low..=high).contains(&x),
                Self::NotNegative => x >= 0.0,
                Self::Positive => x > 0.0,
            }
    }
}

impl std::fmt::Display for Allowed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Any => f.write_str("any finite number"),
            Self::Within(low, high) => write!(f, "a number from {low} to {high}"),
            Self::NotNegative => f.write_str("a number, 0 or more"),
            Self::Positive => f.write_str("a number above 0"),
        }
    }
}

impl<'a> Fields<'a> {
    pub(super) fn new(
        object: &'a Map<String, Value>,
        path: String,
        problems: &'a mut Vec<Problem>,
    ) -> Self {
        Self {
            object,
            path,
            problems,
        }
    }

    /// Tells of a problem at a place within the object.
    pub(super) fn problem(&mut self, place: &str, message: impl Into<String>) {
        self.problems.push(Problem {
            line: None,
            key: format!("{}{place}", self.path),
            message: message.into(),
        });
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.object.contains_key(key)
    }

    /// Tells of keys that nobody knows.
    pub(super) fn only(&mut self, known: &[&str]) {
        for key in self
            .object
            .keys()
            .filter(|key| !known.contains(&key.as_str()))
        {
            let message = format!("is not a known key: {}", hint(key, known.iter().copied()));
            self.problem(key, message);
        }
    }

    fn value(&mut self, key: &str, allowed: &str) -> Option<&'a Value> {
        let found = self.object.get(key);
        if found.is_none() {
            self.problem(key, format!("is missing: allowed is {allowed}"));
        }
        found
    }

    /// A whole number within bounds.
    pub(super) fn count(&mut self, key: &str, (low, high): (usize, usize)) -> Option<usize> {
        let allowed = format!("a whole number from {low} to {high}");
        let value = self.value(key, &allowed)?;
        let count = value.as_u64().map(|count| count as usize);
        let within = count.filter(|count| (low..=high).contains(count));
        if within.is_none() {
            self.problem(
                key,
                format!("= {} is not allowed: allowed is {allowed}", brief(value)),
            );
        }
        within
    }

    /// A number.
    pub(super) fn number(&mut self, key: &str, allowed: Allowed) -> Option<f64> {
        let value = self.value(key, &allowed.to_string())?;
        self.checked(key, value, allowed)
    }

    fn checked(&mut self, place: &str, value: &Value, allowed: Allowed) -> Option<f64> {
        let number = value.as_f64().filter(|x| allowed.holds(*x));
        if number.is_none() {
            self.problem(
                place,
                format!("= {} is not allowed: allowed is {allowed}", brief(value)),
            );
        }
        number
    }

    /// A word out of a few.
    pub(super) fn word(&mut self, key: &str, known: &[&'static str]) -> Option<&'static str> {
        let value = self.value(key, &known.join(" or "))?;
        let word = value
            .as_str()
            .and_then(|text| known.iter().find(|word| **word == text));
        if word.is_none() {
            let text = value.as_str().unwrap_or_default();
            let message = format!(
                "= {} is not allowed: {}",
                brief(value),
                hint(text, known.iter().copied())
            );
            self.problem(key, message);
        }
        word.copied()
    }

    /// `length` numbers; one number stands for as many.
    pub(super) fn numbers(
        &mut self,
        key: &str,
        length: usize,
        allowed: Allowed,
    ) -> Option<Vec<f64>> {
        let value = self.value(key, &format!("{length} numbers"))?;
        if value.is_number() {
            return Some(vec![self.checked(key, value, allowed)?; length]);
        }
        self.row(key, value, (Some(length), allowed))
    }

    /// A list of numbers.
    fn row(
        &mut self,
        place: &str,
        value: &Value,
        (length, allowed): (Option<usize>, Allowed),
    ) -> Option<Vec<f64>> {
        let list = self.list(place, value, length)?;
        let numbers: Vec<Option<f64>> = list
            .iter()
            .enumerate()
            .map(|(i, value)| self.checked(&format!("{place}[{i}]"), value, allowed))
            .collect();
        numbers.into_iter().collect()
    }

    fn list<'v>(
        &mut self,
        place: &str,
        value: &'v Value,
        length: Option<usize>,
    ) -> Option<&'v Vec<Value>> {
        let Some(list) = value.as_array() else {
            self.problem(place, format!("= {} is not a list", brief(value)));
            return None;
        };
        if let Some(length) = length.filter(|length| *length != list.len()) {
            let actual = list.len();
            self.problem(
                place,
                format!("has {actual} entries: it has to have {length}"),
            );
            return None;
        }
        Some(list)
    }

    /// `rows` lists of `columns` numbers each; any number of rows where none is given.
    pub(super) fn matrix(
        &mut self,
        key: &str,
        (rows, columns): (Option<usize>, usize),
        allowed: Allowed,
    ) -> Option<Vec<Vec<f64>>> {
        let value = self.value(key, &format!("lists of {columns} numbers"))?;
        self.rows(key, value, (rows, columns), allowed)
    }

    fn rows(
        &mut self,
        place: &str,
        value: &Value,
        (rows, columns): (Option<usize>, usize),
        allowed: Allowed,
    ) -> Option<Vec<Vec<f64>>> {
        let list = self.list(place, value, rows)?;
        let found: Vec<Option<Vec<f64>>> = list
            .iter()
            .enumerate()
            .map(|(i, value)| self.row(&format!("{place}[{i}]"), value, (Some(columns), allowed)))
            .collect();
        found.into_iter().collect()
    }

    /// `count` matrices of `columns` columns.
    pub(super) fn matrices(
        &mut self,
        key: &str,
        (count, columns): (usize, usize),
    ) -> Option<Vec<Vec<Vec<f64>>>> {
        let value = self.value(key, &format!("{count} matrices of {columns} columns"))?;
        let list = self.list(key, value, Some(count))?;
        let found: Vec<Option<Vec<Vec<f64>>>> = list
            .iter()
            .enumerate()
            .map(|(i, value)| {
                self.rows(&format!("{key}[{i}]"), value, (None, columns), Allowed::Any)
            })
            .collect();
        found.into_iter().collect()
    }

    /// One row of `columns` numbers, or `rows` of them.
    pub(super) fn row_or_rows(
        &mut self,
        key: &str,
        (rows, columns): (usize, usize),
        allowed: Allowed,
    ) -> Option<Vec<Vec<f64>>> {
        let value = self.value(key, &format!("{columns} numbers, or {rows} lists of them"))?;
        let nested = value
            .as_array()
            .and_then(|list| list.first())
            .is_some_and(Value::is_array);
        if nested {
            self.rows(key, value, (Some(rows), columns), allowed)
        } else {
            Some(vec![self.numbers(key, columns, allowed)?])
        }
    }

    /// An object within the object, and its path.
    pub(super) fn inner(&mut self, key: &str) -> Option<Fields<'_>> {
        let value = self.value(key, "an object")?;
        let Some(object) = value.as_object() else {
            self.problem(key, format!("= {} is not an object", brief(value)));
            return None;
        };
        Some(Fields {
            object,
            path: format!("{}{key}.", self.path),
            problems: self.problems,
        })
    }
}

/// A value as it may stand in a message.
pub(super) fn brief(value: &Value) -> String {
    match value {
        Value::Array(list) => format!("a list of {}", list.len()),
        Value::Object(_) => "an object".to_owned(),
        Value::String(text) if super::file::NOT_FINITE.contains(&text.as_str()) => text.clone(),
        value => value.to_string(),
    }
}
