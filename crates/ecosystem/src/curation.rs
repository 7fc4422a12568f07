//! What is kept of a crawl, between the web, which knows where documents come from, and filters, which do not.

use std::sync::Arc;

use learn::{Haul, Memory, PageFacts, Pipeline};
use types::content::{Content, ContentKind};
use types::document::ModelId;
use types::time::{VirtualDuration, VirtualTime};
use web::{Capture, Captures, Curation, CurationStage, Curator, LogError};

/// Curates the archive of one crawler.
#[derive(Debug)]
pub(crate) struct ArchiveCurator {
    /// From these instants on, ascending; the first is the start.
    pipelines: Vec<(VirtualTime, Pipeline)>,
    /// What earlier crawls have kept.
    memory: Memory,
    watermarks: Arc<Watermarks>,
}

/// Whose documents are watermarked, and since when.
#[derive(Debug, Default)]
pub(crate) struct Watermarks {
    /// The first model of each population.
    pub(crate) first: Vec<u32>,
    /// From these instants on, ascending: whether each population marks its documents. The first is the start.
    pub(crate) marks: Vec<(VirtualTime, Vec<bool>)>,
    /// Length of a window: models notice what changes at the beginning of one.
    pub(crate) window: VirtualDuration,
}

impl Watermarks {
    /// True if what this model published then is marked.
    fn carries(&self, author: ModelId, born: VirtualTime) -> bool {
        let begun = VirtualTime(born.0 - born.0 % self.window.0.max(1));
        let population = self.first.partition_point(|&first| first <= author.0);
        let marks = &self.marks[since(&self.marks, begun)].1;
        marks.get(population.wrapping_sub(1)) == Some(&true)
    }
}

/// Which of the entries holds at `time`.
fn since<T>(entries: &[(VirtualTime, T)], time: VirtualTime) -> usize {
    let after = entries.partition_point(|entry| entry.0 <= time);
    after.max(1) - 1
}

impl ArchiveCurator {
    /// Nothing kept yet. The first pipeline holds from the start on.
    pub(crate) fn new(
        pipelines: Vec<(VirtualTime, Pipeline)>,
        watermarks: Arc<Watermarks>,
    ) -> Self {
        Self {
            memory: Memory::of(pipelines.iter().map(|entry| &entry.1)),
            pipelines,
            watermarks,
        }
    }

    fn facts(&self, capture: Capture) -> PageFacts {
        let marked = |author| self.watermarks.carries(author, capture.page.born);
        PageFacts {
            page: capture.number,
            is_real: capture.page.real,
            host_quality: capture.host_quality,
            watermarked: capture.author.is_some_and(marked),
        }
    }

    /// What the captures say, unless no pipeline ever asks: what is compared with later is remembered from the start on.
    fn contents(&self, captures: &Captures<'_>) -> Result<Content, LogError> {
        if self.pipelines.iter().any(|entry| entry.1.reads()) {
            return captures.contents();
        }
        Ok(Content::empty(ContentKind::Text))
    }
}

impl Curator for ArchiveCurator {
    fn curate(&mut self, captures: &Captures<'_>) -> Result<Curation, LogError> {
        let content = self.contents(captures)?;
        let facts: Vec<PageFacts> = captures.iter().map(|one| self.facts(one)).collect();
        let pipeline = &self.pipelines[since(&self.pipelines, captures.time())].1;
        let haul = Haul {
            content: &content,
            facts: &facts,
        };
        let curated = pipeline.curate(&haul, &mut self.memory);
        let stages = pipeline.stages.iter().zip(&curated.stages);
        let stage = |(stage, tally): (&learn::Stage, &learn::StageTally)| CurationStage {
            name: stage.name(),
            reached: tally.reached,
            kept: tally.kept,
        };
        Ok(Curation {
            kept: curated.kept.iter().map(|&at| facts[at].page).collect(),
            stages: stages.map(stage).collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(days: u64) -> VirtualTime {
        VirtualTime::START + VirtualDuration::from_days(1.0).times(days)
    }

    /// The second of two populations marks what it writes in windows that begin on the tenth day or later.
    #[test]
    fn a_watermark_begins_with_a_window() {
        let watermarks = Watermarks {
            first: vec![0, 5],
            marks: vec![(day(0), vec![false, false]), (day(10), vec![false, true])],
            window: VirtualDuration::from_days(4.0),
        };
        let carries = |author, born| watermarks.carries(ModelId(author), day(born));
        assert!(!carries(5, 11), "the window from the eighth day on");
        assert!(carries(5, 12) && carries(9, 40));
        assert!(!carries(4, 12) && !carries(0, 40));
    }
}
