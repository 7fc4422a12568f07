//! The table of reproductions.

mod budget;
mod captions;
mod choice;
mod competition;
mod curation;
mod drift;
mod duplicates;
mod feedback;
mod fresh;
mod gaussian;
mod kernels;
mod labels;
mod network;
mod places;
mod record;
mod regression;
mod symbols;
mod web;

use super::{
    Case, Check, MissingReproduction, Paper, Quantity, Reproduction, Setup, Statistic, Tolerance,
};

/// All reproductions, by number.
pub fn reproductions() -> [&'static Reproduction; 38] {
    [
        &gaussian::P01,
        &gaussian::P02,
        &gaussian::P03,
        &gaussian::P04,
        &gaussian::P05,
        &symbols::P06,
        &symbols::P07,
        &regression::P08,
        &regression::P09,
        &kernels::P10,
        &kernels::P11,
        &gaussian::P12,
        &symbols::P13,
        &fresh::P14,
        &regression::P15,
        &labels::P16,
        &choice::P17,
        &symbols::P18,
        &feedback::P19,
        &symbols::P20,
        &web::P21,
        &duplicates::P22,
        &web::P23,
        &web::P24,
        &fresh::P25,
        &budget::P27,
        &network::P31,
        &record::P34,
        &captions::P35,
        &competition::P36,
        &drift::A01,
        &drift::A02,
        &drift::A03,
        &places::W01,
        &places::W02,
        &places::W03,
        &places::W04,
        &curation::W05,
    ]
}

/// Published results that were tried and do not come out, so that none is passed over in silence.
pub const MISSING: &[MissingReproduction] = &[MissingReproduction {
    id: "P26",
    title: "The cheaper what AI has truncated, the further public knowledge is from the truth",
    paper: PETERSON,
    why: "published are Hellinger distances of 0.09, 0.22 and 0.40 at discounts of 0, 20 and 50 %, most likely of one run each; the \
          author's own program gives 0.147, 0.168 and 0.233 in the mean of 54 runs, with standard deviations of 0.07 to 0.12 from run \
          to run (python3 crates/xtask/peers/people.py)",
}];

/// "4 SE" of a mean: one of 16,000 checks misses by chance.
const FOUR: Tolerance = Tolerance::StandardErrors(4.0);

const SHUMAILOV: Paper = paper("Shumailov et al.", 2023, "2305.17493");
const KAZDAN: Paper = paper("Kazdan et al.", 2024, "2410.16713");
const DEY: Paper = paper("Dey and Donoho", 2024, "2410.22812");
const SURESH: Paper = paper("Suresh et al.", 2024, "2412.17646");
const SEDDIK: Paper = paper("Seddik et al.", 2024, "2404.05090");
const ALEMOHAMMAD: Paper = paper("Alemohammad et al.", 2023, "2307.01850");
const BERTRAND: Paper = paper("Bertrand et al.", 2023, "2310.00429");
const FERBACH: Paper = paper("Ferbach et al.", 2024, "2407.09499");
const HE: Paper = paper("He et al.", 2025, "2502.18049");
const GARG: Paper = paper("Garg et al.", 2025, "2509.22341");
const HODEL: Paper = paper("Hodel and West", 2025, "2512.15011");
const WANG: Paper = paper("Wang et al.", 2025, "2506.15690");
const GAO: Paper = paper("Gao and Li", 2025, "2503.08117");
const CHO: Paper = paper("Cho and Garcia-Molina", 2000, "");
const WRIGHT: Paper = paper("Wright", 1931, "");
const MORAN: Paper = paper("Moran", 1958, "");
const HILL: Paper = paper("Hill", 1972, "");
const LAAKSO: Paper = paper("Laakso and Taagepera", 1979, "");
const FENG: Paper = paper("Feng et al.", 2024, "2406.07515");
const BRODER: Paper = paper("Broder", 1997, "");
const PENEDO: Paper = paper("Penedo et al.", 2024, "2406.17557");
const RAGHAVAN: Paper = paper("Raghavan", 2024, "2412.08610");
const CHAPMAN: Paper = paper("Chapman et al. (Pew Research Center)", 2024, "");
const COMMON_CRAWL: Paper = paper("Common Crawl, statistics of the crawl 2026-30,", 2026, "");
const GRAPHITE: Paper = paper("Graphite", 2025, "");
const PETERSON: Paper = paper("Peterson", 2024, "2404.03502");
const RIIS: Paper = paper("Riis", 2026, "2604.08554");
const MARCHI: Paper = paper("Marchi and Soatto", 2024, "2404.02325");
const DOHMATOB: Paper = paper("Dohmatob et al.", 2024, "2402.07043");
const REGRESSION: Paper = paper("Dohmatob, Feng and Kempe", 2024, "2402.07712");
const GERSTGRASSER: Paper = paper("Gerstgrasser et al.", 2024, "2404.01413");
const TAORI: Paper = paper("Taori and Hashimoto", 2022, "2209.03942");
const STRONG: Paper = paper("Dohmatob et al.", 2024, "2410.04840");

const fn paper(authors: &'static str, year: u16, arxiv: &'static str) -> Paper {
    Paper {
        authors,
        year,
        arxiv,
    }
}

/// Of a direction: every replicate shows it.
const EVERY: Tolerance = Tolerance::Absolute(0.0);

/// A scenario as its file says.
const fn plain(scenario: &'static str) -> Case {
    Case {
        scenario,
        overrides: &[],
    }
}
