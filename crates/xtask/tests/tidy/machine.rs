//! Nothing in the repository depends on where it was written.

use crate::tree::{File, Violation, assert_none, files, lines_of};

/// Folders of one machine, put together here so that this file does not contain them.
const MACHINE: [&str; 4] = [
    concat!("/wo", "rk/"),
    concat!("/ro", "ot/"),
    concat!("/ho", "me/"),
    concat!("/Use", "rs/"),
];

/// A neighbour of the repository, which a clone does not have.
const NEIGHBOUR: &str = concat!("../sha", "red");

/// No file names a folder of one machine.
fn no_machine_paths(files: &[File]) -> Vec<Violation> {
    let mut violations = Vec::new();
    for file in files {
        for (number, line) in file.text.lines().enumerate() {
            let machine = MACHINE.iter().find(|path| starts_in(line, path));
            let neighbour = line.contains(NEIGHBOUR).then_some(&NEIGHBOUR);
            if let Some(path) = machine.or(neighbour) {
                let message = format!("`{path}` exists on one machine only");
                violations.push(Violation::new(&file.path, number + 1, message));
            }
        }
    }
    violations
}

/// Whether an absolute path starts so; an address or a relative path may contain the same folder.
fn starts_in(line: &str, path: &str) -> bool {
    line.match_indices(path).any(|(position, _)| {
        let before = line[..position].chars().next_back();
        before.is_none_or(|letter| !letter.is_alphanumeric() && !"./-_~}*".contains(letter))
    })
}

#[test]
fn the_tree_names_no_machine() {
    assert_none(&no_machine_paths(&files()));
}

#[test]
fn a_machine_path_is_noticed() {
    let lines = MACHINE.map(|path| format!("open(\"{path}a\")")).join("\n");
    let file = File::new("README.md", &format!("{lines}\n{NEIGHBOUR}/notes\n"));
    assert_eq!(lines_of(&no_machine_paths(&[file])), [1, 2, 3, 4, 5]);
}

#[test]
fn folders_of_the_same_name_are_fine() {
    let path = MACHINE[0];
    let text = format!("https://example.org{path}a\ntarget{path}b\n.{path}c\n");
    assert_none(&no_machine_paths(&[File::new("README.md", &text)]));
}
