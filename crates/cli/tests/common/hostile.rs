//! Clients of a coordinator that do what no node does.

use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::broker::free_port;
use crate::cases::Case;
use crate::cases::result;
use crate::program::{Answer, command, echosphere};
use crate::raw;
use crate::running::Running;
use crate::trial::Trial;

/// A run that waits for two nodes.
pub(crate) struct Target {
    trial: Trial,
    address: String,
    coordinator: Running,
    nodes: Vec<Child>,
}

impl Target {
    #[track_caller]
    pub(crate) fn new(case: Case) -> Self {
        let trial = Trial::new(case);
        let address = format!("127.0.0.1:{}", free_port());
        let more = ["--nodes", "2", "--lease", "2", "--listen", &address];
        let coordinator = trial.start(&[&more[..], &["--checkpoint-every", "100"]].concat());
        let mut target = Self {
            trial,
            address,
            coordinator,
            nodes: Vec::new(),
        };
        let address = target.address.clone();
        target
            .coordinator
            .wait_until(|| std::net::TcpStream::connect(&address).is_ok());
        target
    }

    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn status(&self) -> Answer {
        echosphere(self.trial.folder.path(), ["status", &self.url()])
    }

    /// Largest resident memory so far, bytes.
    #[track_caller]
    pub(crate) fn memory_peak(&self) -> u64 {
        let file = format!("/proc/{}/status", self.coordinator.0.id());
        let text = std::fs::read_to_string(file).unwrap();
        let line = text
            .lines()
            .find(|line| line.starts_with("VmHWM:"))
            .unwrap();
        let kibibytes: u64 = line.split_whitespace().nth(1).unwrap().parse().unwrap();
        kibibytes << 10
    }

    /// Starts good nodes.
    pub(crate) fn add_nodes(&mut self, count: usize) {
        for _ in 0..count {
            let mut node = command(
                self.trial.folder.path(),
                ["node", &self.url(), "--threads", "1"],
            );
            node.stdout(Stdio::null()).stderr(Stdio::null());
            self.nodes.push(node.spawn().unwrap());
        }
    }

    /// Lets the run end with two good nodes, and compares.
    #[track_caller]
    pub(crate) fn finish(mut self) {
        self.add_nodes(2 - self.nodes.len());
        let none = Running(Command::new("true").spawn().unwrap());
        let answer = std::mem::replace(&mut self.coordinator, none).finish();
        assert_eq!(answer.code, Some(0), "{}", answer.err);
        assert!(!answer.err.contains("panicked"), "{}", answer.err);
        assert!(!answer.err.contains('\u{1b}'), "{}", answer.err);
        assert!(
            result(&self.trial.run()) == self.trial.whole,
            "it gave something else: {}",
            answer.err
        );
    }
}

impl Drop for Target {
    fn drop(&mut self) {
        drop(self.coordinator.0.kill());
        drop(self.coordinator.0.wait());
        for node in &mut self.nodes {
            drop(node.kill());
            drop(node.wait());
        }
    }
}

/// How long an answer is waited for that may not come.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// Runs something that waits.
pub(crate) fn block_on<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.unwrap().block_on(future)
}

/// What a method came to.
#[derive(Debug)]
pub(crate) struct Said {
    /// Bytes that were taken.
    pub(crate) sent: u64,
}

/// Calls a method with a message of so many announced bytes.
pub(crate) fn call(target: &Target, method: &str, announced: u32, payload: &[u8]) {
    let mut bytes = vec![0];
    bytes.extend_from_slice(&announced.to_be_bytes());
    bytes.extend_from_slice(payload);
    block_on(raw::request(
        target.address(),
        method,
        raw::Body::Once(bytes),
    ));
}

/// Announces a message of so many bytes, and sends as much of it as is taken.
pub(crate) fn flood(target: &Target, method: &str, length: u32) -> Said {
    let sent = block_on(raw::request(
        target.address(),
        method,
        raw::Body::Flood(length),
    ));
    Said { sent }
}
