//! Words that have no place in finished code.

use crate::code::product;
use crate::tree::{File, Violation, assert_none, files, lines_of, sources};

/// Calls and macros that leave a case unanswered, as tokens.
const UNANSWERED: [(&[&str], &str); 3] = [
    (
        &[".", "unwrap", "("],
        "`unwrap` is for tests; return an error, or `expect` the invariant",
    ),
    (&["todo", "!"], "unfinished code"),
    (&["unimplemented", "!"], "unfinished code"),
];

/// Notes to oneself, put together here so that this file does not contain them.
const NOTES: [&str; 3] = [
    concat!("TO", "DO"),
    concat!("FIX", "ME"),
    concat!("HA", "CK"),
];

/// Outside tests, every case is answered.
fn every_case_is_answered(files: &[File]) -> Vec<Violation> {
    let sources = match product(files) {
        Ok(sources) => sources,
        Err(unreadable) => return unreadable,
    };
    let mut violations = Vec::new();
    for (file, code) in sources {
        for (tokens, message) in UNANSWERED {
            let lines = code.find(tokens).map(|position| code.tokens[position].line);
            violations.extend(lines.map(|line| Violation::new(&file.path, line, message)));
        }
    }
    violations
}

/// No file carries notes to oneself.
fn nothing_is_left_for_later(files: &[File]) -> Vec<Violation> {
    let mut violations = Vec::new();
    for file in files.iter().filter(|file| is_written_by_hand(file)) {
        for (number, line) in file.text.lines().enumerate() {
            let words = line.split(|letter: char| !letter.is_alphanumeric() && letter != '_');
            for note in words.filter(|word| NOTES.contains(word)) {
                let message = format!("`{note}`: do it, or open an issue");
                violations.push(Violation::new(&file.path, number + 1, message));
            }
        }
    }
    violations
}

/// Texts of ours: data that ships with the program may say what it likes.
fn is_written_by_hand(file: &File) -> bool {
    let endings = [".rs", ".toml", ".md", ".py", ".proto", ".yml", ".yaml"];
    endings.iter().any(|ending| file.path.ends_with(ending)) || file.path.starts_with(".ci/")
}

#[test]
fn the_tree_answers_every_case() {
    assert_none(&every_case_is_answered(&sources()));
}

#[test]
fn the_tree_leaves_nothing_for_later() {
    assert_none(&nothing_is_left_for_later(&files()));
}

#[test]
fn an_unanswered_case_is_noticed() {
    let bad = "fn f() { a.unwrap(); }\nfn g() {\n    todo!()\n}\nfn h() { unimplemented!(\"x\") }";
    let file = File::new("crates/web/src/lib.rs", bad);
    assert_eq!(lines_of(&every_case_is_answered(&[file])), [1, 3, 5]);
}

#[test]
fn answered_cases_and_tests_are_fine() {
    let good = "/// Never calls `.unwrap()`.\nfn f() { a.unwrap_or(0).expect(\"b\") }\n\
                #[cfg(test)] mod tests { fn g() { a.unwrap() } }";
    let files = [
        File::new("crates/web/src/lib.rs", good),
        File::new("crates/web/tests/laws/main.rs", "fn f() { a.unwrap() }"),
    ];
    assert_none(&every_case_is_answered(&files));
}

#[test]
fn a_note_to_oneself_is_noticed() {
    let text = format!(
        "fine\n// {}: later\n// METHODOLOGY\n// {}\n",
        NOTES[0], NOTES[2]
    );
    let files = [
        File::new("crates/web/src/lib.rs", &text),
        File::new("data/a.txt", &text),
    ];
    assert_eq!(lines_of(&nothing_is_left_for_later(&files)), [2, 4]);
}
