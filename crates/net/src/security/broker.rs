//! Connecting to the broker.

use std::future::ready;
use std::time::Duration;

use async_nats::{Auth, AuthError, ConnectErrorKind, ConnectOptions, ServerAddr};

use super::{Connection, Security, files, policy, reason};
use crate::error::NetError;

const CONNECT: Duration = Duration::from_secs(5);
/// A connection on which nothing comes back for two of these is made anew.
const PING: Duration = Duration::from_secs(5);
/// Messages that may wait to be heard; what comes on top is read from the durable log.
const HEARD: usize = 8192;
/// The longest pause between two attempts to connect again.
const RETRY: Duration = Duration::from_millis(250);

/// Connects to one of the brokers whose URLs are given, separated by commas, with what the files hold. They are read
/// again at every new connection.
///
/// # Errors
/// If the connection would not be secure, or none of them can be reached.
pub(crate) async fn connect_to_broker(
    urls: &str,
    security: &Security,
) -> Result<async_nats::Client, NetError> {
    security.check(&[Connection::Broker(urls)])?;
    let failed = |message: String| NetError::Unreachable {
        what: "the NATS server",
        address: urls
            .split(',')
            .map(policy::without_user)
            .collect::<Vec<_>>()
            .join(","),
        message,
    };
    let addresses = urls.split(',').map(|url| url.trim().parse::<ServerAddr>());
    let addresses: Vec<ServerAddr> = addresses
        .collect::<Result<_, _>>()
        .map_err(|error| failed(error.to_string()))?;
    let connected = options(urls, security).connect(addresses).await;
    connected.map_err(|error| failed(words(&error)))
}

fn options(urls: &str, security: &Security) -> ConnectOptions {
    let mut options = match security.nats_token_file.clone() {
        None => ConnectOptions::new(),
        Some(file) => ConnectOptions::with_auth_callback(move |_| {
            let mut auth = Auth::new();
            let read = files::secret(&file);
            auth.token = read.as_ref().ok().map(|token| token.reveal().to_owned());
            ready(read.map(|_| auth).map_err(AuthError::new))
        }),
    };
    options = options
        .connection_timeout(CONNECT)
        .ping_interval(PING)
        // Nobody has to be told what it has said.
        .no_echo()
        .subscription_capacity(HEARD)
        .reconnect_delay_callback(|attempts| RETRY.min(RETRY / 10 * attempts as u32));
    if let Some(ca) = &security.ca {
        options = options.add_root_certificates(ca.clone());
    }
    if let (Some(certificate), Some(key)) = (&security.certificate, &security.key) {
        options = options.add_client_certificate(certificate.clone(), key.clone());
    }
    if urls.split(',').all(|url| url.trim().starts_with("tls://")) {
        // Also of servers that one of these names.
        options.require_tls(true)
    } else {
        // They would be called without anybody having looked at where they are.
        options.ignore_discovered_servers()
    }
}

fn words(error: &async_nats::ConnectError) -> String {
    if let Some(words) = reason::in_words(error) {
        return words;
    }
    match error.kind() {
        ConnectErrorKind::AuthorizationViolation => {
            "it refuses the token, or wants one: give it with --nats-token-file".to_owned()
        }
        _ => error.to_string(),
    }
}
