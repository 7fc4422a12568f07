//! What the crates' manifests say.

use toml::{Table, Value};

use crate::tree::{File, Violation};

/// A dependency that is compiled into the crate or its build script.
#[derive(Debug)]
pub(crate) struct Dependency {
    /// The package's name, without the prefix that our own packages share.
    pub(crate) name: String,
    pub(crate) line: usize,
}

/// The manifest of a crate of the workspace.
#[derive(Debug)]
pub(crate) struct Manifest<'a> {
    pub(crate) file: &'a File,
    pub(crate) crate_folder: &'a str,
    pub(crate) dependencies: Vec<Dependency>,
}

/// The manifests among the files, of the crates that are members of the workspace.
///
/// # Errors
///
/// The manifests that are not TOML.
pub(crate) fn manifests(files: &[File]) -> Result<Vec<Manifest<'_>>, Vec<Violation>> {
    let (mut read, mut violations) = (vec![], vec![]);
    for file in files {
        let Some(crate_folder) = member(&file.path) else {
            continue;
        };
        match file.text.parse::<Table>() {
            Ok(table) => {
                let dependencies = dependencies(&table, &file.text);
                read.push(Manifest {
                    file,
                    crate_folder,
                    dependencies,
                });
            }
            Err(error) => violations.push(Violation::new(&file.path, 1, error.to_string())),
        }
    }
    if violations.is_empty() {
        Ok(read)
    } else {
        Err(violations)
    }
}

/// The folder in `crates/FOLDER/Cargo.toml`.
fn member(path: &str) -> Option<&str> {
    let (folder, file) = path.strip_prefix("crates/")?.split_once('/')?;
    (file == "Cargo.toml").then_some(folder)
}

fn dependencies(manifest: &Table, text: &str) -> Vec<Dependency> {
    let targets = manifest.get("target").and_then(Value::as_table);
    let targets = targets
        .into_iter()
        .flat_map(Table::values)
        .filter_map(Value::as_table);
    let tables = std::iter::once(manifest).chain(targets).flat_map(|table| {
        ["dependencies", "build-dependencies"].map(|key| table.get(key).and_then(Value::as_table))
    });
    let entries = tables.flatten().flat_map(Table::iter);
    entries
        .map(|(key, value)| Dependency {
            name: name(key, value),
            line: line(text, key),
        })
        .collect()
}

/// The package behind a key, under the short name by which the workspace knows our own.
fn name(key: &str, value: &Value) -> String {
    let package = value.get("package").and_then(Value::as_str).unwrap_or(key);
    package.trim_start_matches("echosphere-").to_owned()
}

/// The first line that starts with the key; the first line where the key is written otherwise.
fn line(text: &str, key: &str) -> usize {
    let starts = |line: &str| {
        line.strip_prefix(key)
            .is_some_and(|rest| rest.starts_with([' ', '.', '=']))
    };
    text.lines().position(starts).map_or(1, |index| index + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAMPLE: &str = r#"
[dependencies]
types.workspace = true
engine = { package = "echosphere-sim", version = "1" }
[target.'cfg(unix)'.dependencies]
libc = "0.2"
[build-dependencies]
prost-build = "1"
[dev-dependencies]
proptest = "1"
"#;

    #[test]
    fn everything_but_tests_counts() {
        let files = [
            File::new("crates/web/Cargo.toml", SAMPLE),
            File::new("Cargo.toml", "x"),
        ];
        let manifests = manifests(&files).unwrap();
        let found = &manifests[0].dependencies;
        let mut found: Vec<_> = found
            .iter()
            .map(|one| (one.name.as_str(), one.line))
            .collect();
        found.sort_unstable();
        assert_eq!(
            found,
            [("libc", 6), ("prost-build", 8), ("sim", 4), ("types", 3)]
        );
    }

    #[test]
    fn a_manifest_that_is_not_toml_is_reported() {
        assert_eq!(
            manifests(&[File::new("crates/web/Cargo.toml", "[")])
                .unwrap_err()
                .len(),
            1
        );
    }
}
