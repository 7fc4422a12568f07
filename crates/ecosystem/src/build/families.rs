//! Families of densities, from a scenario.

use learn::{Bandwidth, Captioned, Covariance, Gmm, Half, Kde, StudentTs, Truth};
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

pub(super) fn gmm(family: &Family) -> Gmm {
    let Family::Gmm {
        dimension,
        components,
        covariance,
        variance_floor,
        iterations_max,
        precision,
    } = *family
    else {
        unreachable!("only gmm populations ask for a gmm family")
    };
    Gmm {
        dimension: dimension as usize,
        components: components as usize,
        covariance: match covariance {
            schema::Covariance::Full => Covariance::Full,
            schema::Covariance::Diagonal => Covariance::Diagonal,
        },
        variance_floor,
        iterations_max: iterations_max as usize,
        single: precision == Precision::F32,
    }
}

pub(super) fn student_t(family: &Family) -> StudentTs {
    let Family::StudentT { dof, precision } = *family else {
        unreachable!("only student-t populations ask for a student-t family")
    };
    StudentTs {
        dof,
        single: precision == Precision::F32,
    }
}

pub(super) fn captioned(frozen: Option<schema::Half>, truth: Option<&Truth>) -> Captioned {
    let Some(Truth::Captioned { own }) = truth else {
        unreachable!("the scenario was checked: captioned models have a captioned corpus")
    };
    Captioned {
        truth: own.clone(),
        frozen: frozen.map(|half| match half {
            schema::Half::Text => Half::Text,
            schema::Half::Image => Half::Image,
        }),
    }
}
