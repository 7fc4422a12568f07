//! The index: what can be read now, folded from the log.

use types::document::{ModelId, Publication};
use types::time::{VirtualDuration, VirtualTime};

use crate::log::Log;
use crate::retention::{self, Calendar, Retention};
use crate::view::{View, ViewBuilder};

/// What a group of readers needs of the index.
#[derive(Debug, Clone, PartialEq)]
pub struct ViewSpec {
    /// Which documents count for this group, on top of what the web keeps.
    pub regime: Retention,
    /// True if the group reads by author or leaves out its own documents.
    pub with_authors: bool,
}

/// How the index is made.
#[derive(Debug, Clone, PartialEq)]
pub struct IndexConfig {
    /// What the web keeps.
    pub retention: Retention,
    /// From being published to being visible.
    pub lag: VirtualDuration,
    /// Virtual time of a generation, the unit of ages.
    pub generation: VirtualDuration,
    /// One view for each group of readers.
    pub views: Vec<ViewSpec>,
}

/// Where an author's newest visible publication is: segment, publication in it.
type Newest = Option<(u32, u32)>;

/// What can be read at one instant.
#[derive(Debug, Clone)]
pub struct Index {
    config: IndexConfig,
    views: Vec<View>,
    newest: Vec<Newest>,
    /// The first publication that is not visible yet: segment, publication in it.
    frontier: (usize, usize),
    now: VirtualTime,
}

impl Index {
    /// The index of an empty web of `models` models.
    pub fn new(config: IndexConfig, models: usize) -> Self {
        let views = vec![View::default(); config.views.len()];
        let newest = if config.needs_newest() {
            vec![None; models]
        } else {
            Vec::new()
        };
        let mut index = Self {
            config,
            views,
            newest,
            frontier: (0, 0),
            now: VirtualTime::START,
        };
        index.views = index
            .config
            .views
            .iter()
            .map(|spec| ViewBuilder::new(spec.with_authors).finish())
            .collect();
        index
    }

    /// The view of a group of readers.
    pub fn view(&self, group: usize) -> &View {
        &self.views[group]
    }

    /// Brings the index to the state of the web at `time`: everything published at least the lag ago is visible.
    ///
    /// Only the log and `time` matter, not how often or when the index was refreshed before.
    pub fn refresh(&mut self, log: &mut Log, time: VirtualTime) {
        if time.0 < self.config.lag.0 {
            return;
        }
        let cutoff = time - self.config.lag;
        self.advance(log, cutoff);
        self.views = Vec::new(); // Frees the old views before the new ones are made.
        self.views = self
            .config
            .views
            .iter()
            .map(|spec| self.build(log, spec))
            .collect();
        log.drop_before(self.first_needed(log));
    }

    /// Moves the frontier over everything published up to `cutoff`.
    fn advance(&mut self, log: &Log, cutoff: VirtualTime) {
        let numbers = log.segment_numbers();
        let (mut segment, mut publication) = (self.frontier.0.max(numbers.start), self.frontier.1);
        while segment < numbers.end {
            let publications = &log.segment(segment).publications;
            let visible = publications.partition_point(|publication| publication.time <= cutoff);
            for (offset, item) in publications[publication.min(visible)..visible]
                .iter()
                .enumerate()
            {
                self.now = item.time;
                if let (Some(author), false) = (item.author, self.newest.is_empty()) {
                    self.newest[author.0 as usize] =
                        Some((segment as u32, (publication + offset) as u32));
                }
            }
            if visible < publications.len() {
                publication = visible;
                break;
            }
            (segment, publication) = (segment + 1, 0);
        }
        self.frontier = (segment, publication);
    }

    fn is_newest(&self, author: Option<ModelId>, place: (usize, usize)) -> bool {
        match author {
            Some(author) if !self.newest.is_empty() => {
                self.newest[author.0 as usize] == Some((place.0 as u32, place.1 as u32))
            }
            _ => true,
        }
    }

    /// The visible publications of a segment.
    fn visible<'a>(&self, log: &'a Log, segment: usize) -> &'a [Publication] {
        let publications = &log.segment(segment).publications;
        let end = if segment < self.frontier.0 {
            publications.len()
        } else {
            self.frontier.1
        };
        &publications[..end]
    }

    fn segments(&self, log: &Log) -> std::ops::Range<usize> {
        let numbers = log.segment_numbers();
        numbers.start
            ..(self.frontier.0 + usize::from(self.frontier.1 > 0)).clamp(numbers.start, numbers.end)
    }

    fn calendar(&self) -> Calendar {
        Calendar {
            generation: self.config.generation,
            now: self.now,
        }
    }

    fn build(&self, log: &Log, spec: &ViewSpec) -> View {
        let rules = [self.config.retention, spec.regime];
        let mut builder = ViewBuilder::new(spec.with_authors);
        for segment in self.segments(log) {
            for (number, publication) in self.visible(log, segment).iter().enumerate() {
                let newest = self.is_newest(publication.author, (segment, number));
                let weight = retention::weight(&rules, self.calendar(), publication, newest);
                if weight > 0.0 {
                    let first = log.segment(segment).documents_of(number).start;
                    builder.push(segment, first, publication, weight);
                }
            }
        }
        builder.finish()
    }

    /// The first segment that any view reads or that is not visible yet.
    fn first_needed(&self, log: &Log) -> usize {
        let keeps_all = matches!(
            self.config.retention,
            Retention::Accumulate | Retention::Discount { .. }
        );
        if keeps_all
            && self
                .config
                .views
                .iter()
                .any(|spec| !matches!(spec.regime, Retention::Replace))
        {
            return log.segment_numbers().start;
        }
        let used = self
            .views
            .iter()
            .filter_map(|view| view.runs.first())
            .map(|run| run.segment)
            .min();
        used.unwrap_or(usize::MAX).min(self.frontier.0)
    }
}

impl IndexConfig {
    fn needs_newest(&self) -> bool {
        self.retention == Retention::Replace
            || self
                .views
                .iter()
                .any(|spec| spec.regime == Retention::Replace)
    }
}

#[cfg(test)]
mod tests;
