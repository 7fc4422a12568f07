//! Flags for what connections are secured with.

use std::path::PathBuf;

use clap::Args;
use net::Security;

/// The same for everything that listens or calls.
#[derive(Debug, Args)]
#[command(
    next_help_heading = "Security (on loopback connections may be plain; off it TLS and a token are required)"
)]
pub(super) struct SecurityArguments {
    /// Certificates of the authorities that have signed those of coordinator, nodes and broker (PEM).
    #[arg(long, value_name = "FILE", env = "ECHOSPHERE_CA")]
    ca: Option<PathBuf>,
    /// This side's certificate (PEM), shown to the other one; read again when the file changes.
    #[arg(long, value_name = "FILE", env = "ECHOSPHERE_CERTIFICATE")]
    certificate: Option<PathBuf>,
    /// The certificate's private key (PEM); a file that other users cannot read.
    #[arg(long, value_name = "FILE", env = "ECHOSPHERE_KEY")]
    key: Option<PathBuf>,
    /// A file with the secret that clients show and the coordinator asks for: 16 characters or more.
    #[arg(long, value_name = "FILE", env = "ECHOSPHERE_TOKEN_FILE")]
    token_file: Option<PathBuf>,
    /// A file with the secret that the NATS server asks for; encrypted to tls://HOST:PORT with the same --ca.
    #[arg(long, value_name = "FILE", env = "ECHOSPHERE_NATS_TOKEN_FILE")]
    nats_token_file: Option<PathBuf>,
    /// Allows plain connections without token to and from other machines: everybody there can read and change the run.
    #[arg(long, env = "ECHOSPHERE_INSECURE")]
    insecure: bool,
}

impl SecurityArguments {
    pub(super) fn chosen(&self) -> Security {
        Security {
            ca: self.ca.clone(),
            certificate: self.certificate.clone(),
            key: self.key.clone(),
            token_file: self.token_file.clone(),
            nats_token_file: self.nats_token_file.clone(),
            insecure: self.insecure,
        }
    }
}
