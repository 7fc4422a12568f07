//! An HTTP server that does not answer for some time, again and again.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::{Duration, Instant};

/// The server, which ends with the process.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stalling {
    address: SocketAddr,
}

const ANSWER: &[u8] = b"HTTP/1.1 204 No Content\r\ncontent-length: 0\r\n\r\n";

impl Stalling {
    /// Answers at once, but for `stall` at the end of every `period`.
    pub(crate) fn start(period: Duration, stall: Duration) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let begun = Instant::now();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                std::thread::spawn(move || serve(stream, (begun, period, stall)));
            }
        });
        Self { address }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/ingest", self.address)
    }

    pub(crate) fn clone_for_client(&self) -> Self {
        *self
    }

    /// Asks, waits for the answer, and asks again a moment later: how long each answer took from when it was asked for.
    pub(crate) fn closed_loop(self, duration: Duration) -> Vec<Duration> {
        let (begun, mut took) = (Instant::now(), Vec::new());
        let mut stream = TcpStream::connect(self.address).unwrap();
        stream.set_nodelay(true).unwrap();
        while begun.elapsed() < duration {
            let asked = Instant::now();
            let request = b"POST /ingest HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\nhi";
            stream.write_all(request).unwrap();
            stream.read_exact(&mut [0; ANSWER.len()]).unwrap();
            took.push(asked.elapsed());
            std::thread::sleep(Duration::from_micros(200));
        }
        took
    }
}

/// Answers the requests of a connection, one after the other.
fn serve(mut stream: TcpStream, (begun, period, stall): (Instant, Duration, Duration)) {
    stream.set_nodelay(true).unwrap();
    let (mut waiting, mut buffer) = (Vec::new(), [0; 4096]);
    loop {
        match stream.read(&mut buffer) {
            Ok(count) if count > 0 => waiting.extend_from_slice(&buffer[..count]),
            _ => return,
        }
        while let Some(length) = request(&waiting) {
            waiting.drain(..length);
            let phase = begun.elapsed().as_nanos() % period.as_nanos();
            let left = Duration::from_nanos((period.as_nanos() - phase) as u64);
            if left <= stall {
                std::thread::sleep(left);
            }
            if stream.write_all(ANSWER).is_err() {
                return;
            }
        }
    }
}

/// The length of the first request, if it is complete.
fn request(bytes: &[u8]) -> Option<usize> {
    let head = bytes.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
    let text = String::from_utf8_lossy(&bytes[..head]).to_lowercase();
    let length = text
        .lines()
        .find_map(|line| line.strip_prefix("content-length:"))?;
    let total = head + length.trim().parse::<usize>().ok()?;
    (bytes.len() >= total).then_some(total)
}
