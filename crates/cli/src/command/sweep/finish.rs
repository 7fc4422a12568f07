//! What happens at the end of a sweep, and again on `report` and `digest`.

use std::io::Write;

use ecosystem::scenario::sweep::Sweep;
use report::summary::{Table, render_table};
use report::sweep::{DISPENSABLE, Swept, extremes_table, points_table, theory_table};

use crate::failure::Failure;
use crate::folder::{BASE, Folder};
use crate::load;
use crate::measure::Stopwatch;
use crate::run::{compact, seconds};
use crate::sweep::{
    POINTS, Plan, SEGMENTS, SWEEP, SweepManifest, read, report_html, summary, write,
};

/// Rows of the closing table.
const TABLE_ROWS: usize = 16;
/// Columns of a terminal that it may take.
const TABLE_WIDTH: usize = 100;
/// Series beside the points, where there are so few points that all are shown.
const TABLE_SERIES: usize = 5;

/// Writes table, records, summary, report and manifest, and tells the user.
pub(super) fn finish(
    folder: &Folder,
    (plan, manifest): (&Plan, SweepManifest),
    (wall, quiet): (Stopwatch, bool),
    out: &mut impl Write,
) -> Result<(), Failure> {
    folder.remove_folder(SEGMENTS)?;
    let mut manifest = write(folder, plan, manifest)?;
    let axes = plan.axes();
    let concluded = read(folder, &plan.sweep)?;
    summary(folder, &axes, &concluded.points)?;
    manifest.wall_seconds = seconds(wall.elapsed());
    let written = (&plan.sweep, plan.resolved.as_str());
    let html = report_html(written, &manifest, (&axes, &concluded))?;
    folder.write("report.html", html.as_bytes())?;
    // The manifest says how it ended only once everything else is there.
    folder.write("manifest.json", &super::super::run::json(&manifest))?;
    if concluded.failures.is_empty() {
        folder.remove_folder(POINTS)?;
        folder.remove(BASE)?;
    }
    if !quiet {
        let swept = concluded.swept(&plan.sweep, &axes);
        out.write_all(closing(folder, &manifest, &swept).as_bytes())
            .map_err(Failure::output)?;
    }
    verdict(folder, &manifest, &concluded.failures)
}

fn closing(folder: &Folder, manifest: &SweepManifest, swept: &Swept<'_>) -> String {
    format!(
        "{title}: {points} points, {replicates} replicates in {seconds:.1} s ({rate} model updates/s)\n\n\
         {table}\n{theory}digest  {digest}\nreport  {report}\n",
        title = manifest.title,
        points = manifest.points,
        replicates = manifest.replicates,
        seconds = manifest.loop_seconds,
        rate = compact(manifest.updates as f64 / manifest.loop_seconds.max(1e-9)),
        table = render_table(&table(swept), super::super::finish::coloured()),
        theory = theory(swept),
        digest = manifest.digest,
        report = folder.path("report.html").display(),
    )
}

/// All points if they fit on a screen; else where every series is lowest and highest.
fn table(swept: &Swept<'_>) -> Table {
    let names = ecosystem::metrics::names();
    if swept.points.len() > TABLE_ROWS {
        return extremes_table(swept, &names, TABLE_ROWS);
    }
    let mut table = points_table(swept, &names, TABLE_SERIES);
    for series in (1..TABLE_SERIES).rev() {
        if width(&table) <= TABLE_WIDTH {
            break;
        }
        table = points_table(swept, &names, series);
    }
    table
}

/// Columns of a terminal that a table takes.
fn width(table: &Table) -> usize {
    let cells = |column: usize| table.rows.iter().map(move |row| &row[column]);
    let widest = |(column, head): (usize, &String)| {
        let cells = cells(column).map(|cell| cell.chars().count());
        cells.max().unwrap_or(0).max(head.chars().count()) + 2
    };
    table.head.iter().enumerate().map(widest).sum()
}

/// How measurement and theory agree, if theory says anything; with fewer columns where there is no room.
fn theory(swept: &Swept<'_>) -> String {
    let mut table = theory_table(swept, &ecosystem::metrics::names(), TABLE_ROWS);
    if table.rows.is_empty() {
        return String::new();
    }
    for column in DISPENSABLE {
        if width(&table) > TABLE_WIDTH {
            table = table.without(column);
        }
    }
    let table = render_table(&table, super::super::finish::coloured());
    format!("theory and measurement\n{table}\n")
}

/// A sweep with points that failed has not done what it was asked for.
fn verdict(
    folder: &Folder,
    manifest: &SweepManifest,
    failures: &[(String, String)],
) -> Result<(), Failure> {
    let Some((name, error)) = failures.first() else {
        return Ok(());
    };
    let root = folder.root().display();
    Err(Failure::run(format_args!(
        "{} of {} points failed, the first with {name}: {error}\nthe others are done; to run these again: echosphere resume \
         {root} --retry-failed",
        manifest.failed, manifest.points
    )))
}

/// The manifest of a sweep.
pub(super) fn manifest(folder: &Folder) -> Result<SweepManifest, Failure> {
    let bytes = folder.read("manifest.json")?;
    serde_json::from_slice(&bytes).map_err(|error| {
        let path = folder.manifest();
        Failure::input(format_args!(
            "{} is no manifest of a sweep: {error}",
            path.display()
        ))
    })
}

fn concluded(folder: &Folder) -> Result<SweepManifest, Failure> {
    let manifest = manifest(folder)?;
    if manifest.status == "running" {
        let root = folder.root().display();
        return Err(Failure::input(format_args!(
            "the sweep in {root} is not finished: go on with `echosphere resume {root}`"
        )));
    }
    Ok(manifest)
}

/// `report` of a sweep.
pub(in super::super) fn report_again(folder: &Folder, out: &mut impl Write) -> Result<(), Failure> {
    let manifest = concluded(folder)?;
    let path = folder.path(SWEEP);
    let text = load::read_text(&path)?;
    let sweep = Sweep::read(&text, &ecosystem::metrics::names())
        .map_err(|problems| load::refused(&path.to_string_lossy(), &problems))?;
    let axes: Vec<String> = sweep.axes.iter().map(|axis| axis.label.clone()).collect();
    let concluded = read(folder, &sweep)?;
    let html = report_html((&sweep, &text), &manifest, (&axes, &concluded))?;
    folder.write("report.html", html.as_bytes())?;
    writeln!(out, "report  {}", folder.path("report.html").display()).map_err(Failure::output)
}

/// `digest` of a sweep.
pub(in super::super) fn digest(folder: &Folder, out: &mut impl Write) -> Result<(), Failure> {
    let manifest = concluded(folder)?;
    writeln!(out, "{}", manifest.digest).map_err(Failure::output)
}
