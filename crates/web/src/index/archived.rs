//! Crawls that are due, and what can be read of archives.

use types::document::Publication;
use types::time::VirtualTime;

use super::{ArchiveReading, Index, ViewSpec};
use crate::archive::{Archive, Snapshot, Web};
use crate::log::{Log, LogError};
use crate::retention::Calendar;
use crate::view::{View, ViewBuilder};

impl Index {
    /// Makes all crawls that are due until `time`, in the order of time and crawler, each among what was visible then.
    pub(super) fn crawl(&mut self, log: &Log, time: VirtualTime) -> Result<(), LogError> {
        while let Some((due, number)) = self.due(time) {
            if due.0 >= self.config.lag.0 {
                self.advance(log, due - self.config.lag);
            }
            if let Some(place) = &self.config.place {
                let web = Web {
                    log,
                    geography: &place.geography,
                    pages: &self.pages,
                };
                let curator = self.curators.get_mut(number);
                self.archives[number].crawl(web, curator.and_then(Option::as_mut))?;
            }
        }
        Ok(())
    }

    /// The next crawl until `time`, and whose it is.
    fn due(&self, time: VirtualTime) -> Option<(VirtualTime, usize)> {
        let next = self.archives.iter().map(Archive::next);
        let first = next.enumerate().map(|(number, due)| (due, number)).min()?;
        (first.0 <= time).then_some(first)
    }

    /// How many snapshots of its archive a group reads.
    pub(super) fn readable(&self, read: &ArchiveReading, time: VirtualTime) -> usize {
        readable(&self.archives[read.crawler], read, time).len()
    }

    /// The pages that a group reads of an archive, with weights by the age of the snapshots.
    pub(super) fn build_archived(
        &self,
        log: &Log,
        spec: &ViewSpec,
        (read, time): (&ArchiveReading, VirtualTime),
    ) -> View {
        let archive = &self.archives[read.crawler];
        let snapshots = readable(archive, read, time);
        let mut weights = vec![0.0_f64; self.pages.len()];
        let newest = snapshots
            .last()
            .map_or(VirtualTime::START, |last| last.time);
        let calendar = Calendar {
            generation: self.config.generation,
            now: newest,
        };
        for snapshot in snapshots {
            let weight = spec
                .regime
                .weight(calendar, snapshot.time, snapshot.time == newest);
            if weight == 0.0 {
                // With a window, what a reader costs does not grow with all that was ever fetched.
                continue;
            }
            for &page in snapshot.kept() {
                let total = &mut weights[page as usize];
                *total = if read.once {
                    total.max(weight)
                } else {
                    *total + weight
                };
            }
        }
        let mut builder = ViewBuilder::new(spec.with_authors);
        push_pages(log, &weights, &mut builder);
        builder.finish()
    }
}

/// Appends all pages that weigh something.
fn push_pages(log: &Log, weights: &[f64], builder: &mut ViewBuilder) {
    let mut page = 0;
    for number in log.segment_numbers() {
        let segment = log.segment(number);
        for (index, item) in segment.publications.iter().enumerate() {
            let start = segment.documents_of(index).start;
            for offset in 0..item.total() {
                let Some(&weight) = weights.get(page) else {
                    return;
                };
                page += 1;
                if weight > 0.0 {
                    let part = Publication {
                        author: item.author_of(offset),
                        site: item.site_of(offset),
                        models: 1,
                        documents: 1,
                        ..*item
                    };
                    builder.push(number, start + offset, &part, weight);
                }
            }
        }
    }
}

/// The snapshots that are old enough to be read.
fn readable<'a>(archive: &'a Archive, read: &ArchiveReading, time: VirtualTime) -> &'a [Snapshot] {
    let snapshots = archive.snapshots();
    let old = |snapshot: &Snapshot| snapshot.time + read.cutoff <= time;
    &snapshots[..snapshots.partition_point(old)]
}
