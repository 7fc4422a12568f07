//! The report of a sweep.

use types::metric::MetricInfo;

use super::page::Page;
use super::section::section;
use crate::escape::escape;
use crate::sweep::{Swept, extremes_table, figures, points_table, theory_table};

/// Rows of the table of extremes.
const EXTREMES_MAX: usize = 24;
/// Series in the table of points.
const COLUMNS_MAX: usize = 8;

/// Rows in the table of points.
const POINTS_MAX: usize = 1000;

/// What the numbers beside theory are.
const THEORY_NOTE: &str = "z: (mean over replicates - theory) / (standard deviation / sqrt R) at the end of the run. Points share \
     their random numbers, so that many z are large together or none. z between: the mean difference of the two points that \
     are least, over pairs of replicates, divided by its standard error.";

/// What the report of a sweep is made of.
#[derive(Debug, Clone, Copy)]
pub struct SweepInput<'a> {
    /// Title of the sweep.
    pub title: &'a str,
    /// What it is about; empty lines part paragraphs.
    pub about: &'a str,
    /// The sweep file with everything in it.
    pub sweep_toml: &'a str,
    /// Who ran what, when and where: an object of plain values.
    pub manifest: &'a serde_json::Value,
    /// Axes and points.
    pub swept: Swept<'a>,
    /// Points that failed, with the errors that ended them.
    pub failures: &'a [(String, String)],
    /// Points of which theory says nothing, with the reasons.
    pub untold: &'a [(String, String)],
    /// Units, formulas and sources of the metrics, in the order in which they are shown.
    pub catalogue: &'a [MetricInfo],
}

/// Writes the report of a sweep as one HTML file without scripts and without references to other files.
///
/// If one number varies there is a figure a metric, with a line a population and a band of the 95 % t-interval of the mean
/// over replicates; if there is a text beside it, a line for each of its values. If two numbers vary there are heat maps, one
/// a metric, population and target, with frames around the highest and the lowest cell. Whatever varies, there is a table of
/// the points. Series that are the same at all points are left out, unless the sweep asks for their metrics. What theory
/// expects is a dashed line, or a second map beside the first, and a table tells how far measurement is from it.
///
/// ```
/// # use echosphere_report as report;
/// use report::html::{SweepInput, sweep_html};
/// use report::sweep::Swept;
///
/// let html = sweep_html(&SweepInput {
///     title: "Fish & chips",
///     about: "",
///     sweep_toml: "seed = 7",
///     manifest: &serde_json::json!({ "version": "0.1.0" }),
///     swept: Swept { axes: &[], points: &[], metrics: &[], lines_over: None },
///     failures: &[("alpha = 1".to_owned(), "no room < left".to_owned())],
///     untold: &[],
///     catalogue: &[],
/// });
/// assert!(html.contains("<h1>Fish &amp; chips</h1>") && html.contains("no room &lt; left"));
/// ```
pub fn sweep_html(input: &SweepInput<'_>) -> String {
    let names: Vec<&str> = input.catalogue.iter().map(|info| info.name).collect();
    let swept = &input.swept;
    let (drawn, still) = figures(swept, input.catalogue);
    let mut page = Page::new(input.title);
    page.about(input.about);
    page.failures(input.failures);
    page.titled_table(
        "Lowest and highest",
        &extremes_table(swept, &names, EXTREMES_MAX),
        &extremes_note(still),
    );
    let theory = theory_table(swept, &names, EXTREMES_MAX);
    let untold = untold_note(input);
    if !theory.rows.is_empty() {
        let note = format!("{THEORY_NOTE} {untold}");
        page.titled_table("Theory and measurement", &theory, note.trim_end());
    } else if !untold.is_empty() {
        page.raw(&format!("<p class=\"note\">{}</p>\n", escape(&untold)));
    }
    if !drawn.is_empty() {
        page.figures(drawn.iter().map(section));
    }
    let mut points = points_table(swept, &names, COLUMNS_MAX);
    points.rows.truncate(POINTS_MAX);
    page.titled_table("Points", &points, &points_note(swept.points.len()));
    page.source(("Sweep", "The sweep file, complete"), input.sweep_toml);
    page.manifest(input.manifest);
    page.finish()
}

fn points_note(count: usize) -> String {
    let note = "Everything is in sweep.parquet and, as means, in summary.json.";
    if count <= POINTS_MAX {
        return note.to_owned();
    }
    format!("The first {POINTS_MAX} of {count} points. {note}")
}

/// Why theory says nothing of all or some points, once.
fn untold_note(input: &SweepInput<'_>) -> String {
    let (count, all) = (input.untold.len(), input.swept.points.len());
    match input.untold.first() {
        None => String::new(),
        Some((_, reason)) if count == all => capital(reason),
        Some((point, reason)) => format!(
            "Theory says nothing of {count} of {all} points, the first with {point}: {reason}."
        ),
    }
}

/// A reason as a sentence.
fn capital(reason: &str) -> String {
    let mut letters = reason.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string());
    format!("{}{}.", first.unwrap_or_default(), letters.as_str())
}

fn extremes_note(still: usize) -> String {
    let note = "Means over models and replicates at the end of the run. All points share their random numbers.";
    match still {
        0 => note.to_owned(),
        1 => format!("{note} One series is the same at all points and is left out."),
        count => format!("{note} {count} series are the same at all points and are left out."),
    }
}
