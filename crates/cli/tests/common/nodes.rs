//! A coordinator and its nodes as separate processes, to be disturbed.

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use crate::broker::free_port;
use crate::cases::result;
use crate::program::{Answer, command};
use crate::running::{Running, checkpoints};
use crate::trial::Trial;

/// A run on nodes.
pub(crate) struct Cluster {
    coordinator: Running,
    nodes: Vec<Child>,
    address: String,
    run: PathBuf,
}

/// Sends a signal by name.
#[track_caller]
pub(crate) fn signal(name: &str, process: u32) {
    let sent = Command::new("kill")
        .args([format!("-{name}"), process.to_string()])
        .status();
    assert!(sent.unwrap().success());
}

/// Checkpoints are frequent unless a test says otherwise.
fn every(more: &[&str]) -> &'static [&'static str] {
    if more.contains(&"--checkpoint-every") {
        &[]
    } else {
        &["--checkpoint-every", "25"]
    }
}

impl Cluster {
    /// Starts the trial's case with so many nodes.
    #[track_caller]
    pub(crate) fn start(trial: &Trial, nodes: usize, more: &[&str]) -> Self {
        Self::with(trial, nodes, |options| {
            trial.start(&[options, more, every(more)].concat())
        })
    }

    /// Starts the trial's case with one node less than it waits for.
    #[track_caller]
    pub(crate) fn start_but_one(trial: &Trial, nodes: usize, more: &[&str]) -> Self {
        let address = format!("127.0.0.1:{}", free_port());
        let number = nodes.to_string();
        let options = ["--nodes", &number, "--listen", &address];
        let coordinator = trial.start(&[&options, more, every(more)].concat());
        let mut cluster = Self::of(coordinator, address, trial);
        for number in 1..nodes {
            cluster.add_node(number);
        }
        cluster
    }

    /// Goes on with the trial's run with so many nodes.
    #[track_caller]
    pub(crate) fn resume(trial: &Trial, nodes: usize) -> Self {
        Self::resume_with(trial, nodes, &[])
    }

    /// Goes on with the trial's run with so many nodes and other options.
    #[track_caller]
    pub(crate) fn resume_with(trial: &Trial, nodes: usize, more: &[&str]) -> Self {
        Self::with(trial, nodes, |options| {
            Running::start(
                trial.folder.path(),
                [&["resume", "cut", "-q"], options, more, every(more)].concat(),
            )
        })
    }

    fn with(trial: &Trial, nodes: usize, start: impl FnOnce(&[&str]) -> Running) -> Self {
        let address = format!("127.0.0.1:{}", free_port());
        let number = nodes.to_string();
        let options = ["--nodes", &number, "--listen", &address];
        let mut cluster = Self::of(start(&options), address, trial);
        // Unlike threads make unlike shares.
        for number in 1..=nodes {
            cluster.add_node(number);
        }
        cluster
    }

    /// A coordinator that somebody started at `address`, yet without nodes.
    pub(crate) fn of(coordinator: Running, address: String, trial: &Trial) -> Self {
        Self {
            coordinator,
            nodes: Vec::new(),
            address,
            run: trial.run(),
        }
    }

    /// Starts one more node.
    pub(crate) fn add_node(&mut self, threads: usize) {
        self.add_node_with(&["--threads", &threads.to_string()], Stdio::null());
    }

    /// Starts one more node with options; what it says goes to `err`.
    pub(crate) fn add_node_with(&mut self, options: &[&str], err: Stdio) {
        let url = self.url();
        let mut node = command(
            &std::env::temp_dir(),
            [&["node", url.as_str()], options].concat(),
        );
        node.stdout(Stdio::null()).stderr(err);
        self.nodes.push(node.spawn().unwrap());
    }

    /// Takes in a node that somebody started.
    pub(crate) fn adopt_node(&mut self, node: Child) {
        self.nodes.push(node);
    }

    /// Waits until a node has ended by itself, and gives its exit code.
    #[track_caller]
    pub(crate) fn wait_for_node(&mut self, number: usize) -> Option<i32> {
        let node = &mut self.nodes[number];
        let mut status = None;
        self.coordinator.wait_until(|| {
            status = node.try_wait().unwrap();
            status.is_some()
        });
        status.and_then(|status| status.code())
    }

    /// Waits for something while the run goes on.
    #[track_caller]
    pub(crate) fn wait_until(&mut self, reached: impl FnMut() -> bool) {
        self.coordinator.wait_until(reached);
    }

    /// The process number of a node.
    pub(crate) fn node(&self, number: usize) -> u32 {
        self.nodes[number].id()
    }

    /// Where the coordinator is.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The newest checkpoint.
    pub(crate) fn checkpoint(&self) -> u64 {
        checkpoints(&self.run).last().copied().unwrap_or(0)
    }

    /// How many windows have run in the current replicate, if the coordinator answers.
    pub(crate) fn windows(&self) -> Option<u64> {
        windows(&self.url())
    }

    /// Waits until so many windows have run.
    #[track_caller]
    pub(crate) fn wait_for_windows(&mut self, number: u64) {
        let url = self.url();
        self.coordinator
            .wait_until(|| windows(&url).is_some_and(|ran| ran >= number));
    }

    /// Waits until so many more windows have run; false if the run ended before. What is computed again counts again.
    #[track_caller]
    pub(crate) fn advance(&mut self, number: u64) -> bool {
        let (mut ran, mut last) = (0, self.windows().unwrap_or(0));
        while ran < number {
            if !self.coordinator.is_alive() {
                return false;
            }
            if let Some(now) = self.windows() {
                ran += now.saturating_sub(last);
                last = now;
            }
            pause(5);
        }
        true
    }

    /// How many nodes were started.
    pub(crate) fn count(&self) -> usize {
        self.nodes.len()
    }

    /// Stops a node while it computes a window that is not over: the window that everybody waits for from now on.
    #[track_caller]
    pub(crate) fn freeze_in_mid_window(&mut self, number: usize) -> u64 {
        let (url, node) = (self.url(), self.node(number));
        let mut reached = 0;
        self.coordinator.wait_until(|| {
            let before = (windows(&url), cpu_ticks(node));
            // It has computed for 20 ms, which on a busy machine take a while, and no window has ended since.
            let computed = || cpu_ticks(node) >= before.1 + 2;
            for _ in 0..30 {
                pause(10);
                if computed() {
                    break;
                }
            }
            if before.0.is_none() || !computed() || windows(&url) != before.0 {
                return false;
            }
            signal("STOP", node);
            // What it said last has arrived by then.
            pause(50);
            reached = before.0.unwrap_or(0);
            let is_within = windows(&url) == before.0;
            if !is_within {
                signal("CONT", node);
            }
            is_within
        });
        reached
    }

    /// Waits until there is a checkpoint of that number, or a newer one.
    #[track_caller]
    pub(crate) fn wait_for_checkpoint(&mut self, number: u64) {
        let run = self.run.clone();
        self.coordinator
            .wait_until(|| checkpoints(&run).last() >= Some(&number));
    }

    /// Ends a node as a power failure would.
    #[track_caller]
    pub(crate) fn kill_node(&mut self, number: usize) {
        self.nodes[number].kill().unwrap();
        let status = self.nodes[number].wait().unwrap();
        assert_eq!(status.code(), None, "it was faster than the kill");
    }

    /// Ends the coordinator as a power failure would; its nodes are ended too. Returns what it had said.
    #[track_caller]
    pub(crate) fn kill_coordinator(mut self) -> String {
        self.coordinator.0.kill().unwrap();
        let answer = self.end();
        assert_eq!(answer.code, None, "it was faster than the kill");
        answer.err
    }

    /// The process number of the coordinator.
    pub(crate) fn coordinator(&self) -> u32 {
        self.coordinator.0.id()
    }

    /// Waits until shards are divided among so many nodes.
    #[track_caller]
    pub(crate) fn wait_for_nodes(&mut self, count: usize) {
        let url = self.url();
        self.coordinator.wait_until(|| {
            let standing = net::status(&url, &plain());
            let hosts = |standing: net::Standing| {
                let nodes = standing.nodes.into_iter();
                nodes.filter(|node| node.shards > 0).count()
            };
            standing.is_ok_and(|standing| hosts(standing) == count)
        });
    }

    /// Waits until so many nodes have registered, whether they host anything or not.
    #[track_caller]
    pub(crate) fn wait_for_registered(&mut self, count: usize) {
        let url = self.url();
        self.coordinator.wait_until(|| {
            let standing = net::status(&url, &plain());
            standing.is_ok_and(|standing| standing.nodes.len() == count)
        });
    }

    /// Lets the run end by itself, whether well or not.
    #[track_caller]
    pub(crate) fn end(mut self) -> Answer {
        let coordinator = std::mem::replace(
            &mut self.coordinator,
            Running(Command::new("true").spawn().unwrap()),
        );
        coordinator.finish()
    }

    /// Lets the run end by itself and compares; returns what was said on the way.
    #[track_caller]
    pub(crate) fn finish(self, trial: &Trial) -> String {
        let answer = self.end();
        assert_eq!(answer.code, Some(0), "{}", answer.err);
        assert!(
            result(&trial.run()) == trial.whole,
            "nodes gave something else: {}",
            answer.err
        );
        answer.err
    }
}

/// How many windows the coordinator at `url` says have run.
fn windows(url: &str) -> Option<u64> {
    let standing = net::status(url, &plain());
    standing.ok().map(|standing| standing.windows)
}

/// Processor time that a process has taken, in hundredths of a second.
fn cpu_ticks(process: u32) -> u64 {
    let text = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    let after_name = text.rsplit(')').next().unwrap_or_default();
    let fields: Vec<u64> = after_name
        .split_whitespace()
        .map(|word| word.parse().unwrap_or(0))
        .collect();
    fields.get(11..13).map_or(0, |times| times.iter().sum())
}

/// Lets other processes go on for a while.
#[expect(clippy::disallowed_methods, reason = "other processes take wall time")]
pub(crate) fn pause(milliseconds: u64) {
    std::thread::sleep(std::time::Duration::from_millis(milliseconds));
}

/// Says nothing.
pub(crate) fn quiet(command: &mut Command) -> &mut Command {
    command.stdout(Stdio::null()).stderr(Stdio::null())
}

impl Drop for Cluster {
    fn drop(&mut self) {
        drop(self.coordinator.0.kill());
        drop(self.coordinator.0.wait());
        for node in &mut self.nodes {
            drop(node.kill());
            drop(node.wait());
        }
    }
}

/// Networks that a test has made need no protection.
fn plain() -> net::Security {
    net::Security {
        insecure: true,
        ..net::Security::default()
    }
}
