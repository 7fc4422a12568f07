//! Several nodes beside one process, on this machine: what spreading a run costs.
//!
//! Three questions, each by interleaved repetitions and medians. How fast are two nodes beside one process of two threads,
//! on workload G1? A node has a thread for each of two cores, as if it were alone on its machine. How many bytes cross the
//! loopback interface for a document? How much longer is a window with nothing in it for 2, 4, 8 nodes? From the answers
//! follows an estimate for machines that nobody has here.

mod estimate;

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use clap::Args;
use serde_json::Value;

use super::echosphere::{number, read_json};
use crate::shell::{Step, cargo, output_of, run_all, say, target_folder};

/// What `bench nodes` measures.
#[derive(Debug, Args)]
pub(crate) struct NodesOptions {
    /// Repetitions of everything
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
    reps: u32,
    /// Models of workload G1
    #[arg(long, default_value_t = 100_000, value_parser = clap::value_parser!(u64).range(1000..))]
    k: u64,
}

/// Windows of a run of workload G1: so many that the first three, which are slow, do not matter.
const STEPS: u64 = 160;
/// Documents that a model of workload G1 publishes in a window.
const DOCUMENTS: u64 = 10;
/// A population so small that a window is nothing but its barrier.
const MODELS_FEW: u64 = 64;
const STEPS_MANY: u64 = 400;
const NODES: [u32; 3] = [2, 4, 8];

/// One run.
#[derive(Debug, Clone, Copy)]
struct Trial {
    models: u64,
    steps: u64,
    /// None for one process.
    nodes: Option<u32>,
}

/// What came of it.
#[derive(Debug, Clone)]
struct Outcome {
    seconds: f64,
    windows: f64,
    /// Bytes that crossed the loopback interface.
    bytes: f64,
    digest: String,
}

/// The medians of what was measured.
#[derive(Debug, Clone)]
pub(super) struct Constants {
    /// Seconds of two threads of one process for a model's update.
    pub(super) update_seconds: f64,
    /// The same on two nodes.
    pub(super) update_seconds_nodes: f64,
    /// Bytes on the wire for a document, on two nodes.
    pub(super) bytes_document: f64,
    /// Microseconds of a window's barrier, for each number of nodes.
    pub(super) barrier_us: Vec<(u32, f64)>,
}

/// Builds the program, measures, and prints what came of it.
///
/// # Errors
///
/// When the build or a run fails, or nodes give another digest than one process.
pub(crate) fn run(options: &NodesOptions) -> Result<()> {
    let build = cargo("build --release --package echosphere");
    run_all(vec![Step::new("build of echosphere", build)])?;
    let bench = Bench {
        binary: target_folder()?.join("release/echosphere"),
        folder: target_folder()?.join("bench/nodes"),
    };
    let constants = bench.measure(options)?;
    say(&constants.render(options.k));
    say(&estimate::render(&constants));
    Ok(())
}

struct Bench {
    binary: PathBuf,
    folder: PathBuf,
}

impl Bench {
    fn measure(&self, options: &NodesOptions) -> Result<Constants> {
        let large = |nodes| Trial {
            models: options.k,
            steps: STEPS,
            nodes,
        };
        let small = |nodes| Trial {
            models: MODELS_FEW,
            steps: STEPS_MANY,
            nodes,
        };
        let mut trials = vec![large(None), large(Some(2)), small(None)];
        trials.extend(NODES.map(|nodes| small(Some(nodes))));
        let mut outcomes: Vec<Vec<Outcome>> = vec![Vec::new(); trials.len()];
        for rep in 1..=options.reps {
            say(&format!("repetition {rep} of {}", options.reps));
            for (trial, outcomes) in trials.iter().zip(&mut outcomes) {
                outcomes.push(self.try_one(*trial)?);
            }
        }
        same_digests(&trials, &outcomes)?;
        Ok(constants(&trials, &outcomes))
    }

    fn try_one(&self, trial: Trial) -> Result<Outcome> {
        if self.folder.exists() {
            std::fs::remove_dir_all(&self.folder)?;
        }
        let before = loopback_bytes()?;
        let mut command = Command::new(&self.binary);
        command
            .args(arguments(trial))
            .arg("--out")
            .arg(&self.folder);
        output_of(&mut command)?;
        let bytes = loopback_bytes()? - before;
        let manifest = read_json(&self.folder.join("manifest.json"))?;
        outcome(&manifest, bytes)
    }
}

fn arguments(trial: Trial) -> Vec<String> {
    let Trial { models, steps, .. } = trial;
    let nodes = trial
        .nodes
        .map_or(String::new(), |nodes| format!("--nodes {nodes}"));
    let threads = 2 * trial.nodes.unwrap_or(1);
    // No checkpoint falls into the measured time.
    let line = format!(
        "run g1 --set population.*.count={models} --set horizon.generations={steps} --threads {threads} --quiet \
         --checkpoint-every 1000000 {nodes}"
    );
    line.split_whitespace().map(str::to_owned).collect()
}

fn outcome(manifest: &Value, bytes: f64) -> Result<Outcome> {
    let digest = manifest["digest"].as_str();
    Ok(Outcome {
        seconds: number(manifest, "/loop_seconds")?,
        windows: number(manifest, "/windows")?,
        bytes,
        digest: digest.context("the manifest has no digest")?.to_owned(),
    })
}

/// Bytes that the loopback interface has received since the machine was started.
fn loopback_bytes() -> Result<f64> {
    let path = Path::new("/proc/net/dev");
    let text = std::fs::read_to_string(path).context("cannot read /proc/net/dev")?;
    received(&text).context("/proc/net/dev has no line for lo")
}

fn received(text: &str) -> Option<f64> {
    let line = text
        .lines()
        .find_map(|line| line.trim().strip_prefix("lo:"))?;
    line.split_whitespace().next()?.parse().ok()
}

fn same_digests(trials: &[Trial], outcomes: &[Vec<Outcome>]) -> Result<()> {
    for (trial, of_trial) in trials.iter().zip(outcomes) {
        let alike = trials.iter().position(|other| other.models == trial.models);
        let expected = alike.and_then(|first| outcomes[first].first());
        let expected = expected.map(|outcome| outcome.digest.as_str());
        let same = |outcome: &Outcome| Some(outcome.digest.as_str()) == expected;
        ensure!(of_trial.iter().all(same), "{trial:?} gave another digest");
    }
    Ok(())
}

fn constants(trials: &[Trial], outcomes: &[Vec<Outcome>]) -> Constants {
    let of = |models: u64, nodes: Option<u32>, value: &dyn Fn(&Outcome) -> f64| {
        let wanted = |trial: &&Trial| {
            trial.nodes == nodes && (trial.models == MODELS_FEW) == (models == MODELS_FEW)
        };
        let at = trials.iter().position(|trial| wanted(&trial));
        at.map_or(f64::NAN, |at| {
            median(outcomes[at].iter().map(value).collect())
        })
    };
    let models = trials.first().map_or(0, |trial| trial.models);
    let updates = (models * STEPS) as f64;
    let seconds = |outcome: &Outcome| outcome.seconds;
    let window_us = |outcome: &Outcome| 1e6 * outcome.seconds / outcome.windows;
    let alone = of(MODELS_FEW, None, &window_us);
    let barrier = |nodes: u32| (nodes, of(MODELS_FEW, Some(nodes), &window_us) - alone);
    Constants {
        update_seconds: of(models, None, &seconds) / updates,
        update_seconds_nodes: of(models, Some(2), &seconds) / updates,
        bytes_document: of(models, Some(2), &|outcome| outcome.bytes)
            / (updates * DOCUMENTS as f64),
        barrier_us: NODES.map(barrier).to_vec(),
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

impl Constants {
    fn render(&self, models: u64) -> String {
        let rate = |seconds: f64| 1e-6 / seconds;
        let row = |(nodes, us): &(u32, f64)| {
            format!("{nodes} nodes                         {us:.0} us\n")
        };
        let barriers = self.barrier_us.iter().map(row).collect::<Vec<_>>().concat();
        format!(
            "\nG1, K = {models}, {STEPS} windows, medians\n\
             one process, 2 threads          {:.3} M updates/s\n\
             2 nodes, 2 threads each         {:.3} M updates/s   {:.0} % of one process\n\
             bytes on the wire a document    {:.1}\n\n\
             barrier of a window with {MODELS_FEW} models, on two cores\n{barriers}",
            rate(self.update_seconds),
            rate(self.update_seconds_nodes),
            100.0 * self.update_seconds / self.update_seconds_nodes,
            self.bytes_document,
        )
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_trial_becomes_a_command_line() {
        let trial = Trial {
            models: 64,
            steps: 3,
            nodes: Some(4),
        };
        let line = arguments(trial).join(" ");
        assert!(
            line.starts_with("run g1 --set population.*.count=64 "),
            "{line}"
        );
        assert!(line.ends_with("--nodes 4"), "{line}");
        let alone = Trial {
            nodes: None,
            ..trial
        };
        assert!(!arguments(alone).join(" ").contains("--nodes"));
    }

    #[test]
    fn the_loopback_interface_is_found_among_others() {
        let text = "Inter-| Receive\n face |bytes packets\n  eth0: 7 1\n    lo: 4711 12 0\n";
        assert_eq!(received(text), Some(4711.0));
        assert_eq!(received("eth0: 7 1\n"), None);
    }

    #[test]
    fn another_digest_is_noticed() {
        let one = |digest: &str| {
            outcome(
                &json!({ "loop_seconds": 1.0, "windows": 2, "digest": digest }),
                3.0,
            )
            .unwrap()
        };
        let trials = [None, Some(2)].map(|nodes| Trial {
            models: 64,
            steps: 1,
            nodes,
        });
        let same = [vec![one("a")], vec![one("a")]];
        assert!(same_digests(&trials, &same).is_ok());
        let other = [vec![one("a")], vec![one("b")]];
        assert!(same_digests(&trials, &other).is_err());
    }

    #[test]
    fn medians_are_what_is_quoted() {
        assert_eq!(median(vec![3.0, 1.0, 2.0]), 2.0);
    }
}
