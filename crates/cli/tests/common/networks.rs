//! Networks of our own on this machine: two namespaces on one bridge, joined by a link that can be cut or made bad.

use std::path::Path;
use std::process::{Command, Stdio};

use crate::bad_link::BadLink;
use crate::program::command;

/// Two machines that are none; gone when dropped.
pub(crate) struct Networks {
    number: u8,
}

/// One of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Home,
    Away,
}

/// What a connection off loopback needs.
pub(crate) const OFF_LOOPBACK: &[&str] = &["--insecure"];

impl Place {
    fn name(self, number: u8) -> String {
        match self {
            Self::Home => format!("es{number}-home"),
            Self::Away => format!("es{number}-away"),
        }
    }

    fn host(self) -> u8 {
        match self {
            Self::Home => 2,
            Self::Away => 3,
        }
    }
}

impl Networks {
    /// Makes them.
    #[track_caller]
    pub(crate) fn new() -> Self {
        let first = (std::process::id() % 200) as u8;
        // Whoever makes the first namespace has the number.
        let is_ours = |number: &u8| try_ip(&format!("netns add {}", Place::Home.name(*number)));
        let number = (first..first + 50).find(is_ours);
        let number = number.expect(
            "these tests make network namespaces: they need `ip` (Debian: iproute2) and to run as root",
        );
        let networks = Self { number };
        ip(&format!("netns add {}", Place::Away.name(number)));
        ip(&format!("link add es{number} type bridge"));
        ip(&format!("addr add 10.231.{number}.1/24 dev es{number}"));
        ip(&format!("link set es{number} up"));
        networks.join(Place::Home);
        networks.join(Place::Away);
        networks
    }

    fn join(&self, place: Place) {
        let (number, name) = (self.number, place.name(self.number));
        let (outer, inner) = (self.link(place), format!("es{number}i{}", place.host()));
        ip(&format!("link add {outer} type veth peer name {inner}"));
        ip(&format!("link set {inner} netns {name}"));
        ip(&format!("link set {outer} master es{number} up"));
        ip(&format!(
            "-n {name} addr add {}/24 dev {inner}",
            self.address(place)
        ));
        ip(&format!("-n {name} link set {inner} up"));
        ip(&format!("-n {name} link set lo up"));
    }

    fn link(&self, place: Place) -> String {
        format!("es{}o{}", self.number, place.host())
    }

    /// The address of a place.
    pub(crate) fn address(&self, place: Place) -> String {
        format!("10.231.{}.{}", self.number, place.host())
    }

    /// What a command begins with to run there.
    pub(crate) fn inside(&self, place: Place) -> Vec<String> {
        let name = place.name(self.number);
        ["ip", "netns", "exec", &name].map(str::to_owned).to_vec()
    }

    /// Our program there, about to be started.
    pub(crate) fn command(&self, place: Place, folder: &Path, arguments: &[&str]) -> Command {
        let inner = command(folder, arguments);
        let inside = self.inside(place);
        let mut outer = Command::new(&inside[0]);
        outer
            .args(&inside[1..])
            .arg(inner.get_program())
            .args(inner.get_args());
        outer
            .current_dir(folder)
            .env_remove("RUST_LOG")
            .stdin(Stdio::null());
        outer.stdout(Stdio::null()).stderr(Stdio::piped());
        outer
    }

    /// Nothing passes between the two any more.
    #[track_caller]
    pub(crate) fn cut(&self) {
        ip(&format!("link set {} down", self.link(Place::Away)));
    }

    /// Everything passes again.
    #[track_caller]
    pub(crate) fn heal(&self) {
        ip(&format!("link set {} up", self.link(Place::Away)));
    }

    /// A second link between the two, which loses packets.
    #[track_caller]
    pub(crate) fn bad_link(&self) -> BadLink {
        let end = |place| (self.inside(place), self.address(place));
        BadLink::new(
            &format!("10.231.{}.1", self.number),
            &format!("10.232.{}", self.number),
            &[end(Place::Home), end(Place::Away)],
        )
    }
}

impl Drop for Networks {
    fn drop(&mut self) {
        try_ip(&format!("netns del {}", Place::Away.name(self.number)));
        try_ip(&format!("link del es{}", self.number));
        try_ip(&format!("netns del {}", Place::Home.name(self.number)));
    }
}

#[track_caller]
fn ip(line: &str) {
    assert!(
        try_ip(line),
        "`ip {line}` failed: these tests make networks, so they need to run as root"
    );
}

fn try_ip(line: &str) -> bool {
    let status = Command::new("ip")
        .args(line.split(' '))
        .stderr(Stdio::null())
        .status();
    status.is_ok_and(|status| status.success())
}
