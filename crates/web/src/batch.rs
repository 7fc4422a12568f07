//! What an actor publishes in one window.

use types::content::{Content, ContentKind};
use types::document::Publication;

/// Publications with their content: the documents of `publications[0]` come first, then those of the next.
#[derive(Debug, Clone, PartialEq)]
pub struct Batch {
    /// Provenance, in the order of the documents.
    pub publications: Vec<Publication>,
    /// The documents of all publications.
    pub content: Content,
}

impl Batch {
    /// An empty batch.
    pub fn empty(kind: ContentKind) -> Self {
        Self {
            publications: Vec::new(),
            content: Content::empty(kind),
        }
    }

    /// Notes the provenance of documents that were just appended to the content.
    pub fn publish(&mut self, publication: Publication) {
        let last = self.publications.last_mut();
        if !last.is_some_and(|last| last.absorb(&publication)) {
            self.publications.push(publication);
        }
    }

    /// Appends another batch, if both are in key order and it follows.
    pub(crate) fn append(&mut self, next: &Self) -> bool {
        let ends = self.publications.last().map(key) <= next.publications.first().map(key);
        let follows = ends && next.publications.is_sorted_by_key(key);
        if follows {
            for publication in &next.publications {
                self.publish(*publication);
            }
            self.content.extend(&next.content, 0..next.content.len());
        }
        follows
    }
}

fn key(publication: &Publication) -> (u64, Option<u32>) {
    (
        publication.time.0,
        publication.author.map(|author| author.0),
    )
}

/// Merges batches to one in key order. The sort is stable, so that what one author publishes at one
/// instant keeps its order.
pub(crate) fn interleave(kind: ContentKind, batches: &[Batch]) -> Batch {
    let mut entries = Vec::new();
    for (number, batch) in batches.iter().enumerate() {
        let mut start = 0;
        for publication in &batch.publications {
            let end = start + publication.total() as usize;
            entries.push((publication, number, start..end));
            start = end;
        }
    }
    entries.sort_by_key(|(publication, _, _)| key(publication));
    let mut merged = Batch::empty(kind);
    for (publication, number, documents) in entries {
        merged.publish(*publication);
        merged.content.extend(&batches[number].content, documents);
    }
    merged
}
