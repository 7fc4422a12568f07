use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, date_time_ymd};
use tempfile::TempDir;
use tokio::io::AsyncReadExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore, ServerConfig};
use tokio_rustls::{TlsAcceptor, TlsConnector};
use tokio_stream::StreamExt;

use super::*;

/// An authority and a folder with its certificate.
struct Home {
    folder: TempDir,
    issuer: Issuer<'static, KeyPair>,
}

impl Home {
    fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, "home");
        let key = KeyPair::generate().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let ca = params.self_signed(&key).unwrap();
        std::fs::write(folder.path().join("ca"), ca.pem()).unwrap();
        Self {
            folder,
            issuer: Issuer::new(params, key),
        }
    }

    /// Files for `127.0.0.1` that are valid until the beginning of `year`.
    fn papers(&self, who: &str, year: i32) -> Security {
        let mut params = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
        params.not_before = date_time_ymd(2020, 1, 1);
        params.not_after = date_time_ymd(year, 1, 1);
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        let file = |kind: &str, text: &str| {
            let path = self.folder.path().join(format!("{who}.{kind}"));
            std::fs::write(&path, text).unwrap();
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
            Some(path)
        };
        Security {
            ca: Some(self.folder.path().join("ca")),
            certificate: file("pem", &certificate.pem()),
            key: file("key", &key.serialize_pem()),
            ..Security::default()
        }
    }

    fn roots(&self) -> RootCertStore {
        let mut roots = RootCertStore::empty();
        for certificate in files::certificates(&self.folder.path().join("ca")).unwrap() {
            roots.add(certificate).unwrap();
        }
        roots
    }
}

type Papers = (
    Vec<tokio_rustls::rustls::pki_types::CertificateDer<'static>>,
    PrivateKeyDer<'static>,
);

fn read(security: &Security) -> Papers {
    let path = |file: &Option<PathBuf>| file.clone().unwrap();
    (
        files::certificates(&path(&security.certificate)).unwrap(),
        files::key(&path(&security.key)).unwrap(),
    )
}

/// What a client is told that connects with a certificate that nobody here would send.
async fn told(home: &Home, papers: Option<Papers>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let mut connections = incoming(listener, &home.papers("server", 2100)).unwrap();
    tokio::spawn(async move { while connections.next().await.is_some() {} });
    let builder = ClientConfig::builder().with_root_certificates(home.roots());
    let config = match papers {
        Some((chain, key)) => builder.with_client_auth_cert(chain, key).unwrap(),
        None => builder.with_no_client_auth(),
    };
    let stream = TcpStream::connect(address).await.unwrap();
    let name = ServerName::try_from("127.0.0.1").unwrap();
    let stream = TlsConnector::from(Arc::new(config))
        .connect(name, stream)
        .await;
    // The server's verdict comes after the client's handshake.
    let error = stream.unwrap().read(&mut [0; 64]).await.unwrap_err();
    reason::of_io(&error)
}

#[tokio::test]
async fn a_client_that_is_refused_is_told_why() {
    install_provider();
    let home = Home::new();
    let expired = read(&home.papers("expired", 2021));
    assert!(told(&home, Some(expired)).await.contains("it has expired"));
    assert!(told(&home, None).await.contains("asks for a certificate"));
    // Of an authority with the same name and another key.
    let foreign = read(&Home::new().papers("foreign", 2100));
    assert!(
        told(&home, Some(foreign))
            .await
            .contains("refuses the certificate given here")
    );
}

/// A certificate that expires while its server runs.
#[tokio::test]
async fn an_expired_server_is_named_with_its_date() {
    install_provider();
    let home = Home::new();
    let (chain, key) = read(&home.papers("server", 2021));
    let config = ServerConfig::builder().with_no_client_auth();
    let acceptor = TlsAcceptor::from(Arc::new(config.with_single_cert(chain, key).unwrap()));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            drop(acceptor.accept(stream).await);
        }
    });
    let error = Link::open(&url, &home.papers("client", 2100))
        .await
        .unwrap_err();
    assert!(matches!(error, NetError::Insecure(_)), "{error:?}");
    assert!(
        error
            .to_string()
            .contains("certificate expired on 2021-01-01 00:00 UTC"),
        "{error}"
    );
}

#[tokio::test]
async fn silent_clients_keep_nobody_waiting() {
    install_provider();
    let home = Home::new();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let mut connections = incoming(listener, &home.papers("server", 2100)).unwrap();
    let mut silent = Vec::new();
    for _ in 0..100 {
        silent.push(TcpStream::connect(address).await.unwrap());
    }
    let url = format!("https://{address}");
    let papers = home.papers("client", 2100);
    tokio::spawn(async move { Link::open(&url, &papers).await.map(drop) });
    let first = timeout(Duration::from_secs(8), connections.next()).await;
    assert!(matches!(first, Ok(Some(Ok(_)))), "{first:?}");
}

fn check(security: &Security, connection: Connection<'_>) -> Result<(), String> {
    security
        .check(&[connection])
        .map_err(|error| error.to_string())
}

#[test]
fn loopback_may_be_plain_and_nothing_else() {
    let none = Security::default();
    for here in [
        "127.0.0.1:1",
        "127.1.2.3:1",
        "[::1]:1",
        "[::ffff:127.0.0.1]:1",
    ] {
        assert_eq!(
            check(&none, Connection::Listener(here.parse().unwrap())),
            Ok(())
        );
        assert_eq!(
            check(&none, Connection::Coordinator(&format!("http://{here}"))),
            Ok(())
        );
    }
    for there in ["0.0.0.0:1", "[::]:1", "10.0.0.1:1", "[::ffff:10.0.0.1]:1"] {
        let said = check(&none, Connection::Listener(there.parse().unwrap())).unwrap_err();
        assert!(
            said.contains("--ca") && said.contains("--token-file"),
            "{said}"
        );
        assert!(check(&none, Connection::Coordinator(&format!("http://{there}"))).is_err());
        let insecure = Security {
            insecure: true,
            ..none.clone()
        };
        assert_eq!(
            check(&insecure, Connection::Listener(there.parse().unwrap())),
            Ok(())
        );
    }
    assert!(
        check(
            &none,
            Connection::Coordinator("http://no.such.host.invalid:1")
        )
        .is_err()
    );
}

#[test]
fn brokers_elsewhere_need_tls_and_something_to_show() {
    let none = Security::default();
    for here in [
        "nats://127.0.0.1:4222",
        "127.0.0.1",
        "tls://localhost:4222",
        "nats://[::1]",
    ] {
        assert_eq!(check(&none, Connection::Broker(here)), Ok(()), "{here}");
    }
    for there in [
        "nats://10.0.0.1",
        "tls://10.0.0.1",
        "nats://127.0.0.1,nats://10.0.0.1",
    ] {
        assert!(check(&none, Connection::Broker(there)).is_err(), "{there}");
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("token");
    new_secret_file(&file).unwrap();
    let shown = Security {
        nats_token_file: Some(file),
        ..none.clone()
    };
    assert_eq!(check(&shown, Connection::Broker("tls://10.0.0.1")), Ok(()));
    assert!(check(&shown, Connection::Broker("nats://10.0.0.1")).is_err());
    let said = check(&none, Connection::Broker("nats://me:hidden@127.0.0.1")).unwrap_err();
    assert!(
        said.contains("--nats-token-file") && !said.contains("hidden"),
        "{said}"
    );
    assert!(check(&none, Connection::Broker("ws://127.0.0.1")).is_err());
}

#[test]
fn secrets_are_private_and_not_shown() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("token");
    let secret = new_secret_file(&file).unwrap();
    assert_eq!(mode(&file), 0o600);
    assert!(!format!("{secret:?}").contains(secret.reveal()));
    let read = files::secret(&file).unwrap();
    assert!(read.is(secret.reveal().as_bytes()) && !read.is(b"") && !read.is(b"other"));
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o604)).unwrap();
    assert!(files::secret(&file).unwrap_err().contains("chmod"));
}

fn mode(file: &Path) -> u32 {
    std::fs::metadata(file).unwrap().permissions().mode() & 0o777
}

#[test]
fn dates_are_those_of_the_calendar() {
    assert_eq!(files::date(0), "1970-01-01 00:00 UTC");
    assert_eq!(files::date(951_782_400), "2000-02-29 00:00 UTC");
    assert_eq!(files::date(1_767_225_599), "2025-12-31 23:59 UTC");
    assert_eq!(files::date(4_102_444_800), "2100-01-01 00:00 UTC");
}
