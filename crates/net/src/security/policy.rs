//! What must be secured, and with what.

use std::net::{IpAddr, SocketAddr, ToSocketAddrs};

use tonic::transport::Uri;

use super::{Connection, Security};

/// Something that is required and not given.
#[derive(Debug)]
pub(crate) struct Unmet {
    /// What is not secured.
    pub(crate) what: String,
    /// What would be right.
    way_out: String,
    /// Whether the user may go without.
    pub(crate) may_be_waived: bool,
}

impl Unmet {
    fn new(what: impl Into<String>, way_out: impl Into<String>, may_be_waived: bool) -> Self {
        Self {
            what: what.into(),
            way_out: way_out.into(),
            may_be_waived,
        }
    }

    pub(crate) fn advice(self) -> String {
        let Self { what, way_out, .. } = self;
        let insecure = if self.may_be_waived {
            ", or --insecure to go without"
        } else {
            ""
        };
        format!("{what}: {way_out}{insecure}")
    }
}

/// What these files leave to be desired for a connection.
pub(crate) fn unmet(security: &Security, connection: Connection<'_>) -> Vec<Unmet> {
    match connection {
        Connection::Listener(address) => listener(security, address),
        Connection::Coordinator(url) => coordinator(security, url),
        Connection::Broker(urls) => urls
            .split(',')
            .flat_map(|url| broker(security, url.trim()))
            .collect(),
    }
}

const TLS: &str = "--ca, --certificate and --key";

fn listener(security: &Security, address: SocketAddr) -> Vec<Unmet> {
    let mut unmet = Vec::new();
    if is_loopback(address.ip()) {
        return unmet;
    }
    if !security.has_identity() {
        let what = format!("other machines can reach {address}, and connections to it are plain");
        unmet.push(Unmet::new(what, format!("give {TLS}"), true));
    }
    if security.token_file.is_none() {
        let what = format!("other machines can reach {address}, and no token is asked for");
        unmet.push(Unmet::new(what, "give --token-file", true));
    }
    unmet
}

fn coordinator(security: &Security, url: &str) -> Vec<Unmet> {
    let shown = without_user(url);
    let form = |what: &str| {
        vec![Unmet::new(
            format!("the coordinator's address {shown} {what}"),
            "write https://HOST:PORT, or http://HOST:PORT on loopback",
            false,
        )]
    };
    if shown != url {
        return form("holds a name or password; the secret is that of --token-file");
    }
    let Ok(uri) = url.parse::<Uri>() else {
        return form("is no URL");
    };
    let (Some(scheme @ ("http" | "https")), Some(host)) = (uri.scheme_str(), uri.host()) else {
        return form("is not of the form that is known");
    };
    let is_here = host_is_loopback(host, uri.port_u16().unwrap_or(80));
    let mut unmet = Vec::new();
    if scheme == "https" && !security.has_identity() {
        let what = format!("{shown} asks for TLS with certificates of both sides");
        unmet.push(Unmet::new(what, format!("give {TLS}"), false));
    }
    if scheme == "http" && !is_here {
        let what = format!("{shown} is on another machine, and the connection to it is plain");
        unmet.push(Unmet::new(
            what,
            format!("write https:// and give {TLS}"),
            true,
        ));
    }
    if !is_here && security.token_file.is_none() {
        let what = format!("{shown} is on another machine, and no token is shown to it");
        unmet.push(Unmet::new(
            what,
            "give the coordinator's --token-file",
            true,
        ));
    }
    unmet
}

fn broker(security: &Security, url: &str) -> Vec<Unmet> {
    let shown = without_user(url);
    let form = |what: &str, way_out: &str| {
        vec![Unmet::new(
            format!("the broker's address {shown} {what}"),
            way_out,
            false,
        )]
    };
    if shown != url {
        return form(
            "holds a name, password or token, which others can read",
            "write it into a file and give --nats-token-file",
        );
    }
    let with_scheme = if url.contains("://") {
        url.to_owned()
    } else {
        format!("nats://{url}")
    };
    let uri = with_scheme.parse::<Uri>().ok();
    let parts = uri.as_ref().map(|uri| (uri.scheme_str(), uri.host()));
    let Some((Some(scheme @ ("nats" | "tls")), Some(host))) = parts else {
        return form(
            "is not understood",
            "write nats://HOST:PORT or tls://HOST:PORT",
        );
    };
    let port = uri.as_ref().and_then(Uri::port_u16).unwrap_or(4222);
    if host_is_loopback(host, port) {
        return Vec::new();
    }
    let mut unmet = Vec::new();
    if scheme == "nats" {
        let what =
            format!("the broker {shown} is on another machine, and the connection to it is plain");
        unmet.push(Unmet::new(what, "write tls:// and give --ca", true));
    }
    if security.nats_token_file.is_none() && !security.has_identity() {
        let what = format!(
            "the broker {shown} is on another machine, and nothing is shown to it that it could ask for"
        );
        unmet.push(Unmet::new(
            what,
            format!("give --nats-token-file, or {TLS}"),
            true,
        ));
    }
    unmet
}

/// True if a broker's URL leads to this machine and nowhere else.
pub(crate) fn is_here(url: &str) -> bool {
    let host = |uri: &Uri| uri.host().is_some_and(|host| host_is_loopback(host, 4222));
    url.parse::<Uri>().is_ok_and(|uri| host(&uri))
}

/// A URL without what stands before an `@` in its host.
pub(crate) fn without_user(url: &str) -> String {
    let (scheme, rest) = url
        .split_once("://")
        .map_or(("", url), |(scheme, rest)| (scheme, rest));
    let host_end = rest.find('/').unwrap_or(rest.len());
    match rest[..host_end].rfind('@') {
        None => url.to_owned(),
        Some(at) if scheme.is_empty() => rest[at + 1..].to_owned(),
        Some(at) => format!("{scheme}://{}", &rest[at + 1..]),
    }
}

/// True if every address of a host is on this machine alone.
fn host_is_loopback(host: &str, port: u16) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let Ok(addresses) = (host, port).to_socket_addrs() else {
        return false;
    };
    let mut addresses = addresses.peekable();
    addresses.peek().is_some() && addresses.all(|address| is_loopback(address.ip()))
}

pub(crate) fn is_loopback(address: IpAddr) -> bool {
    address.to_canonical().is_loopback()
}
