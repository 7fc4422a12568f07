//! Nodes for a run: a broker, a coordinator in this process, and node processes beside it.

use std::net::SocketAddr;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use ecosystem::scenario::schema::{Scenario, Span};
use net::{Closing, Leader, LogLimits, NatsServer, Opening, Operations, RunCard, Security, Store};

use crate::failure::{Context, Failure};
use crate::folder::Folder;
use crate::logging;

/// How a run is spread over nodes.
#[derive(Debug, Clone)]
pub struct Spread {
    /// How many nodes to begin with.
    pub nodes: usize,
    /// Hash of the files that the scenario names.
    pub data_hash: String,
    /// The run's name at the broker, under which it can be gone on with; a new one if nothing else is said.
    pub run: Option<String>,
    /// The checkpoint store.
    pub store: Store,
    /// Every document is kept to the end.
    pub keep_documents: bool,
    /// Where nodes attach; a free port on loopback if nothing else is said.
    pub listen: Option<SocketAddr>,
    /// A running broker; a private one if nothing else is said.
    pub nats: Option<String>,
    /// How the broker keeps the durable log.
    pub limits: LogLimits,
    /// True to start the nodes as processes on this machine.
    pub start_nodes: bool,
    /// Worker threads of each node that is started here.
    pub threads: usize,
    /// Silence after which a node is given up.
    pub lease: Duration,
    /// What connections are secured with.
    pub security: Security,
    /// Where the coordinator shows how it is doing.
    pub operations: Operations,
}

/// Everything that a run on nodes needs; nodes and a private broker end with it.
#[derive(Debug)]
pub struct Cluster {
    leader: Option<Arc<Mutex<Leader>>>,
    nodes: Vec<Child>,
    /// The broker remembers what becomes of the run.
    remembered: bool,
    /// Name of the run.
    run: String,
    /// Addresses of the broker.
    nats: String,
    _server: Option<NatsServer>,
}

/// What starting came to.
#[derive(Debug)]
pub enum Started {
    /// Nodes are there.
    Cluster(Cluster),
    /// The run is finished, with this digest.
    Finished(String),
}

impl Cluster {
    /// Starts what is to be started, and waits for the nodes.
    ///
    /// # Errors
    /// If a server cannot be started or reached, or nodes do not come in time.
    pub fn start(
        folder: &Folder,
        (scenario, base): (&Scenario, &Path),
        spread: &Spread,
    ) -> Result<Started, Failure> {
        let server = if spread.nats.is_none() {
            // It shares the cores with nodes. One of them would be interrupted for every message, and the others would have to
            // wait for that one.
            let mut leash = leash()?;
            leash.arg("--batch");
            let server = NatsServer::start(&folder.path(BROKER), leash);
            Some(server.map_err(Failure::input)?)
        } else {
            None
        };
        let mut security = spread.security.clone();
        if let Some(server) = &server {
            security.nats_token_file = Some(server.token_file().to_path_buf());
        }
        let private = server.as_ref().map(|server| server.url().to_owned());
        let base = std::path::absolute(base).unwrap_or_else(|_| base.to_path_buf());
        let resolved = ecosystem::scenario::resolved(scenario);
        let run = spread.run.clone().unwrap_or_else(run_name);
        let nats = private.or_else(|| spread.nats.clone()).unwrap_or_default();
        let card = RunCard {
            run: run.clone(),
            nats: nats.clone(),
            scenario_hash: blake3::hash(resolved.as_bytes()).into(),
            scenario: resolved,
            store: spread.store.clone(),
            limits: spread.limits,
            keep_documents: spread.keep_documents,
            base: base.to_string_lossy().into_owned(),
            data_hash: spread.data_hash.clone(),
            lease: spread.lease,
            build: BUILD.to_owned(),
            security: security.clone(),
            private_broker: server.is_some(),
            horizon_days: horizon_days(scenario),
            operations: spread.operations,
        };
        let address = spread
            .listen
            .unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 0)));
        let mut leader = match Leader::open(address, card).map_err(Failure::input)? {
            Opening::Leads(leader, _) => *leader,
            Opening::Finished(digest) => return Ok(Started::Finished(digest)),
        };
        let mut cluster = Self {
            leader: None,
            nodes: Vec::new(),
            remembered: spread.run.is_some(),
            run,
            nats,
            _server: server,
        };
        if spread.start_nodes {
            for number in 1..=spread.nodes {
                let node = start_node(&leader, number, (spread.threads, &security))?;
                cluster.nodes.push(node);
            }
        }
        tracing::info!("nodes attach to {}", url(&leader, &security));
        leader.wait_for(spread.nodes).map_err(Failure::run)?;
        cluster.leader = Some(Arc::new(Mutex::new(leader)));
        Ok(Started::Cluster(cluster))
    }

    /// Leads the nodes.
    pub fn leader(&self) -> Option<Arc<Mutex<Leader>>> {
        self.leader.clone()
    }

    /// Name of the run, and addresses of the broker.
    pub fn names(&self) -> (&str, &str) {
        (&self.run, &self.nats)
    }

    /// Tells probes that the coordinator is about to end.
    pub fn closing(&self) -> Option<Closing> {
        let leader = self.leader.as_ref()?.lock();
        Some(leader.unwrap_or_else(PoisonError::into_inner).closing())
    }

    /// Lets the nodes go, once nobody else needs the leader; with a digest if the run is over.
    pub fn finish(mut self, digest: Option<String>) {
        let leader = self.leader.take().and_then(Arc::into_inner);
        if let Some(leader) = leader {
            leader
                .into_inner()
                .unwrap_or_else(PoisonError::into_inner)
                .finish(digest, self.remembered);
        }
        self.wait();
    }

    /// Waits for nodes that were let go, but not for ever.
    #[expect(
        clippy::disallowed_methods,
        reason = "waiting for another process takes wall time"
    )]
    fn wait(&mut self) {
        for _ in 0..ENDING_POLLS {
            let ended = |node: &mut Child| node.try_wait().is_ok_and(|status| status.is_some());
            self.nodes.retain_mut(|node| !ended(node));
            if self.nodes.is_empty() {
                return;
            }
            std::thread::sleep(POLL);
        }
    }
}

/// How often, and how many times, it is looked whether nodes have ended.
const POLL: Duration = Duration::from_millis(20);
const ENDING_POLLS: u32 = 150;

impl Drop for Cluster {
    fn drop(&mut self) {
        for node in &mut self.nodes {
            drop(node.stdin.take());
            drop(node.wait());
        }
    }
}

/// Folder of a private broker inside the run folder.
pub const BROKER: &str = "broker";

/// What this program was built from and for.
pub const BUILD: &str = concat!(env!("ECHOSPHERE_COMMIT"), " ", env!("ECHOSPHERE_TARGET"));

fn url(leader: &Leader, security: &Security) -> String {
    let scheme = if security.has_identity() {
        "https"
    } else {
        "http"
    };
    format!("{scheme}://{}", leader.address())
}

fn start_node(
    leader: &Leader,
    number: usize,
    (threads, security): (usize, &Security),
) -> Result<Child, Failure> {
    let program = std::env::current_exe().doing("find this program")?;
    leash()?
        .envs(environment(security))
        .envs(
            ALLOCATOR
                .into_iter()
                .filter(|(name, _)| std::env::var_os(name).is_none()),
        )
        .arg(&program)
        .arg("node")
        .arg(url(leader, security))
        .args(["--name", &format!("node-{number}")])
        .args(["--threads", &threads.to_string()])
        .args(["--log-format", logging::chosen().name()])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .doing("start a node")
}

/// Messages take memory that is asked for in every window anew: glibc keeps it instead of giving it back. Other allocators
/// do not know these names.
const ALLOCATOR: [(&str, &str); 3] = [
    ("MALLOC_MMAP_THRESHOLD_", "67108864"),
    ("MALLOC_TRIM_THRESHOLD_", "134217728"),
    ("MALLOC_TOP_PAD_", "8388608"),
];

/// Notes at the broker that there is a checkpoint.
///
/// # Errors
/// If another process leads the run now, or the broker fails.
pub fn note_checkpoint(leader: &Mutex<Leader>, number: u64, took: Duration) -> Result<(), Failure> {
    let leader = leader.lock().unwrap_or_else(PoisonError::into_inner);
    leader.note_checkpoint(number, took).map_err(Failure::run)
}

/// Notes that a checkpoint could not be written.
pub fn note_checkpoint_failed(leader: &Mutex<Leader>, took: Duration) {
    let leader = leader.lock().unwrap_or_else(PoisonError::into_inner);
    leader.note_checkpoint_failed(took);
}

/// The names of files, for a process of this program; what is in them stays there.
fn environment(security: &Security) -> Vec<(&'static str, PathBuf)> {
    let files = [
        ("ECHOSPHERE_CA", &security.ca),
        ("ECHOSPHERE_CERTIFICATE", &security.certificate),
        ("ECHOSPHERE_KEY", &security.key),
        ("ECHOSPHERE_TOKEN_FILE", &security.token_file),
        ("ECHOSPHERE_NATS_TOKEN_FILE", &security.nats_token_file),
    ];
    let given = files
        .into_iter()
        .filter_map(|(name, file)| Some((name, file.clone()?)));
    let mut environment: Vec<_> = given.collect();
    if security.insecure {
        environment.push(("ECHOSPHERE_INSECURE", PathBuf::from("true")));
    }
    environment
}

/// A command that ends the program it is given together with this process.
pub(crate) fn leash() -> Result<Command, Failure> {
    let mut command = Command::new(std::env::current_exe().doing("find this program")?);
    // Ctrl-C at the terminal is for this process, which ends the others when it has saved what they know.
    command.arg("leash").process_group(0);
    Ok(command)
}

/// Virtual days of a replicate.
fn horizon_days(scenario: &Scenario) -> f64 {
    match scenario.horizon {
        Span::Generations(count) => count * scenario.generation_days,
        Span::Days(days) => days,
    }
}

/// A name that no other run at the same broker has.
#[expect(clippy::disallowed_methods, reason = "names of streams are no result")]
fn run_name() -> String {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    let nanos = now.map_or(0, |now| now.as_nanos());
    format!("{nanos:x}-{:x}", std::process::id())
}
