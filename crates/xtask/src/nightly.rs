//! What takes too long for every change: faults at random, and a live population for half an hour, whose memory must not grow.

use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::SoakOptions;
use crate::shell::{Step, cargo, output_of, run_all, say, target_folder};
use crate::tasks::soak;

/// How long.
#[derive(Debug, clap::Args)]
pub(crate) struct NightlyOptions {
    /// How long runs on nodes are disturbed
    #[arg(long, default_value_t = 10.0)]
    faults_minutes: f64,
    /// How long a live population is under load; its memory is looked at in the second half
    #[arg(long, default_value_t = 30.0)]
    load_minutes: f64,
}

/// Memory may grow by so much in an hour, in bytes.
const GROWTH_MAX: f64 = 1e6;
/// Deeds a second.
const RATE: f64 = 5_000.0;

/// Disturbs runs on nodes at random, and puts a population under a steady load.
///
/// # Errors
/// When a disturbed run came to something else than an undisturbed one, memory grew, or a document was lost.
pub(crate) fn run(options: &NightlyOptions) -> Result<()> {
    if options.faults_minutes > 0.0 {
        soak(&SoakOptions {
            minutes: options.faults_minutes,
            seed: 1,
            runs_from: 0,
        })?;
    }
    let build = cargo("build --release --bin echosphere");
    run_all(vec![Step::new("build of echosphere", build)])?;
    let record = load(60.0 * options.load_minutes)?;
    let number = |value: &Value| value.as_f64().context("load.json lacks a number");
    let of = |name: &str| number(&record["counts"][name]);
    let growth = number(&record["growth_bytes_per_hour"])?;
    say(&format!(
        "{} deeds done in {:.0} s, {} documents written, accepted and visible; memory grew by {:.0} bytes an hour in the second half",
        of("done")?,
        number(&record["seconds"])?,
        of("visible")?,
        growth,
    ));
    ensure!(
        of("written")? == of("visible")?,
        "documents were lost: {}",
        record["counts"]
    );
    ensure!(
        growth < GROWTH_MAX,
        "memory grew by {growth:.0} bytes an hour, and {GROWTH_MAX} is the most"
    );
    Ok(())
}

fn load(seconds: f64) -> Result<Value> {
    let folder = target_folder()?.join("nightly");
    std::fs::create_dir_all(&folder)?;
    let file = folder.join("steady.toml");
    let text = format!(
        "title = \"A steady load\"\nscenario = \"g1\"\narrivals = \"constant\"\n\
         stages = [{{ seconds = 5, rate = {RATE} }}, {{ seconds = {seconds}, rate = {RATE} }}]\n\n\
         [set]\n\"population.*.count\" = 10000\n\"web.retention\" = {{ window = 1 }}\n\"web.index_lag\" = {{ generations = 0.01 }}\n\n\
         [hosting]\npatience_seconds = 60\n"
    );
    std::fs::write(&file, text).with_context(|| file.display().to_string())?;
    let out = folder.join("out");
    if out.exists() {
        std::fs::remove_dir_all(&out)?;
    }
    let mut command = Command::new(target_folder()?.join("release/echosphere"));
    say(&output_of(
        command.arg("load").arg(&file).arg("--out").arg(&out),
    )?);
    Ok(serde_json::from_slice(&std::fs::read(
        out.join("load.json"),
    )?)?)
}
