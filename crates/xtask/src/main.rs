//! Development tasks: everything a contributor or the continuous integration runs.
//!
//! `cargo xtask` alone prints the list. Each task runs ordinary cargo commands, prints them before
//! it runs them, and leaves their output as it is. The rules about the sources themselves live in
//! `tests/tidy`, so `cargo test -p xtask` is enough to check them.

mod bench;
mod fuzz;
mod nightly;
mod shell;
mod tasks;

use std::process::ExitCode;

use anyhow::Result;
use clap::{CommandFactory, Parser, Subcommand};

use crate::bench::G1Options;
use crate::bench::jetstream::JetstreamOptions;
use crate::bench::live::LiveOptions;
use crate::bench::neural::NeuralOptions;
use crate::bench::nodes::NodesOptions;
use crate::bench::theory::TheoryOptions;
use crate::bench::web::WebOptions;
use crate::fuzz::FuzzOptions;
use crate::nightly::NightlyOptions;

/// Development tasks of this workspace.
#[derive(Debug, Parser)]
#[command(
    name = "cargo xtask",
    bin_name = "cargo xtask",
    disable_help_subcommand = true
)]
struct Arguments {
    #[command(subcommand)]
    task: Option<Task>,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Run every test, the ones in the documentation included
    Test,
    /// Check format, lints, documentation, tidiness and licences; never writes a source file
    Check,
    /// Format the sources and apply the lints' own suggestions
    Fix,
    /// Rerun the golden tests and let them rewrite their files
    Bless,
    /// Disturb runs on nodes at random, for as long as you like, and compare with undisturbed ones
    Soak(SoakOptions),
    /// What takes too long for every change: faults at random, half an hour of a live population
    Nightly(NightlyOptions),
    /// Give the readers of files and of the web what coverage says they have not seen
    Fuzz(FuzzOptions),
    /// Measure against other implementations, interleaved
    #[command(subcommand)]
    Bench(Bench),
}

#[derive(Debug, Subcommand)]
enum Bench {
    /// Gaussian models that learn from one pool: the simulator beside its peers
    G1(G1Options),
    /// A live population on JetStream beside a raw client of it
    Jetstream(JetstreamOptions),
    /// Live populations beside bare actors
    Live(LiveOptions),
    /// Small transformers beside PyTorch: tokens a second, learnt and written
    Neural(NeuralOptions),
    /// Several nodes beside one process: speed, bytes on the wire, barriers
    Nodes(NodesOptions),
    /// Exact theory beside numpy and scipy: seconds and memory
    Theory(TheoryOptions),
    /// Documents and fetched pages a second on a web of sites, by number of models
    Web(WebOptions),
}

/// What to disturb, and for how long.
#[derive(Debug, clap::Args)]
pub(crate) struct SoakOptions {
    /// How long; the run that is under way then is the last one
    #[arg(long, default_value_t = 10.0)]
    minutes: f64,
    /// What all faults are drawn from
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Number of the first run: to see again what another soak has found
    #[arg(long, default_value_t = 0)]
    runs_from: u64,
}

fn main() -> ExitCode {
    match perform(Arguments::parse().task) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            shell::complain(&format!("{error:#}"));
            ExitCode::FAILURE
        }
    }
}

/// Performs a task, or prints the list of them.
fn perform(task: Option<Task>) -> Result<()> {
    match task {
        Some(Task::Test) => tasks::test(),
        Some(Task::Check) => tasks::check(),
        Some(Task::Fix) => tasks::fix(),
        Some(Task::Bless) => tasks::bless(),
        Some(Task::Nightly(options)) => nightly::run(&options),
        Some(Task::Soak(options)) => tasks::soak(&options),
        Some(Task::Fuzz(options)) => fuzz::run(&options),
        Some(Task::Bench(Bench::G1(options))) => bench::run(&options),
        Some(Task::Bench(Bench::Jetstream(options))) => bench::jetstream::run(&options),
        Some(Task::Bench(Bench::Live(options))) => bench::live::run(&options),
        Some(Task::Bench(Bench::Neural(options))) => bench::neural::run(&options),
        Some(Task::Bench(Bench::Nodes(options))) => bench::nodes::run(&options),
        Some(Task::Bench(Bench::Theory(options))) => bench::theory::run(&options),
        Some(Task::Bench(Bench::Web(options))) => bench::web::run(&options),
        None => Ok(Arguments::command().print_help()?),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_arguments_are_well_formed() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn sizes_can_be_given_as_a_list() {
        let words = ["xtask", "bench", "g1", "--reps", "2", "--k", "100", "200"];
        let parsed = Arguments::try_parse_from(words).unwrap();
        let Some(Task::Bench(Bench::G1(options))) = parsed.task else {
            panic!("not a benchmark")
        };
        assert_eq!((options.reps, options.k), (2, vec![100, 200]));
    }
}
