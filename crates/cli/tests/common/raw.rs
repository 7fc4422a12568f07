//! Bytes and frames.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use h2::client;
use tonic::codegen::http::Request;

use crate::hostile::PATIENCE;

/// What a client of HTTP/2 says first.
pub(crate) const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// Sends bytes and waits a moment for what comes of it.
pub(crate) fn send(address: &str, bytes: &[u8]) {
    let mut stream = TcpStream::connect(address).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_millis(5)))
        .unwrap();
    // The other side may have closed the connection already.
    drop(stream.write_all(bytes));
    drop(stream.read(&mut [0; 256]));
}

/// A connection that stays open and says only the beginning of what it should.
pub(crate) fn stay(address: &str, number: usize) -> TcpStream {
    let mut stream = TcpStream::connect(address).unwrap();
    drop(stream.write_all(&PREFACE[..number % PREFACE.len()]));
    stream
}

/// What is sent as the body of a request.
pub(crate) enum Body {
    Once(Vec<u8>),
    /// A message of so many bytes, as far as it is taken.
    Flood(u32),
}

/// Bytes of a flood that are sent at once.
const CHUNK: usize = 16 << 10;

/// Sends a request, whatever is said to it; gives how many bytes were taken.
pub(crate) async fn request(address: &str, method: &str, body: Body) -> u64 {
    let sent = tokio::time::timeout(PATIENCE, exchange(address, method, body)).await;
    sent.unwrap_or(Ok(0)).unwrap_or(0)
}

async fn exchange(address: &str, method: &str, body: Body) -> Result<u64, h2::Error> {
    let stream = tokio::net::TcpStream::connect(address).await.unwrap();
    let (sender, connection) = client::handshake(stream).await?;
    tokio::spawn(async move { drop(connection.await) });
    let mut sender = sender.ready().await?;
    let request = Request::post(format!(
        "http://{address}/echosphere.v1.Coordinator/{method}"
    ))
    .header("content-type", "application/grpc")
    .header("te", "trailers")
    .body(())
    .unwrap();
    let (response, mut stream) = sender.send_request(request, false)?;
    let sent = match body {
        Body::Once(bytes) => {
            stream.send_data(bytes.into(), true)?;
            let mut body = response.await?.into_body();
            while let Some(Ok(_)) = body.data().await {}
            0
        }
        Body::Flood(length) => {
            let mut head = vec![0];
            head.extend_from_slice(&length.to_be_bytes());
            stream.send_data(head.into(), false)?;
            flood(&mut stream, u64::from(length)).await
        }
    };
    Ok(sent)
}

/// Sends as much as there is room for, until nobody takes any more.
async fn flood(stream: &mut h2::SendStream<tonic::codegen::Bytes>, length: u64) -> u64 {
    let mut sent = 0;
    while sent < length {
        stream.reserve_capacity(CHUNK);
        let room = std::future::poll_fn(|context| stream.poll_capacity(context));
        let room = tokio::time::timeout(Duration::from_secs(2), room).await;
        let Ok(Some(Ok(room))) = room else { break };
        if stream
            .send_data(vec![0; room.min(CHUNK)].into(), false)
            .is_err()
        {
            break;
        }
        sent += room.min(CHUNK) as u64;
    }
    sent
}
