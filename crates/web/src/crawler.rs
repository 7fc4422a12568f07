//! One model's pass over the web.

use types::document::ModelId;
use types::random::{Cumulative, Distinct, Stream};

use crate::authors::Authors;
use crate::reading::Reading;
use crate::view::View;

/// One crawl: who reads, how much, with which draws, and where the result goes.
#[derive(Debug)]
pub struct Crawl<'a> {
    /// Who reads.
    pub reader: ModelId,
    /// How many documents.
    pub documents: usize,
    /// The reader's own stream.
    pub rng: &'a mut Stream,
    /// Receives the positions of the documents in the view, in the order of reading.
    pub positions: &'a mut Vec<u32>,
}

/// Chooses documents; keeps its memory between crawls.
#[derive(Debug, Default)]
pub struct Crawler {
    distinct: Distinct,
    chosen: Vec<u32>,
    keys: Vec<(f64, u32)>,
}

impl Crawler {
    /// Replaces `crawl.positions` by the positions of the documents that the reader reads from `view`.
    ///
    /// With replacement there are `crawl.documents` of them whenever there is anything to read;
    /// without, at most as many as there are to read.
    pub fn crawl(&mut self, view: &View, reading: &Reading, crawl: Crawl<'_>) {
        crawl.positions.clear();
        if view.is_empty() || crawl.documents == 0 {
            return;
        }
        match (reading.row(crawl.reader), reading.include_own) {
            (Some(row), _) => self.by_author(view, reading, &row, crawl),
            (None, true) if reading.with_replacement => with_replacement(view, crawl),
            (None, true) => self.without_replacement(view, crawl),
            (None, false) => self.others(view, reading, crawl),
        }
    }

    fn without_replacement(&mut self, view: &View, crawl: Crawl<'_>) {
        if view.is_even() {
            self.distinct
                .draw(crawl.rng, view.len(), crawl.documents, crawl.positions);
        } else {
            let all = (0..view.len()).map(|position| (view.weight(position), position));
            successive(&mut self.keys, all, crawl);
        }
    }

    /// Reads the common pool without the reader's own documents.
    fn others(&mut self, view: &View, reading: &Reading, crawl: Crawl<'_>) {
        let (authors, reader) = (view.authors(), crawl.reader);
        let others = view.len() - authors.documents(Some(reader));
        if others == 0 {
            return;
        }
        if reading.with_replacement {
            while crawl.positions.len() < crawl.documents {
                let position = view.draw(crawl.rng);
                if !authors.wrote(reader, position) {
                    crawl.positions.push(position);
                }
            }
        } else if view.is_even() {
            self.distinct
                .draw(crawl.rng, others, crawl.documents, &mut self.chosen);
            let place = |&index: &u32| skip_own(authors, reader, index);
            crawl.positions.extend(self.chosen.iter().map(place));
        } else {
            let eligible = (0..view.len()).filter(|&position| !authors.wrote(reader, position));
            let eligible = eligible.map(|position| (view.weight(position), position));
            successive(&mut self.keys, eligible, crawl);
        }
    }

    /// Chooses an author for every document to read, then documents of each author.
    fn by_author(
        &mut self,
        view: &View,
        reading: &Reading,
        row: &[(ModelId, f64)],
        crawl: Crawl<'_>,
    ) {
        let Crawl {
            reader,
            documents,
            rng,
            positions,
        } = crawl;
        let authors = view.authors();
        let available = row
            .iter()
            .map(|&(author, share)| (author, share, authors.documents(Some(author))));
        let row: Vec<(ModelId, f64, u32)> = available.filter(|entry| entry.2 > 0).collect();
        let Some(choice) = Cumulative::new(row.iter().map(|entry| entry.1)) else {
            return;
        };
        if reading.with_replacement && view.is_even() {
            for _ in 0..documents {
                let (author, _, available) = row[choice.draw(rng)];
                positions.push(authors.position(Some(author), rng.below(available)));
            }
            return;
        }
        let mut counts = vec![0; row.len()];
        for _ in 0..documents {
            counts[choice.draw(rng)] += 1;
        }
        for (&(author, _, available), &documents) in row.iter().zip(&counts) {
            let crawl = Crawl {
                reader,
                documents,
                rng,
                positions,
            };
            self.of_author(view, reading, (author, available), crawl);
        }
    }

    /// Draws documents of one author, who has so many.
    fn of_author(
        &mut self,
        view: &View,
        reading: &Reading,
        (author, available): (ModelId, u32),
        crawl: Crawl<'_>,
    ) {
        let (author, authors) = (Some(author), view.authors());
        let all = (0..available).map(|index| authors.position(author, index));
        if reading.with_replacement {
            let all: Vec<u32> = all.collect();
            let weights = all.iter().map(|&position| view.weight(position));
            if let Some(choice) = Cumulative::new(weights) {
                let draw = |_| all[choice.draw(crawl.rng)];
                crawl.positions.extend((0..crawl.documents).map(draw));
            }
        } else if view.is_even() {
            self.distinct
                .draw(crawl.rng, available, crawl.documents, &mut self.chosen);
            let place = |&index: &u32| authors.position(author, index);
            crawl.positions.extend(self.chosen.iter().map(place));
        } else {
            let weighted = all.map(|position| (view.weight(position), position));
            successive(&mut self.keys, weighted, crawl);
        }
    }
}

fn with_replacement(view: &View, crawl: Crawl<'_>) {
    let Crawl {
        documents,
        rng,
        positions,
        ..
    } = crawl;
    if view.is_even() {
        positions.resize(documents, 0);
        rng.fill_below(view.len(), positions);
    } else {
        positions.extend((0..documents).map(|_| view.draw(rng)));
    }
}

/// The position of the document number `index` among those that `reader` did not write.
fn skip_own(authors: &Authors, reader: ModelId, index: u32) -> u32 {
    let mut position = index;
    for own in authors.stretches(Some(reader)) {
        if own.start > position {
            break;
        }
        position += own.end - own.start;
    }
    position
}

/// Appends a weighted sample without replacement: items leave one after the other with probability
/// proportional to weight among those left (Efraimidis and Spirakis 2006: order by exponential
/// waiting times with the weights as rates).
fn successive(
    keys: &mut Vec<(f64, u32)>,
    weighted: impl Iterator<Item = (f64, u32)>,
    crawl: Crawl<'_>,
) {
    let Crawl {
        documents,
        rng,
        positions,
        ..
    } = crawl;
    keys.clear();
    keys.extend(weighted.map(|(weight, position)| (rng.exponential(1.0) / weight, position)));
    keys.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    positions.extend(keys.iter().take(documents).map(|key| key.1));
}

#[cfg(test)]
mod tests;
