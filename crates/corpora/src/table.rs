//! The tables of numbers and symbols that ship inside the binary.

use crate::column::{numeric_column, symbol_column};
use crate::error::CorpusError;
use crate::suggest::nearest;

/// What there is to know about a built-in table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TableInfo {
    /// The name that [`builtin_column`] and [`builtin_symbols`] take.
    pub name: &'static str,
    /// What the rows are.
    pub about: &'static str,
    /// Under what terms the table may be passed on; the full terms are in `data/LICENSES.md`.
    pub licence: &'static str,
    /// Where the table was taken from.
    pub source: &'static str,
    /// How many rows it has.
    pub rows: usize,
    /// The columns of numbers.
    pub numeric_columns: &'static [&'static str],
    /// The columns of symbols.
    pub symbol_columns: &'static [&'static str],
}

const TABLES: [TableInfo; 1] = [TableInfo {
    name: "iris",
    about: "Fisher's iris: four lengths of 150 flowers of three species",
    licence: "published facts, no rights claimed (packaging BSD-3-Clause)",
    source: "R. A. Fisher, 1936, from PyPI scikit-learn 1.9.1",
    rows: 150,
    numeric_columns: &[
        "sepal_length_cm",
        "sepal_width_cm",
        "petal_length_cm",
        "petal_width_cm",
    ],
    symbol_columns: &["species"],
}];

/// What there is to know about each built-in table, in alphabetical order.
pub fn builtin_tables() -> &'static [TableInfo] {
    &TABLES
}

/// Reads a column of numbers of a built-in table.
///
/// # Errors
///
/// [`CorpusError::UnknownTable`] and [`CorpusError::UnknownColumn`] list the names there are;
/// [`CorpusError::Invalid`] says that the column holds symbols.
pub fn builtin_column(table: &str, column: &str) -> Result<Vec<f64>, CorpusError> {
    let (file, bytes) = find(table)?;
    numeric_column(file, bytes, column)
}

/// Reads a column of a built-in table as symbols: its levels, and the level of each row.
///
/// # Errors
///
/// [`CorpusError::UnknownTable`] and [`CorpusError::UnknownColumn`] list the names there are.
pub fn builtin_symbols(table: &str, column: &str) -> Result<(Vec<String>, Vec<u32>), CorpusError> {
    let (file, bytes) = find(table)?;
    symbol_column(file, bytes, column)
}

fn find(table: &str) -> Result<(&'static str, &'static [u8]), CorpusError> {
    match table {
        "iris" => Ok(("iris.csv", include_bytes!("../data/tables/iris.csv"))),
        _ => Err(CorpusError::UnknownTable {
            name: table.to_owned(),
            nearest: nearest(table, TABLES.map(|info| info.name)).map(str::to_owned),
            available: TABLES.iter().map(|info| info.name.to_owned()).collect(),
        }),
    }
}
