//! A private NATS server, for runs that are not given one.

use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::error::NetError;
use crate::security::{new_secret_file, write_private};

const PROGRAM: &str = "nats-server";
const INSTALL: &str =
    "install it (Debian: `apt-get install nats-server`), or name a running server with --nats";
const PATIENCE: Duration = Duration::from_secs(20);

/// A `nats-server` with JetStream on loopback; it ends when this value is dropped.
#[derive(Debug)]
pub struct NatsServer {
    child: Child,
    url: String,
    token_file: PathBuf,
}

impl NatsServer {
    /// Starts `nats-server` on a free port, with its store in `folder`, which is emptied first, and a random token, so
    /// that nobody else on this machine can write into it. `leash` is a command that is given the program
    /// and its arguments, and ends it when its own standard input is closed: so the server ends with its owner,
    /// however that one ends.
    ///
    /// # Errors
    /// If the program is not installed or does not come up.
    pub fn start(folder: &Path, mut leash: Command) -> Result<Self, NetError> {
        let unusable = |error: std::io::Error| {
            failed(&format!("{} cannot be used: {error}", folder.display()))
        };
        if folder.exists() {
            std::fs::remove_dir_all(folder).map_err(unusable)?;
        }
        let ports = folder.join("ports");
        std::fs::create_dir_all(&ports).map_err(unusable)?;
        let log = folder.join("nats-server.log");
        let file = std::fs::File::create(&log).map_err(unusable)?;
        // Nodes may be started in another folder.
        let token_file = std::path::absolute(folder.join("token")).map_err(unusable)?;
        let token = new_secret_file(&token_file).map_err(unusable)?;
        // Not among the arguments, which everybody on the machine can see.
        let configuration = format!("authorization {{ token: \"{}\" }}\n", token.reveal());
        let configured = write_private(&folder.join("nats-server.conf"), &configuration);
        let child = leash
            // It may pile up ten times what it needs, some tens of MiB, before it collects: a tenth of the time of a run
            // whose windows are short went into that.
            .env("GOGC", "1000")
            .arg(PROGRAM)
            .arg("--config")
            .arg(configured.map_err(unusable)?)
            .args(["--addr", "127.0.0.1", "--port", "-1", "--jetstream"])
            .arg("--store_dir")
            .arg(folder.join("store"))
            .arg("--ports_file_dir")
            .arg(&ports)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(file)
            .spawn();
        let child = child.map_err(|error| failed(&error.to_string()))?;
        let mut server = Self {
            child,
            url: String::new(),
            token_file,
        };
        server.url = server.wait(&ports, &log)?;
        Ok(server)
    }

    /// Where it listens.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The file with its token.
    pub fn token_file(&self) -> &Path {
        &self.token_file
    }

    /// Waits for the file in which the server says where it listens.
    #[expect(
        clippy::disallowed_methods,
        reason = "waiting for another process takes wall time"
    )]
    fn wait(&mut self, ports: &Path, log: &Path) -> Result<String, NetError> {
        let begun = Instant::now();
        while begun.elapsed() < PATIENCE {
            if let Some(url) = announced(ports) {
                return Ok(url);
            }
            if self.child.try_wait().is_ok_and(|status| status.is_some()) {
                return Err(failed(&format!("{}\n{INSTALL}", tail(log).trim_end())));
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Err(failed(&format!(
            "it did not come up; it said:\n{}",
            tail(log)
        )))
    }
}

impl Drop for NatsServer {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        drop(self.child.wait());
    }
}

fn failed(message: &str) -> NetError {
    NetError::Start {
        program: PROGRAM.to_owned(),
        message: message.to_owned(),
    }
}

/// The address in the file that the server writes once it listens.
fn announced(ports: &Path) -> Option<String> {
    let files = std::fs::read_dir(ports).ok()?;
    let mut texts = files.filter_map(|file| std::fs::read_to_string(file.ok()?.path()).ok());
    texts.find_map(|text| url_of(&text))
}

/// The first address in `{"nats":["nats://127.0.0.1:4222"], ...}`.
fn url_of(text: &str) -> Option<String> {
    let start = text.find("nats://")?;
    let end = text[start..].find('"')?;
    Some(text[start..start + end].to_owned())
}

fn tail(path: &Path) -> String {
    let mut text = String::new();
    if let Ok(mut file) = std::fs::File::open(path) {
        let length = file.seek(SeekFrom::End(0)).unwrap_or(0);
        drop(file.seek(SeekFrom::Start(length.saturating_sub(2000))));
        drop(file.read_to_string(&mut text));
    }
    text
}
