//! `echosphere export`: the web of a run for other programs.

#![expect(
    clippy::unwrap_used,
    reason = "the whole file is a test: what goes wrong ends it"
)]

#[path = "common/program.rs"]
#[expect(dead_code, reason = "a test takes what it needs of it")]
mod program;
#[path = "common/python.rs"]
mod python;
#[path = "common/town.rs"]
mod town;

use std::collections::BTreeSet;
use std::io::Read as _;
use std::path::Path;

use program::echosphere;
use python::{python, script};
use town::{addresses, built, exported, planned, ran};

/// Has warcio read an archive with every digest in it, and cdxj-indexer index it; gives what was found to agree.
#[track_caller]
fn checked(folder: &Path, archive: &str) -> String {
    let mut command = python();
    command.arg(script("../xtask/peers/warc.py"));
    command
        .args([archive, &format!("{archive}.cdxj")])
        .current_dir(folder);
    let output = command.output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(
        output.status.success(),
        "{said}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    said
}

/// The addresses in an index.
fn indexed(folder: &Path, archive: &str) -> Vec<String> {
    let index = std::fs::read_to_string(folder.join(format!("{archive}.cdxj"))).unwrap();
    let url = |line: &str| {
        let fields: serde_json::Value =
            serde_json::from_str(line.splitn(3, ' ').nth(2).unwrap()).unwrap();
        fields["url"]
            .as_str()
            .unwrap()
            .strip_prefix("http://")
            .unwrap()
            .to_owned()
    };
    index.lines().map(url).collect()
}

#[test]
fn archives_open_in_warcio_and_every_digest_verifies() {
    let folder = built();
    for archive in ["web.warc.gz", "web.warc"] {
        echosphere(folder.path(), ["export", "town", "--warc", archive, "-q"]).ok();
        let pages = addresses(&exported(folder.path(), &[]));
        let found: BTreeSet<String> = indexed(folder.path(), archive).into_iter().collect();
        assert_eq!(found, pages);
        let said = checked(folder.path(), archive);
        let (records, lines) = (pages.len() + 1, pages.len());
        assert_eq!(
            said,
            format!("{records} records and {lines} lines of the index agree\n")
        );
    }
}

#[test]
fn a_crawler_s_archive_is_what_the_run_says_it_fetched() {
    let folder = built();
    let export = [
        "export",
        "town",
        "--crawler",
        "archive",
        "--warc",
        "crawl.warc.gz",
    ];
    let said = echosphere(folder.path(), export).ok();
    let captures = indexed(folder.path(), "crawl.warc.gz");
    assert_eq!(
        said,
        format!("{} captures  crawl.warc.gz\n", captures.len())
    );
    checked(folder.path(), "crawl.warc.gz");
    let pages: BTreeSet<&String> = captures.iter().collect();
    assert!(
        captures.len() > pages.len(),
        "changed pages are fetched again"
    );
    assert!(!captures.iter().any(|address| address.starts_with("press-")));
    // The observer of the run counted the pages of the archive at the last refresh of the index.
    let lines = exported(folder.path(), &["--crawler", "archive"]);
    assert_eq!(lines.len(), captures.len());
    assert_eq!(addresses(&lines).len(), pages.len());
    let rows = std::fs::read(folder.path().join("town/metrics.parquet")).unwrap();
    let rows = report::parquet::read_metrics(rows).unwrap();
    let last = rows
        .iter()
        .rfind(|row| &*row.metric == "archive_documents")
        .unwrap();
    let until = format!("{}", last.time);
    let then = exported(folder.path(), &["--crawler", "archive", "--at", &until]);
    assert_eq!(addresses(&then).len() as f64, last.value);
}

#[test]
fn what_curation_kept_is_exported_alone() {
    let curate = "crawler.archive.curate=[{ kind = \"url-dedup\", scope = \"global\" }, { kind = \"detector\", true_positive_rate = 1, false_positive_rate = 0 }]";
    let folder = ran(&["--set", curate]);
    let captured = exported(folder.path(), &["--crawler", "archive"]);
    let kept = exported(folder.path(), &["--crawler", "archive", "--curated"]);
    assert!(captured.iter().any(|line| line["source"] == "bots"));
    assert!(kept.iter().all(|line| line["metadata"]["origin"] == "real"));
    assert_eq!(addresses(&kept).len(), kept.len(), "every page once");
    let real = captured
        .iter()
        .filter(|line| line["metadata"]["origin"] == "real");
    let real: Vec<_> = real.cloned().collect();
    assert_eq!(addresses(&kept), addresses(&real));
}

#[test]
fn lines_say_where_documents_come_from() {
    let folder = built();
    let lines = exported(folder.path(), &[]);
    for line in &lines {
        let metadata = &line["metadata"];
        let is_real = metadata["author"].is_null();
        assert_eq!(metadata["origin"] == "real", is_real);
        assert_eq!(line["source"] == "bots", !is_real);
        assert!(!line["text"].as_str().unwrap().is_empty());
        assert!(line["created"].as_str().unwrap().starts_with("2025-01-"));
    }
    let packed = ["export", "town", "--jsonl", "documents.jsonl.gz", "-q"];
    echosphere(folder.path(), packed).ok();
    let bytes = std::fs::read(folder.path().join("documents.jsonl.gz")).unwrap();
    let mut text = String::new();
    flate2::read::GzDecoder::new(&*bytes)
        .read_to_string(&mut text)
        .unwrap();
    assert_eq!(
        text,
        std::fs::read_to_string(folder.path().join("documents.jsonl")).unwrap()
    );
}

#[test]
fn what_has_no_address_is_exported_as_lines_alone() {
    let folder = planned();
    let run = [
        "run",
        "specialists",
        "--out",
        "town",
        "-q",
        "--keep-documents",
        "--replicates",
        "2",
    ];
    let small = ["--set", "horizon.generations=2"];
    echosphere(folder.path(), [run.as_slice(), &small].concat()).ok();
    let lines = exported(folder.path(), &["--replicate", "1"]);
    assert!(!lines.is_empty() && lines.iter().all(|line| line["metadata"]["url"].is_null()));
    let answer = echosphere(folder.path(), ["export", "town", "--warc", "x.warc"]);
    assert_eq!(answer.code, Some(2));
    assert!(answer.err.contains("live on no sites"), "{}", answer.err);
}

#[test]
fn what_cannot_be_exported_is_said_and_leaves_nothing() {
    let folder = built();
    for (arguments, why) in [
        (&["export", "town"][..], "--warc <FILE>"),
        (
            &["export", "town", "--warc", "a b.warc"],
            "archive name \"a b.warc\"",
        ),
        (
            &["export", "town", "--warc", "no/where.warc"],
            "cannot write no/where.warc",
        ),
        (
            &["export", "town", "--crawler", "x", "--jsonl", "x.jsonl"],
            "--crawler x: the scenario has archive",
        ),
        (
            &[
                "export",
                "town",
                "--epoch",
                "9999-12-31",
                "--warc",
                "x.warc",
            ],
            "--epoch: day 20 of the run is after the year 9999",
        ),
    ] {
        let answer = echosphere(folder.path(), arguments);
        assert_eq!(answer.code, Some(2), "{}", answer.err);
        assert!(answer.err.contains(why), "{}", answer.err);
    }
    let names = std::fs::read_dir(folder.path()).unwrap();
    let names: BTreeSet<String> = names
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert_eq!(
        names,
        BTreeSet::from(["town".to_owned(), "town.toml".to_owned()])
    );
}
