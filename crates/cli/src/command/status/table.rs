//! A run's standing for people.

use std::fmt::Write as _;

use net::{NodeStanding, Standing};

const HEADINGS: [&str; 9] = [
    "#", "node", "threads", "shards", "heard", "lag", "run", "publish", "wait",
];
/// Widths that columns have at least, so that they stand still while numbers change.
const LEAST: [usize; 9] = [2, 8, 0, 0, 7, 5, 7, 7, 7];
const BAR: usize = 40;

/// Two lines about the run, a bar, and a table of its nodes.
pub(super) fn render(standing: &Standing, colour: bool) -> String {
    let paint = |code: &str, text: &str| {
        if colour {
            format!("\x1b[{code}m{text}\x1b[0m")
        } else {
            text.to_owned()
        }
    };
    let mut out = format!("{}\n{}\n", head(standing), pace(standing));
    let filled = ((BAR as f64 * standing.progress) as usize).min(BAR);
    let (gone, left) = ("━".repeat(filled), "─".repeat(BAR - filled));
    let percent = 100.0 * standing.progress;
    let (gone, left) = (paint("36", &gone), paint("34", &left));
    let _ = writeln!(out, "{gone}{left} {percent:.0} %\n");
    let rows: Vec<[String; 9]> = standing.nodes.iter().map(cells).collect();
    let width = |column: usize| {
        let cells = rows.iter().map(|row| row[column].chars().count());
        let least = LEAST[column].max(HEADINGS[column].len());
        cells.max().unwrap_or(0).max(least)
    };
    let widths: [usize; 9] = std::array::from_fn(width);
    let line = |cells: [&str; 9]| aligned(cells, &widths);
    let _ = writeln!(out, "{}", paint("1", &line(HEADINGS)));
    for (row, node) in rows.iter().zip(&standing.nodes) {
        let text = line(row.each_ref().map(String::as_str));
        let text = if node.draining {
            format!("{text}  {}", paint("33", "draining"))
        } else {
            text
        };
        let _ = writeln!(out, "{text}");
    }
    if standing.nodes.is_empty() && !standing.ended {
        out.push_str("no node is attached\n");
    }
    if standing.ended {
        let done = standing.replicates > 0 && standing.replicates_done >= standing.replicates;
        let how = if done { "finished" } else { "interrupted" };
        let _ = writeln!(out, "\nthe run is {how}");
    }
    out
}

fn head(standing: &Standing) -> String {
    let number = (standing.replicates_done + 1).min(standing.replicates);
    let Standing {
        run,
        replicates,
        windows,
        virtual_time_days,
        epoch,
        ..
    } = standing;
    format!(
        "run {run}: replicate {number} of {replicates}, {windows} windows, {virtual_time_days:.1} days, epoch {epoch}"
    )
}

fn pace(standing: &Standing) -> String {
    let mut parts = vec![format!("{:.1} windows/s", standing.windows_per_second)];
    parts.push(match standing.seconds_left {
        Some(seconds) => format!("{} left", span(seconds)),
        None => "time left unknown".to_owned(),
    });
    parts.push(match (standing.checkpoint, standing.checkpoint_age_ms) {
        (Some(number), Some(age)) => {
            format!("checkpoint {number} written {} ago", span(age as f64 / 1e3))
        }
        _ => "no checkpoint yet".to_owned(),
    });
    parts.push(format!("log at {}", standing.log_end));
    if standing.restarts > 0 {
        let times = if standing.restarts == 1 {
            "once"
        } else {
            "times"
        };
        parts.push(match standing.restarts {
            1 => format!("restarted {times}"),
            count => format!("restarted {count} {times}"),
        });
    }
    parts.join(", ")
}

fn cells(node: &NodeStanding) -> [String; 9] {
    let micros =
        |time: Option<u64>| time.map_or_else(|| "-".to_owned(), |us| short(us as f64 / 1e3));
    [
        node.node.to_string(),
        node.name
            .chars()
            .filter(|letter| !letter.is_control())
            .collect(),
        node.threads.to_string(),
        node.shards.to_string(),
        short(node.silent_ms as f64),
        node.log_lag.to_string(),
        micros(node.run_us),
        micros(node.publish_us),
        micros(node.wait_us),
    ]
}

/// Words to the left, numbers to the right.
fn aligned(cells: [&str; 9], widths: &[usize; 9]) -> String {
    let mut line = String::new();
    for (column, (cell, &width)) in cells.iter().zip(widths).enumerate() {
        if column > 0 {
            line.push_str("  ");
        }
        let _ = if column == 1 {
            write!(line, "{cell:width$}")
        } else {
            write!(line, "{cell:>width$}")
        };
    }
    line
}

/// Milliseconds with two or three digits and a unit.
fn short(ms: f64) -> String {
    match ms {
        ms if ms < 10.0 => format!("{ms:.1} ms"),
        ms if ms < 1e3 => format!("{ms:.0} ms"),
        ms if ms < 1e4 => format!("{:.1} s", ms / 1e3),
        ms => span(ms / 1e3),
    }
}

/// A stretch of time in the two largest units that it has.
fn span(seconds: f64) -> String {
    let whole = seconds as u64;
    let (days, hours) = (whole / 86_400, whole / 3_600 % 24);
    let (minutes, rest) = (whole / 60 % 60, whole % 60);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{rest} s"),
        (0, 0, _) => format!("{minutes} min {rest} s"),
        (0, _, _) => format!("{hours} h {minutes} min"),
        _ => format!("{days} d {hours} h"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn standing() -> Standing {
        let left = NodeStanding {
            node: 1,
            name: "left".to_owned(),
            threads: 8,
            shards: 32,
            silent_ms: 120,
            run_us: Some(12_345),
            publish_us: Some(700),
            wait_us: Some(1_500_000),
            ..NodeStanding::default()
        };
        let right = NodeStanding {
            node: 12,
            name: "a longer name".to_owned(),
            threads: 1,
            log_lag: 40,
            draining: true,
            ..NodeStanding::default()
        };
        Standing {
            run: "r1".to_owned(),
            replicates: 4,
            windows: 7,
            progress: 0.25,
            virtual_time_days: 30.0,
            windows_per_second: 8.25,
            seconds_left: Some(3_725.0),
            checkpoint: Some(3),
            checkpoint_age_ms: Some(4_900),
            log_end: 448,
            epoch: 2,
            nodes: vec![left, right],
            ..Standing::default()
        }
    }

    #[test]
    fn nodes_stand_in_a_table() {
        let expected = "\
run r1: replicate 1 of 4, 7 windows, 30.0 days, epoch 2
8.2 windows/s, 1 h 2 min left, checkpoint 3 written 4 s ago, log at 448
━━━━━━━━━━────────────────────────────── 25 %

 #  node           threads  shards    heard    lag      run  publish     wait
 1  left                 8      32   120 ms      0    12 ms   0.7 ms    1.5 s
12  a longer name        1       0   0.0 ms     40        -        -        -  draining
";
        assert_eq!(render(&standing(), false), expected);
    }

    #[test]
    fn an_end_is_told() {
        let cut = Standing {
            ended: true,
            restarts: 2,
            ..standing()
        };
        let text = render(&cut, false);
        assert!(text.ends_with("the run is interrupted\n"), "{text}");
        assert!(text.contains("log at 448, restarted 2 times\n"), "{text}");
        let whole = Standing {
            replicates_done: 4,
            ..cut
        };
        assert!(render(&whole, false).ends_with("the run is finished\n"));
    }

    #[test]
    fn colours_change_no_letter() {
        let mut text = render(&standing(), true);
        assert!(text.contains("\x1b[33mdraining"));
        for code in ["36", "34", "33", "1", "0"] {
            text = text.replace(&format!("\x1b[{code}m"), "");
        }
        assert_eq!(text, render(&standing(), false));
    }
}
