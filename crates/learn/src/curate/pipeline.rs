//! The stages of curation, one after the other.

use types::content::Content;
use types::document::ByOrigin;
use types::random::StreamKey;

use super::memory::Memory;
use super::stage::Stage;

/// What a stage may know of a document besides its content.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PageFacts {
    /// Number of the page that it stands on.
    pub page: u32,
    /// True if it is real: filters with stated rates have to be told the truth that they err about.
    pub is_real: bool,
    /// Rank of its host by quality, uniform in [0, 1).
    pub host_quality: f64,
    /// True if whoever wrote it marks its documents.
    pub watermarked: bool,
}

/// Documents that are curated together, such as those of one crawl.
#[derive(Debug, Clone, Copy)]
pub struct Haul<'a> {
    /// What they say; may be empty if neither pipeline nor memory reads.
    pub content: &'a Content,
    /// What else is known of them, in the same order.
    pub facts: &'a [PageFacts],
}

/// What curation left of a haul.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Curated {
    /// Positions of what is kept, ascending.
    pub kept: Vec<usize>,
    /// What each stage did, in order.
    pub stages: Vec<StageTally>,
}

/// What one stage did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct StageTally {
    /// Documents that came to it.
    pub reached: ByOrigin,
    /// Documents that it let through.
    pub kept: ByOrigin,
}

/// Stages in the order in which documents go through them: each sees only what those before it kept.
///
/// Near-duplicates that a filter would have rejected still make others go if deduplication comes first, and a quality stage keeps a
/// share of whatever is left, so the order matters.
///
/// ```
/// use echosphere_learn::{Detector, Haul, Memory, PageFacts, Pipeline, Scope, Stage};
/// use types::content::Content;
/// use types::random::{Purpose, Seed};
///
/// let verdicts = Seed(1).key(0, Purpose::Verdict);
/// let strict = Detector { true_positive_rate: 1.0, false_positive_rate: 0.0 };
/// let stages = vec![Stage::ExactDedup(Scope::Global), Stage::Detector(strict)];
/// let pipeline = Pipeline { stages, verdicts };
/// let mut memory = Memory::of([&pipeline]);
///
/// let content = Content::from_texts(["said by a model", "said by people", "said by people"]);
/// let facts = [0, 1, 2].map(|page| PageFacts { page, is_real: page > 0, host_quality: 0.5, watermarked: false });
/// let haul = Haul { content: &content, facts: &facts };
/// assert_eq!(pipeline.curate(&haul, &mut memory).kept, [1]);
/// assert!(pipeline.curate(&haul, &mut memory).kept.is_empty(), "nothing is new any more");
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Pipeline {
    /// The stages.
    pub stages: Vec<Stage>,
    /// The streams of what filters make of a page, addressed by page and kind of stage: a page is judged alike whenever it comes.
    pub verdicts: StreamKey,
}

impl Pipeline {
    /// True if some stage reads what documents say.
    pub fn reads(&self) -> bool {
        self.stages.iter().any(Stage::reads)
    }

    /// Curates a haul. What it keeps is remembered for hauls to come.
    pub fn curate(&self, haul: &Haul<'_>, memory: &mut Memory) -> Curated {
        let mut kept: Vec<usize> = (0..haul.facts.len()).collect();
        let mut stages = Vec::with_capacity(self.stages.len());
        for stage in &self.stages {
            let reached = haul.count(&kept);
            kept = stage.keep(haul, (kept, memory), self.verdicts);
            stages.push(StageTally {
                reached,
                kept: haul.count(&kept),
            });
        }
        memory.remember(haul, &kept);
        Curated { kept, stages }
    }
}

impl Haul<'_> {
    fn count(&self, positions: &[usize]) -> ByOrigin {
        let mut count = ByOrigin::default();
        for &at in positions {
            count.note(self.facts[at].is_real);
        }
        count
    }
}

#[cfg(test)]
mod tests;
