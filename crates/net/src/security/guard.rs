//! Who is let in: connections that come at a bearable rate, prove who they are in time, and speak the protocol.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio::time::{Instant, sleep, timeout};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_stream::wrappers::ReceiverStream;

use super::bucket::{Bucket, Buckets, Rate, WARNINGS};
use super::connection::{Admitted, PREFACE, Wire};
use super::reason::of_io;
use super::reload::Reloading;
use super::{Security, identity};
use crate::error::NetError;

/// Time for a handshake and the first words after it.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// Handshakes at once.
const HANDSHAKES_MAX: usize = 256;
/// Open connections: twice as many as nodes may be there.
const CONNECTIONS_MAX: usize = 2048;
/// New connections from one address: all nodes of a large cluster behind one gateway, at once.
const CONNECTIONS: Rate = Rate {
    at_once: 2048.0,
    per_second: 128.0,
};
/// First byte of a client that speaks TLS.
const TLS_HANDSHAKE: u8 = 0x16;
/// Accepted connections that wait for the server.
const ACCEPTED: usize = 64;
/// How long, and for how many reads, somebody who is refused is listened to.
const LINGER: Duration = Duration::from_secs(1);
const LINGER_READS: u32 = 16;
const RETRY: Duration = Duration::from_millis(50);

type Sender = mpsc::Sender<io::Result<Admitted>>;

/// Everything that a new connection is measured by.
struct Guard {
    tls: Option<Reloading<ServerConfig>>,
    handshakes: Arc<Semaphore>,
    connections: Arc<Semaphore>,
    rates: Mutex<Buckets>,
    warnings: Mutex<Bucket>,
}

/// Why a connection was not let in; nothing to tell if nobody tried to say anything.
type Refusal = Option<String>;

/// Accepts connections and lets those in that pass. Runs until the receiver is dropped.
pub(crate) fn incoming(
    listener: TcpListener,
    security: &Security,
) -> Result<ReceiverStream<io::Result<Admitted>>, NetError> {
    let tls = identity::paths(security).map(|paths| {
        let files = paths.to_vec();
        Reloading::new(files, move || identity::server(&paths))
    });
    let tls = tls.transpose();
    let guard = Arc::new(Guard {
        tls: tls.map_err(|problems| NetError::Insecure(problems.join("\n")))?,
        handshakes: Arc::new(Semaphore::new(HANDSHAKES_MAX)),
        connections: Arc::new(Semaphore::new(CONNECTIONS_MAX)),
        rates: Mutex::new(Buckets::new(CONNECTIONS)),
        warnings: Mutex::new(Bucket::new(WARNINGS, Instant::now())),
    });
    let (sender, receiver) = mpsc::channel(ACCEPTED);
    tokio::spawn(accept(listener, guard, sender));
    Ok(ReceiverStream::new(receiver))
}

/// Hands every connection to a task of its own: a slow one delays nobody else.
async fn accept(listener: TcpListener, guard: Arc<Guard>, sender: Sender) {
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = sender.closed() => return,
        };
        match accepted {
            Ok((stream, peer)) => guard.receive(stream, peer, &sender),
            // For instance that no more files can be open: those who are in go on meanwhile.
            Err(error) => {
                guard.warn(format_args!("cannot accept a connection: {error}"));
                sleep(RETRY).await;
            }
        }
    }
}

impl Guard {
    fn receive(self: &Arc<Self>, stream: TcpStream, peer: SocketAddr, sender: &Sender) {
        let places = match self.places(peer) {
            Ok(places) => places,
            Err(reason) => {
                self.warn(format_args!(
                    "a connection from {peer} is refused: {reason}"
                ));
                return;
            }
        };
        let (guard, sender) = (Arc::clone(self), sender.clone());
        tokio::spawn(async move {
            match guard.admit(stream, peer, places).await {
                Ok(admitted) => drop(sender.send(Ok(admitted)).await),
                Err(Some(reason)) => {
                    guard.warn(format_args!(
                        "a connection from {peer} is refused: {reason}"
                    ));
                }
                Err(None) => tracing::debug!(%peer, "a connection ended before it began"),
            }
        });
    }

    /// Room for a handshake, and for a connection after it.
    fn places(
        &self,
        peer: SocketAddr,
    ) -> Result<(OwnedSemaphorePermit, OwnedSemaphorePermit), &'static str> {
        let mut rates = self.rates.lock().unwrap_or_else(PoisonError::into_inner);
        if !rates.take(peer.ip(), Instant::now()) {
            return Err("too many new connections from there");
        }
        let handshake = Arc::clone(&self.handshakes).try_acquire_owned();
        let handshake = handshake.map_err(|_| "too many handshakes at once")?;
        let connection = Arc::clone(&self.connections).try_acquire_owned();
        let connection = connection.map_err(|_| "too many open connections")?;
        Ok((handshake, connection))
    }

    async fn admit(
        &self,
        stream: TcpStream,
        peer: SocketAddr,
        (_handshake, place): (OwnedSemaphorePermit, OwnedSemaphorePermit),
    ) -> Result<Admitted, Refusal> {
        // Small messages are waited for.
        drop(stream.set_nodelay(true));
        let wire = timeout(HANDSHAKE, self.shake_hands(stream)).await;
        let late = |_| {
            Some(format!(
                "nothing useful came within {} s",
                HANDSHAKE.as_secs()
            ))
        };
        Ok(Admitted::new(wire.map_err(late)??, peer, place))
    }

    async fn shake_hands(&self, stream: TcpStream) -> Result<Wire, Refusal> {
        let mut wire = match &self.tls {
            None => Wire::Plain(stream),
            Some(tls) => {
                let accepting = TlsAcceptor::from(tls.current()).accept(stream);
                match accepting.into_fallible().await {
                    Ok(stream) => Wire::Encrypted(Box::new(stream.into())),
                    Err((error, stream)) => {
                        tokio::spawn(linger(stream));
                        return Err(refusal(&error));
                    }
                }
            }
        };
        let mut preface = [0; PREFACE.len()];
        let read = wire.read_exact(&mut preface).await;
        if matches!(wire, Wire::Plain(_)) && preface[0] == TLS_HANDSHAKE {
            answer_plainly(wire).await;
            return Err(Some("it speaks TLS, and this address is plain".to_owned()));
        }
        read.map_err(|error| refusal(&error))?;
        if preface != *PREFACE {
            return Err(Some("it does not speak HTTP/2".to_owned()));
        }
        Ok(wire)
    }

    fn warn(&self, message: std::fmt::Arguments<'_>) {
        let mut warnings = self.warnings.lock().unwrap_or_else(PoisonError::into_inner);
        if warnings.take(Instant::now()) {
            tracing::warn!("{message}");
        }
    }
}

/// Lets the other side read why it is refused: bytes of it that nobody reads would end the connection before that.
async fn linger(mut stream: TcpStream) {
    drop(stream.shutdown().await);
    let mut unread = [0; 4096];
    let read = async {
        for _ in 0..LINGER_READS {
            if !matches!(stream.read(&mut unread).await, Ok(1..)) {
                return;
            }
        }
    };
    drop(timeout(LINGER, read).await);
}

/// Says something that is not TLS to a client that speaks it, so that it knows what it talks to.
async fn answer_plainly(mut wire: Wire) {
    // What is left unread would end the connection before the answer arrives.
    drop(wire.read(&mut [0; 4096]).await);
    drop(
        wire.write_all(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")
            .await,
    );
    drop(wire.shutdown().await);
}

/// Whoever says nothing and goes was only looking whether somebody is here.
fn refusal(error: &io::Error) -> Refusal {
    let is_gone = matches!(
        error.kind(),
        io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe
    );
    (!is_gone).then(|| of_io(error))
}
