//! The scenario files of the reproductions.

use crate::scenario::builtin::Builtin;

macro_rules! files {
    ($($name:literal),* $(,)?) => {
        [$(Builtin {
            name: $name,
            text: include_str!(concat!("../../scenarios/reproductions/", $name, ".toml")),
        }),*]
    };
}

const FILES: [Builtin; 39] = files![
    "p01-gaussian-replace",
    "p02-gaussian-median",
    "p03-gaussian-unbiased",
    "p04-gaussian-accumulate",
    "p05-second-moment",
    "p06-categorical-replace",
    "p07-polya-urn",
    "p08-regression-replace",
    "p09-regression-accumulate",
    "p10-kde-replace",
    "p11-kde-accumulate",
    "p12-sampling-bias",
    "p13-temperature",
    "p14-fixed-real-set",
    "p15-wrong-teacher",
    "p16-verifier",
    "p17-best-of",
    "p18-zipf-missing-mass",
    "p19-feedback-bias",
    "p20-shared-pool",
    "p21-bigram-replace",
    "p22-near-duplicates",
    "p22-snapshot",
    "p23-freshness",
    "p24-detector",
    "p25-golden-ratio",
    "p27-shared-budget",
    "p31-shared-store",
    "p34-normative-filter",
    "p35-captions",
    "p36-competition",
    "a01-one-at-a-time",
    "a02-window",
    "a03-unequal-shares",
    "w01-link-rot",
    "w02-fetches",
    "w03-adoption",
    "w04-copies",
    "w05-curation",
];

/// The scenario files of all reproductions.
///
/// [`find`](crate::scenario::builtin::find) knows them too; they are kept apart from
/// [`builtins`](crate::scenario::builtin::builtins) because they are there to be checked, not to be
/// begun with.
pub fn scenarios() -> &'static [Builtin] {
    &FILES
}
