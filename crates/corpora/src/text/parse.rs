//! Lines of a file turned into documents.

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::TextDocument;
use crate::lines::{Line, utf8_lines};
use crate::problem::{Place, Problem, Problems, excerpt};

/// How much of a parser's message is passed on; it may quote the whole line.
const REASON_CHARS_MAX: usize = 120;

/// A document and the line at which it begins.
#[derive(Debug)]
pub(super) struct Located {
    /// Counted from 1.
    pub(super) line: usize,
    pub(super) document: TextDocument,
}

/// What we read of a JSON line; keys are optional here so that both can be reported missing.
#[derive(Deserialize)]
struct Record {
    id: Option<String>,
    text: Option<String>,
}

/// The documents of a file with one JSON object a line.
pub(super) fn json_lines(file: &str, bytes: &[u8], problems: &mut Problems) -> Vec<Located> {
    let mut located = Vec::new();
    for line in utf8_lines(file, bytes) {
        let line = problems
            .note(line)
            .filter(|line| !line.text.trim().is_empty());
        located.extend(line.and_then(|line| json_line(file, line, problems)));
    }
    located
}

fn json_line(file: &str, line: Line<'_>, problems: &mut Problems) -> Option<Located> {
    let record: Record = problems.note(parse_object(file, line))?;
    let place = Place::new(file, line.number);
    let mut text = |key, value| demand((&place, key), value, problems);
    // Both are demanded before either is missed, so that both are reported.
    let (id, text) = (text("id", record.id), text("text", record.text));
    Some(Located {
        line: line.number,
        document: TextDocument {
            id: id?,
            text: text?,
        },
    })
}

/// The text under a key, or `None` after the problem was noted.
pub(super) fn demand(
    (place, key): (&Place, &str),
    value: Option<String>,
    problems: &mut Problems,
) -> Option<String> {
    let (place, key) = (place.clone(), key.to_owned());
    problems.note(match value {
        None => Err(Problem::MissingKey { place, key }),
        Some(value) if value.trim().is_empty() => Err(Problem::EmptyKey { place, key }),
        Some(value) => Ok(value),
    })
}

/// Reads a line that holds a JSON object.
pub(super) fn parse_object<T: DeserializeOwned>(file: &str, line: Line<'_>) -> Result<T, Problem> {
    let place = || Place::new(file, line.number);
    // The derived reader would also take a list for a record.
    if !line.text.trim_start().starts_with('{') {
        let reason = "expected an object".to_owned();
        return Err(Problem::BrokenJson {
            place: place(),
            column: 1,
            reason,
        });
    }
    serde_json::from_str(line.text).map_err(|error| {
        let message = error.to_string();
        // The parser counts lines from ours, so its own "at line 1" would mislead.
        let reason = message
            .rsplit_once(" at line ")
            .map_or(&*message, |(reason, _)| reason);
        let reason = excerpt(reason, REASON_CHARS_MAX);
        Problem::BrokenJson {
            place: place(),
            column: error.column(),
            reason,
        }
    })
}

/// The documents of a plain text file: blocks of lines with blank lines between them.
///
/// The ids are `PREFIX#N`, with N counted from 1.
pub(super) fn blocks(
    file: &str,
    bytes: &[u8],
    id_prefix: &str,
    problems: &mut Problems,
) -> Vec<Located> {
    let mut located: Vec<Located> = Vec::new();
    let mut inside_block = false;
    for line in utf8_lines(file, bytes) {
        let Some(line) = problems.note(line) else {
            continue;
        };
        let text = line.text.trim_end();
        match located.last_mut() {
            Some(last) if inside_block && !text.is_empty() => {
                last.document.text.push('\n');
                last.document.text.push_str(text);
            }
            _ if !text.is_empty() => {
                let id = format!("{id_prefix}#{}", located.len() + 1);
                let document = TextDocument {
                    id,
                    text: text.to_owned(),
                };
                located.push(Located {
                    line: line.number,
                    document,
                });
            }
            _ => {}
        }
        inside_block = !text.is_empty();
    }
    located
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_blocks(text: &str, expected: &[(usize, &str, &str)]) {
        let mut problems = Problems::default();
        let located = blocks("train.txt", text.as_bytes(), "c/train", &mut problems);
        let found: Vec<_> = located
            .iter()
            .map(|found| (found.line, &*found.document.id, &*found.document.text))
            .collect();
        assert_eq!(found, expected);
        assert_eq!(problems.count(), 0);
    }

    #[test]
    fn a_blank_line_ends_a_block() {
        check_blocks("", &[]);
        check_blocks("\n \n", &[]);
        check_blocks("one\ntwo", &[(1, "c/train#1", "one\ntwo")]);
        check_blocks(
            "\none \r\n  two\r\n\t\r\n\r\nthree\n",
            &[(2, "c/train#1", "one\n  two"), (6, "c/train#2", "three")],
        );
    }

    fn check_json(text: &str, expected: &[&str]) {
        let mut problems = Problems::default();
        json_lines("f", text.as_bytes(), &mut problems);
        let found: Vec<String> = problems.kept().iter().map(ToString::to_string).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn each_broken_line_is_one_sentence() {
        check_json("{\"id\":\"a\",\"text\":\"t\",\"more\":[1]}\n\n", &[]);
        check_json(
            "\n{\"id\":\"a\",\"text\":\"t\"\n",
            &["f:2: broken JSON at column 20: EOF while parsing an object"],
        );
        check_json(
            "[\"a\",\"t\"]",
            &["f:1: broken JSON at column 1: expected an object"],
        );
        check_json(
            "{\"id\":7,\"text\":\"t\"}",
            &["f:1: broken JSON at column 7: invalid type: integer `7`, expected a string"],
        );
        check_json(
            "{\"text\":null}",
            &["f:1: missing key `id`", "f:1: missing key `text`"],
        );
        check_json(
            "{\"id\":\"a\",\"text\":\" \"}",
            &["f:1: key `text` is empty"],
        );
    }
}
