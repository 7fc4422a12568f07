//! The report: one HTML file that needs nothing else.

mod load;
mod page;
mod reproductions;
mod section;
mod sweep;

pub use load::{LoadFigure, LoadInput, LoadLine, LoadMatrix, load_html};
pub use reproductions::{
    CheckedNumber, Comparison, PublishedResult, ReproductionsInput, reproductions_html,
};
pub use sweep::{SweepInput, sweep_html};
use types::metric::{MetricInfo, Row};

use crate::comparison::{compare, comparison_table};
use crate::figure::figures;
use crate::summary::{closing_table, summarise};

/// Metrics in the closing table of the report.
const METRICS_MAX: usize = 16;

/// How the comparison is read.
const COMPARISON_NOTE: &str = "z: standard errors between the mean over replicates and its exact expectation, at the last \
     observation; largest |z|: over all models and instants, so many as are in the last column.";

/// What a report is made of.
#[derive(Debug, Clone, Copy)]
pub struct ReportInput<'a> {
    /// Title of the scenario.
    pub title: &'a str,
    /// What the scenario is about; empty lines part paragraphs.
    pub about: &'a str,
    /// The resolved scenario.
    pub scenario_toml: &'a str,
    /// Who ran what, when and where: an object of plain values.
    pub manifest: &'a serde_json::Value,
    /// All metrics, in order of replicate and time.
    pub rows: &'a [Row],
    /// What theory expects of some of them, in the same form; empty where there is no theory.
    pub expected: &'a [Row],
    /// Units, formulas and sources of the metrics, in the order in which they are shown.
    pub catalogue: &'a [MetricInfo],
}

/// Writes the report as one HTML file without scripts and without references to other files.
///
/// Per metric and level there is a figure of trajectories over generations, or over virtual days
/// where models do not train together. Up to eight models have a line each, with a band of the
/// 95 % t-interval of the mean over replicates; more models are summed up by population with a
/// band from the 5 % to the 95 % quantile. Targets such as tasks have a panel each, and models by
/// targets are also shown as matrices at the first and the last observation. The axis of values is
/// logarithmic if all are positive and span more than two decades. Values that are not finite leave
/// gaps. What theory expects is a dashed line in the colour of text, and a table says how many standard errors measurement is
/// from it. All text of the input is escaped.
///
/// ```
/// # use echosphere_report as report;
/// use report::html::{ReportInput, report_html};
///
/// let html = report_html(&ReportInput {
///     title: "Fish & chips",
///     about: "",
///     scenario_toml: "seed = 7",
///     manifest: &serde_json::json!({ "version": "0.1.0" }),
///     rows: &[],
///     expected: &[],
///     catalogue: &[],
/// });
/// assert!(html.contains("<h1>Fish &amp; chips</h1>"));
/// ```
pub fn report_html(input: &ReportInput<'_>) -> String {
    let mut page = page::Page::new(input.title);
    page.about(input.about);
    let comparisons = compare(input.rows, input.expected);
    let summary = summarise(input.rows);
    page.table(&closing_table(&summary, &comparisons, METRICS_MAX));
    if !comparisons.is_empty() {
        page.titled_table(
            "Theory and measurement",
            &comparison_table(&comparisons),
            COMPARISON_NOTE,
        );
    }
    let figures = figures((input.rows, input.expected), input.catalogue);
    page.figures(figures.iter().map(section::section));
    page.scenario(input.scenario_toml);
    page.manifest(input.manifest);
    page.finish()
}

#[cfg(test)]
mod tests;
