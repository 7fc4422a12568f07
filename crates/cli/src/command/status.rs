//! `status`.

use std::io::Write;

use net::{NodeStanding, Standing};

use super::StatusArguments;
use crate::failure::Failure;

pub(super) fn status(arguments: &StatusArguments, out: &mut impl Write) -> Result<(), Failure> {
    let standing = net::status(&arguments.coordinator, &arguments.security.chosen())
        .map_err(Failure::input)?;
    out.write_all(render(&standing).as_bytes())
        .map_err(Failure::output)
}

fn render(standing: &Standing) -> String {
    let Standing {
        run,
        replicates_done,
        replicates,
        windows,
        progress,
        epoch,
        nodes,
    } = standing;
    let width = nodes
        .iter()
        .map(|node| node.name.chars().count())
        .max()
        .unwrap_or(0)
        .max(4);
    let head = format!(
        "run {run}: replicate {} of {replicates}, {windows} windows, {:.0} % of its horizon, epoch {epoch}\n\n\
         {:width$}  threads  shards  last heard\n",
        (replicates_done + 1).min(*replicates),
        100.0 * progress,
        "node",
    );
    let row = |node: &NodeStanding| {
        let NodeStanding {
            name,
            threads,
            shards,
            silent_ms,
        } = node;
        format!("{name:width$}  {threads:>7}  {shards:>6}  {silent_ms:>7} ms\n")
    };
    std::iter::once(head).chain(nodes.iter().map(row)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nodes_stand_in_a_table() {
        let node = NodeStanding {
            name: "left".to_owned(),
            threads: 8,
            shards: 32,
            silent_ms: 120,
        };
        let standing = Standing {
            run: "r1".to_owned(),
            replicates_done: 0,
            replicates: 4,
            windows: 7,
            progress: 0.25,
            epoch: 2,
            nodes: vec![node],
        };
        let expected = "run r1: replicate 1 of 4, 7 windows, 25 % of its horizon, epoch 2\n\n\
                        node  threads  shards  last heard\n\
                        left        8      32      120 ms\n";
        assert_eq!(render(&standing), expected);
    }
}
