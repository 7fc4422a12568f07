//! How long files and inline tests may be.

use crate::code::Code;
use crate::tree::{File, Violation, assert_none, lines_of, sources};

/// What a file should stay within, what it must, and what a crate should.
const FILE_LINES_TARGET: usize = 300;
const FILE_LINES_MAX: usize = 500;
const CRATE_LINES_TARGET: usize = 4_000;
const INLINE_TESTS_LINES_MAX: usize = 200;

/// A file that is longer than files may be.
struct Exception {
    path: &'static str,
    /// The length that it had when it was last looked at; it may shrink, not grow.
    lines: usize,
    reason: &'static str,
}

/// The files that are too long for a reason.
const EXCEPTIONS: [Exception; 0] = [];

/// Files are short, or an exception with a reason, which may only shrink.
fn files_are_short(files: &[File], exceptions: &[Exception]) -> Vec<Violation> {
    let too_long = files
        .iter()
        .filter(|file| file.line_count() > FILE_LINES_MAX);
    let mut violations: Vec<Violation> = too_long
        .filter_map(|file| {
            let count = file.line_count();
            let exception = exceptions
                .iter()
                .find(|exception| exception.path == file.path);
            let allowed = exception.map_or(FILE_LINES_MAX, |exception| exception.lines);
            let message = || format!("{count} lines, of at most {allowed}: split it");
            (count > allowed).then(|| Violation::new(&file.path, allowed + 1, message()))
        })
        .collect();
    violations.extend(
        exceptions
            .iter()
            .filter_map(|exception| outdated(exception, files)),
    );
    violations
}

/// An exception that no longer holds would let the file grow back.
fn outdated(exception: &Exception, files: &[File]) -> Option<Violation> {
    let file = files.iter().find(|file| file.path == exception.path);
    let message = match file.map(File::line_count) {
        None => "is gone: remove its exception".to_owned(),
        Some(..=FILE_LINES_MAX) => "is short now: remove its exception".to_owned(),
        Some(count) if count < exception.lines => {
            format!(
                "shrank to {count} lines ({}): lower its exception",
                exception.reason
            )
        }
        Some(_) => return None,
    };
    Some(Violation::new(exception.path, 1, message))
}

/// Inline tests are short; longer ones have a file of their own.
fn inline_tests_are_short(files: &[File]) -> Vec<Violation> {
    let mut violations = Vec::new();
    for file in files {
        let code = match Code::new(file) {
            Ok(code) => code,
            Err(violation) => return vec![violation],
        };
        for range in code.test_items() {
            let count = code.lines(range.start, range.end - 1);
            if count > INLINE_TESTS_LINES_MAX {
                let message = format!("{count} lines of inline tests: move them to `tests.rs`");
                violations.push(Violation::new(
                    &file.path,
                    code.tokens[range.start].line,
                    message,
                ));
            }
        }
    }
    violations
}

/// The files above the target, and the length of each crate, for whoever runs tidy by hand.
fn report(files: &[File]) -> String {
    let long: Vec<&File> = files
        .iter()
        .filter(|file| file.line_count() > FILE_LINES_TARGET)
        .collect();
    let mut lines = vec![format!(
        "{} file(s) above {FILE_LINES_TARGET} lines",
        long.len()
    )];
    lines.extend(
        long.iter()
            .map(|file| format!("  {}: {}", file.path, file.line_count())),
    );
    let mut crates: Vec<&str> = files.iter().filter_map(File::crate_folder).collect();
    crates.sort_unstable();
    crates.dedup();
    lines.extend(crates.iter().map(|name| crate_line(name, files)));
    lines.join("\n")
}

fn crate_line(name: &str, files: &[File]) -> String {
    let own = files
        .iter()
        .filter(|file| file.crate_folder() == Some(name));
    let count: usize = own.map(File::line_count).sum();
    let note = if count > CRATE_LINES_TARGET {
        ", above the target: consider a split"
    } else {
        ""
    };
    format!("{name}: {count} lines{note}")
}

#[test]
#[expect(
    clippy::print_stdout,
    reason = "a count is for reading; it neither passes nor fails"
)]
fn the_files_of_the_tree_are_short() {
    let sources = sources();
    println!("{}", report(&sources));
    assert_none(&files_are_short(&sources, &EXCEPTIONS));
}

#[test]
fn the_inline_tests_of_the_tree_are_short() {
    assert_none(&inline_tests_are_short(&sources()));
}

fn file_of(count: usize) -> File {
    File::new("crates/web/src/lib.rs", &"a;\n".repeat(count))
}

fn exception_of(lines: usize) -> [Exception; 1] {
    [Exception {
        path: "crates/web/src/lib.rs",
        lines,
        reason: "one table",
    }]
}

#[test]
fn a_long_file_is_noticed() {
    assert_none(&files_are_short(&[file_of(500)], &[]));
    assert_eq!(lines_of(&files_are_short(&[file_of(501)], &[])), [501]);
}

#[test]
fn an_exception_may_shrink_but_not_grow() {
    assert_none(&files_are_short(&[file_of(600)], &exception_of(600)));
    assert_eq!(
        lines_of(&files_are_short(&[file_of(601)], &exception_of(600))),
        [601]
    );
    for count in [599, 500] {
        assert_eq!(
            files_are_short(&[file_of(count)], &exception_of(600)).len(),
            1,
            "{count}"
        );
    }
    assert_eq!(files_are_short(&[], &exception_of(600)).len(), 1);
}

#[test]
fn long_inline_tests_are_noticed() {
    let check = |count: usize| {
        let text = format!(
            "fn f() {{}}\n#[cfg(test)]\nmod tests {{\n{}}}\n",
            "a;\n".repeat(count)
        );
        lines_of(&inline_tests_are_short(&[File::new(
            "crates/web/src/lib.rs",
            &text,
        )]))
    };
    assert_eq!(check(197), [] as [usize; 0]);
    assert_eq!(check(198), [2]);
}

#[test]
fn the_report_counts_files_and_crates() {
    let report = report(&[file_of(301), file_of(4000)]);
    assert!(report.contains("2 file(s) above 300 lines"), "{report}");
    assert!(
        report.contains("web: 4301 lines, above the target"),
        "{report}"
    );
}
