//! The index: what can be read now, folded from the log.

mod archived;

use std::num::NonZero;
use std::sync::Arc;

use types::document::{ModelId, Publication};
use types::time::{VirtualDuration, VirtualTime};

use crate::archive::{Archive, CrawlerSpec, Curator};
use crate::log::{Log, LogError};
use crate::pages::Pages;
use crate::retention::{self, Calendar, Retention};
use crate::segment::Segment;
use crate::site::Geography;
use crate::view::{View, ViewBuilder};

/// What a group of readers needs of the index.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ViewSpec {
    /// Which documents count for this group, on top of what the web keeps.
    pub regime: Retention,
    /// True if the group reads by author or leaves out its own documents.
    pub with_authors: bool,
    /// From which archive the group reads, if not from the web itself.
    pub archive: Option<ArchiveReading>,
}

/// How a group reads from an archive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ArchiveReading {
    /// Number of the crawler.
    pub crawler: usize,
    /// What was fetched later than so long ago is not read.
    pub cutoff: VirtualDuration,
    /// Whether a page that was fetched in several crawls counts once.
    pub once: bool,
}

/// Where documents live, and who fetches them.
#[derive(Debug, Clone, PartialEq)]
pub struct Place {
    /// All sites.
    pub geography: Arc<Geography>,
    /// Who makes archives.
    pub crawlers: Vec<CrawlerSpec>,
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
    /// The sites, if there are any.
    pub place: Option<Place>,
}

/// What can be read at one instant.
#[derive(Debug)]
pub struct Index {
    config: IndexConfig,
    views: Vec<Arc<View>>,
    /// Where each author's newest visible publication begins in the log; empty if nobody asks.
    newest: Vec<Option<NonZero<u64>>>,
    /// The first publication that is not visible yet: segment, publication in it.
    frontier: (usize, usize),
    now: VirtualTime,
    /// Where documents live; empty without sites.
    pages: Pages,
    archives: Vec<Archive>,
    /// Who curates each archive; may be shorter.
    curators: Vec<Option<Box<dyn Curator>>>,
    /// How many snapshots each view was made of.
    snapshots: Vec<usize>,
    /// What became visible since somebody asked, if anybody ever does.
    appeared: Option<Vec<Appeared>>,
}

/// A publication that became visible.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Appeared {
    /// The first model that wrote it; none if people did.
    pub author: Option<ModelId>,
    /// When it was published.
    pub published: VirtualTime,
    /// How many documents it has.
    pub documents: u32,
}

impl Index {
    /// The index of an empty web of `models` models.
    pub fn new(config: IndexConfig, models: usize) -> Self {
        let views = vec![Arc::default(); config.views.len()];
        let newest = if config.needs_newest() {
            vec![None; models]
        } else {
            Vec::new()
        };
        let place = config.place.as_ref();
        let mut index = Self {
            pages: Pages::new(place.map_or(0, |place| place.geography.sites().len())),
            archives: place.map_or_else(Vec::new, |place| {
                place.crawlers.iter().cloned().map(Archive::new).collect()
            }),
            curators: Vec::new(),
            snapshots: vec![0; config.views.len()],
            appeared: None,
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
            .map(|spec| Arc::new(ViewBuilder::new(spec.with_authors).finish()))
            .collect();
        index
    }

    /// The same with somebody who curates each archive, by number of the crawler; what nobody curates is kept as it was captured.
    #[must_use]
    pub fn curated_by(mut self, curators: Vec<Option<Box<dyn Curator>>>) -> Self {
        self.curators = curators;
        self
    }

    /// From now on notes what becomes visible, for [`Index::appeared`].
    pub fn watch(&mut self) {
        self.appeared.get_or_insert_default();
    }

    /// Moves what became visible since the last call, in the order of the log, to the end of `out`. Nothing is noted before
    /// [`Index::watch`].
    pub fn appeared(&mut self, out: &mut Vec<Appeared>) {
        if let Some(appeared) = &mut self.appeared {
            out.append(appeared);
        }
    }

    /// The views of all groups of readers.
    pub fn views(&self) -> impl Iterator<Item = &View> {
        self.views.iter().map(|view| &**view)
    }

    /// What can be read of the open web as of now, for those who read on while this index is refreshed. Nothing of places is in
    /// it: it must not be refreshed.
    #[must_use]
    pub fn snapshot(&self) -> Self {
        let blank = IndexConfig {
            place: None,
            ..self.config.clone()
        };
        let mut snapshot = Self::new(blank, 0);
        snapshot.views.clone_from(&self.views);
        (snapshot.frontier, snapshot.now) = (self.frontier, self.now);
        snapshot
    }

    /// When the latest visible publication was published.
    pub fn now(&self) -> VirtualTime {
        self.now
    }

    /// Where documents live.
    pub fn pages(&self) -> &Pages {
        &self.pages
    }

    /// The archives, by number of the crawler.
    pub fn archives(&self) -> &[Archive] {
        &self.archives
    }

    /// The sites, if there are any.
    pub fn geography(&self) -> Option<&Geography> {
        self.config.place.as_ref().map(|place| &*place.geography)
    }

    /// The view of a group of readers.
    pub fn view(&self, group: usize) -> &View {
        &self.views[group]
    }

    /// Brings the index to the state of the web at `time`: everything published at least the lag ago is visible.
    ///
    /// Only the log and `time` matter, not how often or when the index was refreshed before.
    ///
    /// # Errors
    /// If a curator reads documents that cannot be read. The index must not be used then.
    pub fn refresh(&mut self, log: &mut Log, time: VirtualTime) -> Result<(), LogError> {
        self.crawl(log, time)?;
        if time.0 < self.config.lag.0 {
            return Ok(());
        }
        self.advance(log, time - self.config.lag);
        // Frees old views before new ones are made.
        let (specs, mut stale) = (self.config.views.clone(), Vec::new());
        for (number, spec) in specs.iter().enumerate() {
            let snapshots = spec.archive.map(|read| self.readable(&read, time));
            if snapshots.is_none_or(|count| count != self.snapshots[number]) {
                self.snapshots[number] = snapshots.unwrap_or(0);
                self.views[number] = Arc::default();
                stale.push(number);
            }
        }
        for number in stale {
            self.views[number] = Arc::new(match &specs[number].archive {
                None => self.build(log, &specs[number]),
                Some(read) => self.build_archived(log, &specs[number], (read, time)),
            });
        }
        log.drop_before(self.first_needed(log));
        Ok(())
    }

    /// Moves the frontier over everything published up to `cutoff`.
    fn advance(&mut self, log: &Log, cutoff: VirtualTime) {
        let numbers = log.segment_numbers();
        let (mut number, mut publication) = (self.frontier.0.max(numbers.start), self.frontier.1);
        while number < numbers.end {
            let segment = log.segment(number);
            let visible = segment
                .publications
                .partition_point(|item| item.time <= cutoff);
            for index in publication..visible {
                let item = &segment.publications[index];
                self.now = item.time;
                if let Some(appeared) = &mut self.appeared {
                    appeared.push(Appeared {
                        author: item.author,
                        published: item.time,
                        documents: item.total(),
                    });
                }
                self.note_newest(segment, index);
                if let Some(place) = &self.config.place {
                    self.pages.append(&place.geography, segment, index);
                }
            }
            if visible < segment.publications.len() {
                publication = visible;
                break;
            }
            (number, publication) = (number + 1, 0);
        }
        self.frontier = (number, publication);
    }

    /// Notes that the authors of a publication have published nothing newer.
    fn note_newest(&mut self, segment: &Segment, index: usize) {
        let item = &segment.publications[index];
        if let (Some(author), false) = (item.author, self.newest.is_empty()) {
            for model in 0..item.models {
                self.newest[(author.0 + model) as usize] = place(segment, index, model);
            }
        }
    }

    /// True if model number `model` of a publication has published nothing newer.
    fn is_newest(&self, segment: &Segment, index: usize, model: u32) -> bool {
        match segment.publications[index].author {
            Some(author) if !self.newest.is_empty() => {
                self.newest[(author.0 + model) as usize] == place(segment, index, model)
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
        let mut builder = ViewBuilder::new(spec.with_authors);
        for number in self.segments(log) {
            for index in 0..self.visible(log, number).len() {
                self.push(log, number, index, (spec, &mut builder));
            }
        }
        builder.finish()
    }

    /// Appends a publication, cut where some of its models have published something newer.
    fn push(
        &self,
        log: &Log,
        number: usize,
        index: usize,
        (spec, builder): (&ViewSpec, &mut ViewBuilder),
    ) {
        let segment = log.segment(number);
        let item = &segment.publications[index];
        let rules = [self.config.retention, spec.regime];
        let weight = |newest| retention::weight(&rules, self.calendar(), item, newest);
        let (old, new) = (weight(false), weight(true));
        let mut model = 0;
        while model < item.models {
            let newest = old == new || self.is_newest(segment, index, model);
            let mut end = if old == new { item.models } else { model + 1 };
            while end < item.models && self.is_newest(segment, index, end) == newest {
                end += 1;
            }
            let weight = if newest { new } else { old };
            if weight > 0.0 {
                let author = item.author_of(model * item.documents);
                let part = Publication {
                    author,
                    site: item.site_of(model * item.documents),
                    models: end - model,
                    ..*item
                };
                let first = segment.documents_of(index).start + model * item.documents;
                builder.push(number, first, &part, weight);
            }
            model = end;
        }
    }

    /// The first segment that any view reads or that is not visible yet.
    fn first_needed(&self, log: &Log) -> usize {
        if self.config.place.is_some() {
            // A crawler may fetch anything, and the pages of a resumed run are counted from the first on.
            return log.segment_numbers().start;
        }
        let keeps_all = matches!(
            self.config.retention,
            Retention::Accumulate | Retention::Discount { .. }
        );
        // What is too old for a window or replaced never comes back; everything else may be read.
        let forgets =
            |spec: &ViewSpec| matches!(spec.regime, Retention::Replace | Retention::Window { .. });
        if keeps_all && !self.config.views.iter().all(forgets) {
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

/// Where the documents of one model of a publication begin in the log, counted from 1.
fn place(segment: &Segment, index: usize, model: u32) -> Option<NonZero<u64>> {
    let offset = model * segment.publications[index].documents;
    let start = u64::from(segment.documents_of(index).start + offset);
    NonZero::new(segment.first.0 + start + 1)
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
