//! `load --find-capacity`.

use std::io::Write;
use std::path::Path;

use clap::ValueEnum;
use ecosystem::scenario::load::{Arrivals, Load, Stage};
use report::summary::render_table;

use super::{LoadArguments, Opened, put};
use crate::command::run::json;
use crate::failure::Failure;
use crate::folder::Folder;
use crate::live::capacity::{Probe, RATE, capacity, search};
use crate::live::{capacity_page, trials};
use crate::run::{Stop, compact};

/// What the search varies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Size {
    /// Arrivals a second
    Rate,
    /// Models, each with its own clock
    Models,
}

/// A rate is reached in so many seconds.
const RAMP: f64 = 1.0;

/// Finds the largest rate, or the largest population, that keeps to the thresholds.
pub(super) fn find(
    (opened, arguments): (&Opened, &LoadArguments),
    size: Size,
    folder: &Folder,
    out: &mut impl Write,
) -> Result<(), Failure> {
    let stop = Stop::on_ctrl_c(|| ());
    let first = match size {
        Size::Rate => last_rate(&opened.file)?,
        Size::Models => f64::from(opened.models()?),
    };
    let unit = match size {
        Size::Rate => RATE,
        Size::Models => "models",
    };
    let probes = search(first, size == Size::Models, |at| {
        let file = sized(opened, size, at, arguments.probe_seconds)?;
        let outcome = put(&opened.with(file), arguments, folder, &stop)?;
        if outcome.interrupted {
            return Err(Failure::run("interrupted: the search was given up"));
        }
        let measured = (&outcome.meter, outcome.seconds);
        Ok(Probe::of(at, &opened.file.thresholds, measured))
    })?;
    let found = capacity(&probes);
    let record = serde_json::json!({
        "load": opened.file, "unit": unit, "capacity": found, "probes": probes,
    });
    let head = (opened.file.title.as_str(), opened.file.about.as_str());
    let page = capacity_page(head, (unit, &probes), &record);
    folder.write("report.html", page.as_bytes())?;
    folder.write("capacity.json", &json(&record))?;
    if !arguments.quiet {
        let text = closing((unit, &probes), found, &folder.path("report.html"));
        out.write_all(text.as_bytes()).map_err(Failure::output)?;
    }
    match found {
        Some(_) => Ok(()),
        None => Err(Failure::run("no size keeps to the thresholds")),
    }
}

fn closing((unit, probes): (&str, &[Probe]), found: Option<f64>, report: &Path) -> String {
    let table = render_table(&trials(unit, probes), super::super::finish::coloured());
    let found = found.map_or_else(|| "none".to_owned(), compact);
    format!(
        "{table}\ncapacity  {found} {unit}\nreport    {}\n",
        report.display()
    )
}

/// The steps that were taken, as a table, and the last that held; empty if there are none.
pub(super) fn held(steps: &[Probe]) -> String {
    if steps.is_empty() {
        return String::new();
    }
    let table = render_table(&trials(RATE, steps), super::super::finish::coloured());
    let held = capacity(steps).map_or_else(|| "nothing".to_owned(), compact);
    format!("\n{table}\nheld    {held} {RATE}\n")
}

fn last_rate(file: &Load) -> Result<f64, Failure> {
    let rates = file.stages.iter().map(|stage| stage.rate);
    let rate = match &file.steps {
        Some(steps) => Some(steps.from),
        None => rates.rev().find(|rate| *rate > 0.0),
    };
    rate.ok_or_else(|| {
        Failure::input("--find-capacity rate begins with the last rate of the stages, and the file has none: write for instance stages = [{ seconds = 10, rate = 1000 }]")
    })
}

/// The file with another rate or another number of models.
fn sized(opened: &Opened, size: Size, at: f64, seconds: f64) -> Result<Load, Failure> {
    let mut file = opened.file.clone();
    match size {
        Size::Rate => {
            let stage = |seconds| Stage { seconds, rate: at };
            file.set_stages(vec![stage(RAMP), stage(seconds)]);
            if !matches!(file.arrivals, Arrivals::Constant) {
                file.arrivals = Arrivals::Poisson;
            }
        }
        Size::Models => {
            file.set_stages(Vec::new());
            file.arrivals = Arrivals::Clocks;
            file.set_seconds(seconds);
            let factor = at / f64::from(opened.models()?);
            for population in &opened.scenario()?.scenario.population {
                let count = (f64::from(population.count) * factor).round().max(1.0);
                let key = format!("population.{}.count", population.name);
                file.changes.push((key, format!("{count}")));
            }
        }
    }
    Ok(file)
}
