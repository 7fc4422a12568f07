//! The files of the workspace, as git sees them.

use std::fmt;
use std::path::Path;
use std::process::Command;

/// A place that breaks a rule.
#[derive(Debug, PartialEq)]
pub(crate) struct Violation {
    pub(crate) path: String,
    pub(crate) line: usize,
    pub(crate) message: String,
}

impl Violation {
    pub(crate) fn new(path: &str, line: usize, message: impl Into<String>) -> Self {
        Self {
            path: path.to_owned(),
            line,
            message: message.into(),
        }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}:{}: {}", self.path, self.line, self.message)
    }
}

/// A file under its path from the root, with `/` between the folders.
#[derive(Debug)]
pub(crate) struct File {
    pub(crate) path: String,
    pub(crate) text: String,
}

impl File {
    pub(crate) fn new(path: &str, text: &str) -> Self {
        Self {
            path: path.to_owned(),
            text: text.to_owned(),
        }
    }

    pub(crate) fn is_rust(&self) -> bool {
        Path::new(&self.path)
            .extension()
            .is_some_and(|extension| extension == "rs")
    }

    /// The folder of the crate that the file belongs to, such as `learn`.
    pub(crate) fn crate_folder(&self) -> Option<&str> {
        self.path.strip_prefix("crates/")?.split('/').next()
    }

    /// The path inside the crate's `src`; `None` for tests, examples and other packages.
    pub(crate) fn path_in_src(&self) -> Option<&str> {
        let inside = self.path.strip_prefix("crates/")?.split_once('/')?.1;
        inside.strip_prefix("src/")
    }

    pub(crate) fn line_count(&self) -> usize {
        self.text.lines().count()
    }
}

/// Every file that git tracks or would offer to track, so that a rule speaks before the commit.
pub(crate) fn files() -> Vec<File> {
    let paths = String::from_utf8(git_paths()).expect("paths in this repository are UTF-8");
    paths.split_terminator('\0').filter_map(read).collect()
}

/// The Rust sources among the files, those outside the crates' `src` included, but none that nobody writes by hand.
pub(crate) fn sources() -> Vec<File> {
    let is_written = |file: &File| file.is_rust() && !file.path.ends_with("/generated.rs");
    let sources: Vec<File> = files().into_iter().filter(is_written).collect();
    assert!(
        sources.len() > 1,
        "git lists no sources, so every rule would hold"
    );
    sources
}

/// Fails the test with all violations, one a line.
pub(crate) fn assert_none(violations: &[Violation]) {
    let lines: Vec<String> = violations.iter().map(ToString::to_string).collect();
    assert!(
        lines.is_empty(),
        "{} violation(s)\n{}",
        lines.len(),
        lines.join("\n")
    );
}

/// The lines that a rule complains about in order, for the tests of the rules.
pub(crate) fn lines_of(violations: &[Violation]) -> Vec<usize> {
    let mut lines: Vec<usize> = violations.iter().map(|violation| violation.line).collect();
    lines.sort_unstable();
    lines
}

fn git_paths() -> Vec<u8> {
    let mut git = Command::new("git");
    git.args([
        "ls-files",
        "--cached",
        "--others",
        "--exclude-standard",
        "-z",
    ]);
    let output = git.current_dir(root()).output().expect("tidy needs git");
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "git cannot list the files: {complaint}"
    );
    output.stdout
}

/// Reads a file; a deleted one is skipped, since git lists it until the deletion is recorded.
fn read(path: &str) -> Option<File> {
    let bytes = std::fs::read(root().join(path)).ok()?;
    Some(File::new(path, &String::from_utf8_lossy(&bytes)))
}

fn root() -> &'static Path {
    let crate_folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    crate_folder
        .ancestors()
        .nth(2)
        .expect("this crate lies two folders below the root")
}

#[test]
fn a_path_tells_the_crate_and_the_place_in_it() {
    let file = File::new("crates/learn/src/family/gmm.rs", "");
    assert_eq!(
        (file.crate_folder(), file.path_in_src()),
        (Some("learn"), Some("family/gmm.rs"))
    );
    let test = File::new("crates/learn/tests/golden/main.rs", "");
    assert_eq!(
        (test.crate_folder(), test.path_in_src()),
        (Some("learn"), None)
    );
    assert_eq!(File::new("README.md", "").crate_folder(), None);
}
