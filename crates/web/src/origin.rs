//! Who published what can be read, and when. Only observers may ask.

use std::ops::Range;

use types::document::ModelId;
use types::time::VirtualTime;

use crate::log::Log;
use crate::view::View;

/// Documents that one author published at one instant.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Origin {
    /// Who; `None` for real documents.
    pub author: Option<ModelId>,
    /// When.
    pub time: VirtualTime,
    /// How many documents.
    pub documents: u32,
    /// The weight of each in the view.
    pub weight: f64,
}

impl View {
    /// Calls `visit` with the origin of every stretch of documents among the positions `range`, in their order.
    pub fn visit_origins(&self, log: &Log, range: Range<u32>, mut visit: impl FnMut(Origin)) {
        let mut position = range.start;
        while position < range.end {
            let run = self.run_at(position);
            let offset = run.first + position - run.start;
            let (publication, author, end) = log.segment(run.segment).authorship_at(offset);
            let left = (run.start + run.documents).min(range.end) - position;
            let documents = (end - offset).min(left);
            visit(Origin {
                author,
                time: publication.time,
                documents,
                weight: run.weight,
            });
            position += documents;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use types::content::{Content, ContentKind};
    use types::document::{Lineage, Publication};
    use types::time::VirtualDuration;

    use super::*;
    use crate::batch::Batch;
    use crate::index::{Index, IndexConfig, ViewSpec};
    use crate::log::LogConfig;
    use crate::retention::Retention;
    use crate::storage::MemoryStorage;

    fn publication(author: Option<u32>, models: u32, documents: u32, time: u64) -> Publication {
        Publication {
            author: author.map(ModelId),
            models,
            generation: 0,
            time: VirtualTime(time),
            lineage: Lineage::REAL,
            documents,
            site: None,
        }
    }

    /// Two real documents, then models 0, 1 and 2 with two each, then model 1 alone with one.
    #[test]
    fn stretches_end_where_the_author_the_instant_or_the_range_does() {
        let config = LogConfig {
            kind: ContentKind::Text,
            memory_bytes_max: 1 << 20,
            keep_all: false,
            prefix: String::new(),
        };
        let mut log = Log::new(config, Arc::new(MemoryStorage::default()));
        let publications = vec![
            publication(None, 1, 2, 1),
            publication(Some(0), 3, 2, 2),
            publication(Some(1), 1, 1, 3),
        ];
        let content = Content::from_texts((0..9).map(|at| at.to_string()));
        let batch = Batch {
            publications,
            content,
        };
        log.append(vec![batch]).unwrap();
        let spec = ViewSpec {
            regime: Retention::Accumulate,
            with_authors: false,
            archive: None,
        };
        let config = IndexConfig {
            retention: Retention::Accumulate,
            lag: VirtualDuration(1),
            generation: VirtualDuration(1),
            views: vec![spec],
            place: None,
        };
        let mut index = Index::new(config, 3);
        index.refresh(&mut log, VirtualTime(10)).unwrap();
        let origins = |range| {
            let mut seen = Vec::new();
            let note = |origin: Origin| {
                let author = origin.author.map(|author| author.0);
                seen.push((author, origin.time.0, origin.documents));
            };
            index.view(0).visit_origins(&log, range, note);
            seen
        };
        let all = [
            (None, 1, 2),
            (Some(0), 2, 2),
            (Some(1), 2, 2),
            (Some(2), 2, 2),
            (Some(1), 3, 1),
        ];
        assert_eq!(origins(0..9), all);
        assert_eq!(origins(3..5), [(Some(0), 2, 1), (Some(1), 2, 1)]);
        assert_eq!(origins(1..1), []);
    }
}
