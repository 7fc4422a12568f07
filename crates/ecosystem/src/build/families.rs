//! Families of densities, from a scenario.

use learn::{Bandwidth, Kde};
use types::content::ContentKind;

use crate::scenario::schema::{self, Family, Precision};

/// The content of models that publish numbers.
pub(super) fn kind(dimension: u32, precision: Precision) -> ContentKind {
    match precision {
        Precision::F32 => ContentKind::F32 { dimension },
        Precision::F64 => ContentKind::F64 { dimension },
    }
}

pub(super) fn kde(family: &Family) -> Kde {
    let Family::Kde {
        dimension,
        bandwidth,
        precision,
    } = *family
    else {
        unreachable!("only kde populations ask for a kde family")
    };
    Kde {
        dimension: dimension as usize,
        bandwidth: match bandwidth {
            schema::Bandwidth::Fixed(width) => Bandwidth::Fixed(width),
            schema::Bandwidth::Rule(schema::BandwidthRule::Silverman) => Bandwidth::Silverman,
        },
        single: precision == Precision::F32,
    }
}
