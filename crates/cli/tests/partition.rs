//! Nodes on other networks, which fail. Needs `nats-server`, `ip`, `socat`, and root.

#![expect(
    clippy::unwrap_used,
    reason = "the whole file is a test: what goes wrong ends it"
)]

#[path = "common/bad_link.rs"]
mod bad_link;
#[path = "common/broker.rs"]
#[expect(dead_code, reason = "a test takes what it needs of it")]
mod broker;
#[path = "common/cases.rs"]
mod cases;
#[path = "common/networks.rs"]
mod networks;
#[path = "common/nodes.rs"]
#[expect(dead_code, reason = "a test takes what it needs of it")]
mod nodes;
#[path = "common/program.rs"]
mod program;
#[path = "common/running.rs"]
mod running;
#[path = "common/trial.rs"]
#[expect(dead_code, reason = "a test takes what it needs of it")]
mod trial;

use broker::{Broker, jetstream};
use cases::small;
use networks::{Networks, OFF_LOOPBACK, Place};
use nodes::Cluster;
use running::Running;
use trial::Trial;

/// A coordinator and a broker at home, as yet without nodes.
struct Headquarters {
    cluster: Cluster,
    broker: Broker,
}

/// The port of the coordinator.
const PORT: u16 = 7400;

impl Headquarters {
    #[track_caller]
    fn start(networks: &Networks, trial: &Trial, lease: &str) -> Self {
        let (host, inside) = (networks.address(Place::Home), networks.inside(Place::Home));
        let folder = trial.folder.path().join("broker");
        let broker = Broker::with(&folder, (&host, &inside), &jetstream(&folder));
        let (nats, listen) = (broker.url(), format!("0.0.0.0:{PORT}"));
        let options = [
            "--nodes", "2", "--listen", &listen, "--nats", &nats, "--lease", lease,
        ];
        let options = [&options, OFF_LOOPBACK, &["--checkpoint-every", "50"]].concat();
        let arguments = trial.case.arguments("cut", &options);
        let mut coordinator = networks.command(Place::Home, trial.folder.path(), &arguments);
        let address = format!("{host}:{PORT}");
        Self {
            cluster: Cluster::of(Running(coordinator.spawn().unwrap()), address, trial),
            broker,
        }
    }

    /// Starts a node at a place, from where headquarters is reached at `host`.
    fn add_node(&mut self, networks: &Networks, place: Place, host: &str) {
        let (url, nats) = (format!("http://{host}:{PORT}"), self.broker.url_at(host));
        let options = ["node", &url, "--nats", &nats, "--threads", "1"];
        let options = [&options, OFF_LOOPBACK].concat();
        let mut node = networks.command(place, &std::env::temp_dir(), &options);
        let node = nodes::quiet(&mut node).spawn().unwrap();
        self.cluster.adopt_node(node);
    }
}

/// Cut off for longer than its lease, a node is given up. When it is back, nothing that it still has to say counts, and it gets
/// new work.
#[test]
fn a_node_that_is_cut_off_is_given_up_and_comes_back() {
    let case = small("g1")
        .with("population.voice.count=64")
        .with("population.voice.shards=8")
        .with("horizon.generations=4000");
    let trial = Trial::new(case);
    let networks = Networks::new();
    let mut headquarters = Headquarters::start(&networks, &trial, "1");
    let home = networks.address(Place::Home);
    headquarters.add_node(&networks, Place::Home, &home);
    headquarters.add_node(&networks, Place::Away, &home);
    let cluster = &mut headquarters.cluster;
    cluster.wait_for_windows(100);
    networks.cut();
    cluster.wait_for_nodes(1);
    cluster.wait_for_windows(cluster.windows().unwrap() + 30);
    networks.heal();
    cluster.wait_for_nodes(2);
    headquarters.cluster.finish(&trial);
}

/// One packet in twenty is lost each way, and those that are not take 50 ms each way.
#[test]
fn a_bad_link_costs_nothing_but_time() {
    let trial = Trial::new(small("g1").with("horizon.generations=12"));
    let networks = Networks::new();
    let link = networks.bad_link();
    let mut headquarters = Headquarters::start(&networks, &trial, "5");
    headquarters.add_node(&networks, Place::Home, &networks.address(Place::Home));
    headquarters.add_node(&networks, Place::Away, &link.address(0));
    headquarters.cluster.finish(&trial);
    let (passed, lost) = link.counts();
    assert!(
        lost >= 10 && passed >= 15 * lost,
        "{lost} lost, {passed} passed"
    );
}
