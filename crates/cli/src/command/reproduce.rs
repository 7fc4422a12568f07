//! `reproduce`.

use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use ecosystem::reproduction::{self, Outcome, Reproduction};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::failure::{Context, Failure};
use crate::measure::Stopwatch;

#[derive(Debug, Args)]
pub(super) struct ReproduceArguments {
    /// Lists the published results and their scenarios instead of running them.
    #[arg(long)]
    list: bool,
    /// Runs only these, for instance P01,P04.
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    only: Vec<String>,
    /// Also writes what came out to a JSON file.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Tests the test: expects a tenth more than the formula of this result says, so that the
    /// command must report a miss and exit with 1.
    #[arg(long, value_name = "ID", hide_short_help = true)]
    falsify: Option<String>,
}

pub(super) fn reproduce(
    arguments: &ReproduceArguments,
    out: &mut impl Write,
) -> Result<(), Failure> {
    let chosen = chosen(&arguments.only)?;
    let false_one = falsified(arguments.falsify.as_deref(), &chosen)?;
    if arguments.list {
        return list(&chosen).try_for_each(|line| write_line(out, &line));
    }
    let mut outcomes = run_all(&chosen)?;
    for outcome in &mut outcomes {
        if false_one == Some(outcome.id) {
            *outcome = outcome.clone().falsified();
        }
    }
    if let Some(path) = &arguments.out {
        write_json(path, &outcomes)?;
    }
    for line in table(&outcomes, colour()) {
        write_line(out, &line)?;
    }
    verdict(&outcomes)
}

/// What `--only` names, in the order of the table; without, everything.
fn chosen(only: &[String]) -> Result<Vec<&'static Reproduction>, Failure> {
    let mut ids = Vec::new();
    for id in only {
        ids.push(reproduction::find(id.trim()).map_err(Failure::input)?.id);
    }
    let wanted = |one: &&Reproduction| ids.is_empty() || ids.contains(&one.id);
    Ok(reproduction::reproductions()
        .into_iter()
        .filter(wanted)
        .collect())
}

fn falsified(
    id: Option<&str>,
    chosen: &[&'static Reproduction],
) -> Result<Option<&'static str>, Failure> {
    let Some(id) = id else { return Ok(None) };
    let id = reproduction::find(id).map_err(Failure::input)?.id;
    if chosen.iter().any(|reproduction| reproduction.id == id) {
        return Ok(Some(id));
    }
    Err(Failure::input(format_args!(
        "--falsify {id} has no effect: --only leaves it out"
    )))
}

fn run_all(chosen: &[&'static Reproduction]) -> Result<Vec<Outcome>, Failure> {
    let mut work = 0;
    for reproduction in chosen {
        work += reproduction.work().map_err(Failure::run)?;
    }
    let meter = Meter::new(work);
    let mut outcomes = Vec::new();
    for reproduction in chosen {
        let done = reproduction.run(&|updates| meter.advance(reproduction.id, updates));
        outcomes.extend(done.map_err(Failure::run)?);
    }
    meter.bar.finish_and_clear();
    Ok(outcomes)
}

/// A progress bar that shows itself only where there is something to wait for.
struct Meter {
    bar: ProgressBar,
    started: Stopwatch,
}

const PATIENCE: Duration = Duration::from_secs(2);

impl Meter {
    fn new(work: u64) -> Self {
        let bar = ProgressBar::with_draw_target(Some(work), ProgressDrawTarget::hidden());
        let template = "{bar:30.cyan/blue} {percent:>3} %  {msg}  {elapsed} gone, {eta} left";
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style.progress_chars("━╸─"));
        }
        let started = Stopwatch::start();
        Self { bar, started }
    }

    fn advance(&self, id: &'static str, updates: u64) {
        self.bar.inc(updates);
        if self.started.elapsed() > PATIENCE && std::io::stderr().is_terminal() {
            if self.bar.is_hidden() {
                self.bar
                    .set_draw_target(ProgressDrawTarget::stderr_with_hz(10));
            }
            self.bar.set_message(id);
        }
    }
}

fn list(chosen: &[&'static Reproduction]) -> impl Iterator<Item = String> {
    chosen.iter().flat_map(|reproduction| {
        let papers: Vec<String> = reproduction
            .papers
            .iter()
            .map(ToString::to_string)
            .collect();
        let origin = if papers.is_empty() {
            "derived for this program".to_owned()
        } else {
            papers.join("; ")
        };
        let mut lines = vec![
            format!("{}  {}", reproduction.id, reproduction.title),
            format!("     {origin}"),
        ];
        let cases = reproduction.cases().into_iter();
        lines.extend(cases.map(|case| format!("     echosphere run {case}")));
        lines
    })
}

fn write_line(out: &mut impl Write, line: &str) -> Result<(), Failure> {
    writeln!(out, "{line}").map_err(Failure::output)
}

fn write_json(path: &Path, outcomes: &[Outcome]) -> Result<(), Failure> {
    std::fs::write(path, super::run::json(&outcomes))
        .doing(format_args!("write {}", path.display()))
}

/// Columns that hold text; the others hold numbers and stand to the right.
const TEXT: [usize; 5] = [0, 1, 2, 8, 9];
const HEADINGS: [&str; 10] = [
    "id",
    "what",
    "formula",
    "R",
    "expected",
    "measured",
    "SE",
    "z",
    "tolerance",
    "verdict",
];

/// The outcomes, a line each below a heading, in columns.
fn table(outcomes: &[Outcome], colour: bool) -> Vec<String> {
    let mut rows = vec![HEADINGS.map(str::to_owned)];
    rows.extend(outcomes.iter().map(cells));
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max();
    let widths: Vec<usize> = (0..HEADINGS.len()).filter_map(width).collect();
    rows.iter().map(|row| line(row, &widths, colour)).collect()
}

fn cells(outcome: &Outcome) -> [String; 10] {
    [
        outcome.id.to_owned(),
        outcome.what.to_owned(),
        outcome.formula.to_owned(),
        replicates(&outcome.replicates),
        digits(outcome.expected),
        digits(outcome.measured),
        outcome.z.map_or("-".to_owned(), |_| {
            format!("{:.1e}", outcome.standard_error)
        }),
        outcome.z.map_or("-".to_owned(), |z| format!("{z:+.2}")),
        outcome.tolerance.to_string(),
        if outcome.ok { "ok" } else { "MISS" }.to_owned(),
    ]
}

fn line(row: &[String; 10], widths: &[usize], colour: bool) -> String {
    let cells = row.iter().zip(widths).enumerate();
    let padded = cells.map(|(column, (cell, &width))| match cell.as_str() {
        // Padding would count the codes, and the last column needs none.
        "ok" if colour => "\x1b[32mok\x1b[0m".to_owned(),
        "MISS" if colour => "\x1b[1;31mMISS\x1b[0m".to_owned(),
        _ if TEXT.contains(&column) => format!("{cell:<width$}"),
        _ => format!("{cell:>width$}"),
    });
    padded.collect::<Vec<_>>().join("  ").trim_end().to_owned()
}

/// How many replicates of each case; all cases of the table that are compared have as many.
fn replicates(counts: &[u32]) -> String {
    match counts {
        [count] => count.to_string(),
        [count, ..] => format!("{} x {count}", counts.len()),
        [] => String::new(),
    }
}

/// A number with five digits.
fn digits(value: f64) -> String {
    let size = value.abs();
    if size >= 0.1 || size == 0.0 {
        format!("{value:.5}")
    } else if size >= 0.001 {
        format!("{value:.6}")
    } else {
        format!("{value:.4e}")
    }
}

fn colour() -> bool {
    let wanted = std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    wanted && std::io::stdout().is_terminal()
}

fn verdict(outcomes: &[Outcome]) -> Result<(), Failure> {
    let mut missed: Vec<&str> = Vec::new();
    for outcome in outcomes.iter().filter(|outcome| !outcome.ok) {
        missed.push(outcome.id);
    }
    if missed.is_empty() {
        return Ok(());
    }
    let count = missed.len();
    missed.dedup();
    Err(Failure::run(format_args!(
        "{count} of {} checks missed: {}",
        outcomes.len(),
        missed.join(", ")
    )))
}
