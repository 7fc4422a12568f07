//! A place that cannot be written to is named, and nothing half written is left to be taken for a whole.

#![expect(
    clippy::unwrap_used,
    reason = "the whole file is a test: what goes wrong ends it"
)]

#[path = "common/cases.rs"]
mod cases;
#[path = "common/mount.rs"]
mod mount;
#[path = "common/program.rs"]
mod program;

use std::path::{Path, PathBuf};

use cases::{Case, result, small};
use mount::Mount;
use program::{echosphere, manifest};
use tempfile::tempdir;

/// Runs a small case in the folder `out`, which cannot be; the message holds all of `said`.
#[track_caller]
fn refused(folder: &Path, out: &str, said: &[&str]) {
    let answer = echosphere(folder, small("collapse").arguments(out, &[]));
    assert_eq!(answer.code, Some(2), "{}", answer.err);
    for part in said {
        assert!(
            answer.err.contains(part),
            "`{part}` is missing in: {}",
            answer.err
        );
    }
}

#[test]
fn a_place_below_a_file_is_refused() {
    let folder = tempdir().unwrap();
    std::fs::write(folder.path().join("file"), "precious").unwrap();
    refused(folder.path(), "file", &["file"]);
    refused(folder.path(), "file/out", &["file/out", "Not a directory"]);
    assert_eq!(
        std::fs::read(folder.path().join("file")).unwrap(),
        b"precious"
    );
}

#[test]
fn a_read_only_place_is_refused() {
    let folder = tempdir().unwrap();
    let mount = Mount::new(folder.path().join("disk"), "ro");
    refused(folder.path(), "disk/out", &["disk/out", "Read-only"]);
    assert!(!mount.path().join("out").exists());
}

#[test]
fn a_folder_with_a_run_is_not_overwritten() {
    let folder = tempdir().unwrap();
    let first = small("collapse").run(folder.path(), "out", &[]);
    refused(
        folder.path(),
        "out",
        &["out already holds a run", "--resume"],
    );
    assert!(result(&folder.path().join("out")) == first);
}

/// A run removes its checkpoints at the end: other people's must not be among them.
#[test]
fn a_folder_with_other_files_is_left_alone() {
    let folder = tempdir().unwrap();
    let weights = folder.path().join("checkpoints/weights.bin");
    std::fs::create_dir(folder.path().join("checkpoints")).unwrap();
    std::fs::write(&weights, "precious").unwrap();
    refused(folder.path(), ".", &["other files", "--out"]);
    assert_eq!(std::fs::read(&weights).unwrap(), b"precious");
}

#[test]
fn an_empty_folder_will_do() {
    let folder = tempdir().unwrap();
    std::fs::create_dir(folder.path().join("out")).unwrap();
    small("collapse").run(folder.path(), "out", &[]);
}

/// All files below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(self::files(&path));
        } else {
            files.push(path);
        }
    }
    files
}

/// Runs a case on a disk of so many KiB, where it ends with a message that names the file that did not fit, and finishes
/// it once there is room.
#[track_caller]
fn check(case: &Case, disk_kib: u64, more: &[&str], named: &str) {
    let folder = tempdir().unwrap();
    let whole = case.run(folder.path(), "whole", more);
    let disk = Mount::new(folder.path().join("disk"), &format!("size={disk_kib}k"));
    let answer = echosphere(folder.path(), case.arguments("disk/out", more));
    assert_eq!(answer.code, Some(1), "{}", answer.err);
    for part in [named, "No space left on device"] {
        assert!(
            answer.err.contains(part),
            "`{part}` is missing in: {}",
            answer.err
        );
    }
    let out = disk.path().join("out");
    assert_eq!(manifest(&out)["status"], "running");
    let left = files(&out);
    let partial = |path: &&PathBuf| path.extension().is_some_and(|name| name == "partial");
    assert_eq!(
        left.iter().find(partial),
        None,
        "a half-written file is left"
    );
    assert_eq!(
        echosphere(folder.path(), ["digest", "disk/out"]).code,
        Some(2)
    );
    disk.change("size=64m");
    echosphere(folder.path(), ["resume", "disk/out", "-q"]).ok();
    assert!(result(&out) == whole, "it went on differently");
}

#[test]
fn a_disk_too_small_for_checkpoints_is_told() {
    let case = small("collapse")
        .with("replicates=1")
        .with("horizon.generations=1000");
    check(&case, 256, &["--checkpoint-every", "10"], ".checkpoint");
}

#[test]
fn a_disk_too_small_for_the_table_is_told() {
    let case = small("collapse").with("replicates=400");
    check(&case, 256, &[], "metrics.parts/000000.parquet");
}

#[test]
fn a_disk_too_small_for_the_whole_table_is_told() {
    let case = small("collapse").with("replicates=100");
    let folder = tempdir().unwrap();
    case.run(folder.path(), "whole", &[]);
    let table = std::fs::metadata(folder.path().join("whole/metrics.parquet"))
        .unwrap()
        .len();
    // Room for the table once, where its parts and the whole are needed at once.
    let disk_kib = table / 1024 * 3 / 2 + 16;
    check(&case, disk_kib, &[], "metrics.parquet");
}

#[test]
fn a_disk_too_small_for_documents_is_told() {
    let case = small("collapse")
        .with("replicates=1")
        .with("horizon.generations=400");
    check(&case, 256, &["--keep-documents"], "documents.parquet");
}

#[test]
fn a_disk_too_small_for_the_spilled_log_is_told() {
    let mut case = small("collapse")
        .with("replicates=1")
        .with("web.memory_mib=1");
    case = case
        .with("web.retention=accumulate")
        .with("horizon.generations=10");
    case = case.with("population.copyist.training.regime=accumulate");
    case = case.with("population.copyist.publish.documents=50000");
    check(&case, 256, &[], "checkpoints/segments/r000000-");
}
