//! A source file as tokens, with the parts marked that only tests compile.

use std::ops::Range;

use proc_macro2::{Delimiter, Group, Spacing, TokenStream, TokenTree};

use crate::tree::{File, Violation};

/// One token; a string or a number is the word `literal`, so that no rule looks into it.
#[derive(Clone, Debug)]
pub(crate) struct Token {
    pub(crate) text: String,
    pub(crate) line: usize,
}

impl Token {
    pub(crate) fn is_word(&self) -> bool {
        self.text
            .starts_with(|first: char| first.is_alphabetic() || first == '_')
    }
}

/// The tokens of a file in order; delimiters and `::` are tokens of their own.
#[derive(Debug)]
pub(crate) struct Code {
    pub(crate) tokens: Vec<Token>,
}

impl Code {
    /// Lexes a file.
    ///
    /// # Errors
    ///
    /// A violation, when the text is not made of Rust tokens.
    pub(crate) fn new(file: &File) -> Result<Self, Violation> {
        let stream: Result<TokenStream, _> = file.text.parse();
        let stream = stream.map_err(|error| {
            let line = error.span().start().line;
            Violation::new(&file.path, line, format!("cannot be read as Rust: {error}"))
        })?;
        let mut tokens = Vec::new();
        flatten(stream, &mut tokens);
        Ok(Self { tokens })
    }

    /// The text of the token at a position; empty behind the end.
    pub(crate) fn text(&self, position: usize) -> &str {
        self.tokens.get(position).map_or("", |token| &token.text)
    }

    pub(crate) fn matches(&self, position: usize, texts: &[&str]) -> bool {
        texts
            .iter()
            .enumerate()
            .all(|(offset, text)| self.text(position + offset) == *text)
    }

    /// Where the tokens stand in this order.
    pub(crate) fn find<'a>(&'a self, texts: &'a [&str]) -> impl Iterator<Item = usize> + 'a {
        (0..self.tokens.len()).filter(|position| self.matches(*position, texts))
    }

    /// The position of the first of `texts` outside any parentheses and brackets.
    pub(crate) fn find_outside(&self, start: usize, texts: &[&str]) -> Option<usize> {
        let mut depth = 0_usize;
        for position in start..self.tokens.len() {
            match self.text(position) {
                text if depth == 0 && texts.contains(&text) => return Some(position),
                "(" | "[" => depth += 1,
                // An unopened one ends the surroundings in which the search began.
                ")" | "]" => depth = depth.checked_sub(1)?,
                _ => {}
            }
        }
        None
    }

    /// The position of the brace that closes the one at `open`.
    pub(crate) fn closing(&self, open: usize) -> usize {
        let mut depth = 0;
        for position in open..self.tokens.len() {
            match self.text(position) {
                "{" => depth += 1,
                "}" if depth == 1 => return position,
                "}" => depth -= 1,
                _ => {}
            }
        }
        unreachable!("the lexer accepts balanced braces only")
    }

    /// The lines from one token to another, both included.
    pub(crate) fn lines(&self, first: usize, last: usize) -> usize {
        self.tokens[last].line - self.tokens[first].line + 1
    }

    /// The items under `#[cfg(test)]`, from the attribute to the closing brace or semicolon.
    pub(crate) fn test_items(&self) -> Vec<Range<usize>> {
        const ATTRIBUTE: [&str; 7] = ["#", "[", "cfg", "(", "test", ")", "]"];
        let starts = self.find(&ATTRIBUTE);
        starts
            .map(|start| start..self.item_end(start + ATTRIBUTE.len()) + 1)
            .collect()
    }

    fn item_end(&self, start: usize) -> usize {
        match self.find_outside(start, &["{", ";"]) {
            Some(position) if self.text(position) == "{" => self.closing(position),
            Some(position) => position,
            None => self.tokens.len() - 1,
        }
    }

    /// The same code without what only tests compile.
    pub(crate) fn without_tests(&self) -> Self {
        let tests = self.test_items();
        let kept = |position| !tests.iter().any(|range| range.contains(&position));
        let tokens = self
            .tokens
            .iter()
            .enumerate()
            .filter(|(position, _)| kept(*position));
        Self {
            tokens: tokens.map(|(_, token)| token.clone()).collect(),
        }
    }
}

/// The sources of the crates proper, without tests: what most rules are about.
///
/// # Errors
///
/// The files that cannot be read as Rust.
pub(crate) fn product(files: &[File]) -> Result<Vec<(&File, Code)>, Vec<Violation>> {
    let tests = test_files(files)?;
    let kept = |file: &&File| file.path_in_src().is_some() && !is_below(&tests, &file.path);
    let (mut read, mut violations) = (vec![], vec![]);
    for file in files.iter().filter(kept) {
        match Code::new(file) {
            Ok(code) => read.push((file, code.without_tests())),
            Err(violation) => violations.push(violation),
        }
    }
    if violations.is_empty() {
        Ok(read)
    } else {
        Err(violations)
    }
}

/// Where the test modules with files of their own lie: `foo/tests` for `foo/tests.rs`.
fn test_files(files: &[File]) -> Result<Vec<String>, Vec<Violation>> {
    let mut found = Vec::new();
    for file in files.iter().filter(|file| file.path_in_src().is_some()) {
        let code = Code::new(file).map_err(|violation| vec![violation])?;
        for range in code.test_items() {
            if code.text(range.end - 1) == ";" && code.text(range.end - 3) == "mod" {
                found.push(format!(
                    "{}/{}",
                    folder_of_children(&file.path),
                    code.text(range.end - 2)
                ));
            }
        }
    }
    Ok(found)
}

/// Where the child modules of a file lie.
fn folder_of_children(path: &str) -> &str {
    let stem = path.trim_end_matches(".rs");
    let root = ["/lib", "/main"]
        .iter()
        .find_map(|name| stem.strip_suffix(name));
    root.unwrap_or(stem)
}

fn is_below(modules: &[String], path: &str) -> bool {
    let stem = path.trim_end_matches(".rs");
    modules.iter().any(|module| {
        stem.strip_prefix(module.as_str())
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    })
}

fn flatten(stream: TokenStream, tokens: &mut Vec<Token>) {
    let mut joined_colon = false;
    for tree in stream {
        let line = tree.span().start().line;
        match tree {
            TokenTree::Group(group) => flatten_group(&group, tokens),
            TokenTree::Ident(word) => push(tokens, word.to_string(), line),
            TokenTree::Literal(_) => push(tokens, "literal".to_owned(), line),
            TokenTree::Punct(point) if joined_colon && point.as_char() == ':' => {
                tokens.pop();
                push(tokens, "::".to_owned(), line);
                joined_colon = false;
            }
            TokenTree::Punct(point) => {
                joined_colon = point.as_char() == ':' && point.spacing() == Spacing::Joint;
                push(tokens, point.as_char().to_string(), line);
            }
        }
    }
}

fn flatten_group(group: &Group, tokens: &mut Vec<Token>) {
    let (open, close) = match group.delimiter() {
        Delimiter::Parenthesis => ("(", ")"),
        Delimiter::Brace => ("{", "}"),
        Delimiter::Bracket => ("[", "]"),
        Delimiter::None => ("", ""),
    };
    push(tokens, open.to_owned(), group.span_open().start().line);
    flatten(group.stream(), tokens);
    push(tokens, close.to_owned(), group.span_close().end().line);
}

fn push(tokens: &mut Vec<Token>, text: String, line: usize) {
    tokens.push(Token { text, line });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> String {
        let code = Code::new(&File::new("sample.rs", text))
            .unwrap()
            .without_tests();
        code.tokens
            .iter()
            .map(|token| token.text.as_str())
            .collect::<Vec<_>>()
            .join(" ")
    }

    #[test]
    fn comments_and_strings_are_no_code() {
        let text = "// std::fs\nlet a = \"std::fs\"; /* x */ b::c";
        assert_eq!(words(text), "let a = literal ; b :: c");
    }

    #[test]
    fn test_items_are_left_out_whatever_they_are() {
        assert_eq!(words("a; #[cfg(test)] mod tests { b } c"), "a ; c");
        assert_eq!(words("a; #[cfg(test)] mod tests; c"), "a ; c");
        assert_eq!(
            words("#[cfg(test)] pub(super) fn f(x: [u8; 3]) -> u8 { b } c"),
            "c"
        );
        assert_eq!(words("#[cfg(test)] use b::{c, d}; e"), "; e");
    }

    #[test]
    fn a_test_module_may_have_files_of_its_own() {
        let files = [
            File::new(
                "crates/web/src/index.rs",
                "#[cfg(test)]\nmod checks;\nmod fold;",
            ),
            File::new("crates/web/src/index/checks.rs", ""),
            File::new("crates/web/src/index/checks/deep.rs", ""),
            File::new("crates/web/src/index/fold.rs", ""),
        ];
        let paths: Vec<&str> = product(&files)
            .unwrap()
            .iter()
            .map(|(file, _)| file.path.as_str())
            .collect();
        assert_eq!(
            paths,
            ["crates/web/src/index.rs", "crates/web/src/index/fold.rs"]
        );
    }

    #[test]
    fn what_is_not_rust_is_reported_with_its_line() {
        let violations = product(&[File::new("crates/web/src/lib.rs", "a\n{\n")]).unwrap_err();
        assert!(violations[0].to_string().contains("cannot be read as Rust"));
    }
}
