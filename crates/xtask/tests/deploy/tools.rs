//! Files, programs and values, as the checks use them.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// A place in `deploy/`.
pub(crate) fn place(path: &str) -> PathBuf {
    let crate_folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    crate_folder.join("../../deploy").join(path)
}

/// The text of a file in `deploy/`.
#[track_caller]
pub(crate) fn read(path: &str) -> String {
    std::fs::read_to_string(place(path)).unwrap_or_else(|error| panic!("deploy/{path}: {error}"))
}

/// The documents of a YAML file; anchors and merges are resolved.
#[track_caller]
pub(crate) fn documents(text: &str) -> Vec<Value> {
    serde_saphyr::from_multiple(text).unwrap_or_else(|error| panic!("{error}"))
}

/// Runs a program and returns all that it said; it has to be there and to succeed.
#[track_caller]
pub(crate) fn run(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| {
        let program = command.get_program().to_string_lossy();
        panic!("these tests need {program}, which `cargo xtask test` installs: {error}")
    });
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said).into_owned();
    assert!(output.status.success(), "{command:?}: {said}");
    said
}

/// What a program that has to fail said.
#[track_caller]
pub(crate) fn refused(command: &mut Command) -> String {
    let output = command.output().unwrap();
    assert!(!output.status.success(), "{command:?} did not fail");
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// The list at a path such as `/spec/containers`; nothing there is an empty list.
pub(crate) fn list<'a>(value: &'a Value, pointer: &str) -> &'a [Value] {
    value
        .pointer(pointer)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

/// The entries of the map at a path; nothing there is an empty map.
pub(crate) fn entries<'a>(
    value: &'a Value,
    pointer: &str,
) -> impl Iterator<Item = (&'a str, &'a Value)> {
    let map = value.pointer(pointer).and_then(Value::as_object);
    map.into_iter()
        .flatten()
        .map(|(key, value)| (key.as_str(), value))
}

/// The text at a path, or nothing.
pub(crate) fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value
        .pointer(pointer)
        .and_then(Value::as_str)
        .unwrap_or_default()
}

/// The number at a path.
pub(crate) fn number(value: &Value, pointer: &str) -> Option<u64> {
    value.pointer(pointer).and_then(Value::as_u64)
}

/// Fails with everything that is wrong.
#[track_caller]
pub(crate) fn assert_fine(complaints: &[String]) {
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

/// An image says which version it is.
pub(crate) fn is_pinned(image: &str) -> bool {
    let name = image.rsplit('/').next().unwrap_or_default();
    let tag = name.split_once(':').map(|(_, tag)| tag);
    tag.is_some_and(|tag| tag != "latest" && tag.contains(|letter: char| letter.is_ascii_digit()))
}

#[test]
fn images_without_version_are_noticed() {
    assert!(is_pinned("docker.io/library/nats:2.10.22-alpine") && is_pinned("host:5000/a:1"));
    assert!(!is_pinned("nats") && !is_pinned("host:5000/nats") && !is_pinned("nats:latest"));
    assert!(!is_pinned("nats:alpine"));
}
