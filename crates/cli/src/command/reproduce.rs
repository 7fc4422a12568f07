//! `reproduce`.

mod list;
mod meter;
mod page;
mod table;

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args;
use ecosystem::reproduction::{self, Outcome, Reproduction, Watch};

use self::list::{list, missing};
use self::meter::Meter;
use self::table::{closing, table};
use crate::failure::{Context, Failure};

/// The page's name where only `--html` is given.
const PAGE: &str = "reproduce.html";

#[derive(Debug, Args)]
pub(super) struct ReproduceArguments {
    /// Lists the published results, what they cost and their scenarios instead of running them.
    #[arg(long)]
    list: bool,
    /// Runs only these, for instance P01,P04.
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    only: Vec<String>,
    /// Runs only those that take a minute together.
    #[arg(long)]
    quick: bool,
    /// Also writes what came out to a JSON file.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Also writes a page with tables and figures, by default reproduce.html in the current folder.
    #[arg(long, value_name = "FILE", num_args = 0..=1, default_missing_value = PAGE)]
    html: Option<PathBuf>,
    /// Tests the test: expects a tenth more than the formula of this result says, so that the
    /// command must report a miss and exit with 1.
    #[arg(long, value_name = "ID", hide_short_help = true)]
    falsify: Option<String>,
}

pub(super) fn reproduce(
    arguments: &ReproduceArguments,
    out: &mut impl Write,
) -> Result<(), Failure> {
    let chosen = chosen(arguments)?;
    let false_one = falsified(arguments.falsify.as_deref(), &chosen)?;
    if arguments.list {
        let mut lines = list(&chosen).map_err(Failure::run)?;
        if arguments.only.is_empty() && !arguments.quick {
            lines.extend(missing());
        }
        return lines.iter().try_for_each(|line| write_line(out, line));
    }
    let (mut outcomes, seconds) = run_all(&chosen, arguments.html.is_some())?;
    for outcome in &mut outcomes {
        if false_one == Some(outcome.id) {
            *outcome = outcome.clone().falsified();
        }
    }
    if let Some(path) = &arguments.out {
        whole(path, &super::run::json(&outcomes))?;
    }
    if let Some(path) = &arguments.html {
        let html = page::page(&chosen, &outcomes, seconds);
        whole(path, html.as_bytes())?;
    }
    for line in table(&outcomes, super::finish::coloured()) {
        write_line(out, &line)?;
    }
    write_line(out, &closing(&outcomes, seconds))?;
    if let Some(path) = &arguments.html {
        write_line(out, &format!("page  {}", path.display()))?;
    }
    verdict(&outcomes)
}

/// What `--only` and `--quick` leave, in the order of the table; without, everything.
fn chosen(arguments: &ReproduceArguments) -> Result<Vec<&'static Reproduction>, Failure> {
    let mut ids = Vec::new();
    for id in &arguments.only {
        ids.push(reproduction::find(id.trim()).map_err(Failure::input)?.id);
    }
    let wanted = |one: &&Reproduction| {
        (ids.is_empty() || ids.contains(&one.id)) && (one.quick || !arguments.quick)
    };
    let chosen: Vec<_> = reproduction::reproductions()
        .into_iter()
        .filter(wanted)
        .collect();
    if chosen.is_empty() {
        return Err(Failure::input(format_args!(
            "--quick leaves nothing of --only {}: it takes longer",
            ids.join(",")
        )));
    }
    Ok(chosen)
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
        "--falsify {id} has no effect: it is not run"
    )))
}

/// Runs them; also gives the seconds it took.
fn run_all(
    chosen: &[&'static Reproduction],
    trajectories: bool,
) -> Result<(Vec<Outcome>, f64), Failure> {
    let mut work = 0;
    for reproduction in chosen {
        work += reproduction.work().map_err(Failure::run)?;
    }
    let meter = Meter::new(work);
    let mut outcomes = Vec::new();
    for reproduction in chosen {
        let watch = Watch {
            progress: &|updates| meter.advance(reproduction.id, updates),
            seconds: &|| meter.seconds(),
            trajectories,
        };
        outcomes.extend(reproduction.run(&watch).map_err(Failure::run)?);
    }
    meter.finish();
    Ok((outcomes, meter.seconds()))
}

fn write_line(out: &mut impl Write, line: &str) -> Result<(), Failure> {
    writeln!(out, "{line}").map_err(Failure::output)
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

fn whole(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    net::write_whole(path, bytes).doing(format_args!("write {}", path.display()))
}
