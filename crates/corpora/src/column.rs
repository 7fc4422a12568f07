//! One column of a CSV table.
//!
//! Tables have a header, commas between cells, and quotes where a cell holds a comma. White space
//! around a cell is no part of it, and blank lines are skipped.

use std::collections::BTreeMap;

use csv::{ReaderBuilder, StringRecord, Trim};

use crate::error::CorpusError;
use crate::lines::{utf8_lines, without_mark};
use crate::problem::{Place, Problem, Problems, excerpt};
use crate::suggest::nearest;

/// How much of a bad cell an error message quotes.
const VALUE_CHARS_MAX: usize = 40;

/// Which column of which table.
struct Request<'a> {
    file: &'a str,
    bytes: &'a [u8],
    column: &'a str,
}

/// A cell of the column asked for, never empty.
struct Cell<'a> {
    line: usize,
    text: &'a str,
}

/// Reads a column of finite numbers; `file` is used in messages only.
///
/// # Errors
///
/// [`CorpusError::UnknownColumn`] lists the columns there are. [`CorpusError::Invalid`] names the
/// first cells that are empty, no number or not finite, rows of another length than the header,
/// text that is not UTF-8, and a table without rows.
pub fn numeric_column(file: &str, bytes: &[u8], column: &str) -> Result<Vec<f64>, CorpusError> {
    read_column(
        &Request {
            file,
            bytes,
            column,
        },
        number,
    )
}

/// Reads a column of symbols: its levels in alphabetical order, and the level of each row.
///
/// # Errors
///
/// The same as for [`numeric_column`], except that any cell which is not empty is a symbol.
pub fn symbol_column(
    file: &str,
    bytes: &[u8],
    column: &str,
) -> Result<(Vec<String>, Vec<u32>), CorpusError> {
    let symbols = read_column(
        &Request {
            file,
            bytes,
            column,
        },
        |_, cell| Ok(cell.text.to_owned()),
    )?;
    let mut ranks: BTreeMap<&str, u32> = symbols.iter().map(|symbol| (&**symbol, 0)).collect();
    (0..)
        .zip(ranks.values_mut())
        .for_each(|(rank, slot)| *slot = rank);
    let codes = symbols.iter().map(|symbol| ranks[&**symbol]).collect();
    Ok((ranks.into_keys().map(str::to_owned).collect(), codes))
}

/// The cells of the column as `read` understands them.
fn read_column<T>(
    request: &Request<'_>,
    read: impl Fn(&Request<'_>, &Cell<'_>) -> Result<T, Problem>,
) -> Result<Vec<T>, CorpusError> {
    check_encoding(request)?;
    let bytes = without_mark(request.bytes);
    // Ragged rows are let through here, so that we can name all of them and not only the first.
    let mut reader = ReaderBuilder::new()
        .trim(Trim::All)
        .flexible(true)
        .from_reader(bytes);
    let header = reader.headers().cloned().unwrap_or_default();
    let index = find_column(request, &header)?;
    let mut problems = Problems::default();
    let mut values = Vec::new();
    let mut lines = LineCounter {
        bytes,
        offset: 0,
        line: 1,
    };
    for row in reader.records() {
        let value = row
            .map_err(|error| broken(request, &error))
            .and_then(|row| {
                let line = row
                    .position()
                    .map_or(0, |position| lines.line_of(position.byte() as usize));
                let text = cell_text(request, (&row, line), index, header.len())?;
                read(request, &Cell { line, text })
            });
        values.extend(problems.note(value));
    }
    if values.is_empty() && problems.count() == 0 {
        problems.push(Problem::NoRows {
            file: request.file.to_owned(),
        });
    }
    problems.none_or_error(request.file, values)
}

/// A table that is not text has no cells worth complaining about, so this comes first.
fn check_encoding(request: &Request<'_>) -> Result<(), CorpusError> {
    let mut problems = Problems::default();
    for line in utf8_lines(request.file, request.bytes) {
        problems.note(line);
    }
    problems.none_or_error(request.file, ())
}

/// Finds the lines of rows, which come in the order of the file.
///
/// The reader's own count stands still before blank lines and in the middle of `\r\n`.
struct LineCounter<'a> {
    bytes: &'a [u8],
    offset: usize,
    line: usize,
}

impl LineCounter<'_> {
    /// The line of the first byte from `offset` on that does not end a line.
    fn line_of(&mut self, offset: usize) -> usize {
        let line_ends = self.bytes[offset..]
            .iter()
            .take_while(|byte| matches!(byte, b'\r' | b'\n'));
        let start = offset + line_ends.count();
        let passed = &self.bytes[self.offset..start];
        self.line += passed.split(|byte| *byte == b'\n').count() - 1;
        self.offset = start;
        self.line
    }
}

fn find_column(request: &Request<'_>, header: &StringRecord) -> Result<usize, CorpusError> {
    let (file, column) = (request.file.to_owned(), request.column.to_owned());
    let mut found = header
        .iter()
        .enumerate()
        .filter(|(_, name)| *name == request.column);
    match (found.next(), found.count()) {
        (Some((index, _)), 0) => Ok(index),
        (Some(_), others) => {
            let mut problems = Problems::default();
            problems.push(Problem::RepeatedColumn {
                file,
                column,
                count: others + 1,
            });
            problems.none_or_error(request.file, 0)
        }
        (None, _) => Err(CorpusError::UnknownColumn {
            nearest: nearest(request.column, header.iter()).map(str::to_owned),
            available: header.iter().map(str::to_owned).collect(),
            file,
            column,
        }),
    }
}

fn cell_text<'a>(
    request: &Request<'_>,
    (row, line): (&'a StringRecord, usize),
    index: usize,
    required: usize,
) -> Result<&'a str, Problem> {
    let place = Place::new(request.file, line);
    if row.len() != required {
        return Err(Problem::RaggedRow {
            place,
            actual: row.len(),
            required,
        });
    }
    row.get(index)
        .filter(|text| !text.is_empty())
        .ok_or_else(|| Problem::EmptyCell {
            place,
            column: request.column.to_owned(),
        })
}

fn number(request: &Request<'_>, cell: &Cell<'_>) -> Result<f64, Problem> {
    let place = Place::new(request.file, cell.line);
    let column = request.column.to_owned();
    let value = excerpt(cell.text, VALUE_CHARS_MAX);
    match cell.text.parse::<f64>() {
        Ok(number) if number.is_finite() => Ok(number),
        Ok(_) => Err(Problem::NotFinite {
            place,
            column,
            value,
        }),
        Err(_) => Err(Problem::NotANumber {
            place,
            column,
            value,
        }),
    }
}

fn broken(request: &Request<'_>, error: &csv::Error) -> Problem {
    Problem::BrokenCsv {
        file: request.file.to_owned(),
        reason: error.to_string(),
    }
}
