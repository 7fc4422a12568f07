//! What a load is put on, besides the population itself.

use std::path::Path;

use ecosystem::scenario::load;
use net::live::Target;
use net::{NatsServer, Security};

use crate::cluster::{Cluster, leash};
use crate::failure::Failure;

/// A target that may be used, and what it takes to reach it.
#[derive(Debug)]
pub struct Reached {
    /// The target, if the file names one.
    pub target: Option<Target>,
    /// How to connect to it.
    pub security: Security,
    /// A private server, which ends with this value.
    server: Option<NatsServer>,
}

/// Looks whether a target may be put under load: hosts other than this machine have to be among `allowed`.
///
/// # Errors
/// If it may not, with exit code 2.
pub fn check(target: Option<&load::Target>, allowed: &[String]) -> Result<(), Failure> {
    use load::Target::{Http, Jetstream, Nats};
    match target {
        Some(Nats { url, .. } | Http { url } | Jetstream { url: Some(url), .. }) => {
            permitted(url, allowed)
        }
        Some(Jetstream { url: None, .. }) | None => Ok(()),
    }
}

/// Finds out where documents go. A stream without an address is on the broker of the cluster, if there is one, and otherwise on
/// a private server that keeps its files in `folder`.
///
/// # Errors
/// If a private server cannot be started.
pub fn reach(
    target: Option<&load::Target>,
    (cluster, security): (Option<&Cluster>, Security),
    folder: &Path,
) -> Result<Reached, Failure> {
    let mut reached = Reached {
        target: None,
        security,
        server: None,
    };
    reached.target = match target.cloned() {
        None => None,
        Some(load::Target::Nats { url, subject }) => Some(Target::Nats { urls: url, subject }),
        Some(load::Target::Http { url }) => Some(Target::Http { url }),
        Some(load::Target::Jetstream {
            url,
            subject,
            stream,
        }) => Some(Target::JetStream {
            urls: match (url, cluster) {
                (Some(url), _) => url,
                (None, Some(cluster)) => cluster.names().1.to_owned(),
                (None, None) => reached.own_server(folder)?,
            },
            subject,
            stream,
        }),
    };
    Ok(reached)
}

impl Reached {
    /// The address of a private server that is started now.
    fn own_server(&mut self, folder: &Path) -> Result<String, Failure> {
        let server = NatsServer::start(folder, leash()?).map_err(Failure::input)?;
        self.security.nats_token_file = Some(server.token_file().to_owned());
        let url = server.url().to_owned();
        self.server = Some(server);
        Ok(url)
    }
}

/// Looks whether all hosts of these addresses may be put under load.
fn permitted(urls: &str, allowed: &[String]) -> Result<(), Failure> {
    for url in urls.split(',') {
        let host = host(url.trim());
        let is_here =
            ["localhost", "127.0.0.1", "[::1]"].contains(&host) || host.ends_with(".localhost");
        if !is_here && !allowed.iter().any(|known| known == host) {
            return Err(Failure::input(format_args!(
                "target.url = \"{url}\" is not on this machine: if you may put {host} under load, say so with --allow {host}"
            )));
        }
    }
    Ok(())
}

/// The host of an address.
fn host(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    let host = authority.rsplit('@').next().unwrap_or(authority);
    match host.find(']') {
        Some(end) if host.starts_with('[') => &host[..=end],
        _ => host.split(':').next().unwrap_or(host),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_is_put_under_load_unless_another_is_named() {
        for url in [
            "http://127.0.0.1:8080/ingest",
            "nats://localhost:4222",
            "http://people-1.localhost/",
            "http://[::1]:80/x",
            "nats://user:secret@localhost",
        ] {
            permitted(url, &[]).unwrap();
        }
        for url in [
            "http://example.org/",
            "nats://localhost, nats://example.org:4222",
            "http://localhost@example.org/",
            "http://localhost.example.org/",
            "http://127.0.0.1.example.org/",
        ] {
            let failure = permitted(url, &[]).unwrap_err();
            assert_eq!(failure.code, 2);
            assert!(failure.message.contains("--allow"), "{}", failure.message);
        }
        permitted("https://example.org/x", &["example.org".to_owned()]).unwrap();
        assert!(permitted("https://example.com/x", &["example.org".to_owned()]).is_err());
    }
}
