//! From what the user typed to a scenario with its data.

use std::cell::RefCell;
use std::fs;
use std::path::{Path, PathBuf};

use ecosystem::scenario::schema::Scenario;
use ecosystem::{Data, Loaded, scenario};

use crate::failure::Failure;

/// A scenario with the name it goes by and the folder its paths start from.
#[derive(Debug, Clone)]
pub struct Named {
    /// Short name, for the run folder.
    pub name: String,
    /// The scenario, checked and complete.
    pub scenario: Scenario,
    /// Suspicious but legal things.
    pub warnings: Vec<String>,
    /// Relative paths in the scenario start here.
    pub base: PathBuf,
}

/// Reads a built-in scenario or a file, with `--set` overrides applied.
///
/// # Errors
/// All problems of the scenario at once, with exit code 2.
pub fn scenario(argument: &str, overrides: &[(String, String)]) -> Result<Named, Failure> {
    let text = text(argument)?;
    let (name, base) = if is_path(argument) {
        place(argument)
    } else {
        (argument.to_owned(), PathBuf::new())
    };
    checked(name, &text, overrides, (argument, base))
}

/// The short name of a file, and the folder it lies in.
pub(crate) fn place(argument: &str) -> (String, PathBuf) {
    let path = Path::new(argument);
    let name = path
        .file_stem()
        .map_or_else(|| "run".into(), |stem| stem.to_string_lossy().into_owned());
    (name, path.parent().unwrap_or(Path::new("")).to_path_buf())
}

/// What is said to a file that cannot be run.
pub(crate) fn refused(shown: &str, problems: &impl std::fmt::Display) -> Failure {
    Failure::input(format_args!("{shown} cannot be run:\n{problems}"))
}

/// The text of a built-in scenario or a file.
///
/// # Errors
/// If there is none of that name, with exit code 2.
pub fn text(argument: &str) -> Result<String, Failure> {
    if is_path(argument) {
        return read_text(Path::new(argument));
    }
    let builtin = scenario::builtin::find(argument).map_err(Failure::input)?;
    Ok(builtin.text.to_owned())
}

/// No built-in scenario has a dot or a slash in its name.
pub(crate) fn is_path(argument: &str) -> bool {
    Path::new(argument).is_file() || argument.contains(['/', '\\', '.'])
}

fn checked(
    name: String,
    text: &str,
    overrides: &[(String, String)],
    (shown, base): (&str, PathBuf),
) -> Result<Named, Failure> {
    let scenario = scenario::read(text, overrides, &ecosystem::metrics::names())
        .map_err(|problems| refused(shown, &problems))?;
    Ok(Named {
        name,
        warnings: scenario::warnings(&scenario),
        scenario,
        base,
    })
}

/// Reads a file that should hold UTF-8.
///
/// # Errors
/// If it cannot be read or holds something else, with exit code 2.
pub fn read_text(path: &Path) -> Result<String, Failure> {
    let bytes = fs::read(path)
        .map_err(|error| Failure::input(format_args!("cannot read {}: {error}", path.display())))?;
    String::from_utf8(bytes).map_err(|error| {
        let offset = error.utf8_error().valid_up_to();
        Failure::input(format_args!(
            "{} is not UTF-8: the byte at offset {offset} is wrong",
            path.display()
        ))
    })
}

/// Corpora, and what their files hold.
#[derive(Debug)]
pub struct Corpora {
    /// The corpora.
    pub data: Data,
    /// BLAKE3 over all files that were read, with their names; what is inside the program is not part of it.
    pub hash: String,
}

/// Loads the corpora of a scenario.
///
/// # Errors
/// All corpora that cannot be loaded, with exit code 2.
pub fn data(scenario: &Scenario, base: &Path) -> Result<Corpora, Failure> {
    let hasher = RefCell::new(blake3::Hasher::new());
    let read = |source: &str, column: Option<&str>| {
        note(
            &mut hasher.borrow_mut(),
            source,
            column.unwrap_or_default().as_bytes(),
        );
        open(&base.join(source), column, &mut hasher.borrow_mut())
    };
    let data = Data::load(scenario, read).map_err(|errors| {
        let lines: Vec<String> = errors.iter().map(ToString::to_string).collect();
        Failure::input(lines.join("\n"))
    })?;
    let hash = hasher.into_inner().finalize().to_string();
    Ok(Corpora { data, hash })
}

/// Adds something named to a hash; lengths keep neighbours apart.
fn note(hasher: &mut blake3::Hasher, name: &str, bytes: &[u8]) {
    for part in [name.as_bytes(), bytes] {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part);
    }
}

fn open(path: &Path, column: Option<&str>, hasher: &mut blake3::Hasher) -> Result<Loaded, String> {
    let metadata =
        fs::metadata(path).map_err(|error| format!("cannot read {}: {error}", path.display()))?;
    if metadata.is_dir() {
        return folder(path, hasher);
    }
    if column.is_none() && !is_network(path) {
        return Err(format!(
            "{} is a file: text is read from a folder with train.jsonl or train.txt, a table from a .csv or .parquet file and `column`",
            path.display()
        ));
    }
    let bytes =
        fs::read(path).map_err(|error| format!("cannot read {}: {error}", path.display()))?;
    note(hasher, "", &bytes);
    match column {
        Some(column) => table(path, &bytes, column),
        None => Ok(Loaded::Bytes(bytes)),
    }
}

/// True for the file of a network, or of what lies beside one.
fn is_network(path: &Path) -> bool {
    ["gguf", "safetensors", "json"].iter().any(|kind| {
        path.extension()
            .is_some_and(|own| own.eq_ignore_ascii_case(kind))
    })
}

fn folder(path: &Path, hasher: &mut blake3::Hasher) -> Result<Loaded, String> {
    let name = path
        .file_name()
        .map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    let problem = |error: std::io::Error| format!("cannot read {}: {error}", path.display());
    let mut files = Vec::new();
    for entry in fs::read_dir(path).map_err(problem)? {
        let entry = entry.map_err(problem)?;
        let file = entry.file_name().to_string_lossy().into_owned();
        // A corpus may lie beside other things; only files that look like a split are opened.
        if entry.path().is_file() && (file.contains(".jsonl") || file.contains(".txt")) {
            let bytes =
                fs::read(entry.path()).map_err(|error| format!("cannot read {file}: {error}"))?;
            files.push((file, bytes));
        }
    }
    files.sort();
    for (file, bytes) in &files {
        note(hasher, file, bytes);
    }
    corpora::TextCorpus::from_files(&name, files)
        .map(Loaded::Text)
        .map_err(|error| in_full(path, &error))
}

fn in_full(path: &Path, error: &corpora::CorpusError) -> String {
    if error.problems().is_empty() {
        let (path, error) = (path.display().to_string(), error.to_string());
        // Errors of tables begin with the path themselves.
        return if error.starts_with(&path) {
            error
        } else {
            format!("{path}: {error}")
        };
    }
    let problems: Vec<String> = error
        .problems()
        .iter()
        .map(|problem| format!("  {problem}"))
        .collect();
    format!(
        "{} cannot be used:\n{}",
        path.display(),
        problems.join("\n")
    )
}

fn table(path: &Path, bytes: &[u8], column: &str) -> Result<Loaded, String> {
    let name = path.display().to_string();
    if path
        .extension()
        .is_some_and(|extension| extension.eq_ignore_ascii_case("parquet"))
    {
        let values = report::parquet::read_column(bytes.to_vec(), column);
        return values
            .map(Loaded::Numbers)
            .map_err(|error| format!("{name}: {error}"));
    }
    corpora::numeric_column(&name, bytes, column)
        .map(Loaded::Numbers)
        .or_else(|error| {
            let (levels, symbols) =
                corpora::symbol_column(&name, bytes, column).map_err(|_| in_full(path, &error))?;
            // A column with a few words among its numbers is a broken column of numbers, not of symbols.
            let numeric = levels
                .iter()
                .filter(|level| level.trim().parse::<f64>().is_ok())
                .count();
            if numeric > 0 {
                Err(in_full(path, &error))
            } else {
                Ok(Loaded::Symbols { levels, symbols })
            }
        })
}
