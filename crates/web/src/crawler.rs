//! One model's pass over the web.

use types::document::ModelId;
use types::random::{Cumulative, Distinct, Stream};

use crate::authors::Authors;
use crate::reading::Reading;
use crate::view::View;

/// Chooses documents; keeps its memory between crawls.
#[derive(Debug, Default)]
pub struct Crawler {
    distinct: Distinct,
    chosen: Vec<u32>,
    keys: Vec<(f64, u32)>,
}

impl Crawler {
    /// Replaces `positions` by the positions of the documents that `reader` reads from `view`, in the order of reading.
    ///
    /// With replacement there are `documents` of them whenever there is anything to read; without, at most as many as
    /// there are to read. All draws come from `rng`, the reader's own stream.
    pub fn crawl(
        &mut self,
        view: &View,
        reading: &Reading,
        (reader, documents): (ModelId, usize),
        rng: &mut Stream,
        positions: &mut Vec<u32>,
    ) {
        positions.clear();
        if view.is_empty() || documents == 0 {
            return;
        }
        match (reading.row(reader), reading.include_own) {
            (Some(row), _) => self.by_author(view, reading, &row, (documents, rng, positions)),
            (None, true) if reading.with_replacement => {
                with_replacement(view, documents, rng, positions)
            }
            (None, true) => self.without_replacement(view, documents, rng, positions),
            (None, false) => self.from_others(view, reading, reader, (documents, rng, positions)),
        }
    }

    fn without_replacement(
        &mut self,
        view: &View,
        documents: usize,
        rng: &mut Stream,
        positions: &mut Vec<u32>,
    ) {
        if view.is_even() {
            self.distinct.draw(rng, view.len(), documents, positions);
        } else {
            let all = (0..view.len()).map(|position| (view.weight(position), position));
            successive(&mut self.keys, all, documents, rng, positions);
        }
    }

    /// Reads the common pool without the reader's own documents.
    fn from_others(
        &mut self,
        view: &View,
        reading: &Reading,
        reader: ModelId,
        request: Request<'_>,
    ) {
        let (documents, rng, positions) = request;
        let authors = view.authors();
        let others = view.len() - authors.documents(Some(reader));
        if others == 0 {
            return;
        }
        if reading.with_replacement {
            while positions.len() < documents {
                let position = view.draw(rng);
                if !authors.wrote(reader, position) {
                    positions.push(position);
                }
            }
        } else if view.is_even() {
            self.distinct.draw(rng, others, documents, &mut self.chosen);
            positions.extend(
                self.chosen
                    .iter()
                    .map(|&index| skip_own(authors, reader, index)),
            );
        } else {
            let eligible = (0..view.len()).filter(|&position| !authors.wrote(reader, position));
            let eligible = eligible.map(|position| (view.weight(position), position));
            successive(&mut self.keys, eligible, documents, rng, positions);
        }
    }

    /// Chooses an author for every document to read, then documents of each author.
    fn by_author(
        &mut self,
        view: &View,
        reading: &Reading,
        row: &[(ModelId, f64)],
        request: Request<'_>,
    ) {
        let (documents, rng, positions) = request;
        let authors = view.authors();
        let row: Vec<(ModelId, f64, u32)> = row
            .iter()
            .map(|&(author, weight)| (author, weight, authors.documents(Some(author))))
            .filter(|entry| entry.2 > 0)
            .collect();
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
        (0..documents).for_each(|_| counts[choice.draw(rng)] += 1);
        for (&(author, _, available), &count) in row.iter().zip(&counts) {
            self.of_author(view, reading, (author, available), (count, rng, positions));
        }
    }

    /// Draws `documents` documents of one author.
    fn of_author(
        &mut self,
        view: &View,
        reading: &Reading,
        author: (ModelId, u32),
        request: Request<'_>,
    ) {
        let (documents, rng, positions) = request;
        let (author, available) = (Some(author.0), author.1);
        let authors = view.authors();
        let of_author = (0..available).map(|index| authors.position(author, index));
        if reading.with_replacement {
            let own: Vec<u32> = of_author.collect();
            if let Some(choice) = Cumulative::new(own.iter().map(|&position| view.weight(position)))
            {
                positions.extend((0..documents).map(|_| own[choice.draw(rng)]));
            }
        } else if view.is_even() {
            self.distinct
                .draw(rng, available, documents, &mut self.chosen);
            positions.extend(
                self.chosen
                    .iter()
                    .map(|&index| authors.position(author, index)),
            );
        } else {
            let weighted = of_author.map(|position| (view.weight(position), position));
            successive(&mut self.keys, weighted, documents, rng, positions);
        }
    }
}

/// How many documents, whose stream, where to.
type Request<'a> = (usize, &'a mut Stream, &'a mut Vec<u32>);

fn with_replacement(view: &View, documents: usize, rng: &mut Stream, positions: &mut Vec<u32>) {
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

/// Appends a weighted sample without replacement: items leave one after the other with probability proportional to weight
/// among those left (Efraimidis and Spirakis 2006: order by exponential waiting times with the weights as rates).
fn successive(
    keys: &mut Vec<(f64, u32)>,
    weighted: impl Iterator<Item = (f64, u32)>,
    documents: usize,
    rng: &mut Stream,
    positions: &mut Vec<u32>,
) {
    keys.clear();
    keys.extend(weighted.map(|(weight, position)| (rng.exponential(1.0) / weight, position)));
    keys.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    positions.extend(keys.iter().take(documents).map(|key| key.1));
}

#[cfg(test)]
mod tests;
