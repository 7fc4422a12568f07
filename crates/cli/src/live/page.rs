//! The report of a load, and its table in time.

use std::sync::Arc;

use net::live::{Meter, Operation, Standing, State};
use report::html::{LoadFigure, LoadInput, LoadLine, LoadMatrix, load_html};
use report::summary::Table;
use types::metric::Row;

use super::capacity::{Probe, RATE};
use super::closing::{duration, measured, whole};
use super::course::{Course, Moment, edge};
use super::{Outcome, Verdict};
use crate::run::compact;

/// Columns of a matrix over time.
const COLUMNS: usize = 60;

/// Quantiles that are drawn over time.
const DRAWN: [(&str, f64); 3] = [("p50", 0.5), ("p99", 0.99), ("longest", 1.0)];

/// The report, as one HTML file.
pub fn page(
    (title, about): (&str, &str),
    outcome: &Outcome,
    verdicts: &[Verdict],
    manifest: &serde_json::Value,
) -> String {
    let mut tables = vec![(
        "How long it took",
        durations(&outcome.meter),
        "From the instant at which something was meant to begin, but for service (from its real beginning) and freshness (the age \
         of what was learnt).",
    )];
    if !verdicts.is_empty() {
        tables.insert(0, ("Thresholds", judged(verdicts), "Over the whole load."));
    }
    if !outcome.nodes.is_empty() {
        let note = "Models and what they did, node by node.";
        tables.push(("Nodes", nodes(&outcome.nodes), note));
    }
    let mut drawn = figures(&outcome.course);
    if !outcome.steps.is_empty() {
        let note = "The load rose step by step until a threshold did not hold.";
        tables.insert(0, ("Steps", trials(RATE, &outcome.steps), note));
        drawn.splice(0..0, knee(RATE, &outcome.steps));
    }
    load_html(&LoadInput {
        title,
        about,
        tables: &tables,
        figures: &drawn,
        manifest,
    })
}

/// What is done, and how long it takes to be accepted, by the size of the load.
fn knee(unit: &str, probes: &[Probe]) -> [LoadFigure; 2] {
    let mut sorted = probes.to_vec();
    sorted.sort_by(|a, b| a.size.total_cmp(&b.size));
    let line = |name: &str, value: fn(&Probe) -> Option<f64>| {
        let points = sorted
            .iter()
            .filter_map(|probe| Some((probe.size, value(probe)?)));
        LoadLine {
            label: name.to_owned(),
            points: points.collect(),
        }
    };
    let figure = |title: &str, note: &str, line| LoadFigure {
        title: title.to_owned(),
        note: note.to_owned(),
        x_title: unit.to_owned(),
        lines: vec![line],
        matrix: None,
    };
    [
        figure(
            "deeds done a second",
            "Where this bends away from a straight line, more load is no more work.",
            line("done/s", |probe| Some(probe.done_rate)),
        ),
        figure(
            "p99 of publish (seconds)",
            "The knee: where waiting begins.",
            line("p99", |probe| probe.publish_p99),
        ),
    ]
}

/// The report of a search for capacity, as one HTML file.
pub fn capacity_page(
    (title, about): (&str, &str),
    (unit, probes): (&str, &[Probe]),
    manifest: &serde_json::Value,
) -> String {
    let figures = knee(unit, probes);
    load_html(&LoadInput {
        title,
        about,
        tables: &[(
            "Trials",
            trials(unit, probes),
            "In the order in which they were made.",
        )],
        figures: &figures,
        manifest,
    })
}

/// The trials of a search, in order.
pub fn trials(unit: &str, probes: &[Probe]) -> Table {
    let row = |probe: &Probe| {
        let broken = probe.verdicts.iter().filter(|verdict| !verdict.holds);
        let broken: Vec<&str> = broken.map(|verdict| verdict.threshold.as_str()).collect();
        let holds = if probe.holds {
            "all hold".to_owned()
        } else {
            broken.join(", ")
        };
        vec![
            holds,
            compact(probe.size),
            compact(probe.done_rate),
            probe.publish_p99.map_or_else(String::new, duration),
        ]
    };
    let head = ["thresholds", unit, "done/s", "p99(publish)"];
    Table {
        head: head.map(str::to_owned).into(),
        rows: probes.iter().map(row).collect(),
        text_columns: 1,
        metrics_left_out: 0,
    }
}

fn nodes(nodes: &[Standing]) -> Table {
    let row = |node: &Standing| {
        let name = match node.state {
            State::Lost => format!("{} (was lost)", node.name),
            State::Living | State::Ended => node.name.clone(),
        };
        let memory = node.resident.map(|bytes| bytes as f64 / f64::from(1 << 20));
        vec![
            name,
            whole(u64::from(node.models)),
            whole(node.counts.done),
            whole(node.counts.lost()),
            format!("{:.1}", node.cpu_seconds),
            memory.map_or_else(String::new, |mib| format!("{mib:.0}")),
        ]
    };
    let head = [
        "node",
        "models",
        "done",
        "lost",
        "processor (s)",
        "memory (MiB)",
    ];
    Table {
        head: head.map(str::to_owned).into(),
        rows: nodes.iter().map(row).collect(),
        text_columns: 1,
        metrics_left_out: 0,
    }
}

fn durations(meter: &Meter) -> Table {
    let shares = [0.5, 0.9, 0.99, 0.999, 1.0];
    let row = |operation: &Operation| {
        let count = meter.durations(*operation).len();
        let cell = |share: &f64| meter.quantile(*operation, *share).map(duration);
        let mut cells = vec![operation.name().to_owned(), compact(count as f64)];
        cells.extend(shares.iter().map(|share| cell(share).unwrap_or_default()));
        (count > 0).then_some(cells)
    };
    let head = ["operation", "count", "p50", "p90", "p99", "p99.9", "max"];
    Table {
        head: head.map(str::to_owned).into(),
        rows: Operation::ALL.iter().filter_map(row).collect(),
        text_columns: 1,
        metrics_left_out: 0,
    }
}

fn judged(verdicts: &[Verdict]) -> Table {
    let row = |verdict: &Verdict| {
        let holds = if verdict.holds {
            "holds"
        } else {
            "does not hold"
        };
        vec![
            verdict.threshold.clone(),
            holds.to_owned(),
            measured(verdict),
        ]
    };
    Table {
        head: ["threshold", "", "measured"].map(str::to_owned).into(),
        rows: verdicts.iter().map(row).collect(),
        text_columns: 2,
        metrics_left_out: 0,
    }
}

fn figures(course: &Course) -> Vec<LoadFigure> {
    let mut figures = vec![rates(course), memory(course)];
    let happened = |operation: &Operation| {
        let all = course.moments.iter();
        all.flat_map(|moment| &moment.buckets[*operation as usize])
            .any(|count| *count > 0)
    };
    figures.extend(
        Operation::ALL
            .into_iter()
            .filter(happened)
            .map(|operation| latency(course, operation)),
    );
    figures
}

fn line(course: &Course, name: &str, value: impl Fn(&Moment) -> Option<f64>) -> LoadLine {
    let points = course.moments.iter();
    let points = points.filter_map(|moment| Some((moment.end, value(moment)?)));
    LoadLine {
        label: name.to_owned(),
        points: points.collect(),
    }
}

fn rates(course: &Course) -> LoadFigure {
    let rate = |moment: &Moment, count: u64| Some(count as f64 / moment.seconds.max(1e-9));
    LoadFigure {
        title: "deeds a second".to_owned(),
        note:
            "What was due, what was done, and what was lost: dropped, rejected, failed or refused."
                .to_owned(),
        x_title: "seconds".to_owned(),
        lines: vec![
            line(course, "due", |moment| rate(moment, moment.counts.due)),
            line(course, "done", |moment| rate(moment, moment.counts.done)),
            line(course, "lost", |moment| rate(moment, moment.counts.lost())),
        ],
        matrix: None,
    }
}

fn memory(course: &Course) -> LoadFigure {
    LoadFigure {
        title: "resident memory (MiB)".to_owned(),
        note: "Of the whole process.".to_owned(),
        x_title: "seconds".to_owned(),
        lines: vec![line(course, "resident", |moment| {
            Some(moment.resident? as f64 / f64::from(1 << 20))
        })],
        matrix: None,
    }
}

fn latency(course: &Course, operation: Operation) -> LoadFigure {
    let lines =
        DRAWN.map(|(name, share)| line(course, name, |moment| moment.quantile(operation, share)));
    LoadFigure {
        title: format!("{} (seconds)", operation.name()),
        note: "Lines: quantiles of each moment. Map: how many, as the decimal logarithm of one more than their number.".to_owned(),
        x_title: "seconds".to_owned(),
        lines: lines.into(),
        matrix: Some(matrix(course, operation)),
    }
}

/// How many durations fell into each bucket at a time, the longest at the top.
fn matrix(course: &Course, operation: Operation) -> LoadMatrix {
    let of = |moment: &Moment| moment.buckets[operation as usize].clone();
    let all: Vec<Vec<u32>> = course.moments.iter().map(of).collect();
    let used = |bucket: usize| all.iter().any(|buckets| buckets[bucket] > 0);
    let buckets = all.first().map_or(0, Vec::len);
    let (Some(low), Some(high)) = (
        (0..buckets).find(|at| used(*at)),
        (0..buckets).rfind(|at| used(*at)),
    ) else {
        return LoadMatrix::default();
    };
    let each = all.len().div_ceil(COLUMNS).max(1);
    let groups: Vec<&[Vec<u32>]> = all.chunks(each).collect();
    let count = |group: &[Vec<u32>], bucket: usize| {
        let sum: u64 = group.iter().map(|buckets| u64::from(buckets[bucket])).sum();
        (sum as f64).ln_1p() / std::f64::consts::LN_10
    };
    let rows = (low..=high).rev();
    LoadMatrix {
        values: rows
            .clone()
            .flat_map(|bucket| groups.iter().map(move |group| count(group, bucket)))
            .collect(),
        rows: rows.map(|bucket| duration(edge(bucket))).collect(),
        columns: course
            .moments
            .chunks(each)
            .map(|group| format!("{:.0}", group[0].end))
            .collect(),
    }
}

/// The load in time, a row a moment and quantity, as `metrics.parquet` has it; `time` is in seconds of the wall.
pub fn rows(course: &Course) -> Vec<Row> {
    let mut rows = Vec::new();
    for moment in &course.moments {
        let mut add = |metric: String, value: f64| {
            rows.push(Row {
                replicate: 0,
                time: moment.end,
                generation: 0,
                model: None,
                population: None,
                metric: Arc::from(metric),
                target: None,
                value,
            });
        };
        for (name, count) in moment.counts.named() {
            add(name.to_owned(), count as f64);
        }
        if let Some(bytes) = moment.resident {
            add("resident_bytes".to_owned(), bytes as f64);
        }
        for operation in Operation::ALL {
            for (name, share) in DRAWN {
                if let Some(value) = moment.quantile(operation, share) {
                    add(format!("{}_{name}", operation.name()), value);
                }
            }
        }
    }
    rows
}
