//! A connection, plain or encrypted, on either side.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::OwnedSemaphorePermit;
use tokio_rustls::TlsStream;
use tonic::transport::server::Connected;

/// What a peer of this protocol says first.
pub(crate) const PREFACE: &[u8; 24] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// Bytes to and from another process.
#[derive(Debug)]
pub(crate) enum Wire {
    Plain(TcpStream),
    Encrypted(Box<TlsStream<TcpStream>>),
}

impl AsyncRead for Wire {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_read(context, buffer),
            Self::Encrypted(stream) => Pin::new(stream).poll_read(context, buffer),
        }
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_write(context, bytes),
            Self::Encrypted(stream) => Pin::new(stream).poll_write(context, bytes),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_flush(context),
            Self::Encrypted(stream) => Pin::new(stream).poll_flush(context),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_shutdown(context),
            Self::Encrypted(stream) => Pin::new(stream).poll_shutdown(context),
        }
    }
}

/// A connection that was let in. It counts against the bound on open ones as long as it lives.
#[derive(Debug)]
pub(crate) struct Admitted {
    wire: Wire,
    /// Bytes of the preface that are yet to be handed on: they were read to know who is there.
    preface: &'static [u8],
    peer: SocketAddr,
    _place: OwnedSemaphorePermit,
}

impl Admitted {
    /// A connection whose preface was read, and was right.
    pub(crate) fn new(wire: Wire, peer: SocketAddr, place: OwnedSemaphorePermit) -> Self {
        Self {
            wire,
            preface: PREFACE,
            peer,
            _place: place,
        }
    }
}

impl Connected for Admitted {
    type ConnectInfo = SocketAddr;

    fn connect_info(&self) -> SocketAddr {
        self.peer
    }
}

impl AsyncRead for Admitted {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if this.preface.is_empty() {
            return Pin::new(&mut this.wire).poll_read(context, buffer);
        }
        let count = this.preface.len().min(buffer.remaining());
        buffer.put_slice(&this.preface[..count]);
        this.preface = &this.preface[count..];
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Admitted {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().wire).poll_write(context, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().wire).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().wire).poll_shutdown(context)
    }
}

/// A client's connection, which notes why it ended: what is above it says no more than that it did.
#[derive(Debug)]
pub(crate) struct Watched<F> {
    wire: Wire,
    note: F,
    /// Nothing has been read yet.
    fresh: bool,
}

/// First byte of what a server says that speaks TLS to a client that does not: an alert.
const TLS_ALERT: u8 = 0x15;

impl<F: Fn(String)> Watched<F> {
    pub(crate) fn new(wire: Wire, note: F) -> Self {
        Self {
            wire,
            note,
            fresh: true,
        }
    }

    fn look(&mut self, result: &io::Result<()>, read: &[u8]) {
        let is_plain = matches!(self.wire, Wire::Plain(_));
        match result {
            Err(error) => {
                if let Some(words) = super::reason::in_words(error) {
                    (self.note)(words);
                }
            }
            Ok(()) if self.fresh && is_plain && read.first() == Some(&TLS_ALERT) => {
                (self.note)("the other side speaks TLS: write https://".to_owned());
            }
            Ok(()) if self.fresh && !is_plain && read.is_empty() => {
                (self.note)(
                    "the other side closed the connection after the TLS handshake".to_owned(),
                );
            }
            Ok(()) => {}
        }
        self.fresh = false;
    }
}

impl<F: Fn(String) + Unpin> AsyncRead for Watched<F> {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = buffer.filled().len();
        let result = ready!(Pin::new(&mut this.wire).poll_read(context, buffer));
        this.look(&result, &buffer.filled()[before..]);
        Poll::Ready(result)
    }
}

impl<F: Fn(String) + Unpin> AsyncWrite for Watched<F> {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().wire).poll_write(context, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().wire).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().wire).poll_shutdown(context)
    }
}
