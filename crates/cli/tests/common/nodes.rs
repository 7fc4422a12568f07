//! A coordinator and its nodes as separate processes, to be disturbed.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::cases::result;
use crate::program::{Answer, command, echosphere};
use crate::running::{Running, checkpoints};
use crate::trial::Trial;

/// A run on nodes.
pub(crate) struct Cluster {
    coordinator: Running,
    nodes: Vec<Child>,
    address: String,
    run: PathBuf,
}

/// A broker that can be killed and comes back on the same port with the same store.
pub(crate) struct Broker {
    child: Child,
    port: u16,
    store: PathBuf,
}

/// A port that was free a moment ago.
pub(crate) fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
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

    /// Goes on with the trial's run with so many nodes.
    #[track_caller]
    pub(crate) fn resume(trial: &Trial, nodes: usize) -> Self {
        Self::with(trial, nodes, |options| {
            Running::start(
                trial.folder.path(),
                [&["resume", "cut", "-q"], options, every(&[])].concat(),
            )
        })
    }

    fn with(trial: &Trial, nodes: usize, start: impl FnOnce(&[&str]) -> Running) -> Self {
        let address = format!("127.0.0.1:{}", free_port());
        let number = nodes.to_string();
        let options = ["--nodes", &number, "--listen", &address];
        let mut cluster = Self {
            coordinator: start(&options),
            nodes: Vec::new(),
            address,
            run: trial.run(),
        };
        // Unlike threads make unlike shares.
        for number in 1..=nodes {
            cluster.add_node(number);
        }
        cluster
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

    /// Waits until so many windows have run.
    #[track_caller]
    pub(crate) fn wait_for_windows(&mut self, number: u64) {
        let url = self.url();
        self.coordinator.wait_until(|| {
            let answer = echosphere(&std::env::temp_dir(), ["status", &url]);
            let words: Vec<&str> = answer.out.split_whitespace().collect();
            let at = words.iter().position(|word| word.starts_with("windows"));
            at.is_some_and(|at| words[at - 1].parse::<u64>().is_ok_and(|ran| ran >= number))
        });
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

    /// Ends the coordinator as a power failure would; its nodes are ended too.
    #[track_caller]
    pub(crate) fn kill_coordinator(mut self) {
        self.coordinator.0.kill().unwrap();
        let status = self.coordinator.0.wait().unwrap();
        assert_eq!(status.code(), None, "it was faster than the kill");
    }

    /// The process number of the coordinator.
    pub(crate) fn coordinator(&self) -> u32 {
        self.coordinator.0.id()
    }

    /// Lets the coordinator end by itself.
    pub(crate) fn end(mut self) -> Answer {
        let coordinator = std::mem::replace(
            &mut self.coordinator,
            Running(Command::new("true").spawn().unwrap()),
        );
        coordinator.finish()
    }

    /// Lets the run end by itself and compares.
    #[track_caller]
    pub(crate) fn finish(self, trial: &Trial) -> Answer {
        let answer = self.end();
        assert_eq!(answer.code, Some(0), "{}", answer.err);
        assert!(
            result(&trial.run()) == trial.whole,
            "nodes gave something else: {}",
            answer.err
        );
        answer
    }
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

impl Broker {
    #[track_caller]
    pub(crate) fn start(folder: &Path) -> Self {
        let (port, store) = (free_port(), folder.join("store"));
        Self {
            child: serve(port, &store),
            port,
            store,
        }
    }

    pub(crate) fn url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.port)
    }

    /// Its process number.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Kills it, and starts it again.
    #[track_caller]
    pub(crate) fn restart(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        self.child = serve(self.port, &self.store);
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

#[track_caller]
#[expect(
    clippy::disallowed_methods,
    reason = "a broker is ready when its port answers"
)]
fn serve(port: u16, store: &Path) -> Child {
    let started = Command::new("nats-server")
        .args([
            "--addr",
            "127.0.0.1",
            "--jetstream",
            "--port",
            &port.to_string(),
        ])
        .arg("--store_dir")
        .arg(store)
        .stderr(Stdio::null())
        .spawn();
    let child = started.expect("these tests need nats-server: `cargo xtask test` installs it");
    let answers = || std::net::TcpStream::connect(("127.0.0.1", port)).is_ok();
    for _ in 0..500 {
        if answers() {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    child
}
