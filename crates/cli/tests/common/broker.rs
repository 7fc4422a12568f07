//! Brokers: real nats-servers on loopback, alone or three together, each ended when dropped.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// One nats-server, which can be killed and comes back on the same ports with the same store.
pub(crate) struct Broker {
    child: Option<Child>,
    /// What it is started with, ahead of the program: for instance `ip netns exec NAME`.
    inside: Vec<String>,
    host: String,
    port: u16,
    monitor: u16,
    config: PathBuf,
}

/// Several nats-servers that keep copies for one another.
pub(crate) struct Brokers {
    servers: Vec<Broker>,
}

/// Polls before giving up on a server, of 20 ms each.
const POLLS_MAX: u32 = 1500;

/// A port that is free, and outside the range from which the system takes those of connections.
pub(crate) fn free_port() -> u16 {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    loop {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        // Tests run side by side in several processes.
        let port = 10_000 + (std::process::id() * 131 + number) % 20_000;
        if TcpListener::bind(("127.0.0.1", port as u16)).is_ok() {
            return port as u16;
        }
    }
}

/// The line of a configuration that keeps streams below `folder`.
pub(crate) fn jetstream(folder: &Path) -> String {
    format!(
        "jetstream {{ store_dir: \"{}\" }}\n",
        folder.join("store").display()
    )
}

impl Broker {
    /// Starts one with JetStream, with its store below `folder`.
    #[track_caller]
    pub(crate) fn start(folder: &Path) -> Self {
        Self::with(folder, ("127.0.0.1", &[]), &jetstream(folder))
    }

    /// Starts one without JetStream.
    #[track_caller]
    pub(crate) fn plain(folder: &Path) -> Self {
        Self::with(folder, ("127.0.0.1", &[]), "")
    }

    /// Starts one at the address of another machine, by a command that goes there, with more lines of configuration.
    #[track_caller]
    pub(crate) fn with(folder: &Path, (host, inside): (&str, &[String]), more: &str) -> Self {
        let mut broker = Self::new(folder, host, more);
        broker.inside = inside.to_vec();
        broker.restart();
        broker
    }

    fn new(folder: &Path, host: &str, more: &str) -> Self {
        std::fs::create_dir_all(folder).unwrap();
        let (port, monitor) = (free_port(), free_port());
        let config = folder.join("nats.conf");
        // On another network than loopback, it is reached at several addresses.
        let listen = if host == "127.0.0.1" { host } else { "0.0.0.0" };
        let text = format!("host: {listen}\nport: {port}\nhttp: \"{listen}:{monitor}\"\n{more}");
        std::fs::write(&config, text).unwrap();
        Self {
            child: None,
            inside: Vec::new(),
            host: host.to_owned(),
            port,
            monitor,
            config,
        }
    }

    /// Its process number.
    #[track_caller]
    pub(crate) fn id(&self) -> u32 {
        self.child.as_ref().expect("it runs").id()
    }

    pub(crate) fn url(&self) -> String {
        self.url_at(&self.host)
    }

    /// Its address for who reaches its machine at `host`.
    pub(crate) fn url_at(&self, host: &str) -> String {
        format!("nats://{host}:{}", self.port)
    }

    /// Ends it as a power failure would.
    #[track_caller]
    pub(crate) fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }

    /// Kills it if it runs, starts it, and waits until it answers.
    #[track_caller]
    pub(crate) fn restart(&mut self) {
        self.begin();
        self.wait_for("/healthz", |answer| answer.contains("\"ok\""));
    }

    fn begin(&mut self) {
        self.kill();
        let mut words = self
            .inside
            .iter()
            .map(String::as_str)
            .chain(["nats-server", "-c"]);
        let mut command = Command::new(words.next().unwrap());
        command.args(words).arg(&self.config);
        let started = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        let child = started.expect("these tests need nats-server: `cargo xtask test` installs it");
        self.child = Some(child);
    }

    #[track_caller]
    #[expect(
        clippy::disallowed_methods,
        reason = "another process has to come to a certain point"
    )]
    fn wait_for(&self, path: &str, ready: impl Fn(&str) -> bool) {
        let mut last = String::new();
        for _ in 0..POLLS_MAX {
            last = self.ask(path).unwrap_or_default();
            if ready(&last) {
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        panic!("nats-server never came to that point; {path} says: {last}");
    }

    /// What its monitoring says.
    fn ask(&self, path: &str) -> std::io::Result<String> {
        let mut stream = TcpStream::connect((self.host.as_str(), self.monitor))?;
        stream.set_read_timeout(Some(Duration::from_secs(2)))?;
        write!(stream, "GET {path} HTTP/1.0\r\n\r\n")?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer)
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            drop(child.kill());
            drop(child.wait());
        }
    }
}

impl Brokers {
    /// Starts three.
    #[track_caller]
    pub(crate) fn start(folder: &Path) -> Self {
        let ports = [free_port(), free_port(), free_port()];
        let routes = ports
            .map(|port| format!("nats://127.0.0.1:{port}"))
            .join(", ");
        let server = |number: usize, port: &u16| {
            let folder = folder.join(format!("server-{number}"));
            let more = format!(
                "server_name: server-{number}\n{}\
                 cluster {{ name: test, listen: \"127.0.0.1:{port}\", routes: [{routes}] }}\n",
                jetstream(&folder)
            );
            Broker::new(&folder, "127.0.0.1", &more)
        };
        let servers = ports
            .iter()
            .enumerate()
            .map(|(number, port)| server(number, port));
        let mut brokers = Self {
            servers: servers.collect(),
        };
        brokers.servers.iter_mut().for_each(Broker::begin);
        brokers.wait();
        brokers
    }

    /// Starts three, or one alone.
    #[track_caller]
    pub(crate) fn of(count: usize, folder: &Path) -> Self {
        if count == 3 {
            return Self::start(folder);
        }
        Self {
            servers: vec![Broker::start(folder)],
        }
    }

    /// How many they are.
    pub(crate) fn count(&self) -> usize {
        self.servers.len()
    }

    /// The addresses of all, separated by commas.
    pub(crate) fn urls(&self) -> String {
        let urls: Vec<String> = self.servers.iter().map(Broker::url).collect();
        urls.join(",")
    }

    /// Waits until those that run have a leader and are up to date.
    #[track_caller]
    pub(crate) fn wait(&self) {
        for server in self.servers.iter().filter(|server| server.child.is_some()) {
            let is_alone = self.servers.len() == 1;
            server.wait_for("/jsz", |answer| {
                if is_alone {
                    return true;
                }
                let cluster = answer.split_once("\"meta_cluster\"");
                cluster.is_some_and(|(_, rest)| rest.contains("\"leader\": \"server-"))
            });
            server.wait_for("/healthz", |answer| answer.contains("\"ok\""));
        }
    }

    /// The server that leads the only stream, once one does: after a loss they vote.
    #[track_caller]
    #[expect(
        clippy::disallowed_methods,
        reason = "other processes have to come to a certain point"
    )]
    pub(crate) fn leader(&self) -> usize {
        let leads = |server: &Broker| {
            let answer = server.ask("/jsz?streams=1&accounts=1").ok()?;
            let (_, stream) = answer.split_once("\"stream_detail\"")?;
            let (_, name) = stream.split_once("\"leader\": \"server-")?;
            name[..1].parse().ok()
        };
        for _ in 0..POLLS_MAX {
            if let Some(leader) = self.servers.iter().find_map(leads) {
                return leader;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        panic!("no stream has a leader");
    }

    /// Kills one of them.
    #[track_caller]
    pub(crate) fn kill(&mut self, number: usize) {
        self.servers[number].kill();
    }

    /// Starts one of them again.
    #[track_caller]
    pub(crate) fn restart(&mut self, number: usize) {
        self.servers[number].begin();
        self.wait();
    }
}
