//! What people see while a load runs.

use std::io::IsTerminal;

use console::{Style, Term, measure_text_width, truncate_str};
use net::live::{Counts, Meter, Operation, Standing, State};

use super::closing::{duration, whole};
use super::course::{Course, Moment};
use crate::logging::{self, LogFormat};
use crate::run::compact;

/// Seconds between two lines where nobody watches a terminal.
const PLAIN_EVERY: f64 = 10.0;

/// What does not change while a load runs.
#[derive(Debug, Clone)]
pub struct Header {
    /// The file's title.
    pub title: String,
    /// Models that live.
    pub models: u32,
    /// Threads that they live on.
    pub threads: usize,
    /// How long the load lasts, in seconds.
    pub seconds: f64,
}

/// Shows a load on standard error: a dashboard on a terminal, lines elsewhere, nothing if `quiet`.
#[derive(Debug)]
pub struct Screen {
    header: Header,
    term: Option<Term>,
    /// Lines of the dashboard that are there now.
    lines: usize,
    quiet: bool,
    /// When the last plain line was written.
    said: f64,
}

impl Screen {
    /// For a load.
    pub fn new(header: Header, quiet: bool) -> Self {
        let watched = std::io::stderr().is_terminal() && logging::chosen() == LogFormat::Text;
        Self {
            header,
            term: (watched && !quiet).then(Term::stderr),
            lines: 0,
            quiet,
            said: 0.0,
        }
    }

    /// Shows how the load stands.
    pub fn show(&mut self, (course, nodes): (&Course, &[Standing]), total: &Meter) {
        let Some(last) = course.moments.last() else {
            return;
        };
        if let Some(term) = self.term.clone() {
            let (rows, columns) = term.size();
            let room = (usize::from(columns), usize::from(rows));
            let frame = dashboard(&self.header, (course, nodes), total, room);
            self.draw(&term, &frame);
        } else if !self.quiet && last.end >= self.said + PLAIN_EVERY {
            self.said = last.end;
            eprintln_line(&plain(last));
        }
    }

    /// Takes the dashboard away.
    pub fn clear(&mut self) {
        if let Some(term) = &self.term {
            // A terminal that is gone needs no clearing.
            drop(term.clear_last_lines(self.lines));
            self.lines = 0;
        }
    }

    fn draw(&mut self, term: &Term, frame: &[String]) {
        let text = frame.join("\n");
        let drawn = term
            .clear_last_lines(self.lines)
            .and_then(|()| term.write_line(&text));
        self.lines = if drawn.is_ok() { frame.len() } else { 0 };
    }
}

#[expect(clippy::print_stderr, reason = "lines for people who watch a log")]
fn eprintln_line(line: &str) {
    eprintln!("{line}");
}

/// A line for those who have no terminal.
fn plain(moment: &Moment) -> String {
    let rate = |count: u64| compact(count as f64 / moment.seconds.max(1e-9));
    let p99 = moment.quantile(Operation::Publish, 0.99);
    format!(
        "{:.0} s: {}/s due, {}/s done, p99(publish) {}, {} lost",
        moment.end,
        rate(moment.counts.due),
        rate(moment.counts.done),
        p99.map_or_else(|| "-".to_owned(), duration),
        share(moment.counts.error_rate()),
    )
}

fn share(value: f64) -> String {
    format!("{:.2} %", 100.0 * value)
}

/// Columns of a terminal that is too narrow to say.
const NARROWEST: usize = 60;
/// Wider lines are hard to read.
const WIDEST: usize = 160;
/// Columns of the table of operations.
const TABLE: usize = 51;
/// Columns of the table of nodes.
const NODES: usize = 64;
/// Between two tables side by side.
const GAP: usize = 4;

/// The dashboard, line by line, for a terminal of so many columns and rows.
fn dashboard(
    header: &Header,
    (course, nodes): (&Course, &[Standing]),
    total: &Meter,
    (columns, rows): (usize, usize),
) -> Vec<String> {
    let width = columns.clamp(NARROWEST, WIDEST) - 1;
    let Some(last) = course.moments.last() else {
        return Vec::new();
    };
    let rate = |moment: &Moment| moment.counts.done as f64 / moment.seconds.max(1e-9);
    let p99 = |moment: &Moment| moment.quantile(Operation::Publish, 0.99).unwrap_or(0.0);
    let mut lines = vec![
        top(header, last, width),
        rates(header, nodes, last),
        totals(&total.counts),
        String::new(),
        spark("done/s", (course, width), rate, compact),
        spark("p99 publish", (course, width), p99, duration),
        String::new(),
    ];
    let operations = operations(last);
    let beside = width >= TABLE + GAP + NODES;
    // A terminal scrolls if its last row is used.
    let room = rows.saturating_sub(lines.len() + 2);
    let room = if beside {
        room
    } else {
        room.saturating_sub(operations.len() + 1)
    };
    let nodes = node_table(nodes, room);
    if beside {
        lines.extend(abreast(&operations, &nodes));
    } else {
        lines.extend(operations);
        if !nodes.is_empty() {
            lines.push(String::new());
            lines.extend(nodes);
        }
    }
    // What does not fit would be wrapped, and stay when the next frame is drawn.
    let fits = |line: &String| truncate_str(line, width, "").into_owned();
    lines.iter().map(fits).collect()
}

/// What every operation took in the last second.
fn operations(last: &Moment) -> Vec<String> {
    let titles = format!(
        "{:<11}{:>10}{:>10}{:>10}{:>10}",
        "last second", "/s", "p50", "p99", "max"
    );
    let rows = Operation::ALL
        .into_iter()
        .filter_map(|operation| row(last, operation));
    std::iter::once(dim(&titles)).chain(rows).collect()
}

fn dim(text: &str) -> String {
    Style::new().for_stderr().dim().apply_to(text).to_string()
}

/// Two tables side by side.
fn abreast(left: &[String], right: &[String]) -> Vec<String> {
    let line = |at: usize| {
        let left = left.get(at).map_or("", String::as_str);
        match right.get(at) {
            None => left.to_owned(),
            Some(right) => {
                let gap = (TABLE + GAP).saturating_sub(measure_text_width(left));
                format!("{left}{}{right}", " ".repeat(gap))
            }
        }
    };
    (0..left.len().max(right.len())).map(line).collect()
}

/// The nodes, in at most so many lines: those that lag most come first if there are too many.
fn node_table(nodes: &[Standing], lines: usize) -> Vec<String> {
    if nodes.is_empty() || lines < 2 {
        return Vec::new();
    }
    let mut nodes: Vec<&Standing> = nodes.iter().collect();
    let more = (nodes.len() + 1).saturating_sub(lines);
    if more > 0 {
        let lag = |node: &&Standing| node.lag_p99.unwrap_or(0.0);
        nodes.sort_by(|a, b| lag(b).total_cmp(&lag(a)));
    }
    // The last line says how many are left out.
    let shown = if more > 0 { lines - 2 } else { nodes.len() };
    let titles = format!(
        "{:<16}{:>10}{:>10}{:>10}{:>10}{:>8}",
        "node", "models", "done/s", "p99 lag", "MiB", "lost"
    );
    let mut table = vec![dim(&titles)];
    table.extend(nodes[..shown].iter().map(|node| node_row(node)));
    if more > 0 {
        table.push(dim(&format!("and {} more", nodes.len() - shown)));
    }
    table
}

fn node_row(node: &Standing) -> String {
    let name: String = node.name.chars().take(15).collect();
    let gone = Style::new().for_stderr().red();
    if node.state == State::Lost {
        return gone.apply_to(format!("{name:<16}is gone")).to_string();
    }
    let memory = node.resident.map_or_else(String::new, |bytes| {
        format!("{:.0}", bytes as f64 / f64::from(1 << 20))
    });
    format!(
        "{name:<16}{:>10}{:>10}{:>10}{memory:>10}{:>8}",
        whole(u64::from(node.models)),
        compact(node.done_rate),
        node.lag_p99.map_or_else(String::new, duration),
        whole(node.counts.lost()),
    )
}

fn top(header: &Header, last: &Moment, width: usize) -> String {
    let clock = format!("{:.0} s of {:.0} s", last.end, header.seconds);
    let room = width.saturating_sub(clock.chars().count() + 2);
    let title: String = header.title.chars().take(room).collect();
    let bold = Style::new().for_stderr().bold();
    let gap = width - clock.chars().count() - title.chars().count();
    format!("{}{}{clock}", bold.apply_to(&title), " ".repeat(gap))
}

fn rates(header: &Header, nodes: &[Standing], last: &Moment) -> String {
    let threads = match nodes {
        [] => header.threads,
        nodes => nodes.iter().map(|node| node.threads as usize).sum(),
    };
    let rate = |count: u64| compact(count as f64 / last.seconds.max(1e-9));
    let memory = last.resident.map_or_else(String::new, |bytes| {
        format!(", {:.0} MiB", bytes as f64 / f64::from(1 << 20))
    });
    // All of a thread's time is 100 %.
    let busy = 100.0 * last.cpu_seconds / last.seconds.max(1e-9) / threads as f64;
    format!(
        "{} models on {} threads{memory}, busy {busy:.0} %   due {}/s   done {}/s",
        compact(f64::from(header.models)),
        threads,
        rate(last.counts.due),
        rate(last.counts.done),
    )
}

fn totals(counts: &Counts) -> String {
    let lost = counts.lost();
    let [dropped, rejected, failed, refused] = [
        counts.dropped,
        counts.rejected,
        counts.failed,
        counts.refused,
    ]
    .map(whole);
    let line = format!(
        "lost {} ({}): {dropped} dropped, {rejected} rejected, {failed} failed, {refused} refused",
        whole(lost),
        share(counts.error_rate()),
    );
    let alarm = Style::new().for_stderr();
    let alarm = if lost > 0 { alarm.red() } else { alarm.green() };
    alarm.apply_to(line).to_string()
}

fn row(last: &Moment, operation: Operation) -> Option<String> {
    let count: u64 = last.buckets[operation as usize]
        .iter()
        .map(|count| u64::from(*count))
        .sum();
    let of = |share| last.quantile(operation, share).map(duration);
    let (p50, p99, max) = (of(0.5)?, of(0.99)?, of(1.0)?);
    let rate = compact(count as f64 / last.seconds.max(1e-9));
    Some(format!(
        "{:<11}{rate:>10}{p50:>10}{p99:>10}{max:>10}",
        operation.name()
    ))
}

const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// A line of bars, one a moment, the newest on the right.
fn spark(
    name: &str,
    (course, width): (&Course, usize),
    value: impl Fn(&Moment) -> f64,
    shown: impl Fn(f64) -> String,
) -> String {
    let room = width.saturating_sub(12 + 24).max(8);
    let begin = course.moments.len().saturating_sub(room);
    let values: Vec<f64> = course.moments[begin..].iter().map(value).collect();
    let most = values.iter().copied().fold(0.0, f64::max);
    let bar = |value: &f64| {
        let level = (value / most.max(f64::MIN_POSITIVE) * 7.0).round() as usize;
        BARS[level.min(7)]
    };
    let bars: String = values.iter().map(bar).collect();
    let now = values.last().copied().unwrap_or(0.0);
    let cyan = Style::new().for_stderr().cyan();
    format!(
        "{name:<12}{} {}, most {}",
        cyan.apply_to(bars),
        shown(now),
        shown(most)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn course(moments: usize) -> Course {
        let moment = |at: usize| Moment {
            end: at as f64 + 1.0,
            seconds: 1.0,
            counts: Counts {
                due: 1_000 * at as u64,
                done: 900 * at as u64,
                ..Counts::default()
            },
            resident: Some(200 << 20),
            cpu_seconds: 1.5,
            buckets: vec![
                {
                    let mut buckets = vec![0; 80];
                    buckets[30] = 5;
                    buckets
                };
                Operation::ALL.len()
            ],
        };
        Course::of((0..moments).map(moment).collect())
    }

    fn header() -> Header {
        Header {
            title: "A title that is so long that it does not fit on any line of a terminal of usual width, ever".to_owned(),
            models: 1_000_000,
            threads: 2,
            seconds: 300.0,
        }
    }

    fn nodes(count: usize) -> Vec<Standing> {
        let node = |number: usize| {
            let mut node = Standing::named(&format!("node-{number}"), 500_000);
            node.lag_p99 = Some(number as f64 * 1e-3);
            node.resident = Some(300 << 20);
            node.counts.dropped = 12_345_678;
            if number == 2 {
                node.state = State::Lost;
            }
            node
        };
        (1..=count).map(node).collect()
    }

    #[test]
    fn a_dashboard_fits_its_terminal() {
        let mut total = Meter::default();
        total.counts.dropped = 123_456_789;
        for room in [(80, 24), (132, 24), (200, 50), (40, 24), (80, 10)] {
            for (moments, count) in [(1, 0), (3, 2), (500, 40)] {
                let (course, nodes) = (course(moments), nodes(count));
                let frame = dashboard(&header(), (&course, &nodes), &total, room);
                // All that is always there takes sixteen lines.
                assert!(frame.len() < room.1.max(17), "{}", frame.len());
                for line in &frame {
                    let width = measure_text_width(line);
                    assert!(width < room.0.max(NARROWEST), "{width}: {line}");
                }
            }
        }
        let nothing = dashboard(&header(), (&course(0), &[]), &total, (80, 24));
        assert!(nothing.is_empty());
    }

    #[test]
    fn nodes_are_shown_beside_or_below_and_those_that_lag_most_first() {
        let (total, course, nodes) = (Meter::default(), course(9), nodes(40));
        let shown = |room| dashboard(&header(), (&course, &nodes), &total, room).join("\n");
        let wide = shown((132, 24));
        assert!(
            wide.contains("node-40") && !wide.contains("node-3 "),
            "{wide}"
        );
        assert!(wide.contains("and 27 more"), "{wide}");
        let few = dashboard(&header(), (&course, &nodes[..2]), &total, (80, 24)).join("\n");
        assert!(few.contains("node-1 ") && few.contains("is gone"), "{few}");
    }

    #[test]
    fn a_line_says_what_a_moment_was() {
        let course = course(3);
        let line = plain(&course.moments[2]);
        assert!(
            line.starts_with("3 s: 2.00 k/s due, 1.80 k/s done"),
            "{line}"
        );
    }
}
