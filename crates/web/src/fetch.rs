//! Fetching documents of a view.

use types::content::{Content, ContentKind, Numbers};

use crate::log::{Log, LogError};
use crate::segment::ContentRef;
use crate::view::{RUNS_GUIDED, View};

/// The contents of up to so many runs are looked up before any document is.
const RUNS_FEW: usize = 32;
/// Of more, if there are at least so many documents to fetch for each.
const DOCUMENTS_A_RUN: usize = 4;

/// The numbers of a run.
#[derive(Debug, Clone, Copy)]
struct Part<'a, T> {
    values: &'a [T],
    /// Position of its first document.
    start: u32,
}

impl View {
    /// Puts positions into the order in which they are fetched fastest: by segment, so that each is
    /// opened once, unless there is only one. The order depends on the view alone, not on what of the
    /// log is in memory.
    pub fn arrange(&self, positions: &mut [u32]) {
        if self.runs.len() > 1 {
            positions.sort_unstable();
        }
    }

    /// Appends the documents at `positions` to `out`.
    ///
    /// # Errors
    /// If a segment cannot be read.
    #[inline]
    pub fn fetch(&self, log: &Log, positions: &[u32], out: &mut Content) -> Result<(), LogError> {
        if let [only] = self.runs.as_slice()
            && only.first == 0
        {
            let content = log.content(only.segment)?;
            out.gather(&content, positions);
            return Ok(());
        }
        let mut offsets = Vec::with_capacity(positions.len());
        let mut rest = positions;
        while let Some(&position) = rest.first() {
            let run = self.run_at(position);
            let within =
                |&&position: &&u32| (run.start..run.start + run.documents).contains(&position);
            let count = rest.iter().take_while(within).count();
            offsets.clear();
            offsets.extend(
                rest[..count]
                    .iter()
                    .map(|position| run.first + position - run.start),
            );
            let content = log.content(run.segment)?;
            out.gather(&content, &offsets);
            rest = &rest[count..];
        }
        Ok(())
    }

    /// Appends the documents at `positions` to `out`, in whichever order, for those who do not care which that is: where there are not too
    /// many runs, looking each up is faster than sorting. The order depends on the view alone.
    ///
    /// # Errors
    /// If a segment cannot be read.
    pub fn fetch_unsorted(
        &self,
        log: &Log,
        positions: &mut [u32],
        out: &mut Content,
    ) -> Result<(), LogError> {
        match (self.runs.len(), out.kind()) {
            (1, ContentKind::F32 { dimension: 1 } | ContentKind::F64 { dimension: 1 })
            | (2..=RUNS_FEW, ContentKind::Symbols | ContentKind::Text) => {
                return self.fetch_from_few(log, positions, out);
            }
            (2..=RUNS_GUIDED, ContentKind::F32 { .. } | ContentKind::F64 { .. }) => {
                return self.fetch_numbers(log, positions, out);
            }
            _ => {}
        }
        self.arrange(positions);
        self.fetch(log, positions, out)
    }

    /// True if [`View::fetch_unsorted`] leaves numbers in the order of their positions; if `arranged`, also when these have been arranged
    /// reader by reader, each for itself.
    pub fn keeps_order(&self, arranged: bool) -> bool {
        self.runs.len() <= if arranged { 1 } else { RUNS_GUIDED }
    }

    /// Appends the numbers at `positions`, in their order.
    fn fetch_numbers(
        &self,
        log: &Log,
        positions: &[u32],
        out: &mut Content,
    ) -> Result<(), LogError> {
        let few = RUNS_FEW.max(positions.len() / DOCUMENTS_A_RUN);
        if self.runs.len() <= few
            && matches!(
                out,
                Content::F32(Numbers { dimension: 1, .. })
                    | Content::F64(Numbers { dimension: 1, .. })
            )
        {
            return self.fetch_from_few(log, positions, out);
        }
        let whole = match out {
            Content::F32(numbers) => {
                let part = (
                    Content::singles as fn(&Content) -> &[f32],
                    numbers.dimension,
                );
                self.look_up(log, positions, part, &mut numbers.values)
            }
            Content::F64(numbers) => {
                let part = (
                    Content::doubles as fn(&Content) -> &[f64],
                    numbers.dimension,
                );
                self.look_up(log, positions, part, &mut numbers.values)
            }
            _ => false,
        };
        if whole {
            return Ok(());
        }
        self.fetch_in_turn(log, positions, out)
    }

    /// Appends the documents at `positions`, in their order, having looked up the contents of all runs.
    fn fetch_from_few(
        &self,
        log: &Log,
        positions: &[u32],
        out: &mut Content,
    ) -> Result<(), LogError> {
        let mut contents = Vec::with_capacity(self.runs.len());
        for run in &self.runs {
            contents.push(log.content(run.segment)?);
        }
        match out {
            Content::F32(out) if out.dimension == 1 => {
                self.pick(&contents, positions, Content::singles, &mut out.values);
            }
            Content::F64(out) if out.dimension == 1 => {
                self.pick(&contents, positions, Content::doubles, &mut out.values);
            }
            out => {
                for &position in positions {
                    let (index, offset) = self.guide.place(position);
                    out.gather(&contents[index], &[self.runs[index].first + offset]);
                }
            }
        }
        Ok(())
    }

    /// Appends the numbers at `positions`, of documents of one number each.
    fn pick<T: Copy>(
        &self,
        contents: &[ContentRef<'_>],
        positions: &[u32],
        values: fn(&Content) -> &[T],
        out: &mut Vec<T>,
    ) {
        let pairs = self.runs.iter().zip(contents);
        let parts: Vec<Part<'_, T>> = pairs
            .map(|(run, content)| Part {
                values: &values(content)[run.first as usize..][..run.documents as usize],
                start: run.start,
            })
            .collect();
        if let [only] = parts.as_slice() {
            out.extend(
                positions
                    .iter()
                    .map(|&position| only.values[position as usize]),
            );
            return;
        }
        out.extend(positions.iter().map(|&position| {
            let part = &parts[self.guide.run(position)];
            part.values[(position - part.start) as usize]
        }));
    }

    /// Appends the numbers at `positions`, of documents of so many numbers each; false, and nothing is appended, if one of them is not in
    /// memory.
    fn look_up<T: Copy>(
        &self,
        log: &Log,
        positions: &[u32],
        (values, dimension): (fn(&Content) -> &[T], u32),
        out: &mut Vec<T>,
    ) -> bool {
        let (before, dimension) = (out.len(), dimension as usize);
        for &position in positions {
            let run = &self.runs[self.guide.run(position)];
            let Some(content) = log.segment(run.segment).resident() else {
                out.truncate(before);
                return false;
            };
            let first = (run.first + position - run.start) as usize * dimension;
            out.extend_from_slice(&values(content)[first..first + dimension]);
        }
        true
    }

    /// Appends the documents at `positions`, in their order, but opens each segment once.
    fn fetch_in_turn(
        &self,
        log: &Log,
        positions: &[u32],
        out: &mut Content,
    ) -> Result<(), LogError> {
        let mut order: Vec<u32> = (0..positions.len() as u32).collect();
        order.sort_unstable_by_key(|&at| positions[at as usize]);
        let sorted: Vec<u32> = order.iter().map(|&at| positions[at as usize]).collect();
        let mut fetched = Content::empty(out.kind());
        self.fetch(log, &sorted, &mut fetched)?;
        let mut places = vec![0; order.len()];
        for (place, at) in order.into_iter().enumerate() {
            places[at as usize] = place as u32;
        }
        out.gather(&fetched, &places);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use types::document::{Lineage, ModelId, Publication};
    use types::time::VirtualTime;

    use super::*;
    use crate::batch::Batch;
    use crate::log::LogConfig;
    use crate::storage::MemoryStorage;
    use crate::view::ViewBuilder;

    /// A view of so many segments with three documents each, of which it leaves out the first, numbered in their order.
    fn numbered(segments: u32, dimension: u32, memory_bytes_max: u64) -> (Log, View) {
        let content = |values| Content::F32(Numbers { dimension, values });
        let config = LogConfig {
            kind: content(Vec::new()).kind(),
            memory_bytes_max,
            keep_all: false,
            prefix: String::new(),
        };
        let mut log = Log::new(config, Arc::new(MemoryStorage::default()));
        let mut builder = ViewBuilder::new(false);
        for number in 0..segments {
            let publication = Publication {
                author: Some(ModelId(0)),
                models: 1,
                generation: 1,
                time: VirtualTime(u64::from(number)),
                lineage: Lineage::REAL,
                documents: 3,
                site: None,
            };
            let values = (0..3 * dimension).map(|at| {
                let document = i64::from(2 * number + at / dimension) - 1;
                document as f32 + 0.25 * (at % dimension) as f32
            });
            let batch = Batch {
                publications: vec![publication],
                content: content(values.collect()),
            };
            log.append(vec![batch]).unwrap();
            let part = Publication {
                documents: 2,
                ..publication
            };
            builder.push(number as usize, 1, &part, 1.0);
        }
        (log, builder.finish())
    }

    #[test]
    fn documents_come_in_one_order_wherever_they_are() {
        for (segments, dimension) in [
            (1, 1),
            (2, 1),
            (32, 2),
            (33, 1),
            (700, 1),
            (700, 3),
            (40_000, 1),
        ] {
            let mut orders = Vec::new();
            for memory in [u64::MAX, 40] {
                let (log, view) = numbered(segments, dimension, memory);
                let mut positions: Vec<u32> =
                    (0..50).map(|draw| draw * 7919 % view.len()).collect();
                let mut out = Content::empty(log.kind());
                view.fetch_unsorted(&log, &mut positions, &mut out).unwrap();
                let rows = out.singles().chunks(dimension as usize);
                let expected = positions.iter().map(|&position| position as f32);
                assert!(rows.map(|row| row[0]).eq(expected), "{segments}");
                orders.push(out);
            }
            assert_eq!(orders[0], orders[1], "{segments}");
        }
    }
}
