//! Nodes for a run: a broker, a coordinator in this process, and node processes beside it.

use std::net::SocketAddr;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use ecosystem::scenario::schema::Scenario;
use net::{Leader, LogLimits, NatsServer, RunCard};

use crate::failure::{Context, Failure};
use crate::folder::Folder;

/// How a run is spread over nodes.
#[derive(Debug, Clone)]
pub struct Spread {
    /// How many nodes to begin with.
    pub nodes: usize,
    /// Hash of the files that the scenario names.
    pub data_hash: String,
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
}

/// Everything that a run on nodes needs; nodes and a private broker end with it.
#[derive(Debug)]
pub struct Cluster {
    leader: Option<Arc<Mutex<Leader>>>,
    nodes: Vec<Child>,
    _server: Option<NatsServer>,
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
    ) -> Result<Self, Failure> {
        let server = if spread.nats.is_none() {
            let server = NatsServer::start(&folder.path(BROKER), leash()?);
            Some(server.map_err(Failure::input)?)
        } else {
            None
        };
        let private = server.as_ref().map(|server| server.url().to_owned());
        let base = std::path::absolute(base).unwrap_or_else(|_| base.to_path_buf());
        let card = RunCard {
            run: run_name(),
            nats: private.or_else(|| spread.nats.clone()).unwrap_or_default(),
            limits: spread.limits,
            scenario: ecosystem::scenario::resolved(scenario),
            base: base.to_string_lossy().into_owned(),
            data_hash: spread.data_hash.clone(),
            lease: spread.lease,
        };
        let address = spread
            .listen
            .unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 0)));
        let mut leader = Leader::open(address, card).map_err(Failure::input)?;
        let mut cluster = Self {
            leader: None,
            nodes: Vec::new(),
            _server: server,
        };
        if spread.start_nodes {
            for number in 1..=spread.nodes {
                cluster
                    .nodes
                    .push(start_node(&leader, number, spread.threads)?);
            }
        }
        tracing::info!("nodes attach to http://{}", leader.address());
        leader.wait_for(spread.nodes).map_err(Failure::run)?;
        cluster.leader = Some(Arc::new(Mutex::new(leader)));
        Ok(cluster)
    }

    /// Leads the nodes.
    pub fn leader(&self) -> Option<Arc<Mutex<Leader>>> {
        self.leader.clone()
    }

    /// Lets the nodes go, once nobody else needs the leader.
    pub fn finish(mut self) {
        let leader = self.leader.take().and_then(Arc::into_inner);
        if let Some(leader) = leader {
            leader
                .into_inner()
                .unwrap_or_else(PoisonError::into_inner)
                .finish();
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

fn start_node(leader: &Leader, number: usize, threads: usize) -> Result<Child, Failure> {
    let program = std::env::current_exe().doing("find this program")?;
    leash()?
        .arg(&program)
        .arg("node")
        .arg(format!("http://{}", leader.address()))
        .args(["--name", &format!("node-{number}")])
        .args(["--threads", &threads.to_string()])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .doing("start a node")
}

/// A command that ends the program it is given together with this process.
fn leash() -> Result<Command, Failure> {
    let mut command = Command::new(std::env::current_exe().doing("find this program")?);
    // Ctrl-C at the terminal is for this process, which ends the others when it has saved what they know.
    command.arg("leash").process_group(0);
    Ok(command)
}

/// A name that no other run at the same broker has.
#[expect(clippy::disallowed_methods, reason = "names of streams are no result")]
fn run_name() -> String {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    let nanos = now.map_or(0, |now| now.as_nanos());
    format!("{nanos:x}-{:x}", std::process::id())
}
