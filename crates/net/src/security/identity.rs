//! Who one is, and whom one believes: what TLS is configured with.

use std::path::PathBuf;
use std::sync::Arc;

use tokio_rustls::rustls::crypto::{CryptoProvider, ring};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, UnixTime};
use tokio_rustls::rustls::server::{NoServerSessionStorage, WebPkiClientVerifier};
use tokio_rustls::rustls::sign::CertifiedKey;
use tokio_rustls::rustls::version::TLS13;
use tokio_rustls::rustls::{self, ClientConfig, RootCertStore, ServerConfig};

use super::reason::certificate;
use super::{Security, files};

/// What is spoken inside TLS.
const PROTOCOL: &[u8] = b"h2";

/// Certificates and key as read from their files.
struct Identity {
    roots: Arc<RootCertStore>,
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
}

/// The paths of CA, certificate and key, if all are given.
pub(crate) fn paths(security: &Security) -> Option<[PathBuf; 3]> {
    let Security {
        ca,
        certificate,
        key,
        ..
    } = security;
    Some([ca.clone()?, certificate.clone()?, key.clone()?])
}

/// Everything that is wrong with the files.
pub(crate) fn problems(security: &Security) -> Vec<String> {
    let Some(paths) = paths(security) else {
        let alone = security.ca.as_deref().map(roots);
        return alone.and_then(Result::err).into_iter().collect();
    };
    read(&paths).err().unwrap_or_default()
}

/// For a listener.
pub(crate) fn server(paths: &[PathBuf; 3]) -> Result<ServerConfig, Vec<String>> {
    let Identity { roots, chain, key } = read(paths)?;
    let verifier = WebPkiClientVerifier::builder_with_provider(roots, provider()).build();
    let verifier = verifier.map_err(one)?;
    let builder = ServerConfig::builder_with_provider(provider());
    let builder = builder.with_protocol_versions(&[&TLS13]).map_err(one)?;
    let config = builder
        .with_client_cert_verifier(verifier)
        .with_single_cert(chain, key);
    let mut config = config.map_err(one)?;
    config.alpn_protocols = vec![PROTOCOL.to_vec()];
    // A resumed session would not look at certificates again.
    config.session_storage = Arc::new(NoServerSessionStorage {});
    config.send_tls13_tickets = 0;
    Ok(config)
}

/// For a client.
pub(crate) fn client(paths: &[PathBuf; 3]) -> Result<ClientConfig, Vec<String>> {
    let Identity { roots, chain, key } = read(paths)?;
    let builder = ClientConfig::builder_with_provider(provider());
    let builder = builder.with_protocol_versions(&[&TLS13]).map_err(one)?;
    let config = builder
        .with_root_certificates(roots)
        .with_client_auth_cert(chain, key);
    let mut config = config.map_err(one)?;
    config.alpn_protocols = vec![PROTOCOL.to_vec()];
    Ok(config)
}

fn read([ca, certificate, key]: &[PathBuf; 3]) -> Result<Identity, Vec<String>> {
    let mut problems = Vec::new();
    let mut note = |problem: Option<String>| problems.extend(problem);
    let roots = roots(ca).map_err(|problem| note(Some(problem))).ok();
    let chain = files::certificates(certificate).map_err(|problem| note(Some(problem)));
    let private = files::key(key).map_err(|problem| note(Some(problem)));
    if let (Ok(chain), Ok(private)) = (&chain, &private)
        && let Err(problem) = fits(chain, private)
    {
        note(Some(format!(
            "the key {} does not fit the certificate {}: {problem}",
            key.display(),
            certificate.display()
        )));
    }
    if let (Some(roots), Ok(chain)) = (&roots, &chain) {
        let outdated = outdated(roots, chain);
        note(
            outdated.map(|problem| format!("the certificate {} {problem}", certificate.display())),
        );
    }
    match (roots, chain, private) {
        (Some(roots), Ok(chain), Ok(key)) if problems.is_empty() => {
            Ok(Identity { roots, chain, key })
        }
        _ => Err(problems),
    }
}

fn roots(path: &std::path::Path) -> Result<Arc<RootCertStore>, String> {
    let mut roots = RootCertStore::empty();
    for certificate in files::certificates(path)? {
        roots.add(certificate).map_err(|error| {
            format!(
                "{} holds a certificate that no authority can have: {error}",
                path.display()
            )
        })?;
    }
    Ok(Arc::new(roots))
}

fn fits(
    chain: &[CertificateDer<'static>],
    key: &PrivateKeyDer<'static>,
) -> Result<(), rustls::Error> {
    CertifiedKey::from_der(chain.to_vec(), key.clone_key(), &provider()).map(drop)
}

/// What is wrong with the time of a certificate.
fn outdated(roots: &Arc<RootCertStore>, chain: &[CertificateDer<'static>]) -> Option<String> {
    let roots = Arc::clone(roots);
    let verifier = WebPkiClientVerifier::builder_with_provider(roots, provider()).build();
    let (own, between) = chain.split_first()?;
    let verified = verifier
        .ok()?
        .verify_client_cert(own, between, UnixTime::now());
    match verified {
        Err(rustls::Error::InvalidCertificate(error)) => certificate::outdated(&error),
        _ => None,
    }
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(ring::default_provider())
}

fn one(error: impl std::fmt::Display) -> Vec<String> {
    vec![error.to_string()]
}
