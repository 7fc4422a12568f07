//! Workload G1, side by side: `echosphere`, a flat loop without a framework, krABMaga, numpy, Mesa.
//!
//! K Gaussian models share one pool. In every step each model publishes 10 values drawn from its
//! own Gaussian and refits mean and standard deviation on 100 values drawn, with replacement, from
//! what all of them published in the step before. One model doing that once is one *update*;
//! set-up and report are not timed. Every repetition runs each implementation in turn, so that a
//! busy spell of the machine hits them all, and only medians and ratios are worth quoting.

mod contestant;
mod echosphere;
pub(crate) mod jetstream;
pub(crate) mod live;
mod measurement;
pub(crate) mod neural;
pub(crate) mod nodes;
mod peers;
mod record;
mod summary;
mod table;
pub(crate) mod theory;
pub(crate) mod web;

use anyhow::{Context, Result};
use clap::Args;

use self::contestant::Contestant;
use self::measurement::Trial;
use self::record::Record;
use self::summary::SCALING;
use crate::shell::{say, target_folder};

/// Sizes that are measured when none is asked for; `--big` adds the next.
const SIZES: [u64; 2] = [10_000, 100_000];
const SIZE_BIG: u64 = 1_000_000;
/// The big size takes minutes a repetition, and its noise is small because its runs are long.
const REPS_BIG_MAX: u32 = 3;

/// What `bench g1` measures.
#[derive(Debug, Args)]
pub(crate) struct G1Options {
    /// Repetitions; each runs every implementation once
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) reps: u32,
    /// Also measure a million models, with at most 3 repetitions
    #[arg(long)]
    pub(crate) big: bool,
    /// Numbers of models to measure, in place of the usual ones
    #[arg(long, num_args = 1.., value_name = "K", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) k: Vec<u64>,
}

impl G1Options {
    fn sizes(&self) -> Vec<u64> {
        let mut sizes = if self.k.is_empty() {
            SIZES.to_vec()
        } else {
            self.k.clone()
        };
        if self.big && !sizes.contains(&SIZE_BIG) {
            sizes.push(SIZE_BIG);
        }
        sizes
    }

    fn reps(&self, models: u64) -> u32 {
        if models < SIZE_BIG {
            self.reps
        } else {
            self.reps.min(REPS_BIG_MAX)
        }
    }
}

/// Builds everything, measures, and prints one table for each number of models.
///
/// # Errors
///
/// When the folder of the results cannot be written, when a build other than Python's fails, and,
/// after the tables, when a run failed or measured another workload than G1.
pub(crate) fn run(options: &G1Options) -> Result<()> {
    let folder = target_folder()?.join("bench");
    std::fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
    let mut contestants = echosphere::build(&folder)?;
    contestants.extend(peers::build(&folder)?);
    let mut record = Record::create(folder.join("g1.jsonl"))?;
    for models in options.sizes() {
        measure(&contestants, models, options.reps(models), &mut record)?;
        say(&table::render(
            models,
            &summary::summarise(record.samples_of(models)),
        ));
    }
    record.close()
}

/// All repetitions at one size; an implementation that failed once is not asked again.
fn measure(all: &[Contestant], models: u64, reps: u32, record: &mut Record) -> Result<()> {
    let mut running: Vec<_> = all.iter().filter(|one| one.takes(models)).collect();
    for rep in 1..=reps {
        say(&format!("K = {models}: repetition {rep} of {reps}"));
        let (trial, long) = (Trial::new(models, rep), Trial::long(models, rep));
        for contestant in std::mem::take(&mut running) {
            if try_one(contestant, &trial, record)? {
                running.push(contestant);
            }
        }
        for contestant in running
            .iter()
            .filter(|one| SCALING.contains(&one.implementation))
        {
            if long != trial {
                try_one(contestant, &long, record)?;
            }
        }
    }
    Ok(())
}

/// Runs and keeps one trial; false if it failed.
fn try_one(contestant: &Contestant, trial: &Trial, record: &mut Record) -> Result<bool> {
    match contestant.run(trial) {
        Ok(sample) => record.keep(sample).map(|()| true),
        Err(error) => {
            record.fail(contestant.title(trial), &format!("{error:#}"));
            Ok(false)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(reps: u32, big: bool, k: &[u64]) -> G1Options {
        G1Options {
            reps,
            big,
            k: k.to_vec(),
        }
    }

    #[test]
    fn the_big_size_is_asked_for() {
        assert_eq!(options(5, false, &[]).sizes(), [10_000, 100_000]);
        assert_eq!(options(5, true, &[]).sizes(), [10_000, 100_000, 1_000_000]);
        assert_eq!(options(5, true, &[7]).sizes(), [7, 1_000_000]);
    }

    #[test]
    fn the_big_size_has_fewer_repetitions() {
        assert_eq!(options(5, true, &[]).reps(10_000), 5);
        assert_eq!(options(5, true, &[]).reps(1_000_000), 3);
        assert_eq!(options(2, true, &[]).reps(1_000_000), 2);
    }
}
