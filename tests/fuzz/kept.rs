//! Inputs that fuzzing has kept, tried again one by one without a fuzzer.

use std::path::{Path, PathBuf};

/// Gives every kept input of a target to its function, which panics at what must not be.
pub fn replay(crate_folder: &str, target: &str, check: fn(&[u8])) {
    let folder = Path::new(crate_folder)
        .join("../../tests/fuzz/corpus")
        .join(target);
    let entries = std::fs::read_dir(&folder).unwrap();
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(!files.is_empty(), "{}", folder.display());
    for file in files {
        // Only what fails prints: its name says which input it was.
        println!("{}", file.display());
        check(&std::fs::read(&file).unwrap());
    }
}
