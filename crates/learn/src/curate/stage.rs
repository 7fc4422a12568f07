//! One stage of curation.

use rustc_hash::FxHashSet;
use types::random::{Stream, StreamKey};

use super::fingerprint::fingerprint;
use super::memory::Memory;
use super::pipeline::{Haul, PageFacts};
use super::{Detector, MinHash};

/// What a duplicate is compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Other documents of the same haul (Penedo et al. 2024 found it to be better).
    Snapshot,
    /// Those, and everything that earlier hauls have kept in the end.
    Global,
}

/// A filter that knows nothing of truth, but keeps real and synthetic documents at different rates.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct KeepShares {
    /// Probability that a real document is kept.
    pub real: f64,
    /// Probability that a synthetic document is kept.
    pub synthetic: f64,
}

/// A classifier of quality: a document scores q + noise e, q being its host's quality and e standard normal.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NoisyRank {
    /// Share of the documents that is kept, those with the highest scores; rounded to whole documents.
    pub keep: f64,
    /// Standard deviation of the noise, in units of quality, which is uniform in [0, 1).
    pub noise: f64,
}

/// A stage of curation, by the field's name.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Stage {
    /// Pages that were kept before go.
    UrlDedup(Scope),
    /// Of documents that say the same, the first one stays.
    ExactDedup(Scope),
    /// Of texts that are nearly the same, the first one stays.
    NearDedup(MinHash, Scope),
    /// A filter by language.
    Language(KeepShares),
    /// A filter by rules of thumb, such as the length of lines.
    Heuristics(KeepShares),
    /// The best by a noisy score stay.
    Quality(NoisyRank),
    /// What is taken for synthetic goes.
    Detector(Detector),
    /// What is taken for watermarked goes; its rates are those of marked and unmarked documents.
    Watermark(Detector),
}

/// Events of a page's stream, one for each kind of stage that draws.
const LANGUAGE: u32 = 0;
const HEURISTICS: u32 = 1;
const QUALITY: u32 = 2;
const DETECTOR: u32 = 3;
const WATERMARK: u32 = 4;

impl Stage {
    /// The field's name for it, as scenarios and metrics have it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::UrlDedup(_) => "url-dedup",
            Self::ExactDedup(_) => "exact-dedup",
            Self::NearDedup(..) => "near-dedup",
            Self::Language(_) => "language",
            Self::Heuristics(_) => "heuristics",
            Self::Quality(_) => "quality",
            Self::Detector(_) => "detector",
            Self::Watermark(_) => "watermark",
        }
    }

    /// True if it reads what documents say.
    pub fn reads(&self) -> bool {
        matches!(self, Self::ExactDedup(_) | Self::NearDedup(..))
    }

    /// Those of the positions `among` that it keeps, in their order.
    pub(super) fn keep(
        &self,
        haul: &Haul<'_>,
        (mut among, memory): (Vec<usize>, &Memory),
        verdicts: StreamKey,
    ) -> Vec<usize> {
        let judge = |at: &usize, event: u32, keeps: &dyn Fn(&PageFacts, &mut Stream) -> bool| {
            let facts = &haul.facts[*at];
            keeps(facts, &mut verdicts.stream(facts.page, event))
        };
        match self {
            Self::UrlDedup(scope) => {
                let page = |at: usize| haul.facts[at].page;
                firsts(&mut among, page, |page| memory.has_page(*page, *scope));
            }
            Self::ExactDedup(scope) => {
                let content = |at: usize| fingerprint(haul.content, at);
                firsts(&mut among, content, |one| memory.has_content(*one, *scope));
            }
            Self::NearDedup(filter, scope) => {
                return filter.kept_of(haul.content, &among, memory.bands(filter, *scope));
            }
            Self::Language(shares) => {
                among.retain(|at| judge(at, LANGUAGE, &|facts, rng| shares.keeps(facts, rng)));
            }
            Self::Heuristics(shares) => {
                among.retain(|at| judge(at, HEURISTICS, &|facts, rng| shares.keeps(facts, rng)));
            }
            Self::Quality(rank) => return rank.best(haul, among, verdicts),
            Self::Detector(filter) => among
                .retain(|at| judge(at, DETECTOR, &|facts, rng| filter.keeps(facts.is_real, rng))),
            Self::Watermark(filter) => among.retain(|at| {
                judge(at, WATERMARK, &|facts, rng| {
                    filter.keeps(!facts.watermarked, rng)
                })
            }),
        }
        among
    }
}

/// Keeps the first position of every key that is not known already.
fn firsts<K: std::hash::Hash + Eq>(
    among: &mut Vec<usize>,
    key: impl Fn(usize) -> K,
    known: impl Fn(&K) -> bool,
) {
    let mut seen = FxHashSet::default();
    among.retain(|&at| {
        let key = key(at);
        !known(&key) && seen.insert(key)
    });
}

impl KeepShares {
    fn keeps(&self, facts: &PageFacts, rng: &mut Stream) -> bool {
        let share = if facts.is_real {
            self.real
        } else {
            self.synthetic
        };
        rng.bernoulli(share)
    }
}

impl NoisyRank {
    /// The best of the positions `among`; of equals, the earlier.
    fn best(&self, haul: &Haul<'_>, among: Vec<usize>, verdicts: StreamKey) -> Vec<usize> {
        let score = |at: usize| {
            let facts = &haul.facts[at];
            let mut rng = verdicts.stream(facts.page, QUALITY);
            (facts.host_quality + self.noise * rng.normal(), at)
        };
        let kept = libm::round(self.keep * among.len() as f64) as usize;
        let mut scores: Vec<(f64, usize)> = among.into_iter().map(score).collect();
        scores.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        let mut best: Vec<usize> = scores.into_iter().take(kept).map(|(_, at)| at).collect();
        best.sort_unstable();
        best
    }
}
