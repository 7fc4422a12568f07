//! Models that learn from text with a green list write by it.

#![expect(
    clippy::unwrap_used,
    reason = "the whole file is a test: what goes wrong ends it"
)]

#[path = "common/ran.rs"]
#[expect(dead_code, reason = "a test takes what it needs of it")]
mod ran;

use ran::{changed, run};
use types::metric::Row;

/// A teacher that leaves its mark, a stranger with another key whom nobody reads, a student who reads the teacher alone, and a
/// hermit who reads people alone.
const SCHOOL: &str = r#"
title = "school"
horizon = { generations = 2 }

[corpora]
fiction = { source = "builtin:fiction", piece_bytes = 400 }

[observe]
metrics = ["watermark_z"]

[[population]]
name = "teacher"
family = { kind = "ngram", order = 2, unit = "word", vocabulary_max = 2_000 }
real = { public = "fiction" }
mixture = { synthetic_fraction = 0, private_weight = 0 }
training = { mixing = "drawn", budget = { documents = 1_000 } }
publish = { documents = 1_000, watermark = { green_list = { key = 7 } } }
leaves = { generations = 1 }

[[population]]
name = "stranger"
like = "teacher"
publish = { watermark = { green_list = { key = 8 } } }

[[population]]
name = "student"
like = "teacher"
enters = { generations = 1 }
leaves = { generations = 2 }
mixture = { synthetic_fraction = 1 }
read = { from = { weights = [1, 0, 0, 0] } }
publish = { documents = 0, watermark = false }

[[population]]
name = "hermit"
like = "student"
mixture = { synthetic_fraction = 0 }
"#;

fn z(rows: &[Row], reader: &str, author: &str) -> f64 {
    let is = |row: &&Row| {
        row.population.as_deref() == Some(reader) && row.target.as_deref() == Some(author)
    };
    rows.iter().rfind(is).unwrap().value
}

/// Without a mark z is about normal: beyond 4 in one of 16,000 draws, of which here are seven.
#[test]
fn who_reads_marked_text_writes_by_its_green_list() {
    let (rows, digest) = run(&changed(SCHOOL, &[]), None);
    assert!(rows.iter().all(|row| &*row.metric == "watermark_z"));
    assert!(z(&rows, "student", "teacher") > 10.0, "{rows:?}");
    for (reader, author) in [
        ("student", "stranger"),
        ("hermit", "teacher"),
        ("hermit", "stranger"),
        // Who leaves a mark is asked to write without.
        ("teacher", "teacher"),
        ("teacher", "stranger"),
        ("stranger", "teacher"),
        ("stranger", "stranger"),
    ] {
        let z = z(&rows, reader, author);
        assert!(z.abs() < 4.0, "{reader} {author} {z}");
    }
    let ideal = ("population.stranger.publish.watermark", "true");
    let (rows, other) = run(&changed(SCHOOL, &[ideal]), None);
    assert!(
        rows.iter()
            .all(|row| row.target.as_deref() == Some("teacher"))
    );
    assert_ne!(digest, other);
}

/// A list that an intervention takes away is looked for until the end.
#[test]
fn lists_are_known_even_if_nobody_writes_by_them_any_more() {
    let later =
        "[{ at = { generations = 1 }, set = ['population.stranger.publish.watermark=false'] }]";
    let (rows, _) = run(&changed(SCHOOL, &[("intervention", later)]), None);
    assert!(z(&rows, "hermit", "stranger").abs() < 4.0);
}
