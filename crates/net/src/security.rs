//! What connections between coordinator, nodes and broker are secured with.
//!
//! On loopback they may be plain. Off it, TLS with certificates of both sides and a token are required, or an explicit
//! word that neither is wanted. All secrets are in files, which are read again when they change.

mod broker;
mod bucket;
mod client;
mod connection;
mod files;
mod gate;
mod guard;
mod identity;
mod policy;
mod reason;
mod reload;

use std::net::SocketAddr;
use std::path::PathBuf;

pub(crate) use self::broker::connect_to_broker;
pub(crate) use self::client::Link;
pub(crate) use self::files::{new_secret_file, write_private};
pub(crate) use self::gate::{Gate, server};
pub(crate) use self::guard::incoming;
pub(crate) use self::policy::is_here;
use crate::error::NetError;

/// The files that secure connections, and whether going without is allowed.
///
/// Holds no secret itself, only where they are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Security {
    /// Certificates of the authorities that vouch for the other side, PEM.
    pub ca: Option<PathBuf>,
    /// The own certificate, with those between it and its authority, PEM.
    pub certificate: Option<PathBuf>,
    /// The key of the own certificate, PEM.
    pub key: Option<PathBuf>,
    /// A secret that every client of a coordinator shows.
    pub token_file: Option<PathBuf>,
    /// A secret that the broker wants to see.
    pub nats_token_file: Option<PathBuf>,
    /// Connections off loopback may be plain and without token.
    pub insecure: bool,
}

/// What is to be secured.
#[derive(Debug, Clone, Copy)]
pub enum Connection<'a> {
    /// A coordinator listens.
    Listener(SocketAddr),
    /// A client calls a coordinator, by its URL.
    Coordinator(&'a str),
    /// A client of brokers, by their URLs, separated by commas.
    Broker(&'a str),
}

impl Security {
    /// Reads every file, and looks whether it suffices for these connections. Warns of what is not secured.
    ///
    /// # Errors
    /// Names everything that is wrong, one problem a line.
    pub fn check(&self, connections: &[Connection<'_>]) -> Result<(), NetError> {
        install_provider();
        let mut problems = self.incomplete();
        problems.extend(identity::problems(self));
        for file in [&self.token_file, &self.nats_token_file]
            .into_iter()
            .flatten()
        {
            problems.extend(files::secret(file).err());
        }
        let mut warnings = Vec::new();
        for connection in connections {
            for unmet in policy::unmet(self, *connection) {
                if unmet.may_be_waived && self.insecure {
                    warnings.push(unmet.what);
                } else {
                    problems.push(unmet.advice());
                }
            }
        }
        if !problems.is_empty() {
            return Err(NetError::Insecure(problems.join("\n")));
        }
        for warning in warnings {
            tracing::warn!("{warning}: whoever reaches it can read and change this run");
        }
        Ok(())
    }

    /// True if connections to and from a coordinator are encrypted.
    pub fn has_identity(&self) -> bool {
        self.ca.is_some() && self.certificate.is_some() && self.key.is_some()
    }

    /// Names of flags that are given without the others that they make sense with.
    fn incomplete(&self) -> Vec<String> {
        let files = [&self.certificate, &self.key];
        let given = files.iter().filter(|file| file.is_some()).count();
        if given == 1 || (given == 2 && self.ca.is_none()) {
            return vec!["--ca, --certificate and --key go together: give all three".to_owned()];
        }
        Vec::new()
    }
}

/// Makes one provider of cryptography that of the whole process: two users of TLS have to agree on it.
pub fn install_provider() {
    // Refused if there is one already, which is then this one.
    drop(tokio_rustls::rustls::crypto::ring::default_provider().install_default());
}

#[cfg(test)]
mod tests;
