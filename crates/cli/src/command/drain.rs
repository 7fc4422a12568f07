//! `drain`.

use std::io::Write;

use super::DrainArguments;
use crate::failure::Failure;

pub(super) fn drain(arguments: &DrainArguments, out: &mut impl Write) -> Result<(), Failure> {
    let DrainArguments {
        coordinator,
        node,
        security,
    } = arguments;
    net::drain(coordinator, &security.chosen(), node).map_err(Failure::input)?;
    writeln!(out, "{node} is let go").map_err(Failure::output)
}
