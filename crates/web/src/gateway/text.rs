//! What documents say, as text.

use std::fmt;

use types::content::Content;

use crate::log::{Log, LogError};

/// What the document at a position of the log says: its text, its numbers in a line, or its symbol by number.
///
/// # Errors
/// If it is in storage and cannot be read.
///
/// # Panics
/// If there is no such document.
pub fn text_of(log: &Log, document: u32) -> Result<String, LogError> {
    let numbers = log.segment_numbers();
    let starts = |segment: usize| log.segment(segment).first.0;
    let (mut low, mut high) = (numbers.start, numbers.end);
    while low + 1 < high {
        let middle = usize::midpoint(low, high);
        let before = starts(middle) <= u64::from(document);
        (low, high) = if before {
            (middle, high)
        } else {
            (low, middle)
        };
    }
    let at = (u64::from(document) - starts(low)) as usize;
    Ok(match &*log.content(low)? {
        text @ Content::Text { .. } => String::from_utf8_lossy(text.text(at)).into_owned(),
        Content::Symbols { symbols, .. } => format!("symbol {}", symbols[at]),
        Content::F32(numbers) => line(&numbers.values, numbers.dimension, at),
        Content::F64(numbers) => line(&numbers.values, numbers.dimension, at),
    })
}

/// The numbers of a document in a line.
fn line<T: Copy + fmt::Display>(values: &[T], dimension: u32, at: usize) -> String {
    let dimension = dimension as usize;
    let words = values[at * dimension..(at + 1) * dimension].iter();
    words.map(T::to_string).collect::<Vec<String>>().join(" ")
}
