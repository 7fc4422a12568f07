//! A gateway that metrics are pushed to.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

/// Takes what is pushed, on loopback.
pub(crate) struct Gateway {
    address: SocketAddr,
    pushed: Receiver<String>,
}

impl Gateway {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (sender, pushed) = channel();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let (mut request, mut bytes) = (Vec::new(), [0; 4096]);
                while !request.ends_with(b"# EOF\n") {
                    let count = stream.read(&mut bytes).unwrap();
                    request.extend_from_slice(&bytes[..count]);
                }
                let answer = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
                stream.write_all(answer.as_bytes()).unwrap();
                drop(sender.send(String::from_utf8(request).unwrap()));
            }
        });
        Self { address, pushed }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/metrics/job/load", self.address)
    }

    /// The last that was pushed, with its head.
    #[track_caller]
    pub(crate) fn pushed(&self) -> String {
        let first = self.pushed.recv_timeout(Duration::from_secs(10));
        let first = first.expect("something was pushed");
        self.pushed.try_iter().last().unwrap_or(first)
    }
}
