//! What a run leaves behind, and what can be made of it.

#![expect(
    clippy::unwrap_used,
    reason = "the whole file is a test: what goes wrong ends it"
)]

#[path = "common/cases.rs"]
mod cases;
#[path = "common/printed.rs"]
mod printed;
#[path = "common/program.rs"]
mod program;

use std::collections::BTreeSet;
use std::path::Path;

use cases::small;
use printed::printed;
use program::{echosphere, manifest};
use tempfile::tempdir;

#[test]
fn the_resolved_scenario_is_the_same_run() {
    let folder = tempdir().unwrap();
    let first = small("zipf-tails").run(folder.path(), "first", &[]);
    printed(
        folder.path(),
        "run first/scenario.toml --quiet --out second",
    );
    assert!(cases::result(&folder.path().join("second")) == first);
}

/// Names in a run folder.
fn names(run: &Path) -> BTreeSet<String> {
    let entries = std::fs::read_dir(run).unwrap();
    entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect()
}

const FILES: [&str; 5] = [
    "manifest.json",
    "metrics.parquet",
    "report.html",
    "scenario.toml",
    "summary.json",
];

#[test]
fn a_run_folder_holds_what_was_promised_and_nothing_else() {
    let folder = tempdir().unwrap();
    small("specialists").run(folder.path(), "out", &["--checkpoint-every", "2"]);
    let out = folder.path().join("out");
    assert_eq!(names(&out), FILES.map(str::to_owned).into());
    let page = std::fs::read_to_string(out.join("report.html")).unwrap();
    assert!(page.contains("<title>") && page.contains("Two specialists on one internet"));
    let summary = std::fs::read(out.join("summary.json")).unwrap();
    let summary: serde_json::Value = serde_json::from_slice(&summary).unwrap();
    assert!(summary.to_string().contains("cross_entropy"), "{summary}");
}

#[test]
fn the_manifest_says_what_was_run_where_and_at_which_cost() {
    let folder = tempdir().unwrap();
    small("zipf-tails").run(folder.path(), "out", &["--threads", "2", "--seed", "77"]);
    let manifest = manifest(&folder.path().join("out"));
    for (key, value) in [
        ("seed", 77),
        ("replicates", 5),
        ("models", 4),
        ("shards", 4),
        ("threads", 2),
        ("nodes", 1),
    ] {
        assert_eq!(manifest[key], value, "{key}");
    }
    assert_eq!(manifest["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(manifest["windows"], 5 * 60);
    for key in ["commit", "toolchain", "target"] {
        assert!(!manifest[key].as_str().unwrap().is_empty(), "{key}");
    }
    for key in ["scenario_hash", "digest"] {
        assert_eq!(manifest[key].as_str().unwrap().len(), 64, "{key}");
    }
    let [loop_seconds, wall_seconds] =
        ["loop_seconds", "wall_seconds"].map(|key| manifest[key].as_f64().unwrap());
    assert!(0.0 < loop_seconds && loop_seconds <= wall_seconds);
    assert!(manifest["peak_memory_bytes"].as_u64().unwrap() > 1 << 20);
}

#[test]
fn kept_documents_are_all_there() {
    let folder = tempdir().unwrap();
    let case = small("collapse").with("horizon.generations=7");
    case.run(
        folder.path(),
        "one",
        &["--replicates", "1", "--keep-documents"],
    );
    let mut files: BTreeSet<String> = FILES.map(str::to_owned).into();
    files.insert("documents.parquet".to_owned());
    // A normal distribution on its own output has a closed form.
    files.insert("theory.parquet".to_owned());
    assert_eq!(names(&folder.path().join("one")), files);
    let read = |path: &str, column| {
        report::parquet::read_column(std::fs::read(folder.path().join(path)).unwrap(), column)
            .unwrap()
    };
    let published: Vec<f64> = (0..700).map(f64::from).collect();
    assert_eq!(read("one/documents.parquet", "sequence"), published);
    assert_eq!(
        read("one/documents.parquet", "generation").last(),
        Some(&7.0)
    );
    case.run(
        folder.path(),
        "two",
        &["--replicates", "2", "--keep-documents"],
    );
    let parts = names(&folder.path().join("two/documents.parquet"));
    let expected = ["replicate-000000.parquet", "replicate-000001.parquet"];
    assert_eq!(parts, expected.map(str::to_owned).into());
    let second = read(
        "two/documents.parquet/replicate-000001.parquet",
        "replicate",
    );
    assert_eq!(second, vec![1.0; 700]);
}

#[test]
fn keeping_documents_changes_nothing_else() {
    let folder = tempdir().unwrap();
    let with = small("zipf-tails").run(folder.path(), "with", &["--keep-documents"]);
    assert!(with == small("zipf-tails").run(folder.path(), "without", &[]));
}

#[test]
fn a_report_is_made_again_to_the_same_bytes() {
    let folder = tempdir().unwrap();
    small("specialists").run(folder.path(), "out", &[]);
    let page = folder.path().join("out/report.html");
    let before = std::fs::read(&page).unwrap();
    std::fs::remove_file(&page).unwrap();
    assert_eq!(
        printed(folder.path(), "report out"),
        "report  out/report.html\n"
    );
    assert!(std::fs::read(&page).unwrap() == before);
}

#[test]
fn the_digest_is_printed_alone_and_at_the_end_of_a_run() {
    let folder = tempdir().unwrap();
    let digest = small("collapse").run(folder.path(), "out", &[]).digest;
    assert_eq!(printed(folder.path(), "digest out"), format!("{digest}\n"));
    let said = printed(folder.path(), "run collapse --replicates 20 --out again");
    assert!(said.contains(&format!("digest  {digest}\n")), "{said}");
    assert!(said.contains("report  again/report.html\n"), "{said}");
    assert!(
        said.contains("A normal distribution forgets its spread"),
        "{said}"
    );
    assert!(said.contains("variance"), "{said}");
}

#[test]
fn runs_without_a_place_are_numbered() {
    let folder = tempdir().unwrap();
    for expected in ["runs/collapse", "runs/collapse-2", "runs/collapse-3"] {
        let said = printed(folder.path(), "run collapse --replicates 2");
        assert!(
            said.contains(&format!("report  {expected}/report.html")),
            "{said}"
        );
        manifest(&folder.path().join(expected));
    }
}

#[test]
fn a_damaged_run_folder_is_told_by_file() {
    let folder = tempdir().unwrap();
    small("collapse").run(folder.path(), "out", &[]);
    for (command, file) in [
        ("report", "metrics.parquet"),
        ("report", "scenario.toml"),
        ("report", "manifest.json"),
        ("digest", "manifest.json"),
    ] {
        let path = folder.path().join("out").join(file);
        let whole = std::fs::read(&path).unwrap();
        std::fs::write(&path, &whole[..whole.len() / 2]).unwrap();
        let answer = echosphere(folder.path(), [command, "out"]);
        assert_eq!(answer.code, Some(2), "{}", answer.err);
        let named = format!("out/{file}");
        assert!(answer.err.contains(&named), "{command}: {}", answer.err);
        std::fs::write(&path, whole).unwrap();
    }
    printed(folder.path(), "report out");
}
