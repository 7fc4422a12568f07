//! `sweep`.

mod finish;
mod input;

use std::io::Write;
use std::path::PathBuf;

use clap::Args;

use self::finish::finish;
pub(super) use self::finish::{digest, report_again};
use self::input::{Named, plan};
use super::run::threads;
use crate::failure::Failure;
use crate::folder::{BASE, Folder};
use crate::measure::Stopwatch;
use crate::run::Stop;
use crate::sweep::{Plan, SWEEP, SweepManifest, forget_failed, run_points};

#[derive(Debug, Args)]
pub(super) struct SweepArguments {
    /// A sweep file, or the name of a built-in sweep (see --list).
    #[arg(required_unless_present = "list")]
    file: Option<String>,
    /// Lists the built-in sweeps.
    #[arg(long)]
    list: bool,
    /// Prints the sweep file instead of running it, to start your own from.
    #[arg(long)]
    show: bool,
    /// The sweep's folder; by default runs/NAME, with a number if that is taken.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Root of all randomness, instead of the sweep's or the scenario's.
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Number of replicates of every point, instead of the sweep's or the scenario's.
    #[arg(long, value_name = "R")]
    replicates: Option<u32>,
    /// Changes a value of the scenario at every point; may be given again.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    overrides: Vec<String>,
    /// Goes on with the sweep in --out if there is one.
    #[arg(long)]
    resume: bool,
    #[command(flatten)]
    how: SweepHow,
}

#[derive(Debug, Clone, Copy, Args)]
pub(super) struct SweepHow {
    /// Worker threads; by default one a core. The result does not depend on it.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(super) threads: Option<u16>,
    /// No progress and no table.
    #[arg(long, short)]
    pub(super) quiet: bool,
    /// Goes on with the sweep in --out, and runs the points that failed again.
    #[arg(long)]
    pub(super) retry_failed: bool,
}

/// `sweep`.
pub(super) fn sweep(arguments: &SweepArguments, out: &mut impl Write) -> Result<(), Failure> {
    let wall = Stopwatch::start();
    if arguments.list {
        return input::list(out);
    }
    let named = Named::open(arguments.file.as_deref().unwrap_or_default())?;
    if arguments.show {
        return out
            .write_all(named.text.as_bytes())
            .map_err(Failure::output);
    }
    let changes =
        super::run::changes(&arguments.overrides, (arguments.seed, arguments.replicates))?;
    let plan = plan(&named, &changes)?;
    let goes_on = arguments.resume || arguments.how.retry_failed;
    let folder = super::run::choose((arguments.out.as_ref(), goes_on), &named.name)?;
    if folder.has_run() {
        same_sweep(&folder, &plan)?;
        return go_on(&folder, arguments.how, out);
    }
    folder.claim(&named.base)?;
    folder.write(SWEEP, plan.resolved.as_bytes())?;
    let manifest = SweepManifest::running(&plan, threads(arguments.how.threads));
    folder.write("manifest.json", &super::run::json(&manifest))?;
    run(&folder, (&plan, manifest), (wall, arguments.how.quiet), out)
}

/// True if the folder holds a sweep and not a run.
pub(super) fn holds_one(folder: &Folder) -> bool {
    folder.path(SWEEP).is_file()
}

/// Goes on with the sweep in `folder`.
pub(super) fn go_on(folder: &Folder, how: SweepHow, out: &mut impl Write) -> Result<(), Failure> {
    let wall = Stopwatch::start();
    let manifest = finish::manifest(folder)?;
    let root = folder.root().display();
    if manifest.status == "finished" {
        return Err(Failure::input(format_args!(
            "the sweep in {root} is finished: there is nothing to go on with"
        )));
    }
    if manifest.status == "incomplete" && !how.retry_failed {
        return Err(Failure::input(format_args!(
            "the sweep in {root} is over, but {} of its points failed: add --retry-failed to run them again",
            manifest.failed
        )));
    }
    if !manifest.is_of_this_build() {
        tracing::warn!(
            "the sweep was begun by another build ({}): only the same build promises the same bits",
            manifest.commit
        );
    }
    let mut named = Named::open(&folder.path(SWEEP).to_string_lossy())?;
    named.base = PathBuf::from(String::from_utf8_lossy(&folder.read(BASE)?).into_owned());
    let plan = plan(&named, &[])?;
    if plan.data_hash != manifest.data_hash {
        return Err(Failure::input(format_args!(
            "files that {} names have changed since the sweep began: put them back, or begin another sweep",
            folder.path(SWEEP).display()
        )));
    }
    if how.retry_failed {
        forget_failed(folder, plan.points.len())?;
    }
    let manifest = SweepManifest::running(&plan, threads(how.threads));
    folder.write("manifest.json", &super::run::json(&manifest))?;
    run(folder, (&plan, manifest), (wall, how.quiet), out)
}

/// Runs the points that are missing, and ends the sweep.
fn run(
    folder: &Folder,
    (plan, manifest): (&Plan, SweepManifest),
    (wall, quiet): (Stopwatch, bool),
    out: &mut impl Write,
) -> Result<(), Failure> {
    let stop = Stop::on_ctrl_c(|| ());
    let costs = run_points(folder, plan, (manifest.threads, quiet), &stop)?;
    finish(folder, (plan, manifest.costs(costs)), (wall, quiet), out)
}

/// Going on with a sweep that is not the one asked for would answer another question.
fn same_sweep(folder: &Folder, plan: &Plan) -> Result<(), Failure> {
    let root = folder.root().display();
    let found = finish::manifest(folder)?;
    if found.sweep_hash == blake3::hash(plan.resolved.as_bytes()).to_string() {
        return Ok(());
    }
    Err(Failure::input(format_args!(
        "{root} holds another sweep, or this one with another --set, --seed or --replicates: choose another --out, or go on \
         with it by `echosphere resume {root}`"
    )))
}
