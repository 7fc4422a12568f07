//! From the files of the points to the files that people read.

use std::fs::File;
use std::io::BufWriter;

use ecosystem::run_digest;
use ecosystem::scenario::sweep::{Setting, Sweep, Value};
use net::temporary;
use report::html::{SweepInput, sweep_html};
use report::parquet::{SweepWriter, read_sweep};
use report::summary::summarise;
use report::sweep::{SweepPoint, Swept};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::{Outcome, Plan, SweepManifest};
use crate::failure::{Context, Failure};
use crate::folder::Folder;

/// The table of all points.
const TABLE: &str = "sweep.parquet";
/// What became of each point.
const RECORDS: &str = "points.json";

/// What became of a point, in `points.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Record {
    point: usize,
    /// The values of the axes.
    values: serde_json::Map<String, Json>,
    /// `finished` or `failed`.
    status: String,
    replicates: u32,
    windows: u64,
    updates: u64,
    /// The digest that `run` prints for the same scenario.
    digest: String,
    error: Option<String>,
}

/// Writes everything but the report and the manifest, and completes the manifest.
///
/// # Errors
/// If a point is missing, or a file cannot be written.
pub(crate) fn write(
    folder: &Folder,
    plan: &Plan,
    manifest: SweepManifest,
) -> Result<SweepManifest, Failure> {
    let (axes, values) = (plan.axes(), values(&plan.sweep));
    let target = folder.path(TABLE);
    let partial = temporary(&target);
    let doing = format!("write {}", target.display());
    let file = BufWriter::new(File::create(&partial).doing(&doing)?);
    let mut table = SweepWriter::new(file, &axes, &values).doing(&doing)?;
    let (mut records, mut digests) = (Vec::new(), Vec::new());
    for (point, values) in values.iter().enumerate() {
        let outcome = Outcome::read(folder, point as u32)?.ok_or_else(|| {
            Failure::run(format_args!("point {point} is damaged: resume the sweep"))
        })?;
        if let Outcome::Finished(finished) = &outcome {
            let rows = finished.rows.clone();
            table.point(point as u32, values, rows).doing(&doing)?;
        }
        let (record, digest) = record(plan, point, values, &outcome);
        records.push(record);
        digests.push(digest);
    }
    table.finish().doing(&doing)?;
    std::fs::rename(&partial, &target).doing(&doing)?;
    folder.write(RECORDS, &json(&records))?;
    let failed = records
        .iter()
        .filter(|record| record.error.is_some())
        .count();
    Ok(SweepManifest {
        status: if failed == 0 {
            "finished"
        } else {
            "incomplete"
        }
        .to_owned(),
        failed,
        windows: records.iter().map(|record| record.windows).sum(),
        updates: records.iter().map(|record| record.updates).sum(),
        digest: hex(run_digest(&digests)),
        ..manifest
    })
}

fn hex(digest: [u8; 32]) -> String {
    blake3::Hash::from(digest).to_string()
}

fn record(plan: &Plan, point: usize, values: &[Json], outcome: &Outcome) -> (Record, [u8; 32]) {
    let axes = plan.axes().into_iter().zip(values.iter().cloned());
    let blank = Record {
        point,
        values: axes.collect(),
        status: "failed".to_owned(),
        replicates: plan.replicates(point as u32),
        windows: 0,
        updates: 0,
        digest: String::new(),
        error: None,
    };
    match outcome {
        Outcome::Failed(error) => {
            let error = Some(error.clone());
            (Record { error, ..blank }, [0; 32])
        }
        Outcome::Finished(finished) => {
            let digest = run_digest(&finished.digests);
            let record = Record {
                status: "finished".to_owned(),
                windows: finished.windows,
                updates: finished.updates,
                digest: hex(digest),
                ..blank
            };
            (record, digest)
        }
    }
}

/// The values of the axes, point by point.
fn values(sweep: &Sweep) -> Vec<Vec<Json>> {
    let of = |setting: &Option<Setting>| match setting.as_ref().map(|setting| &setting.value) {
        None => Json::Null,
        Some(Value::Whole(number)) => (*number).into(),
        Some(Value::Real(number)) => (*number).into(),
        Some(Value::Text(text)) => text.as_str().into(),
    };
    let points = sweep.points.iter();
    points.map(|point| point.iter().map(of).collect()).collect()
}

/// A sweep at its end, as it is read back.
#[derive(Debug)]
pub(crate) struct Concluded {
    /// The points with the summaries of their rows.
    pub(crate) points: Vec<SweepPoint>,
    /// The points that failed, with their errors.
    pub(crate) failures: Vec<(String, String)>,
}

/// Reads table and records back.
///
/// # Errors
/// If the folder does not hold a sweep that has been concluded.
pub(crate) fn read(folder: &Folder, sweep: &Sweep) -> Result<Concluded, Failure> {
    let mut points: Vec<SweepPoint> = values(sweep)
        .into_iter()
        .map(|values| SweepPoint {
            values,
            series: Vec::new(),
        })
        .collect();
    let take = |point: u32, rows: Vec<types::metric::Row>| {
        if let Some(point) = points.get_mut(point as usize) {
            point.series = summarise(&rows).series;
        }
    };
    let unreadable = |name: &str, error: String| {
        let path = folder.path(name);
        Failure::input(format_args!("{} cannot be read: {error}", path.display()))
    };
    read_sweep(folder.read(TABLE)?, take).map_err(|error| unreadable(TABLE, error.to_string()))?;
    let records: Vec<Record> = serde_json::from_slice(&folder.read(RECORDS)?)
        .map_err(|error| unreadable(RECORDS, error.to_string()))?;
    let failed = records.into_iter().filter_map(|record| {
        let error = record.error?;
        Some((sweep.point_name(record.point), error))
    });
    let failures = failed.collect();
    Ok(Concluded { points, failures })
}

/// Writes where every series ended at every point, a point a line.
///
/// # Errors
/// If it cannot be written.
pub(crate) fn summary(
    folder: &Folder,
    axes: &[String],
    points: &[SweepPoint],
) -> Result<(), Failure> {
    let line = |point: &SweepPoint| serde_json::to_string(point).doing("encode the summary");
    let lines: Vec<String> = points.iter().map(line).collect::<Result<_, _>>()?;
    let axes = serde_json::to_string(axes).doing("encode the summary")?;
    let text = format!(
        "{{\"axes\":{axes},\"points\":[\n{}\n]}}\n",
        lines.join(",\n")
    );
    folder.write("summary.json", text.as_bytes())
}

/// The report as HTML.
///
/// # Errors
/// If the manifest cannot be encoded.
pub(crate) fn report_html(
    (sweep, resolved): (&Sweep, &str),
    manifest: &SweepManifest,
    swept: Swept<'_>,
    failures: &[(String, String)],
) -> Result<String, Failure> {
    let manifest = serde_json::to_value(manifest).doing("encode the manifest")?;
    Ok(sweep_html(&SweepInput {
        title: &sweep.title,
        about: &sweep.about,
        sweep_toml: resolved,
        manifest: &manifest,
        swept,
        failures,
        catalogue: &ecosystem::metrics::catalogue(),
    }))
}

fn json(value: &impl Serialize) -> Vec<u8> {
    let mut bytes = serde_json::to_vec_pretty(value).unwrap_or_default();
    bytes.push(b'\n');
    bytes
}
