//! Who wrote what in a view.

use types::document::ModelId;

use crate::view::View;

/// The positions of each author's documents.
#[derive(Debug, Clone, Default)]
pub struct Authors {
    /// (author, first position, documents), by author and position; real documents first.
    entries: Vec<(Option<ModelId>, u32, u32)>,
}

impl Authors {
    pub(crate) fn new(mut entries: Vec<(Option<ModelId>, u32, u32)>) -> Self {
        entries.retain(|entry| entry.2 > 0);
        entries.sort_unstable();
        Self { entries }
    }

    fn entries_of(&self, author: Option<ModelId>) -> &[(Option<ModelId>, u32, u32)] {
        let start = self.entries.partition_point(|entry| entry.0 < author);
        let len = self.entries[start..].partition_point(|entry| entry.0 == author);
        &self.entries[start..start + len]
    }

    /// Stretches of positions that hold the author's documents, ascending; `None` stands for real documents.
    pub fn stretches(&self, author: Option<ModelId>) -> impl Iterator<Item = std::ops::Range<u32>> {
        self.entries_of(author)
            .iter()
            .map(|&(_, start, documents)| start..start + documents)
    }

    /// Stretches of the positions `0..len` that hold anybody else's documents.
    pub fn others(&self, author: ModelId, len: u32) -> impl Iterator<Item = std::ops::Range<u32>> {
        let ends = self
            .stretches(Some(author))
            .chain(std::iter::once(len..len));
        ends.scan(0, |start, own| {
            let gap = *start..own.start;
            *start = own.end;
            Some(gap)
        })
        .filter(|gap| !gap.is_empty())
    }

    /// The weight of all documents of the author.
    pub fn weight(&self, view: &View, author: Option<ModelId>) -> f64 {
        if view.is_even() {
            let weight = if view.is_empty() { 0.0 } else { view.weight(0) };
            return weight * f64::from(self.documents(author));
        }
        // The documents of one publication share a weight.
        self.entries_of(author)
            .iter()
            .map(|&(_, start, count)| view.weight(start) * f64::from(count))
            .sum()
    }

    /// How many documents the author has.
    pub fn documents(&self, author: Option<ModelId>) -> u32 {
        self.entries_of(author).iter().map(|entry| entry.2).sum()
    }

    /// Position of the author's document number `index`.
    ///
    /// # Panics
    /// If the author has not so many.
    pub fn position(&self, author: Option<ModelId>, mut index: u32) -> u32 {
        for &(_, start, documents) in self.entries_of(author) {
            if index < documents {
                return start + index;
            }
            index -= documents;
        }
        panic!("author {author:?} has fewer documents than that")
    }

    /// True if the document at `position` is the author's.
    pub fn wrote(&self, author: ModelId, position: u32) -> bool {
        let own = self.entries_of(Some(author));
        let after = own.partition_point(|entry| entry.1 <= position);
        after > 0 && position < own[after - 1].1 + own[after - 1].2
    }

    /// Everyone with at least one document, ascending, and how many they have; `None` stands for real documents.
    pub fn counts(&self) -> impl Iterator<Item = (Option<ModelId>, u64)> {
        self.entries.chunk_by(|a, b| a.0 == b.0).map(|group| {
            (
                group[0].0,
                group.iter().map(|entry| u64::from(entry.2)).sum(),
            )
        })
    }

    /// Effective number of authors: the inverse of the Herfindahl-Hirschman index of the synthetic documents' authorship
    /// (Laakso and Taagepera 1979). Zero if there is no synthetic document.
    pub fn effective_number(&self) -> f64 {
        let counts: Vec<f64> = self
            .counts()
            .filter(|(author, _)| author.is_some())
            .map(|(_, count)| count as f64)
            .collect();
        let (sum, squares) = counts
            .iter()
            .fold((0.0, 0.0), |(sum, squares), n| (sum + n, squares + n * n));
        if squares > 0.0 {
            sum * sum / squares
        } else {
            0.0
        }
    }
}
