//! From TOML to a tree.

use toml::Spanned;
use toml::de::{DeInteger, DeTable, DeValue};

use super::problem::{Problem, line_column};
use super::tree::{Node, Table, Value};

/// Reads a file.
pub(super) fn file(text: &str) -> Result<Node, Problem> {
    let table = DeTable::parse(text).map_err(|error| syntax(text, &error))?;
    Ok(Node {
        offset: Some(0),
        value: Value::Table(entries(table.get_ref())),
    })
}

/// Reads the value of an override: TOML, or else a text without quotes.
pub(super) fn argument(text: &str) -> Node {
    let value = DeValue::parse(text)
        .ok()
        .map(|value| convert(value.get_ref()));
    let mut node = Node {
        offset: None,
        value: value.unwrap_or_else(|| Value::Text(text.trim().to_owned())),
    };
    // Offsets within the argument would be taken for places in the file.
    forget_places(&mut node);
    node
}

fn syntax(text: &str, error: &toml::de::Error) -> Problem {
    let place = error.span().map(|span| line_column(text, span.start));
    let message = match place {
        Some((_, column)) => format!("column {column}: {}", error.message()),
        None => error.message().to_owned(),
    };
    Problem {
        line: place.map(|(line, _)| line),
        key: String::new(),
        message,
    }
}

fn entries(table: &DeTable<'_>) -> Table {
    let entry = |(key, value): (&Spanned<_>, &Spanned<DeValue<'_>>)| {
        let offset = Some(key.span().start);
        (
            key_text(key),
            Node {
                offset,
                value: convert(value.get_ref()),
            },
        )
    };
    table.iter().map(entry).collect()
}

fn key_text(key: &Spanned<std::borrow::Cow<'_, str>>) -> String {
    key.get_ref().clone().into_owned()
}

fn convert(value: &DeValue<'_>) -> Value {
    match value {
        DeValue::String(text) => Value::Text(text.clone().into_owned()),
        DeValue::Integer(number) => integer(number),
        // The grammar of TOML's floats is within that of Rust's.
        DeValue::Float(number) => Value::Float(number.as_str().parse().unwrap_or(f64::NAN)),
        DeValue::Boolean(flag) => Value::Flag(*flag),
        DeValue::Datetime(time) => Value::Time(time.to_string()),
        DeValue::Array(array) => Value::List(array.iter().map(element).collect()),
        DeValue::Table(table) => Value::Table(entries(table)),
    }
}

fn element(value: &Spanned<DeValue<'_>>) -> Node {
    Node {
        offset: Some(value.span().start),
        value: convert(value.get_ref()),
    }
}

fn integer(number: &DeInteger<'_>) -> Value {
    match i128::from_str_radix(number.as_str(), number.radix()) {
        Ok(number) => Value::Whole(number),
        Err(_) => Value::Float(number.as_str().parse().unwrap_or(f64::INFINITY)),
    }
}

fn forget_places(node: &mut Node) {
    node.offset = None;
    match &mut node.value {
        Value::List(list) => list.iter_mut().for_each(forget_places),
        Value::Table(table) => table.values_mut().for_each(forget_places),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_argument(text: &str, expected: &str) {
        assert_eq!(argument(text).value.to_string(), expected);
    }

    #[test]
    fn arguments_are_toml_or_else_texts() {
        check_argument("0.5", "0.5");
        check_argument("0x10", "16");
        check_argument("true", "true");
        check_argument("replace", "\"replace\"");
        check_argument("\"replace\"", "\"replace\"");
        check_argument("{ window = 3 }", "{ window = 3 }");
        check_argument("[0, 0.5]", "[0, 0.5]");
        check_argument("", "\"\"");
        check_argument("1\nother = 3", "\"1\nother = 3\"");
    }

    #[test]
    fn broken_syntax_has_a_line_and_a_column() {
        let problem = file("title = \"x\"\nseed = = 3\n").unwrap_err();
        assert_eq!(problem.line, Some(2));
        assert!(problem.message.starts_with("column 8: "), "{problem}");
    }
}
