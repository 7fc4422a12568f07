//! From the files of the points to the files that people read.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::BufWriter;
use std::path::PathBuf;

use ecosystem::run_digest;
use ecosystem::scenario::sweep::{Setting, Sweep, Value};
use net::temporary;
use report::html::{SweepInput, sweep_html};
use report::parquet::{SweepWriter, read_sweep};
use report::sweep::{SweepPoint, Swept};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use types::metric::Row;

use super::{Outcome, Plan, SweepManifest};
use crate::failure::{Context, Failure};
use crate::folder::Folder;

/// The table of all points.
const TABLE: &str = "sweep.parquet";
/// What theory expects, in the same form; there only if it knows something of some point.
const THEORY: &str = "theory.parquet";
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
    /// Why theory says nothing of it.
    no_theory: Option<String>,
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
    let mut table = TableFile::begin(folder.path(TABLE), (&axes, &values))?;
    let mut theory: Option<TableFile> = None;
    let (mut records, mut digests) = (Vec::new(), Vec::new());
    for (point, own) in values.iter().enumerate() {
        let outcome = Outcome::read(folder, point as u32)?.ok_or_else(|| {
            Failure::run(format_args!("point {point} is damaged: resume the sweep"))
        })?;
        if let Outcome::Finished(finished) = &outcome {
            table.point(point as u32, own, &finished.rows)?;
            if let Ok(rows) = &finished.expected {
                let mut file = match theory.take() {
                    Some(file) => file,
                    None => TableFile::begin(folder.path(THEORY), (&axes, &values))?,
                };
                file.point(point as u32, own, rows)?;
                theory = Some(file);
            }
        }
        let (record, digest) = record(plan, point, own, &outcome);
        records.push(record);
        digests.push(digest);
    }
    table.finish()?;
    theory.map_or(Ok(()), TableFile::finish)?;
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

/// A table of the points, which takes its name once it is whole.
struct TableFile {
    writer: SweepWriter<BufWriter<File>>,
    target: PathBuf,
    doing: String,
}

impl TableFile {
    fn begin(target: PathBuf, (axes, values): (&[String], &[Vec<Json>])) -> Result<Self, Failure> {
        let doing = format!("write {}", target.display());
        let file = BufWriter::new(File::create(temporary(&target)).doing(&doing)?);
        let writer = SweepWriter::new(file, axes, values).doing(&doing)?;
        Ok(Self {
            writer,
            target,
            doing,
        })
    }

    fn point(&mut self, point: u32, values: &[Json], rows: &[u8]) -> Result<(), Failure> {
        let written = self.writer.point(point, values, rows.to_vec());
        written.doing(&self.doing)
    }

    fn finish(self) -> Result<(), Failure> {
        self.writer.finish().doing(&self.doing)?;
        std::fs::rename(temporary(&self.target), &self.target).doing(&self.doing)
    }
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
        no_theory: None,
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
                no_theory: finished.expected.as_ref().err().cloned(),
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
    /// The points of which theory says nothing, with the reasons.
    pub(crate) untold: Vec<(String, String)>,
}

impl Concluded {
    /// What tables and figures are made from.
    pub(crate) fn swept<'a>(&'a self, sweep: &'a Sweep, axes: &'a [String]) -> Swept<'a> {
        Swept {
            axes,
            points: &self.points,
            metrics: &sweep.metrics,
            lines_over: sweep.lines_over.as_deref(),
        }
    }
}

/// Reads table and records back.
///
/// # Errors
/// If the folder does not hold a sweep that has been concluded.
pub(crate) fn read(folder: &Folder, sweep: &Sweep) -> Result<Concluded, Failure> {
    let values = values(sweep).into_iter();
    let mut points: Vec<SweepPoint> = values.map(|own| SweepPoint::new(own, &[], &[])).collect();
    let mut expected: BTreeMap<u32, Vec<Row>> = BTreeMap::new();
    if folder.path(THEORY).exists() {
        read_table(folder, THEORY, |point, rows| {
            expected.insert(point, rows);
        })?;
    }
    read_table(folder, TABLE, |number, rows| {
        if let Some(point) = points.get_mut(number as usize) {
            let values = std::mem::take(&mut point.values);
            let expected = expected.remove(&number).unwrap_or_default();
            *point = SweepPoint::new(values, &rows, &expected);
        }
    })?;
    let records: Vec<Record> = serde_json::from_slice(&folder.read(RECORDS)?)
        .map_err(|error| unreadable(folder, RECORDS, &error))?;
    let named = |of: fn(&Record) -> Option<&String>| {
        let said = |record: &Record| Some((sweep.point_name(record.point), of(record)?.clone()));
        records.iter().filter_map(said).collect()
    };
    Ok(Concluded {
        points,
        failures: named(|record| record.error.as_ref()),
        untold: named(|record| record.no_theory.as_ref()),
    })
}

fn read_table(folder: &Folder, name: &str, take: impl FnMut(u32, Vec<Row>)) -> Result<(), Failure> {
    read_sweep(folder.read(name)?, take).map_err(|error| unreadable(folder, name, &error))
}

fn unreadable(folder: &Folder, name: &str, error: &dyn std::error::Error) -> Failure {
    let path = folder.path(name);
    Failure::input(format_args!("{} cannot be read: {error}", path.display()))
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
    (axes, concluded): (&[String], &Concluded),
) -> Result<String, Failure> {
    let manifest = serde_json::to_value(manifest).doing("encode the manifest")?;
    Ok(sweep_html(&SweepInput {
        title: &sweep.title,
        about: &sweep.about,
        sweep_toml: resolved,
        manifest: &manifest,
        swept: concluded.swept(sweep, axes),
        failures: &concluded.failures,
        untold: &concluded.untold,
        catalogue: &ecosystem::metrics::catalogue(),
    }))
}

fn json(value: &impl Serialize) -> Vec<u8> {
    let mut bytes = serde_json::to_vec_pretty(value).unwrap_or_default();
    bytes.push(b'\n');
    bytes
}
