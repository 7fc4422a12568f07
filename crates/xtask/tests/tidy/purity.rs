//! Only the edge opens sockets, files, clocks or the environment.

use crate::code::product;
use crate::paths::named_paths;
use crate::tree::{File, Violation, assert_none, lines_of, sources};

/// The crates at the edge of the program, and the development tasks.
const EDGE: [&str; 3] = ["cli", "net", "xtask"];

/// What reaches outside the program, with all that lies below it.
const OUTSIDE: [&str; 6] = [
    "std::fs",
    "std::net",
    "std::env",
    "std::process",
    "std::time::Instant",
    "std::time::SystemTime",
];

/// Imports behind which the above could hide.
const TOO_WIDE: [&str; 4] = ["std::*", "std::time", "std::time::self", "std::time::*"];

/// The product's pure crates name nothing that reaches outside.
fn pure_crates_stay_inside(files: &[File]) -> Vec<Violation> {
    let sources = match product(files) {
        Ok(sources) => sources,
        Err(unreadable) => return unreadable,
    };
    let mut violations = Vec::new();
    for (file, code) in sources {
        if file.crate_folder().is_some_and(|name| EDGE.contains(&name)) {
            continue;
        }
        for path in named_paths(&code)
            .iter()
            .filter(|path| reaches_outside(&path.text))
        {
            let message = format!("`{}` is for the edge: {}", path.text, EDGE.join(", "));
            violations.push(Violation::new(&file.path, path.line, message));
        }
    }
    violations
}

fn reaches_outside(path: &str) -> bool {
    let is_at_or_below = |outside: &str| {
        path.strip_prefix(outside)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
    };
    TOO_WIDE.contains(&path) || OUTSIDE.iter().any(|outside| is_at_or_below(outside))
}

#[test]
fn only_the_edge_reaches_outside() {
    assert_none(&pure_crates_stay_inside(&sources()));
}

#[test]
fn reaching_outside_is_noticed() {
    let bad = "use std::{\n fs,\n time::{Duration, Instant},\n};\nfn f() { std::env::var(a) }\n\
               use std::time;\nuse std::net::TcpStream;\nstd::process::exit(1)";
    let file = File::new("crates/web/src/lib.rs", bad);
    assert_eq!(
        lines_of(&pure_crates_stay_inside(&[file])),
        [2, 3, 5, 6, 7, 8]
    );
}

#[test]
fn staying_inside_is_fine() {
    let good = "// std::fs\nuse std::{io::Write, time::Duration};\nlet a = \"std::env\";\n\
                #[cfg(test)]\nmod tests { use std::fs; }";
    let files = [
        File::new("crates/web/src/lib.rs", good),
        File::new("crates/web/tests/golden/main.rs", "use std::fs;"),
        File::new("crates/cli/src/main.rs", "use std::fs;"),
    ];
    assert_none(&pure_crates_stay_inside(&files));
}
