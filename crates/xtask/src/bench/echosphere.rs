//! Our own side of the comparison: an ordinary run of a built-in scenario.

use std::fs::{create_dir_all, read_to_string, remove_dir_all};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::contestant::{Contestant, Launch};
use super::measurement::{Measurement, Trial};
use super::summary::ECHOSPHERE;
use crate::shell::{Step, cargo, output_of, run_all, target_folder};

/// Builds the binary as users get it; it takes part with one thread and with two.
///
/// # Errors
///
/// When the build fails.
pub(crate) fn build(folder: &Path) -> Result<Vec<Contestant>> {
    let build = cargo("build --release --package echosphere");
    run_all(vec![Step::new("build of echosphere", build)])?;
    let binary = target_folder()?.join("release/echosphere");
    let runs = folder.join("runs");
    create_dir_all(&runs).with_context(|| runs.display().to_string())?;
    let contestant = |threads| Contestant {
        implementation: ECHOSPHERE,
        threads,
        models_max: u64::MAX,
        launch: Launch::Echosphere {
            binary: binary.clone(),
            runs: runs.clone(),
        },
    };
    Ok(vec![contestant(1), contestant(2)])
}

/// Runs the scenario into a fresh folder and reads what it says about itself.
///
/// # Errors
///
/// When the run fails or its folder lacks a number that the comparison needs.
pub(super) fn run(
    binary: &PathBuf,
    folder: &Path,
    trial: &Trial,
    threads: u32,
) -> Result<Measurement> {
    ensure!(binary.is_file(), "the build left no {}", binary.display());
    // A folder of an earlier benchmark could pass for the outcome of this run.
    if folder.exists() {
        remove_dir_all(folder).with_context(|| folder.display().to_string())?;
    }
    let mut command = Command::new(binary);
    command
        .args(run_arguments(trial, threads))
        .arg("--out")
        .arg(folder);
    output_of(&mut command)?;
    let manifest = read_json(&folder.join("manifest.json"))?;
    measurement_of(&manifest, &read_json(&folder.join("summary.json"))?)
}

/// The command line of a trial, apart from the folder.
fn run_arguments(trial: &Trial, threads: u32) -> Vec<String> {
    let Trial {
        models,
        steps,
        seed,
    } = trial;
    let line = format!(
        "run g1 --set population.*.count={models} --set horizon.generations={steps} \
         --threads {threads} --seed {seed} --quiet"
    );
    line.split_whitespace().map(str::to_owned).collect()
}

/// What a finished run says of itself; the only place that knows how its files name these numbers.
fn measurement_of(manifest: &Value, summary: &Value) -> Result<Measurement> {
    Ok(Measurement {
        wall_seconds: number(manifest, "/loop_seconds")?,
        cpu_seconds: number(manifest, "/loop_cpu_seconds")?,
        standard_deviation: standard_deviation(summary)?,
        peak_memory_bytes: manifest["peak_memory_bytes"].as_u64(),
    })
}

/// The mean over all models, which is what the population's own series holds.
fn standard_deviation(summary: &Value) -> Result<f64> {
    let mut series = summary["series"].as_array().into_iter().flatten();
    let wanted =
        |entry: &&Value| entry["metric"] == "standard_deviation" && entry["level"] == "population";
    let found = series
        .find(wanted)
        .context("the summary has no standard_deviation")?;
    number(found, "/last/mean")
}

pub(super) fn read_json(path: &Path) -> Result<Value> {
    let text = read_to_string(path);
    let text = text.with_context(|| format!("the run left no readable {}", path.display()))?;
    serde_json::from_str(&text).with_context(|| format!("{} is not JSON", path.display()))
}

pub(super) fn number(document: &Value, pointer: &str) -> Result<f64> {
    let value = document.pointer(pointer).and_then(Value::as_f64);
    value.with_context(|| format!("the run's files have no number at {pointer}"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_trial_becomes_scenario_settings() {
        let arguments = run_arguments(&Trial::new(100_000, 4), 2).join(" ");
        let expected = "run g1 --set population.*.count=100000 --set horizon.generations=5 \
                        --threads 2 --seed 4 --quiet";
        assert_eq!(arguments, expected);
    }

    #[test]
    fn a_finished_run_becomes_a_measurement() {
        let manifest = json!({
            "loop_seconds": 2.0, "loop_cpu_seconds": 1.5, "peak_memory_bytes": 4096,
        });
        let summary = json!({ "series": [
            { "metric": "standard_deviation", "level": "model", "last": { "mean": 2.0 } },
            { "metric": "standard_deviation", "level": "population", "last": { "mean": 1.04 } },
        ] });
        let measurement = measurement_of(&manifest, &summary).unwrap();
        assert_eq!(
            (measurement.wall_seconds, measurement.cpu_seconds),
            (2.0, 1.5)
        );
        assert_eq!(measurement.standard_deviation, 1.04);
        assert_eq!(measurement.peak_memory_bytes, Some(4096));
    }

    #[test]
    fn a_missing_number_is_named() {
        let manifest = json!({ "loop_seconds": "soon" });
        let error = measurement_of(&manifest, &json!({}))
            .unwrap_err()
            .to_string();
        assert_eq!(error, "the run's files have no number at /loop_seconds");
    }

    #[test]
    fn a_run_that_left_no_files_says_which() {
        let error = read_json(Path::new("no-such-run/manifest.json"))
            .unwrap_err()
            .to_string();
        assert_eq!(error, "the run left no readable no-such-run/manifest.json");
    }
}
