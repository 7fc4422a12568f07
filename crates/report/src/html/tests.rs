use serde_json::json;

use super::*;
use crate::sample_rows::{row, specialists};

fn report(rows: &[Row]) -> String {
    let info = |name, unit| MetricInfo {
        name,
        unit,
        formula: "-E[ln p(x)] < 1",
        source: "S 1948",
    };
    report_html(&ReportInput {
        title: "Two <specialists>",
        about: "First & foremost.\n\nSecond.",
        scenario_toml: "title = \"<x>\"",
        manifest: &json!({ "seed": 7, "target": "<arch>", "nodes": [1, 2] }),
        rows,
        expected: &[],
        catalogue: &[
            info("cross_entropy", "nats per byte"),
            info("distinct_2", "1"),
        ],
    })
}

/// All pictures of a page, one after the other.
fn pictures(html: &str) -> String {
    let pieces = html
        .split("<svg")
        .skip(1)
        .map(|rest| rest.split("</svg>").next().unwrap());
    pieces.collect::<Vec<_>>().join("\n")
}

#[test]
fn text_of_users_is_escaped() {
    let html = report(&[Row {
        metric: "<metric>".into(),
        population: Some("<population>".into()),
        target: Some("<target>".into()),
        ..row()
    }]);
    for text in [
        "<specialists>",
        "<x>",
        "<arch>",
        "<metric>",
        "<population>",
        "<target>",
    ] {
        assert!(!html.contains(text), "{text}");
        assert!(html.contains(&crate::escape::escape(text)), "{text}");
    }
    assert!(html.contains("<p>First &amp; foremost.</p>\n<p>Second.</p>"));
    assert!(html.contains("<td>[1,2]</td>"));
}

#[test]
fn the_file_stands_alone() {
    let html = report(&specialists(2, 3));
    for reference in ["http", "src=", "href=", "url(", "@import", "<script"] {
        assert!(!html.contains(reference), "{reference}");
    }
    assert!(html.starts_with("<!DOCTYPE html>") && html.ends_with("</html>\n"));
}

#[test]
fn tasks_have_panels_and_heat_maps() {
    let html = report(&specialists(2, 3));
    assert!(html.contains("First (generation 1)") && html.contains("Last (generation 3)"));
    // Six cells of tasks and two of similarity, at the first and the last generation.
    assert_eq!(html.matches("class=\"v\"").count(), 16);
    assert!(html.contains("<h4>geography</h4>") && html.contains("nats per byte"));
}

#[test]
fn bands_come_with_replicates() {
    assert!(!pictures(&report(&specialists(1, 3))).contains("class=\"b "));
    let html = report(&specialists(3, 3));
    assert!(pictures(&html).contains("class=\"b "));
    assert!(html.contains("95\u{a0}% t-interval"));
}

#[test]
fn nothing_leaks_that_is_not_finite() {
    let mut rows = specialists(2, 5);
    for (idx, row) in rows.iter_mut().enumerate() {
        row.value = match idx % 7 {
            0 => f64::NAN,
            1 => f64::INFINITY,
            2 => f64::NEG_INFINITY,
            3 => f64::MAX,
            _ => row.value,
        };
    }
    let pictures = pictures(&report(&rows));
    assert!(!pictures.contains("NaN") && !pictures.contains("inf"));
}

#[test]
fn no_rows_are_a_report_too() {
    assert!(report(&[]).contains("<h2>Manifest</h2>"));
}
