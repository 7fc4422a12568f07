//! A view: the documents that a group of models may read now, numbered from 0.

use std::ops::Range;

use types::content::Content;
use types::document::{ModelId, Publication};
use types::random::Cumulative;
use types::time::VirtualTime;

use crate::authors::Authors;
use crate::guide::Guide;
use crate::log::{Log, LogError};

/// Of up to so many runs a guide knows where they are.
pub(crate) const RUNS_GUIDED: usize = 1 << 16;

/// Adjacent documents of one segment with one weight.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Run {
    pub(crate) segment: usize,
    /// First document, relative to the segment.
    pub(crate) first: u32,
    pub(crate) documents: u32,
    /// Position of the first document in the view.
    pub(crate) start: u32,
    /// Weight of each document.
    pub(crate) weight: f64,
}

/// What a set of documents comes from, on average. Only observers may know.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Ancestry {
    /// Mean depth of the documents' lineages.
    pub depth: f64,
    /// Share of real documents.
    pub real_share: f64,
}

/// Documents by position, `0..len`, in the order of the log.
#[derive(Debug, Clone, Default)]
pub struct View {
    pub(crate) runs: Vec<Run>,
    len: u32,
    /// Cumulative weight of the runs, unless all weights are equal.
    weights: Option<Cumulative>,
    /// Depth of all documents and whether they are real, if they are alike.
    alike: Option<(f32, bool)>,
    authors: Option<Authors>,
    /// Finds runs, if there are several and not too many.
    pub(crate) guide: Guide,
}

/// Collects the runs of a [`View`].
#[derive(Debug, Default)]
pub(crate) struct ViewBuilder {
    runs: Vec<Run>,
    len: u32,
    first: Option<(f32, bool)>,
    unlike: bool,
    /// Who wrote what, if somebody wants to know.
    entries: Option<Vec<(Option<ModelId>, u32, u32)>>,
}

impl ViewBuilder {
    /// An empty view. Who wrote what is kept only if `with_authors`.
    pub(crate) fn new(with_authors: bool) -> Self {
        Self {
            entries: with_authors.then(Vec::new),
            ..Self::default()
        }
    }

    /// Appends the documents of some consecutive models of a publication, of which the first document
    /// is number `first` of its segment.
    pub(crate) fn push(&mut self, segment: usize, first: u32, part: &Publication, weight: f64) {
        let (start, documents) = (self.len, part.total());
        self.len += documents;
        if let Some(entries) = &mut self.entries {
            let entry = |model: u32| {
                let offset = model * part.documents;
                (part.author_of(offset), start + offset, part.documents)
            };
            entries.extend((0..part.models).map(entry));
        }
        let origin = (part.lineage.depth, part.is_real());
        self.unlike |= *self.first.get_or_insert(origin) != origin;
        match self.runs.last_mut() {
            Some(run)
                if run.segment == segment
                    && run.first + run.documents == first
                    && run.weight == weight =>
            {
                run.documents += documents;
            }
            _ => self.runs.push(Run {
                segment,
                first,
                documents,
                start,
                weight,
            }),
        }
    }

    pub(crate) fn finish(self) -> View {
        let equal = self
            .runs
            .windows(2)
            .all(|pair| pair[0].weight == pair[1].weight);
        let weights = self
            .runs
            .iter()
            .map(|run| run.weight * f64::from(run.documents));
        View {
            weights: if equal {
                None
            } else {
                Cumulative::new(weights)
            },
            len: self.len,
            alike: if self.unlike { None } else { self.first },
            authors: self.entries.map(Authors::new),
            guide: match self.runs.len() {
                2..=RUNS_GUIDED => Guide::new(self.runs.iter().map(|run| run.start), self.len),
                _ => Guide::default(),
            },
            runs: self.runs,
        }
    }
}

impl View {
    /// Number of documents.
    pub fn len(&self) -> u32 {
        self.len
    }

    /// True if there is nothing to read.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The weight of all documents.
    pub fn weight_total(&self) -> f64 {
        match &self.weights {
            Some(weights) => weights.total(),
            None => self
                .runs
                .first()
                .map_or(0.0, |run| run.weight * f64::from(self.len)),
        }
    }

    /// True if all documents weigh the same.
    pub fn is_even(&self) -> bool {
        self.weights.is_none()
    }

    /// Who wrote what.
    ///
    /// # Panics
    /// If the view was made without authors.
    pub fn authors(&self) -> &Authors {
        self.authors
            .as_ref()
            .expect("the scenario asked for authors wherever it reads by author")
    }

    /// Who wrote what, if the view was made with authors.
    pub fn known_authors(&self) -> Option<&Authors> {
        self.authors.as_ref()
    }

    #[inline]
    pub(crate) fn run_at(&self, position: u32) -> &Run {
        match self.runs.as_slice() {
            [only] => only,
            runs if runs.len() <= RUNS_GUIDED => &runs[self.guide.place(position).0],
            runs => &runs[runs.partition_point(|run| run.start <= position) - 1],
        }
    }

    /// The weight of the document at `position`.
    pub fn weight(&self, position: u32) -> f64 {
        self.run_at(position).weight
    }

    /// One position, with probability proportional to weight.
    #[inline]
    pub fn draw(&self, rng: &mut types::random::Stream) -> u32 {
        match &self.weights {
            None => rng.below(self.len),
            Some(weights) => {
                let run = &self.runs[weights.draw(rng)];
                run.start + rng.below(run.documents)
            }
        }
    }

    /// Calls `visit` with every stretch of documents among the positions `range`: content, documents in it, weight of each.
    ///
    /// # Errors
    /// If a segment cannot be read.
    pub fn visit(
        &self,
        log: &Log,
        range: Range<u32>,
        mut visit: impl FnMut(&Content, Range<usize>, f64),
    ) -> Result<(), LogError> {
        for run in &self.runs {
            let start = range.start.max(run.start);
            let end = range.end.min(run.start + run.documents);
            if start < end {
                let offset = |position: u32| (run.first + position - run.start) as usize;
                let content = log.content(run.segment)?;
                visit(&content, offset(start)..offset(end), run.weight);
            }
        }
        Ok(())
    }

    /// The provenance of the document at `position`.
    pub fn publication<'a>(&self, log: &'a Log, position: u32) -> &'a Publication {
        let run = self.run_at(position);
        log.segment(run.segment)
            .publication_at(run.first + position - run.start)
    }

    /// The share of documents that were published after `time`; none if there is nothing to read.
    pub fn share_after(&self, log: &Log, time: VirtualTime) -> Option<f64> {
        let (mut position, mut after) = (0, 0);
        while position < self.len {
            let left = left_in_publication(log, self.run_at(position), position);
            if self.publication(log, position).time > time {
                after += left;
            }
            position += left;
        }
        (self.len > 0).then(|| f64::from(after) / f64::from(self.len))
    }

    /// True if the document at `position` is real. Only observers and detectors may ask.
    pub fn is_real(&self, log: &Log, position: u32) -> bool {
        match self.alike {
            Some((_, real)) => real,
            None => self.publication(log, position).is_real(),
        }
    }

    /// Where the documents at `positions` come from, on average.
    pub fn ancestry(&self, log: &Log, positions: &[u32]) -> Ancestry {
        let mut mean = Mean::default();
        match self.alike {
            Some((depth, real)) if !positions.is_empty() => mean.add(depth, real, 1.0),
            Some(_) => {}
            None => {
                for &position in positions {
                    let publication = self.publication(log, position);
                    mean.add(publication.lineage.depth, publication.is_real(), 1.0);
                }
            }
        }
        mean.ancestry()
    }

    /// Where the documents in `range` come from, on average by weight, and the sum of the weights.
    pub fn ancestry_of_range(&self, log: &Log, range: Range<u32>) -> (Ancestry, f64) {
        let mut mean = Mean::default();
        let mut position = range.start;
        while position < range.end {
            let run = self.run_at(position);
            let left = if let Some((depth, real)) = self.alike {
                let left = (run.start + run.documents).min(range.end) - position;
                mean.add(depth, real, run.weight * f64::from(left));
                left
            } else {
                let left = left_in_publication(log, run, position).min(range.end - position);
                let publication = self.publication(log, position);
                let weight = run.weight * f64::from(left);
                mean.add(publication.lineage.depth, publication.is_real(), weight);
                left
            };
            position += left;
        }
        (mean.ancestry(), mean.total)
    }
}

/// Documents from `position` to the end of its publication.
fn left_in_publication(log: &Log, run: &Run, position: u32) -> u32 {
    let offset = run.first + position - run.start;
    let end = log.segment(run.segment).end_of_publication_at(offset);
    (end - offset).min(run.start + run.documents - position)
}

/// A weighted mean of ancestries.
#[derive(Debug, Default)]
struct Mean {
    depth: f64,
    real: f64,
    total: f64,
}

impl Mean {
    fn add(&mut self, depth: f32, real: bool, weight: f64) {
        self.depth += weight * f64::from(depth);
        self.real += weight * f64::from(u8::from(real));
        self.total += weight;
    }

    fn ancestry(&self) -> Ancestry {
        if self.total > 0.0 {
            Ancestry {
                depth: self.depth / self.total,
                real_share: self.real / self.total,
            }
        } else {
            Ancestry::default()
        }
    }
}
