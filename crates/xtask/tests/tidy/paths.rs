//! The paths that code names, in `use` and elsewhere.

use crate::code::Code;

/// A path such as `std::fs::File`, spelled out when it stood in a braced list.
#[derive(Debug)]
pub(crate) struct NamedPath {
    pub(crate) text: String,
    pub(crate) line: usize,
}

/// Every path of the code; `use std::{fs, io::Read}` names `std::fs` and `std::io::Read`.
pub(crate) fn named_paths(code: &Code) -> Vec<NamedPath> {
    let mut found = Vec::new();
    let mut position = 0;
    while position < code.tokens.len() {
        position = if code.tokens[position].is_word() {
            follow(code, position, "", &mut found)
        } else {
            position + 1
        };
    }
    found
}

/// Follows the path that starts with the word at a position; returns the position behind it.
fn follow(code: &Code, start: usize, prefix: &str, found: &mut Vec<NamedPath>) -> usize {
    let mut text = format!("{prefix}{}", code.text(start));
    let mut position = start + 1;
    while code.text(position) == "::" {
        match code.tokens.get(position + 1) {
            Some(next) if next.is_word() || next.text == "*" => {
                text = format!("{text}::{}", next.text);
                position += 2;
            }
            Some(next) if next.text == "{" => {
                return follow_list(code, position + 1, &format!("{text}::"), found);
            }
            _ => break,
        }
    }
    found.push(NamedPath {
        text,
        line: code.tokens[start].line,
    });
    position
}

/// Follows every path of a braced list.
fn follow_list(code: &Code, open: usize, prefix: &str, found: &mut Vec<NamedPath>) -> usize {
    let close = code.closing(open);
    let mut position = open + 1;
    while position < close {
        let token = &code.tokens[position];
        if token.is_word() || token.text == "*" {
            position = follow(code, position, prefix, found);
        } else {
            position += 1;
        }
    }
    close + 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::File;

    fn check(text: &str, expected: &[&str]) {
        let code = Code::new(&File::new("sample.rs", text)).unwrap();
        let found = named_paths(&code);
        let paths = found
            .iter()
            .map(|path| path.text.as_str())
            .filter(|path| path.contains("::"));
        assert_eq!(paths.collect::<Vec<_>>(), expected, "{text}");
    }

    #[test]
    fn lists_are_spelled_out() {
        check(
            "use std::{fs, io::{self, Read}};",
            &["std::fs", "std::io::self", "std::io::Read"],
        );
        check("use std::time::*;", &["std::time::*"]);
        check("use std::{*};", &["std::*"]);
    }

    #[test]
    fn expressions_count_like_imports() {
        check("let a = f(std::env::var(b));", &["std::env::var"]);
        check("::std::fs::read(x)", &["std::fs::read"]);
        check("println!(\"{}\", std::env::args())", &["std::env::args"]);
        check("Vec::<std::fs::File>::new()", &["std::fs::File"]);
    }
}
