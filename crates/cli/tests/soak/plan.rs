//! What a run of the soak is, and what is done to it: all drawn from a seed.

use std::fmt;

/// One run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Plan {
    /// Position among the cases.
    pub(crate) case: usize,
    pub(crate) nodes: usize,
    pub(crate) brokers: usize,
    /// What happens, each after so many more windows.
    pub(crate) faults: Vec<(u64, Fault)>,
}

/// What can happen to a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Fault {
    /// A node is killed.
    KillNode(usize),
    /// A node is stopped for longer than its lease, and goes on after so many windows.
    StopNode(usize, u64),
    /// A node joins, with so many threads.
    Join(usize),
    /// The coordinator is killed, and another one goes on with so many nodes.
    KillCoordinator(usize),
    /// The same, and the newest checkpoint is damaged meanwhile.
    DamageCheckpoint(usize),
    /// A server of the broker is killed and started again.
    RestartBroker(usize),
}

impl Fault {
    /// The name that it is counted under.
    pub(crate) fn kind(self) -> &'static str {
        match self {
            Self::KillNode(_) => "node killed",
            Self::StopNode(..) => "node stopped",
            Self::Join(_) => "node joined",
            Self::KillCoordinator(_) => "coordinator killed",
            Self::DamageCheckpoint(_) => "checkpoint damaged",
            Self::RestartBroker(_) => "broker restarted",
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::KillNode(node) => write!(f, "kill node {node}"),
            Self::StopNode(node, windows) => write!(f, "stop node {node} for {windows} windows"),
            Self::Join(threads) => write!(f, "a node of {threads} threads joins"),
            Self::KillCoordinator(nodes) => {
                write!(f, "kill the coordinator, go on with {nodes} nodes")
            }
            Self::DamageCheckpoint(nodes) => write!(
                f,
                "kill the coordinator, damage the newest checkpoint, go on with {nodes} nodes"
            ),
            Self::RestartBroker(server) => write!(f, "restart server {server} of the broker"),
        }
    }
}

/// Draws whole numbers; the same seed and run give the same.
struct Draw(u64);

impl Draw {
    /// A number below `end`.
    fn below(&mut self, end: usize) -> usize {
        // SplitMix64.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % end as u64) as usize
    }
}

/// The plan of run number `run` under a seed, for one of so many cases that have so many windows each.
pub(crate) fn plan(seed: u64, run: u64, windows: &[u64]) -> Plan {
    let mut draw = Draw(seed.wrapping_mul(0x1_0000_0001).wrapping_add(run << 20));
    let case = draw.below(windows.len());
    let brokers = [1, 3][draw.below(2)];
    let mut plan = Plan {
        case,
        nodes: 3 + draw.below(2),
        brokers,
        faults: Vec::new(),
    };
    let count = 3 + draw.below(4);
    let between = (windows[case] / (count as u64 + 1)).max(1) as usize;
    for _ in 0..count {
        let after = 1 + draw.below(between) as u64;
        plan.faults.push((after, fault(&mut draw, brokers)));
    }
    plan
}

fn fault(draw: &mut Draw, brokers: usize) -> Fault {
    match draw.below(8) {
        0 | 1 => Fault::KillNode(draw.below(4)),
        2 => Fault::StopNode(draw.below(4), 1 + draw.below(20) as u64),
        3 => Fault::Join(1 + draw.below(3)),
        4 => Fault::KillCoordinator(2 + draw.below(3)),
        5 => Fault::DamageCheckpoint(2 + draw.below(3)),
        _ => Fault::RestartBroker(draw.below(brokers)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_gives_the_same_plan_again_and_every_fault_comes_up() {
        let windows = [500, 20];
        assert_eq!(plan(7, 3, &windows), plan(7, 3, &windows));
        assert_ne!(plan(7, 3, &windows), plan(7, 4, &windows));
        let plans = (0..50).map(|run| plan(7, run, &windows));
        let faults = plans.flat_map(|plan| plan.faults);
        let kinds: std::collections::BTreeSet<_> = faults.map(|(_, fault)| fault.kind()).collect();
        assert_eq!(kinds.len(), 6);
    }
}
