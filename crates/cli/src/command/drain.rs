//! `drain`.

use std::io::Write;

use super::DrainArguments;
use crate::failure::Failure;

pub(super) fn drain(arguments: &DrainArguments, out: &mut impl Write) -> Result<(), Failure> {
    let DrainArguments { coordinator, node } = arguments;
    let epoch = net::drain(coordinator, node).map_err(Failure::input)?;
    writeln!(out, "{node} is let go; shards were divided {epoch} times").map_err(Failure::output)
}
