//! What is printed at the end of a load.

use std::fmt::Write;

use net::live::{Counts, Meter, Operation, Standing, State};

use super::{Outcome, Verdict};
use crate::run::compact;

/// A duration with three digits and a unit.
pub(super) fn duration(seconds: f64) -> String {
    let (value, unit) = match seconds {
        s if s < 1e-3 => (s * 1e6, "us"),
        s if s < 1.0 => (s * 1e3, "ms"),
        s => (s, "s"),
    };
    let digits = match value {
        v if v < 10.0 => 2,
        v if v < 100.0 => 1,
        _ => 0,
    };
    format!("{value:.digits$} {unit}")
}

/// A number of things: all digits of a small one.
pub(super) fn whole(count: u64) -> String {
    if count < 1000 {
        return count.to_string();
    }
    compact(count as f64)
}

const MIB: f64 = (1 << 20) as f64;
const QUANTILES: [f64; 5] = [0.5, 0.9, 0.99, 0.999, 1.0];

/// The closing table: what it was, how long everything took, what was counted, and whether thresholds hold.
pub fn closing(title: &str, outcome: &Outcome, verdicts: &[Verdict]) -> String {
    let mut text = head(title, outcome);
    let head = ["count", "p50", "p90", "p99", "p99.9", "max"];
    let _ = write!(text, "\n{:<12}", "operation");
    for name in head {
        let _ = write!(text, "{name:>11}");
    }
    text.push('\n');
    for operation in Operation::ALL {
        let durations = outcome.meter.durations(operation);
        if durations.is_empty() {
            continue;
        }
        let count = compact(durations.len() as f64);
        let _ = write!(text, "{:<12}{count:>11}", operation.name());
        for share in QUANTILES {
            let value = outcome.meter.quantile(operation, share);
            let _ = write!(text, "{:>11}", value.map_or_else(String::new, duration));
        }
        text.push('\n');
    }
    text += &nodes(&outcome.nodes);
    text += &counted(&outcome.meter.counts);
    text + &memory(outcome) + &late(&outcome.meter) + &judged(verdicts)
}

/// Deeds that were handed out later than this are a matter of the generator, in seconds.
const LATE: f64 = 0.02;

/// Whether the generator of load is itself what everybody waited for.
fn late(meter: &Meter) -> String {
    match meter.quantile(Operation::Lag, 0.99) {
        Some(lag) if lag > LATE => format!(
            "late       p99(lag) is {}: the generator shares the processor with the models, and was itself what they waited for\n",
            duration(lag)
        ),
        _ => String::new(),
    }
}

/// What every node did.
fn nodes(nodes: &[Standing]) -> String {
    if nodes.is_empty() {
        return String::new();
    }
    let mut text = format!(
        "\n{:<12}{:>11}{:>11}{:>11}{:>11}{:>11}\n",
        "node", "models", "done", "lost", "cpu s", "MiB"
    );
    for node in nodes {
        let memory = node.resident.map(|bytes| bytes as f64 / MIB);
        let _ = writeln!(
            text,
            "{:<12}{:>11}{:>11}{:>11}{:>11.1}{:>11}{}",
            node.name,
            whole(u64::from(node.models)),
            whole(node.counts.done),
            whole(node.counts.lost()),
            node.cpu_seconds,
            memory.map_or_else(String::new, |mib| format!("{mib:.0}")),
            if node.state == State::Lost {
                "   was lost"
            } else {
                ""
            },
        );
    }
    text
}

fn head(title: &str, outcome: &Outcome) -> String {
    let (counts, seconds) = (&outcome.meter.counts, outcome.seconds.max(1e-9));
    let each = |bytes: u64| {
        format!(
            ", {:.0} bytes each",
            bytes as f64 / f64::from(outcome.models)
        )
    };
    format!(
        "{title}: {models} models, started in {start:.2} s{memory}\n\
         {done} deeds done in {seconds:.1} s ({rate}/s, {cpu}/s of processor time)\n",
        models = outcome.models,
        start = outcome.start_seconds,
        memory = outcome.bytes_of_models.map_or_else(String::new, each),
        done = compact(counts.done as f64),
        rate = compact(counts.done as f64 / seconds),
        cpu = compact(counts.done as f64 / outcome.cpu_seconds.max(1e-9)),
    )
}

fn counted(counts: &Counts) -> String {
    format!(
        "\ndeeds      {} due: {} done, {} dropped, {} rejected, {} failed, {} refused; {} trainings gave no model\n\
         documents  {} written, {} accepted, {} visible\n",
        counts.due,
        counts.done,
        counts.dropped,
        counts.rejected,
        counts.failed,
        counts.refused,
        counts.fits_failed,
        counts.written,
        counts.accepted,
        counts.visible,
    )
}

/// In a shorter load, in seconds, memory still grows towards what it needs.
const GROWN: f64 = 60.0;

/// How much memory there is in the end, and how it grew.
fn memory(outcome: &Outcome) -> String {
    let last = outcome.course.moments.last();
    let Some(last) = last.and_then(|moment| moment.resident) else {
        return String::new();
    };
    let growth = outcome.course.growth().filter(|_| outcome.seconds >= GROWN);
    let growth = growth.map_or_else(String::new, |growth| {
        let growth = growth / MIB;
        format!(", growing by {growth:.1} MiB an hour in the second half")
    });
    format!("memory     {:.0} MiB{growth}\n", last as f64 / MIB)
}

fn judged(verdicts: &[Verdict]) -> String {
    let mut text = String::new();
    for verdict in verdicts {
        let mark = if verdict.holds { "ok  " } else { "FAIL" };
        let value = measured(verdict);
        let _ = writeln!(text, "{mark}       {:<32} {value}", verdict.threshold);
    }
    text
}

/// What was measured, in the unit of its threshold.
pub(super) fn measured(verdict: &Verdict) -> String {
    let subject = verdict.threshold.trim_start();
    match verdict.value {
        None => "never happened".to_owned(),
        Some(value) if subject.starts_with("error_rate") => format!("{:.3} %", 100.0 * value),
        Some(value) if subject.starts_with("done_rate") => format!("{}/s", compact(value)),
        Some(value) => duration(value),
    }
}
