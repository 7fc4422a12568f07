//! The page of reproductions: published results beside what was measured.

mod charts;

use serde_json::Value;

use self::charts::charts;
use super::page::Page;
use crate::escape::escape;
use crate::number::significant;

/// What the page of reproductions is made of.
#[derive(Debug, Clone, Copy)]
pub struct ReproductionsInput<'a> {
    /// Title of the page.
    pub title: &'a str,
    /// What it is about; empty lines part paragraphs.
    pub about: &'a str,
    /// The results, in order.
    pub results: &'a [PublishedResult],
    /// Who ran what, when and where: an object of plain values.
    pub manifest: &'a Value,
}

/// A published result.
#[derive(Debug, Clone, PartialEq)]
pub struct PublishedResult {
    /// Its number.
    pub id: String,
    /// What it says.
    pub title: String,
    /// Where it was published.
    pub papers: String,
    /// What was compared, and how it came out.
    pub checks: Vec<CheckedNumber>,
}

/// A number that was compared with a formula.
#[derive(Debug, Clone, PartialEq)]
pub struct CheckedNumber {
    /// What it is.
    pub what: String,
    /// The formula.
    pub formula: String,
    /// What was run: the same text for the same runs.
    pub scenarios: String,
    /// How many replicates.
    pub replicates: String,
    /// How far apart the two may be.
    pub tolerance: String,
    /// Standard errors between the two; none if nothing is random.
    pub z: Option<f64>,
    /// True if they are close enough.
    pub ok: bool,
    /// Seconds it took.
    pub seconds: f64,
    /// What was compared, last; before it, what led there, if it was kept.
    pub trajectory: Vec<Comparison>,
}

/// Formula and measurement after some fits.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Comparison {
    /// Number of fits.
    pub fit: u32,
    /// What the formula gives.
    pub expected: f64,
    /// What was measured.
    pub measured: f64,
    /// Its standard error.
    pub standard_error: f64,
}

/// How tables and charts are read.
const NOTE: &str = "R: replicates; SE: standard error of the measurement, z: standard errors between it and the formula; s: \
     seconds that the runs took, which rows about the same runs share. In figures over fits the line is the measurement with \
     a band of two standard errors, often thinner than the line, and dashes are the formula; in figures of measurement over \
     formula the dashes are where both are equal.";

/// Writes the page of reproductions as one HTML file without scripts and without references to other files.
///
/// Every result has a table of its checks and figures: one for each quantity that was followed over fits, with the formula
/// dashed, and one of measurement over formula for numbers that are measured once.
///
/// ```
/// # use echosphere_report as report;
/// use report::html::{ReproductionsInput, reproductions_html};
///
/// let html = reproductions_html(&ReproductionsInput {
///     title: "Fish & chips",
///     about: "",
///     results: &[],
///     manifest: &serde_json::json!({ "version": "0.1.0" }),
/// });
/// assert!(html.contains("<h1>Fish &amp; chips</h1>"));
/// ```
pub fn reproductions_html(input: &ReproductionsInput<'_>) -> String {
    let mut page = Page::new(input.title);
    page.about(input.about);
    page.raw(&overview(input.results));
    for result in input.results {
        page.raw(&section(result));
    }
    page.manifest(input.manifest);
    page.finish()
}

/// A line a result, which leads to its section.
fn overview(results: &[PublishedResult]) -> String {
    let row = |result: &PublishedResult| {
        let missed = result.checks.iter().filter(|check| !check.ok).count();
        let id = escape(&result.id);
        format!(
            "<tr><td><a href=\"#{id}\">{id}</a></td><td>{}</td><td class=\"n\">{}</td>{}</tr>\n",
            escape(&result.title),
            result.checks.len(),
            verdict(missed == 0)
        )
    };
    let rows: String = results.iter().map(row).collect();
    format!(
        "<section>\n<div class=\"wide\"><table>\n<thead><tr><th></th><th>result</th><th class=\"n\">checks</th><th>verdict</th>\
         </tr></thead>\n<tbody>\n{rows}</tbody>\n</table></div>\n<p class=\"note\">{NOTE}</p>\n</section>\n"
    )
}

fn verdict(ok: bool) -> &'static str {
    if ok {
        "<td class=\"ok\">ok</td>"
    } else {
        "<td class=\"miss\">MISS</td>"
    }
}

fn section(result: &PublishedResult) -> String {
    let rows: String = result.checks.iter().map(row).collect();
    let head = ["R", "expected", "measured", "SE", "z"];
    let numbers = head.map(|name| format!("<th class=\"n\">{name}</th>"));
    format!(
        "<section id=\"{id}\">\n<h2>{id} {}</h2>\n<p class=\"note\">{}</p>\n<div class=\"wide\"><table class=\"checks\">\n<thead><tr><th>what\
         </th><th>formula</th>{}<th>tolerance</th><th class=\"n\">s</th><th>verdict</th></tr></thead>\n<tbody>\n{rows}</tbody>\n\
         </table></div>\n<div class=\"charts followed\">\n{}</div>\n</section>\n",
        escape(&result.title),
        escape(&result.papers),
        numbers.concat(),
        charts(&result.checks),
        id = escape(&result.id),
    )
}

fn row(check: &CheckedNumber) -> String {
    let last = check.trajectory.last();
    let number = |of: fn(&Comparison) -> f64| significant(last.map_or(f64::NAN, of));
    let numbers = [
        check.replicates.clone(),
        number(|last| last.expected),
        number(|last| last.measured),
        if check.z.is_some() {
            number(|last| last.standard_error)
        } else {
            "–".to_owned()
        },
        check
            .z
            .map_or_else(|| "–".to_owned(), |z| format!("{z:+.2}")),
    ];
    let numbers = numbers.map(|cell| format!("<td class=\"n\">{}</td>", escape(&cell)));
    format!(
        "<tr><td>{}</td><td><code>{}</code></td>{}<td>{}</td><td class=\"n\">{:.1}</td>{}</tr>\n",
        escape(&check.what),
        escape(&check.formula),
        numbers.concat(),
        escape(&check.tolerance),
        check.seconds,
        verdict(check.ok)
    )
}

#[cfg(test)]
mod tests;
