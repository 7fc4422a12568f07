//! JSON whose numbers have 17 significant digits and whose keys keep their order.

use std::fmt;

/// A JSON value.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Json {
    Null,
    Bool(bool),
    Number(f64),
    Text(String),
    List(Vec<Json>),
    Object(Vec<(&'static str, Json)>),
}

impl Json {
    pub(super) fn object(fields: Vec<(&'static str, Json)>) -> Self {
        Self::Object(fields)
    }

    pub(super) fn row(values: &[f64]) -> Self {
        Self::numbers(values.iter().copied())
    }

    pub(super) fn numbers(values: impl Iterator<Item = f64>) -> Self {
        Self::List(values.map(Self::Number).collect())
    }

    pub(super) fn matrix(rows: &[Vec<f64>]) -> Self {
        Self::List(rows.iter().map(|row| Self::row(row)).collect())
    }

    fn is_leaf(&self) -> bool {
        !matches!(self, Self::List(_) | Self::Object(_))
    }

    fn write(&self, f: &mut fmt::Formatter<'_>, depth: usize) -> fmt::Result {
        match self {
            Self::Bool(is_so) => write!(f, "{is_so}"),
            Self::Number(x) if x.is_finite() => f.write_str(&significant(*x)),
            Self::Null | Self::Number(_) => f.write_str("null"),
            Self::Text(text) => write!(f, "{}", serde_json::Value::from(text.as_str())),
            Self::List(list) if list.iter().all(Self::is_leaf) => {
                f.write_str("[")?;
                for (i, value) in list.iter().enumerate() {
                    f.write_str(if i == 0 { "" } else { ", " })?;
                    value.write(f, depth)?;
                }
                f.write_str("]")
            }
            Self::List(list) => lines(f, depth, ('[', ']'), list, |f, value| {
                value.write(f, depth + 1)
            }),
            Self::Object(fields) => lines(f, depth, ('{', '}'), fields, |f, (key, value)| {
                write!(f, "\"{key}\": ")?;
                value.write(f, depth + 1)
            }),
        }
    }
}

fn lines<T>(
    f: &mut fmt::Formatter<'_>,
    depth: usize,
    (open, close): (char, char),
    items: &[T],
    each: impl Fn(&mut fmt::Formatter<'_>, &T) -> fmt::Result,
) -> fmt::Result {
    write!(f, "{open}")?;
    for (i, item) in items.iter().enumerate() {
        write!(f, "{}\n{:2$}", if i == 0 { "" } else { "," }, "", depth + 1)?;
        each(f, item)?;
    }
    write!(f, "\n{:1$}{close}", "", depth)
}

impl fmt::Display for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(f, 0)
    }
}

/// 17 significant digits, which tell any two numbers apart; zeros at the end are left out.
fn significant(x: f64) -> String {
    let text = format!("{x:.16e}");
    let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let power: i32 = exponent.parse().unwrap_or(0);
    if (-5..16).contains(&power) {
        return trimmed(&format!("{x:.*}", (16 - power) as usize)).to_owned();
    }
    format!("{}e{exponent}", trimmed(digits))
}

fn trimmed(digits: &str) -> &str {
    let short = digits.trim_end_matches('0');
    if !digits.contains('.') {
        return digits;
    }
    // A number keeps one digit after its point, so that it reads as a real number everywhere.
    &digits[..short.len() + usize::from(short.ends_with('.'))]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_seventeen_digits_and_come_back() {
        for x in [
            0.1,
            1.0 / 3.0,
            -2.5e-9,
            6.02e23,
            1.0,
            0.0,
            123_456.789,
            f64::MIN_POSITIVE,
        ] {
            assert_eq!(
                significant(x).parse::<f64>().unwrap(),
                x,
                "{}",
                significant(x)
            );
        }
        assert_eq!(significant(0.1), "0.10000000000000001");
        assert_eq!(significant(1.0), "1.0");
        assert_eq!(significant(1e-9), "1.0000000000000001e-9");
        assert_eq!(significant(2.0e20), "2.0e20");
    }

    #[test]
    fn what_is_not_finite_is_null() {
        assert_eq!(
            Json::row(&[1.5, f64::NAN, f64::INFINITY]).to_string(),
            "[1.5, null, null]"
        );
    }

    #[test]
    fn leaves_stand_in_a_line() {
        let value = Json::object(vec![
            ("a", Json::matrix(&[vec![1.0], vec![2.0]])),
            ("b", Json::Null),
        ]);
        assert_eq!(
            value.to_string(),
            "{\n \"a\": [\n  [1.0],\n  [2.0]\n ],\n \"b\": null\n}"
        );
    }
}
