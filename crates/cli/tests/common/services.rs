//! Services of the compose file as processes: what is mounted lies in a folder, and every service has an address of its own.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use crate::deployed::{documents, place, read, words};

/// The compose file, brought to one machine without containers.
pub(crate) struct Stack {
    compose: Value,
    folder: PathBuf,
    /// A network of loopback, and the place of each service in it.
    network: String,
    places: BTreeMap<String, u64>,
}

/// A service's process; it ends when dropped.
pub(crate) struct Service {
    pub(crate) child: Child,
    log: PathBuf,
}

impl Stack {
    /// Prepares what services mount; `secrets` is where the README has one make them.
    pub(crate) fn new(folder: &Path) -> Self {
        let compose = documents("compose.yaml").remove(0);
        let names = compose["services"].as_object().unwrap().keys();
        // Tests that run at the same time are different processes.
        let process = std::process::id();
        let network = format!("127.{}.{}", 16 + process / 256 % 128, process % 256);
        let places = names.cloned().zip(1..).collect();
        Self {
            compose,
            folder: folder.to_owned(),
            network,
            places,
        }
    }

    /// The address of a service, or of one of its replicas.
    fn address(&self, name: &str, number: u64) -> String {
        format!("{}.{}", self.network, self.places[name] + 16 * (number - 1))
    }

    /// Names of the services that the file has start before another.
    pub(crate) fn awaited(&self, name: &str) -> Vec<String> {
        let awaited = self.compose["services"][name]["depends_on"].as_object();
        awaited
            .into_iter()
            .flatten()
            .map(|(name, _)| name.clone())
            .collect()
    }

    /// How many processes a service is.
    pub(crate) fn replicas(&self, name: &str) -> u64 {
        let replicas = &self.compose["services"][name]["deploy"]["replicas"];
        replicas.as_u64().unwrap_or(1)
    }

    /// Where a service's path lies here.
    pub(crate) fn path(&self, name: &str, inside: &str) -> PathBuf {
        for volume in words(&self.compose["services"][name]["volumes"]) {
            if let Some((volume, target)) = volume.split_once(':')
                && let Some(rest) = inside.strip_prefix(target)
            {
                return self.folder.join(format!("volumes/{volume}{rest}"));
            }
        }
        self.folder.join(format!("{name}{inside}"))
    }

    /// Copies a service's secrets and configurations, and makes its volumes; replicas share them.
    fn mount(&self, name: &str, number: u64) {
        let service = &self.compose["services"][name];
        for kind in ["secrets", "configs"] {
            for entry in service[kind].as_array().into_iter().flatten() {
                let source = entry.as_str().or(entry["source"].as_str()).unwrap();
                let target = entry["target"]
                    .as_str()
                    .map_or_else(|| format!("/run/secrets/{source}"), ToOwned::to_owned);
                let file = self.compose[kind][source]["file"].as_str().unwrap();
                let path = self.path(name, &target);
                std::fs::create_dir_all(path.parent().unwrap()).unwrap();
                if kind == "secrets" {
                    // A copy that nobody else reads, as the original.
                    std::fs::copy(self.folder.join(file), path).unwrap();
                } else {
                    std::fs::write(path, self.addressed((name, number), &read(file))).unwrap();
                }
            }
        }
        for volume in words(&service["volumes"]) {
            let target = volume.rsplit(':').next().unwrap();
            std::fs::create_dir_all(self.path(name, target)).unwrap();
        }
    }

    /// Names become addresses, and what a service listens on is its own.
    fn addressed(&self, (name, number): (&str, u64), text: &str) -> String {
        let own = self.address(name, number);
        let mut text = text
            .replace("0.0.0.0:", &format!("{own}:"))
            .replace("127.0.0.1:", &format!("{own}:"));
        for other in self.places.keys() {
            let address = self.address(other, 1);
            text = text.replace(&format!("://{other}:"), &format!("://{address}:"));
        }
        text
    }

    /// A word of a command line or a variable's value.
    fn word(&self, service: (&str, u64), word: &str) -> String {
        if word.starts_with('/') {
            return self.path(service.0, word).to_string_lossy().into_owned();
        }
        self.addressed(service, word)
    }

    /// A program with a service's variables.
    fn command(&self, service: (&str, u64), line: &[String]) -> Command {
        let program = match line[0].as_str() {
            "/echosphere" => env!("CARGO_BIN_EXE_echosphere"),
            other => other,
        };
        let mut command = Command::new(program);
        command.args(line[1..].iter().map(|word| self.word(service, word)));
        let variables = self.compose["services"][service.0]["environment"].as_object();
        for (key, value) in variables.into_iter().flatten() {
            command.env(key, self.word(service, value.as_str().unwrap()));
        }
        command.current_dir(&self.folder).stdin(Stdio::null());
        command.env_remove("RUST_LOG");
        command
    }

    /// Starts one process of a service with some more words.
    pub(crate) fn start(&self, name: &str, number: u64, more: &[&str]) -> Service {
        if number == 1 {
            self.mount(name, number);
        }
        let service = &self.compose["services"][name];
        let mut line = words(&service["command"]);
        // The image of our services has an entry point, the image of NATS has none that matters.
        if service.get("build").is_some() {
            line.insert(0, "/echosphere".to_owned());
        }
        let log = self.folder.join(format!("{name}-{number}.log"));
        let mut command = self.command((name, number), &line);
        command.args(more).stdout(File::create(&log).unwrap());
        command.stderr(File::options().append(true).open(&log).unwrap());
        let child = command
            .spawn()
            .expect("`cargo xtask test` installs nats-server");
        Service { child, log }
    }

    /// The health check of one of our services, once.
    pub(crate) fn is_healthy(&self, name: &str) -> bool {
        let test = words(&self.compose["services"][name]["healthcheck"]["test"]);
        let output = self.command((name, 1), &test[1..]).output().unwrap();
        output.status.success()
    }

    /// The address that the health check of a server of NATS asks, as host, port and path.
    pub(crate) fn health_address(&self, name: &str) -> (String, String) {
        let test = words(&self.compose["services"][name]["healthcheck"]["test"]);
        let url = self.addressed((name, 1), test.last().unwrap());
        let (host, path) = url
            .strip_prefix("http://")
            .unwrap()
            .split_once('/')
            .unwrap();
        (host.to_owned(), format!("/{path}"))
    }

    /// Certificates and tokens, by the script and by hand.
    pub(crate) fn make_secrets(&self) {
        let all = |name: &str| {
            (1..=self.replicas(name))
                .map(|number| self.address(name, number))
                .collect::<Vec<_>>()
                .join(",")
        };
        let servers: Vec<String> = self
            .awaited("coordinator")
            .iter()
            .map(|name| all(name))
            .collect();
        let arguments = [
            format!("coordinator={}", all("coordinator")),
            format!("node={}", all("node")),
            format!("nats={}", servers.join(",")),
        ];
        let script = place("certificates.sh");
        let mut shell = Command::new("sh");
        shell.args(["-e", "-c", SECRETS, script.to_str().unwrap()]);
        let status = shell.args(arguments).current_dir(&self.folder).status();
        assert!(status.unwrap().success());
    }
}

/// Makes certificates, then two tokens, as the README says.
const SECRETS: &str = r#"
umask 077
sh "$0" secrets "$@"
openssl rand -hex 32 > secrets/token
openssl rand -hex 32 > secrets/nats-token
printf 'token: "%s"\n' "$(cat secrets/nats-token)" > secrets/nats-token.conf
"#;

impl Service {
    /// What it has said so far.
    pub(crate) fn said(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
