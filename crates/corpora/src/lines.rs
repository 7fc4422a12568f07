//! Bytes cut into lines of text.

use crate::problem::{Place, Problem};

/// The mark that some editors write in front of UTF-8 text; it is not part of the text.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// A line of a file: its number, counted from 1, and its text without the line end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Line<'a> {
    /// Counted from 1, as editors do.
    pub(crate) number: usize,
    /// Without the line end.
    pub(crate) text: &'a str,
}

/// `bytes` without the byte order mark.
pub(crate) fn without_mark(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes)
}

/// The lines of `bytes`, or what is wrong with those that are not UTF-8.
pub(crate) fn utf8_lines<'a>(
    file: &'a str,
    bytes: &'a [u8],
) -> impl Iterator<Item = Result<Line<'a>, Problem>> {
    let unmarked = without_mark(bytes);
    let mut offset = bytes.len() - unmarked.len();
    unmarked
        .split_inclusive(|byte| *byte == b'\n')
        .zip(1..)
        .map(move |(raw, number)| {
            let start = offset;
            offset += raw.len();
            let text = std::str::from_utf8(raw).map_err(|error| Problem::InvalidUtf8 {
                place: Place::new(file, number),
                offset: start + error.valid_up_to(),
            })?;
            Ok(Line {
                number,
                text: text.trim_end_matches(['\n', '\r']),
            })
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(bytes: &[u8]) -> (Vec<(usize, String)>, Vec<Problem>) {
        let (mut found, mut problems) = (vec![], vec![]);
        for line in utf8_lines("a.txt", bytes) {
            match line {
                Ok(line) => found.push((line.number, line.text.to_owned())),
                Err(problem) => problems.push(problem),
            }
        }
        (found, problems)
    }

    #[test]
    fn line_ends_and_the_byte_order_mark_are_not_text() {
        let expected = vec![
            (1, "one".to_owned()),
            (2, String::new()),
            (3, "two".to_owned()),
        ];
        assert_eq!(lines(b"one\n\ntwo"), (expected.clone(), vec![]));
        assert_eq!(lines(b"\xef\xbb\xbfone\r\n\r\ntwo\r\n"), (expected, vec![]));
    }

    #[test]
    fn a_broken_line_is_named_by_number_and_byte() {
        let (found, problems) = lines(b"one\nt\xffo\nthree");
        assert_eq!(found, [(1, "one".to_owned()), (3, "three".to_owned())]);
        let place = Place::new("a.txt", 2);
        assert_eq!(problems, [Problem::InvalidUtf8 { place, offset: 5 }]);
    }
}
