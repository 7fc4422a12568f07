//! Something that can run workload G1.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};

use super::echosphere;
use super::measurement::{Measurement, Sample, Trial};
use crate::shell::output_of;

/// One column of the comparison.
#[derive(Debug)]
pub(crate) struct Contestant {
    pub(crate) implementation: &'static str,
    pub(crate) threads: u32,
    /// The largest population that it finishes in reasonable time.
    pub(crate) models_max: u64,
    pub(crate) launch: Launch,
}

/// How a contestant is started and where its measurement is found.
#[derive(Debug)]
pub(crate) enum Launch {
    /// Our binary, which leaves its measurement in the run folder.
    Echosphere { binary: PathBuf, runs: PathBuf },
    /// A peer, which takes the trial as its last arguments and prints its measurement.
    Peer {
        program: PathBuf,
        arguments: Vec<String>,
    },
}

impl Contestant {
    pub(crate) fn takes(&self, models: u64) -> bool {
        models <= self.models_max
    }

    /// The name of one run, for messages.
    pub(crate) fn title(&self, trial: &Trial) -> String {
        let Self {
            implementation,
            threads,
            ..
        } = self;
        format!(
            "{implementation}, threads {threads}, K = {}, seed {}",
            trial.models, trial.seed
        )
    }

    /// Runs the trial once.
    ///
    /// # Errors
    ///
    /// When the program fails, or reports something else than a measurement.
    pub(crate) fn run(&self, trial: &Trial) -> Result<Sample> {
        let measurement = match &self.launch {
            Launch::Echosphere { binary, runs } => echosphere::run(
                binary,
                &runs.join(self.run_name(trial)),
                trial,
                self.threads,
            ),
            Launch::Peer { program, arguments } => {
                self.run_peer(Command::new(program).args(arguments), trial)
            }
        }?;
        let Self {
            implementation,
            threads,
            ..
        } = *self;
        Ok(Sample {
            implementation,
            threads,
            trial: trial.clone(),
            measurement,
        })
    }

    fn run_peer(&self, command: &mut Command, trial: &Trial) -> Result<Measurement> {
        let numbers = [trial.models, trial.steps, trial.seed, self.threads.into()];
        command.args(numbers.map(|number| number.to_string()));
        // The linear algebra below numpy starts a thread for each core unless it is told not to.
        command
            .env("OMP_NUM_THREADS", "1")
            .env("OPENBLAS_NUM_THREADS", "1");
        let output = output_of(command)?;
        serde_json::from_str(&output).with_context(|| format!("not a measurement: {output}"))
    }

    fn run_name(&self, trial: &Trial) -> String {
        format!("g1-{}-{}-{}", trial.models, self.threads, trial.seed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `echo` prints its arguments: the text, and after it the trial.
    fn peer(printed: &str) -> Contestant {
        let arguments = vec![printed.to_owned()];
        let launch = Launch::Peer {
            program: "echo".into(),
            arguments,
        };
        Contestant {
            implementation: "flat",
            threads: 2,
            models_max: 100,
            launch,
        }
    }

    #[test]
    fn a_peer_is_told_the_trial_and_the_threads() {
        let error = peer("").run(&Trial::new(10, 3)).unwrap_err().to_string();
        assert_eq!(error.trim_end(), "not a measurement:  10 20 3 2");
    }

    #[test]
    fn a_contestant_declines_what_takes_too_long() {
        assert!(peer("").takes(100));
        assert!(!peer("").takes(101));
    }
}
