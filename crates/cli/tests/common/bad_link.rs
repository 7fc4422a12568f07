//! A link that loses and delays packets: a tunnel from one namespace to another through this process.
//!
//! The kernel can do the same (`netem`), but not every kernel is built with it.

use std::collections::VecDeque;
use std::io::ErrorKind;
use std::net::UdpSocket;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crate::nodes::pause;

/// One packet in so many is lost, each way.
const LOST_OF: u64 = 20;
/// How long a packet takes, each way.
const DELAY: Duration = Duration::from_millis(50);
/// How long a relay sleeps when nothing comes.
const NAP: Duration = Duration::from_millis(10);

/// The link, until it is dropped.
pub(crate) struct BadLink {
    ends: Vec<Child>,
    relays: Vec<JoinHandle<()>>,
    counts: Arc<Counts>,
    prefix: String,
}

/// What has passed.
#[derive(Default)]
struct Counts {
    over: AtomicBool,
    passed: AtomicU64,
    lost: AtomicU64,
}

impl BadLink {
    /// Joins two namespaces, each given as what a command there begins with and its address, by way of `middle`.
    #[track_caller]
    pub(crate) fn new(middle: &str, prefix: &str, ends: &[(Vec<String>, String); 2]) -> Self {
        let counts = Arc::new(Counts::default());
        let sockets = [0, 1].map(|_| UdpSocket::bind((middle, 0)).unwrap());
        let mut link = Self {
            ends: Vec::new(),
            relays: Vec::new(),
            counts,
            prefix: prefix.to_owned(),
        };
        let port = |socket: &UdpSocket| socket.local_addr().unwrap().port();
        for (number, ((inside, address), socket)) in ends.iter().zip(&sockets).enumerate() {
            let tunnel = format!(
                "TUN:{}/24,iff-up,iff-no-pi,tun-name=bad",
                link.address(number)
            );
            let port = port(socket);
            let relay = format!("UDP-DATAGRAM:{middle}:{port},bind={address}:{port}");
            link.ends.push(begin(inside, &[&tunnel, &relay]));
        }
        let [home, away] = &sockets;
        link.relay(home, away, (&*ends[1].1, port(away)));
        link.relay(away, home, (&*ends[0].1, port(home)));
        for (inside, _) in ends {
            narrow(inside);
        }
        link
    }

    /// The address of one end.
    pub(crate) fn address(&self, number: usize) -> String {
        format!("{}.{}", self.prefix, number + 1)
    }

    /// How many packets have passed, and how many were lost.
    pub(crate) fn counts(&self) -> (u64, u64) {
        let count = |count: &AtomicU64| count.load(Ordering::Relaxed);
        (count(&self.counts.passed), count(&self.counts.lost))
    }

    fn relay(&mut self, from: &UdpSocket, to: &UdpSocket, end: (&str, u16)) {
        let (from, to) = (from.try_clone().unwrap(), to.try_clone().unwrap());
        let (host, port) = (end.0.to_owned(), end.1);
        let counts = Arc::clone(&self.counts);
        let relay = move || {
            relay(
                &from,
                |packet| drop(to.send_to(packet, (&*host, port))),
                &counts,
            );
        };
        self.relays.push(std::thread::spawn(relay));
    }
}

/// Passes packets on, late, and not all of them.
fn relay(from: &UdpSocket, to: impl Fn(&[u8]), counts: &Counts) {
    let mut under_way: VecDeque<(Instant, Vec<u8>)> = VecDeque::new();
    let (mut buffer, mut number) = (vec![0; 65_536], 0_u64);
    from.set_read_timeout(Some(NAP)).unwrap();
    while !counts.over.load(Ordering::Relaxed) {
        match from.recv(&mut buffer) {
            Ok(_) if is_lost(number) => _ = counts.lost.fetch_add(1, Ordering::Relaxed),
            Ok(length) => under_way.push_back((now() + DELAY, buffer[..length].to_vec())),
            Err(error) => assert!(matches!(
                error.kind(),
                ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::ConnectionRefused
            )),
        }
        number += 1;
        while let Some((_, packet)) = under_way.pop_front_if(|(due, _)| *due <= now()) {
            counts.passed.fetch_add(1, Ordering::Relaxed);
            to(&packet);
        }
    }
}

/// As if drawn, and the same every time.
fn is_lost(number: u64) -> bool {
    let mixed = (number + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed >> 32).is_multiple_of(LOST_OF)
}

#[expect(
    clippy::disallowed_methods,
    reason = "packets are delayed in wall time"
)]
fn now() -> Instant {
    Instant::now()
}

fn begin(inside: &[String], arguments: &[&str]) -> Child {
    let mut command = Command::new(&inside[0]);
    command.args(&inside[1..]).arg("socat").args(arguments);
    let started = command.stdin(Stdio::null()).stderr(Stdio::null()).spawn();
    started.unwrap()
}

/// Packets get a header on the way: they have to be smaller than those of the link below. Waits for the tunnel.
#[track_caller]
fn narrow(inside: &[String]) {
    for _ in 0..250 {
        let mut command = Command::new(&inside[0]);
        command
            .args(&inside[1..])
            .args(["ip", "link", "set", "bad", "mtu", "1400"]);
        if command.stderr(Stdio::null()).status().unwrap().success() {
            return;
        }
        pause(20);
    }
    panic!("no tunnel came up: these tests need `socat` and /dev/net/tun, and to run as root");
}

impl Drop for BadLink {
    fn drop(&mut self) {
        self.counts.over.store(true, Ordering::Relaxed);
        for relay in self.relays.drain(..) {
            drop(relay.join());
        }
        for end in &mut self.ends {
            drop(end.kill());
            drop(end.wait());
        }
    }
}
