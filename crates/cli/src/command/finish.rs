//! What happens at the end of a run, and again on `report` and `digest`.

use std::io::{IsTerminal, Write};
use std::path::Path;

use ecosystem::Data;
use ecosystem::scenario::schema::Scenario;
use report::comparison::compare;
use report::html::{ReportInput, report_html};
use report::summary::{closing_table, render_table, summarise};
use types::metric::Row;

use super::run::json;
use super::sweep;
use crate::failure::{Context, Failure};
use crate::folder::{BASE, Folder};
use crate::load;
use crate::measure::Stopwatch;
use crate::run::{Ingredients, Manifest, Outcome, compact, seconds, tidy_up};

/// What theory expects of a run, in the form of its metrics.
const THEORY: &str = "theory.parquet";
/// Metrics in the closing table.
const TABLE_METRICS: usize = 12;

/// Writes summary, report and manifest, and tells the user.
pub(super) fn finish(
    folder: &Folder,
    Ingredients {
        scenario,
        data,
        store,
        ..
    }: &Ingredients,
    outcome: Outcome,
    (wall, quiet): (Stopwatch, bool),
    out: &mut impl Write,
) -> Result<(), Failure> {
    let Outcome { mut manifest, rows } = outcome;
    let summary = summarise(&rows);
    folder.write("summary.json", &json(&summary))?;
    manifest.wall_seconds = seconds(wall.elapsed());
    let expected = expected(scenario, data);
    if !expected.is_empty() {
        let theory = report::parquet::metrics_part(&expected).doing("encode theory.parquet")?;
        folder.write(THEORY, &theory)?;
    }
    write_report(folder, scenario, &manifest, (&rows, &expected))?;
    // The manifest says `finished` only once everything else is there.
    folder.write("manifest.json", &json(&manifest))?;
    tidy_up(folder, store)?;
    folder.remove(BASE)?;
    if quiet {
        return Ok(());
    }
    let comparisons = compare(&rows, &expected);
    let table = render_table(
        &closing_table(&summary, &comparisons, TABLE_METRICS),
        coloured(),
    );
    let text = format!(
        "{title}: {replicates} x {models} model{s}, {windows} windows in {seconds:.1} s ({rate} model updates/s)\n\n\
         {table}\ndigest  {digest}\nreport  {report}\n",
        title = manifest.title,
        replicates = manifest.replicates,
        models = manifest.models,
        s = if manifest.models == 1 { "" } else { "s" },
        windows = manifest.windows,
        seconds = manifest.loop_seconds,
        rate = compact(manifest.updates as f64 / manifest.loop_seconds.max(1e-9)),
        digest = manifest.digest,
        report = folder.path("report.html").display(),
    );
    out.write_all(text.as_bytes()).map_err(Failure::output)
}

/// True if what is printed may be coloured.
pub(super) fn coloured() -> bool {
    std::io::stdout().is_terminal()
        && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

/// What theory expects, if that is known and cheap to know.
fn expected(scenario: &Scenario, data: &Data) -> Vec<Row> {
    ecosystem::theory::expectation(scenario, data, true)
        .map_or_else(|_| Vec::new(), |known| known.rows)
}

pub(super) fn read_rows(folder: &Folder, name: &str) -> Result<Vec<Row>, Failure> {
    report::parquet::read_metrics(folder.read(name)?).map_err(|error| {
        let path = folder.path(name);
        Failure::input(format_args!("{} cannot be read: {error}", path.display()))
    })
}

fn write_report(
    folder: &Folder,
    scenario: &Scenario,
    manifest: &Manifest,
    (rows, expected): (&[Row], &[Row]),
) -> Result<(), Failure> {
    let mut manifest = serde_json::to_value(manifest).doing("encode the manifest")?;
    if let Some(manifest) = manifest.as_object_mut() {
        // One hash a replicate is for programs; it is in manifest.json.
        manifest.remove("replicate_digests");
    }
    let resolved = ecosystem::scenario::resolved(scenario);
    let catalogue = ecosystem::metrics::catalogue();
    let input = ReportInput {
        title: &scenario.title,
        about: &scenario.about,
        scenario_toml: &resolved,
        manifest: &manifest,
        rows,
        expected,
        catalogue: &catalogue,
    };
    folder.write("report.html", report_html(&input).as_bytes())
}

/// `report`.
pub(super) fn report_again(path: &Path, out: &mut impl Write) -> Result<(), Failure> {
    let folder = Folder::at(path);
    if sweep::holds_one(&folder) {
        return sweep::report_again(&folder, out);
    }
    let manifest = finished(&folder)?;
    let scenario = load::scenario(&folder.path("scenario.toml").to_string_lossy(), &[])?.scenario;
    let rows = read_rows(&folder, "metrics.parquet")?;
    let expected = if folder.path(THEORY).exists() {
        read_rows(&folder, THEORY)?
    } else {
        Vec::new()
    };
    write_report(&folder, &scenario, &manifest, (&rows, &expected))?;
    writeln!(out, "report  {}", folder.path("report.html").display()).map_err(Failure::output)
}

/// `digest`.
pub(super) fn digest(path: &Path, until: Option<f64>, out: &mut impl Write) -> Result<(), Failure> {
    let folder = Folder::at(path);
    if let Some(days) = until {
        return digest_until(&folder, days, out);
    }
    if sweep::holds_one(&folder) {
        return sweep::digest(&folder, out);
    }
    let manifest = finished(&folder)?;
    writeln!(out, "{}", manifest.digest).map_err(Failure::output)
}

/// The hash of what was measured until then, the same for all runs that share this past.
fn digest_until(folder: &Folder, days: f64, out: &mut impl Write) -> Result<(), Failure> {
    finished(folder)?;
    if days.is_nan() || days < 0.0 {
        return Err(Failure::input(format_args!(
            "--until {days}: allowed is a number of days from 0 on"
        )));
    }
    let mut rows = read_rows(folder, "metrics.parquet")?;
    rows.retain(|row| row.time <= days);
    let table = report::parquet::metrics_part(&rows).doing("encode the metrics")?;
    writeln!(out, "{}", blake3::hash(&table).to_hex()).map_err(Failure::output)
}

/// The manifest of a run.
pub(super) fn manifest(folder: &Folder) -> Result<Manifest, Failure> {
    if !folder.has_run() {
        return Err(Failure::input(format_args!(
            "{} is not a run folder: it has no manifest.json",
            folder.root().display()
        )));
    }
    if sweep::holds_one(folder) {
        return Err(Failure::input(format_args!(
            "{} holds a sweep and no run",
            folder.root().display()
        )));
    }
    let bytes = folder.read("manifest.json")?;
    serde_json::from_slice(&bytes).map_err(|error| {
        Failure::input(format_args!(
            "{} cannot be read: {error}",
            folder.manifest().display()
        ))
    })
}

pub(super) fn finished(folder: &Folder) -> Result<Manifest, Failure> {
    let manifest = manifest(folder)?;
    if manifest.status == "finished" {
        return Ok(manifest);
    }
    let root = folder.root().display();
    Err(Failure::input(format_args!(
        "the run in {root} is not finished: go on with `echosphere resume {root}`"
    )))
}
