//! Where files lie and how a crate opens.

use std::collections::BTreeSet;

use crate::tree::{File, Violation, assert_none, sources};

/// A module's folder has its table of contents beside it: `foo.rs` beside `foo/`.
fn folders_have_a_module_beside_them(files: &[File]) -> Vec<Violation> {
    let paths: BTreeSet<&str> = files.iter().map(|file| file.path.as_str()).collect();
    let mut violations = Vec::new();
    for file in files {
        let Some((folder, name)) = file.path_in_src().and_then(|path| path.rsplit_once('/')) else {
            continue;
        };
        let beside = format!(
            "{}.rs",
            file.path.rsplit_once('/').map_or("", |(folder, _)| folder)
        );
        // Cargo takes every file of this folder for a program, which needs no module.
        if folder != "bin" && !paths.contains(beside.as_str()) {
            violations.push(Violation::new(
                &file.path,
                1,
                format!("{name} has no {beside}"),
            ));
        }
    }
    violations
}

/// No file is called after what it is to the compiler instead of what is in it.
fn no_module_is_called_mod(files: &[File]) -> Vec<Violation> {
    let is_mod = |file: &&File| file.path.ends_with("/mod.rs");
    let bad = files.iter().filter(is_mod);
    bad.map(|file| Violation::new(&file.path, 1, "write `foo.rs` beside `foo/`"))
        .collect()
}

/// The page of a crate, or of a program, is the first thing in its root file.
fn crates_open_with_their_page(files: &[File]) -> Vec<Violation> {
    let is_root = |file: &&File| matches!(file.path_in_src(), Some("lib.rs" | "main.rs"));
    let bad = files
        .iter()
        .filter(is_root)
        .filter(|file| !file.text.starts_with("//!"));
    bad.map(|file| Violation::new(&file.path, 1, "does not start with `//!`"))
        .collect()
}

#[test]
fn the_tree_has_a_module_beside_every_folder() {
    assert_none(&folders_have_a_module_beside_them(&sources()));
}

#[test]
fn the_tree_has_no_mod_files() {
    assert_none(&no_module_is_called_mod(&sources()));
}

#[test]
fn the_crates_of_the_tree_open_with_their_page() {
    assert_none(&crates_open_with_their_page(&sources()));
}

#[test]
fn a_folder_without_module_is_noticed() {
    let child = || File::new("crates/web/src/index/fold.rs", "");
    assert_eq!(folders_have_a_module_beside_them(&[child()]).len(), 1);
    let fine = [
        child(),
        File::new("crates/web/src/index.rs", ""),
        File::new("crates/web/src/lib.rs", ""),
    ];
    assert_none(&folders_have_a_module_beside_them(&fine));
    let others = [
        "crates/cli/src/bin/tool.rs",
        "crates/web/tests/laws/main.rs",
    ];
    assert_none(&folders_have_a_module_beside_them(
        &others.map(|path| File::new(path, "")),
    ));
}

#[test]
fn a_mod_file_is_noticed() {
    assert_eq!(
        no_module_is_called_mod(&[File::new("crates/web/src/index/mod.rs", "")]).len(),
        1
    );
    assert_none(&no_module_is_called_mod(&[File::new(
        "crates/web/src/modes.rs",
        "",
    )]));
}

#[test]
fn a_crate_without_page_is_noticed() {
    let check = |text| crates_open_with_their_page(&[File::new("crates/web/src/lib.rs", text)]);
    assert_eq!(check("mod index;").len(), 1);
    assert_none(&check("//! The web."));
    assert_none(&crates_open_with_their_page(&[File::new(
        "crates/web/src/index.rs",
        "",
    )]));
}
