//! Workload G1 under the clock on the wall, beside bare actors: how much of a framework's speed is left when the models live in a
//! web, have clocks, and everything is measured.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};
use clap::Args;
use serde_json::Value;

use super::peers::build_step;
use super::web::median;
use crate::shell::{Step, cargo, output_of, run_all, say, target_folder};

/// What `bench live` measures.
#[derive(Debug, Args)]
pub(crate) struct LiveOptions {
    /// Repetitions of all sides in turn; medians are printed
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..))]
    reps: u32,
    /// Number of models
    #[arg(long, default_value_t = 100_000, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    k: u32,
    /// Seconds that our side lives
    #[arg(long, default_value_t = 8, value_parser = clap::value_parser!(u32).range(1..))]
    seconds: u32,
}

/// Steps of the peers.
const STEPS: u32 = 20;

/// Builds both sides, and prints one table: updates a second of processor time.
///
/// # Errors
/// When a build fails, or a run does.
pub(crate) fn run(options: &LiveOptions) -> Result<()> {
    let folder = target_folder()?.join("bench");
    let target = folder.join("peers");
    let build = cargo("build --release --package echosphere");
    run_all(vec![
        Step::new("build of echosphere", build),
        build_step("build of bare actors", "gauss_actors", &target),
        build_step("build of the flat loop", "gauss_flat", &target),
    ])?;
    let peer = target.join("release/gauss-actors");
    let loop_alone = target.join("release/gauss-flat");
    let (mut actix, mut tokio, mut flat) = (Vec::new(), Vec::new(), Vec::new());
    let (mut each, mut shards) = (Vec::new(), Vec::new());
    for repetition in 1..=options.reps {
        say(&format!("repetition {repetition} of {}", options.reps));
        actix.push(bare(&peer, "actix", options.k)?);
        each.push(ours(&folder, options, 1)?);
        tokio.push(bare(&peer, "tokio", options.k)?);
        shards.push(ours(&folder, options, 4096)?);
        flat.push(alone(&loop_alone, options.k)?);
    }
    let [actix, tokio, each, shards, flat] = [actix, tokio, each, shards, flat].map(median);
    say(&format!(
        "updates a second of processor time, {} models, one thread each\n\
         bare actix, an actor a model       {actix:10.0}\n\
         echosphere, an actor a model       {each:10.0}   {:.2} of bare actix\n\
         plain tokio, a task a model        {tokio:10.0}\n\
         echosphere, 4,096 models an actor  {shards:10.0}   {:.2} of plain tokio\n\
         a loop over arrays, nothing else   {flat:10.0}   {:.2} of plain tokio",
        options.k,
        each / actix,
        shards / tokio,
        flat / tokio,
    ));
    Ok(())
}

fn bare(program: &Path, framework: &str, models: u32) -> Result<f64> {
    let mut command = Command::new(program);
    command
        .arg(framework)
        .args([models.to_string(), STEPS.to_string()]);
    let output = output_of(&mut command)?;
    let rate = output
        .split_whitespace()
        .nth(1)
        .and_then(|word| word.parse().ok());
    rate.with_context(|| format!("no rate: {output}"))
}

/// The same arithmetic in a loop over arrays.
fn alone(program: &Path, models: u32) -> Result<f64> {
    let mut command = Command::new(program);
    command.args([models, STEPS, 1, 1].map(|number| number.to_string()));
    let record: Value = serde_json::from_str(&output_of(&mut command)?)?;
    let seconds = record["cpu_seconds"].as_f64().context("no time")?;
    Ok(f64::from(models) * f64::from(STEPS) / seconds)
}

/// Our side: all models are due again as soon as a generation is over, which is sooner than anybody is done.
fn ours(folder: &Path, options: &LiveOptions, models_per_actor: u32) -> Result<f64> {
    let file = folder.join("live.toml");
    let text = format!(
        "scenario = \"g1\"\narrivals = \"clocks\"\nseconds = {}\n\n[set]\n\"population.*.count\" = {}\n\n[hosting]\n\
         models_per_actor = {models_per_actor}\nseconds_per_generation = 0.001\npatience_seconds = 86400\n",
        options.seconds, options.k,
    );
    std::fs::write(&file, text).with_context(|| file.display().to_string())?;
    let out = folder.join("live");
    if out.exists() {
        std::fs::remove_dir_all(&out)?;
    }
    let mut command = Command::new(target_folder()?.join("release/echosphere"));
    command
        .arg("load")
        .arg(&file)
        .arg("--out")
        .arg(&out)
        .args(["--threads=1", "--quiet"]);
    output_of(&mut command)?;
    let record: Value = serde_json::from_slice(&std::fs::read(out.join("load.json"))?)?;
    let number = |value: &Value| value.as_f64().context("load.json lacks a number");
    Ok(number(&record["counts"]["done"])? / number(&record["cpu_seconds"])?)
}
