//! A paper estimate: a hundred nodes and a billion models, from constants that were measured on two cores.

use super::Constants;

/// What the estimate assumes of machines that nobody has here.
const NODES: f64 = 100.0;
const CORES: f64 = 64.0;
const MODELS: f64 = 1e9;
/// Bytes a second of one network interface, 25 Gb/s.
const NETWORK: f64 = 25e9 / 8.0;
/// Bytes of a document's payload in workload G1.
const PAYLOAD: f64 = 4.0;
/// Documents that a model publishes in a window.
const DOCUMENTS: f64 = 10.0;
/// Brokers of a cluster that share the fan-out.
const BROKERS: f64 = 3.0;

/// Seconds of one window, part by part, and what comes first to its limit.
pub(super) fn render(constants: &Constants) -> String {
    let parts = parts(constants);
    let row = |(name, seconds): &(&str, f64)| format!("{name:46} {seconds:>10.3}\n");
    let rows = parts.iter().map(row).collect::<Vec<_>>().concat();
    let first = parts
        .iter()
        .max_by(|one, other| one.1.total_cmp(&other.1))
        .map_or("nothing", |part| part.0);
    format!(
        "\nestimate for {NODES} nodes of {CORES} cores, {MODELS:.0e} models of G1, {BROKERS} brokers, 25 Gb/s everywhere: \
         seconds of a window\n{rows}first bottleneck: {first}\n\
         memory of the pool on every node: {:.0} GB, twice while it is replaced\n",
        MODELS * DOCUMENTS * PAYLOAD / 1e9
    )
}

fn parts(constants: &Constants) -> Vec<(&'static str, f64)> {
    // Two threads were measured; more are taken to be as good, each.
    let compute = 2.0 * constants.update_seconds * MODELS / (NODES * CORES);
    let published = MODELS * DOCUMENTS * PAYLOAD;
    vec![
        ("computing", compute),
        (
            "publishing: a broker takes its share in",
            published / BROKERS / NETWORK,
        ),
        (
            "fan-out: a broker sends all to its share of nodes",
            published * NODES / BROKERS / NETWORK,
        ),
        ("reading: a node takes in everything", published / NETWORK),
        ("barrier", 1e-6 * barrier_us(&constants.barrier_us)),
    ]
}

/// The barrier for so many nodes, along the line through the smallest and the largest number that was measured.
fn barrier_us(measured: &[(u32, f64)]) -> f64 {
    let (Some(first), Some(last)) = (measured.first(), measured.last()) else {
        return f64::NAN;
    };
    let slope = (last.1 - first.1) / f64::from(last.0 - first.0);
    (first.1 + slope * (NODES - f64::from(first.0))).max(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_barrier_goes_on_along_a_line() {
        let measured = [(2, 1000.0), (4, 1100.0), (8, 1600.0)];
        assert!((barrier_us(&measured) - (1000.0 + 98.0 * 100.0)).abs() < 1e-9);
    }

    #[test]
    fn the_largest_part_is_named() {
        let constants = Constants {
            update_seconds: 1e-6,
            update_seconds_nodes: 1e-6,
            bytes_document: 10.0,
            barrier_us: vec![(2, 1.0), (8, 2.0)],
        };
        let text = render(&constants);
        assert!(text.contains("first bottleneck: fan-out"), "{text}");
    }
}
