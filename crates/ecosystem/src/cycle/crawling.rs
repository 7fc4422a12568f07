//! What a model crawls, and what its detector lets through.

use learn::{Family, Order, Recogniser};
use types::content::Content;
use types::random::{Distinct, Stream};
use web::{Crawl, LogError};

use super::{Rejected, Scratch, Tick, share};
use crate::group::Detection;
use crate::shard::Model;

/// Crawls of one training while the detector keeps rejecting.
const DETECTOR_ROUNDS_MAX: usize = 1000;

/// Marks the events in which a model learns to detect among those of curation.
const LEARNING: u32 = 1 << 30;

/// How many documents a detector looked at and rejected: of synthetic ones, and of real ones.
#[derive(Debug, Default)]
struct Verdicts {
    seen: [usize; 2],
    rejected: [usize; 2],
}

impl Verdicts {
    fn note(&mut self, is_real: bool, keeps: bool) {
        self.seen[usize::from(is_real)] += 1;
        self.rejected[usize::from(is_real)] += usize::from(!keeps);
    }

    fn shares(&self) -> Rejected {
        let of = |origin| share(self.rejected[origin], self.seen[origin]);
        Rejected {
            synthetic: of(0),
            real: of(1),
        }
    }
}

impl<F: Family> Tick<'_, F> {
    /// Chooses what to read, and keeps what the detector lets through. It reads on until it has enough, but not for ever: a
    /// detector that rejects everything leaves nothing.
    pub(super) fn crawl(
        &self,
        documents: usize,
        event: u32,
        scratch: &mut Scratch,
    ) -> Result<(), LogError> {
        let mut rng = self.group.keys.crawl.stream(self.id.0, event);
        scratch.note.kept_share = Some(1.0);
        let Some(detection) = &self.group.detector else {
            self.crawl_once(documents, &mut rng, scratch);
            return Ok(());
        };
        let mut verdict = self.group.keys.curate.stream(self.id.0, event);
        let mut verdicts = Verdicts::default();
        scratch.kept.clear();
        for _ in 0..DETECTOR_ROUNDS_MAX {
            self.crawl_once(documents, &mut rng, scratch);
            self.detect(detection, &mut verdict, scratch, &mut verdicts)?;
            // Without replacement a second crawl would meet the same documents again.
            if scratch.kept.len() >= documents || !self.group.reading.with_replacement {
                break;
            }
        }
        scratch.note.kept_share = share(scratch.kept.len(), verdicts.seen.iter().sum());
        scratch.note.rejected = verdicts.shares();
        scratch.kept.truncate(documents);
        std::mem::swap(&mut scratch.kept, &mut scratch.positions);
        Ok(())
    }

    fn crawl_once(&self, documents: usize, rng: &mut Stream, scratch: &mut Scratch) {
        let crawl = Crawl {
            reader: self.id,
            documents,
            rng,
            positions: &mut scratch.positions,
        };
        scratch
            .crawler
            .crawl(self.view(), &self.group.reading, crawl);
    }

    /// Keeps what the detector lets through of what was crawled. Whether a document is real is told to one that errs at stated
    /// rates and to the tally; one that was learnt sees the text alone.
    fn detect(
        &self,
        detection: &Detection,
        verdict: &mut Stream,
        scratch: &mut Scratch,
        verdicts: &mut Verdicts,
    ) -> Result<(), LogError> {
        let (log, view) = (self.world.log(), self.view());
        scratch.content.clear();
        if scratch.recogniser.is_some() {
            view.fetch(log, &scratch.positions, &mut scratch.content)?;
        }
        for (index, &at) in scratch.positions.iter().enumerate() {
            let is_real = view.is_real(log, at);
            let keeps = match (detection, &scratch.recogniser) {
                (Detection::Rates(detector), _) => detector.keeps(is_real, verdict),
                (Detection::Learned(_), Some(learnt)) => learnt.keeps(scratch.content.text(index)),
                (Detection::Learned(_), None) => true,
            };
            verdicts.note(is_real, keeps);
            if keeps {
                scratch.kept.push(at);
            }
        }
        Ok(())
    }

    /// Learns to tell what the model writes now from real documents that it holds, if it is to.
    pub(super) fn recogniser(&self, model: &Model<F::Fitted>) -> Option<Recogniser> {
        let Some(Detection::Learned(lesson)) = &self.group.detector else {
            return None;
        };
        let mut rng = self
            .group
            .keys
            .curate
            .stream(self.id.0, LEARNING | model.ticks);
        let real = self.held(2 * lesson.documents, model.ticks, &mut rng);
        let half = real.len() / 2;
        let order = Order {
            documents: half,
            author: Some(self.id.0),
            ..self.group.order
        };
        let mut written = Content::empty(self.group.family.kind());
        let fitted = model.fitted.as_ref()?;
        self.write((fitted, &order), (model.ticks, 1), &mut rng, &mut written);
        let (real, written) = (texts(&real), texts(&written));
        let (human, held_back) = real.split_at(half);
        Some(Recogniser::learn(lesson, (human, &written), held_back))
    }

    /// So many real documents that the model holds, or all, in random order.
    fn held(&self, count: usize, event: u32, rng: &mut Stream) -> Content {
        let mut all = Content::empty(self.group.family.kind());
        for part in [&self.group.private, &self.group.public]
            .into_iter()
            .flatten()
        {
            let held = part.content(self.id.0, event);
            all.extend(&held, 0..held.len());
        }
        let (mut positions, count) = (Vec::new(), count.min(all.len()));
        Distinct::default().draw(rng, all.len() as u32, count, &mut positions);
        rng.shuffle(&mut positions);
        let mut held = Content::empty(all.kind());
        held.gather(&all, &positions);
        held
    }
}

/// The texts of documents; which part of them was a prompt is not told.
fn texts(content: &Content) -> Vec<&[u8]> {
    (0..content.len())
        .map(|index| content.text(index))
        .collect()
}
