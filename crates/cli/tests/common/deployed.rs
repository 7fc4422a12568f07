//! What `deploy/` has processes do: their words, and the variables that they are given.

use std::path::{Path, PathBuf};

use serde_json::Value;

/// A file or folder in `deploy/`.
pub(crate) fn place(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../deploy")
        .join(path)
}

/// The text of a file in `deploy/`.
#[track_caller]
pub(crate) fn read(path: &str) -> String {
    std::fs::read_to_string(place(path)).unwrap_or_else(|error| panic!("deploy/{path}: {error}"))
}

/// The documents of a YAML file in `deploy/`, with variables at their defaults.
#[track_caller]
pub(crate) fn documents(path: &str) -> Vec<Value> {
    serde_saphyr::from_multiple(&with_defaults(&read(path)))
        .unwrap_or_else(|error| panic!("deploy/{path}: {error}"))
}

/// `${NAME:-default}` becomes `default`.
fn with_defaults(text: &str) -> String {
    let mut parts = text.split("${");
    let mut whole = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (variable, rest) = part.split_once('}').expect("a variable ends with a brace");
        let (_, default) = variable.split_once(":-").expect("variables have defaults");
        whole.push_str(default);
        whole.push_str(rest);
    }
    whole
}

/// The words of a list.
pub(crate) fn words(value: &Value) -> Vec<String> {
    let words = value.as_array().into_iter().flatten();
    words
        .filter_map(Value::as_str)
        .map(ToOwned::to_owned)
        .collect()
}
