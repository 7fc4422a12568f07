//! `compare`.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use report::html::{ReportInput, report_html};
use report::summary::{closing_table, render_table, summarise};
use serde_json::json;
use types::metric::Row;

use super::finish::{coloured, finished, read_rows};
use crate::failure::{Context, Failure};
use crate::folder::Folder;

#[derive(Debug, Args)]
pub(super) struct CompareArguments {
    /// The folders of finished runs, two or more.
    #[arg(required = true, num_args = 2..)]
    folders: Vec<PathBuf>,
    /// Only these metrics; may be given again.
    #[arg(long = "metric", value_name = "NAME")]
    metrics: Vec<String>,
    /// The page with figures.
    #[arg(long, value_name = "FILE", default_value = "compare.html")]
    out: PathBuf,
}

/// Metrics in the closing table.
const TABLE_METRICS: usize = 12;

pub(super) fn compare(arguments: &CompareArguments, out: &mut impl Write) -> Result<(), Failure> {
    let names = names(&arguments.folders)?;
    check_metrics(&arguments.metrics)?;
    let (mut rows, mut runs, mut scenarios) = (Vec::new(), Vec::new(), Vec::new());
    for (path, name) in arguments.folders.iter().zip(&names) {
        let folder = Folder::at(path);
        let manifest = finished(&folder)?;
        rows.extend(of_run(
            read_rows(&folder, "metrics.parquet")?,
            name,
            &arguments.metrics,
        ));
        runs.push((name.clone(), json!(manifest.digest)));
        let text = folder.read("scenario.toml")?;
        scenarios.push((name.as_str(), String::from_utf8_lossy(&text).into_owned()));
    }
    if rows.is_empty() {
        return Err(Failure::input(
            "none of the runs has measured these metrics",
        ));
    }
    let html = report_html(&ReportInput {
        title: &names.join(" and "),
        about: "The same metrics of several runs, each under its own name: means over replicates, with bands. What differs \
                between their scenarios is below the figures.",
        scenario_toml: &differences(&scenarios),
        manifest: &runs.into_iter().collect::<serde_json::Map<_, _>>().into(),
        rows: &rows,
        expected: &[],
        catalogue: &ecosystem::metrics::catalogue(),
    });
    let shown = arguments.out.display();
    net::write_whole(&arguments.out, html.as_bytes()).doing(format_args!("write {shown}"))?;
    let table = closing_table(&summarise(&rows), &[], TABLE_METRICS);
    let text = format!("{}\npage  {shown}\n", render_table(&table, coloured()));
    out.write_all(text.as_bytes()).map_err(Failure::output)
}

/// What runs are called: their folders, as long as these have different names.
fn names(folders: &[PathBuf]) -> Result<Vec<String>, Failure> {
    let short = |path: &PathBuf| {
        path.file_name()
            .map(|name| name.to_string_lossy().into_owned())
    };
    let full = |path: &PathBuf| path.display().to_string();
    let all = |name: &dyn Fn(&PathBuf) -> String| folders.iter().map(name).collect::<Vec<_>>();
    let differ = |names: &[String]| names.iter().collect::<BTreeSet<_>>().len() == names.len();
    let names = all(&|path| short(path).unwrap_or_else(|| full(path)));
    if differ(&names) {
        return Ok(names);
    }
    let names = all(&full);
    if differ(&names) {
        return Ok(names);
    }
    Err(Failure::input(
        "a run cannot be compared with itself: name different folders",
    ))
}

fn check_metrics(metrics: &[String]) -> Result<(), Failure> {
    let unknown = metrics
        .iter()
        .find(|name| ecosystem::metrics::known(name).is_none());
    match unknown {
        Some(name) => Err(Failure::input(format_args!(
            "--metric {name}: no such metric; `echosphere scenario metrics` lists them"
        ))),
        None => Ok(()),
    }
}

/// The rows of one run, with its name before those of its populations.
fn of_run(mut rows: Vec<Row>, run: &str, metrics: &[String]) -> Vec<Row> {
    rows.retain(|row| metrics.is_empty() || metrics.iter().any(|name| **name == *row.metric));
    for row in &mut rows {
        row.population = Some(match &row.population {
            Some(population) => Arc::from(format!("{run}: {population}")),
            None => Arc::from(run),
        });
    }
    rows
}

/// The lines of each scenario that are not in all of the others.
fn differences(scenarios: &[(&str, String)]) -> String {
    let holds = |text: &str, line: &str| text.lines().any(|at| at == line);
    let shared = |line: &str| scenarios.iter().all(|(_, text)| holds(text, line));
    let mut lines = Vec::new();
    for (name, own) in scenarios {
        lines.push(format!("# {name}"));
        let differ = own.lines().filter(|line| !line.is_empty() && !shared(line));
        lines.extend(differ.map(str::to_owned));
        lines.push(String::new());
    }
    lines.join("\n") + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_are_called_by_what_tells_them_apart() {
        let paths = |names: &[&str]| names.iter().map(PathBuf::from).collect::<Vec<_>>();
        assert_eq!(
            names(&paths(&["a/now", "a/then"])).ok(),
            Some(vec!["now".to_owned(), "then".to_owned()])
        );
        assert_eq!(
            names(&paths(&["a/now", "b/now"])).ok(),
            Some(vec!["a/now".to_owned(), "b/now".to_owned()])
        );
        assert!(names(&paths(&["now", "now"])).is_err());
    }

    #[test]
    fn only_differences_are_shown() {
        let scenarios = [
            ("a", "x = 1\ny = 2\n".to_owned()),
            ("b", "x = 1\ny = 3\n".to_owned()),
        ];
        assert_eq!(differences(&scenarios), "# a\ny = 2\n\n# b\ny = 3\n\n");
    }
}
