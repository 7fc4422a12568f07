//! Index and frontier: how fast a web of sites is published, folded and crawled, and how that grows with the number of models.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};
use clap::Args;
use serde_json::Value;

use crate::shell::{Step, cargo, output_of, run_all, say, target_folder};

/// What `bench web` measures.
#[derive(Debug, Args)]
pub(crate) struct WebOptions {
    /// Repetitions of every size; medians are printed
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..))]
    reps: u32,
    /// Numbers of models to measure, in place of the usual ones
    #[arg(long, num_args = 1.., value_name = "K", value_parser = clap::value_parser!(u64).range(1..=10_000_000))]
    k: Vec<u64>,
}

const SIZES: [u64; 3] = [10_000, 100_000, 1_000_000];

/// One run: what it did in how long; fetches to within the few that fetch a page again.
struct Sample {
    seconds: f64,
    documents: f64,
    fetches: f64,
    mib: f64,
}

/// Builds the binary and prints a line for each number of models: `common-crawl-2026` for 64 days, with a crawl every 16.
///
/// # Errors
/// When the build fails, or a run does.
pub(crate) fn run(options: &WebOptions) -> Result<()> {
    let folder = target_folder()?.join("bench/web");
    std::fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
    let build = cargo("build --release --package echosphere");
    run_all(vec![Step::new("build of echosphere", build)])?;
    say("   models  documents   fetches       s  documents/s  fetches/s    MiB");
    let sizes = if options.k.is_empty() {
        SIZES.to_vec()
    } else {
        options.k.clone()
    };
    for models in sizes {
        let samples: Vec<Sample> = (0..options.reps)
            .map(|seed| measure(&folder, models, seed))
            .collect::<Result<_>>()?;
        let of = |value: fn(&Sample) -> f64| median(samples.iter().map(value).collect());
        let (documents, fetches, seconds) =
            (of(|s| s.documents), of(|s| s.fetches), of(|s| s.seconds));
        say(&format!(
            "{models:9}  {documents:9.0} {fetches:9.0} {seconds:7.2} {:12.0} {:10.0} {:6.0}",
            documents / seconds,
            fetches / seconds,
            of(|s| s.mib),
        ));
    }
    Ok(())
}

fn measure(folder: &Path, models: u64, seed: u32) -> Result<Sample> {
    let out = folder.join("run");
    if out.exists() {
        std::fs::remove_dir_all(&out)?;
    }
    let settings = [
        format!("population.models.count={models}"),
        "population.models.publish.documents=1".to_owned(),
        format!("site.people.hosts={models}"),
        format!("site.people.writers.per_day={}", models as f64 * 0.033),
        "horizon.days=64".to_owned(),
        "observe.every.days=64".to_owned(),
        "crawler.common-crawl.every.days=16".to_owned(),
        format!("crawler.common-crawl.fetches={}", models * 3 / 2),
    ];
    let mut command = Command::new(target_folder()?.join("release/echosphere"));
    command.args(["run", "common-crawl-2026", "--quiet", "--seed"]);
    command.arg(seed.to_string()).arg("--out").arg(&out);
    for setting in settings {
        command.arg("--set").arg(setting);
    }
    output_of(&mut command)?;
    let manifest = json(&out.join("manifest.json"))?;
    let summary = json(&out.join("summary.json"))?;
    let number = |key: &str| {
        manifest[key]
            .as_f64()
            .context(format!("manifest.json has no {key}"))
    };
    let last = |metric: &str, target: Option<&str>| {
        last(&summary, metric, target).with_context(|| format!("summary.json has no {metric}"))
    };
    // Copies are pages that were fetched with success, nearly all of them once.
    let copies = last("archive_documents", Some("common-crawl"))?;
    Ok(Sample {
        seconds: number("loop_seconds")?,
        documents: last("live_documents", None)?,
        fetches: copies / last("fetch_share", Some("common-crawl: success"))?,
        mib: number("peak_memory_bytes")? / f64::from(1 << 20),
    })
}

/// The last value of a metric of the whole web; of documents nearly all are alive in the end.
fn last(summary: &Value, metric: &str, target: Option<&str>) -> Option<f64> {
    let all = summary["series"].as_array()?;
    let series = all
        .iter()
        .find(|series| series["metric"] == metric && series["target"].as_str() == target)?;
    series["last"]["mean"].as_f64()
}

fn json(path: &Path) -> Result<Value> {
    let bytes = std::fs::read(path).with_context(|| path.display().to_string())?;
    Ok(serde_json::from_slice(&bytes)?)
}

/// The value in the middle; the upper one of two.
pub(super) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
