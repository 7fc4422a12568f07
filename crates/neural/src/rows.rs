//! Examples laid out in rows.

use types::random::Stream;

use crate::Batch;

/// A document to learn from.
#[derive(Debug, Clone, PartialEq)]
pub struct Example {
    /// Its tokens, from the one that begins documents to the one that ends them.
    pub tokens: Vec<u32>,
    /// So many first tokens are context: they are read and not learnt.
    pub given: usize,
    /// How much each of the others matters.
    pub weight: f32,
}

impl Example {
    /// True if there is something to learn.
    pub(crate) fn teaches(&self) -> bool {
        self.weight > 0.0 && self.tokens.len() > self.given.max(1)
    }
}

/// Part of an example: `length` tokens from `start` on, each with the token after it as its target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Piece {
    example: usize,
    start: usize,
    length: usize,
}

/// Pieces that follow one another in one row.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Row {
    pieces: Vec<Piece>,
    length: usize,
}

/// Rows that a piece may still go to.
const OPEN: usize = 16;

/// Lays all examples out once, in a random order. An example goes whole into the first of the last few rows that has
/// room for it, or else begins a new one; one that is longer than a row is cut, and its last part treated likewise.
pub(crate) fn lay_out(examples: &[Example], context: usize, rng: &mut Stream) -> Vec<Row> {
    let mut order: Vec<usize> = (0..examples.len()).collect();
    rng.shuffle(&mut order);
    let mut rows: Vec<Row> = Vec::new();
    for example in order.into_iter().filter(|&n| examples[n].teaches()) {
        let targets = examples[example].tokens.len() - 1;
        for start in (0..targets).step_by(context) {
            let length = context.min(targets - start);
            let piece = Piece {
                example,
                start,
                length,
            };
            place(&mut rows, piece, context);
        }
    }
    rows
}

fn place(rows: &mut Vec<Row>, piece: Piece, context: usize) {
    let open = rows.len().saturating_sub(OPEN);
    let has_room = |row: &&mut Row| row.length + piece.length <= context;
    if let Some(row) = rows[open..].iter_mut().find(has_room) {
        row.length += piece.length;
        row.pieces.push(piece);
    } else {
        rows.push(Row {
            length: piece.length,
            pieces: vec![piece],
        });
    }
}

/// Rows as a batch, as long as the longest of them; shorter ones end in positions that do not matter.
pub(crate) fn batch(examples: &[Example], rows: &[Row]) -> Batch {
    let length = rows.iter().map(|row| row.length).max().unwrap_or(0);
    let size = rows.len() * length;
    let mut batch = Batch {
        rows: rows.len(),
        length,
        tokens: vec![0; size],
        targets: vec![0; size],
        weights: vec![0.0; size],
    };
    for (number, row) in rows.iter().enumerate() {
        let mut position = number * length;
        for piece in &row.pieces {
            fill(&mut batch, position, &examples[piece.example], *piece);
            position += piece.length;
        }
    }
    batch
}

fn fill(batch: &mut Batch, position: usize, example: &Example, piece: Piece) {
    let (range, end) = (
        position..position + piece.length,
        piece.start + piece.length,
    );
    batch.tokens[range.clone()].copy_from_slice(&example.tokens[piece.start..end]);
    batch.targets[range.clone()].copy_from_slice(&example.tokens[piece.start + 1..=end]);
    for (weight, target) in batch.weights[range].iter_mut().zip(piece.start + 1..) {
        *weight = if target >= example.given {
            example.weight
        } else {
            0.0
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use types::random::{Purpose, Seed};

    fn example(tokens: std::ops::Range<u32>, given: usize) -> Example {
        Example {
            tokens: tokens.collect(),
            given,
            weight: 2.0,
        }
    }

    /// Every token but first ones and given ones is a target once, with the token before it in front.
    #[test]
    fn all_tokens_are_learnt_but_what_was_given() {
        let examples = [
            example(0..5, 0),
            example(10..40, 3),
            example(50..51, 0),
            example(60..68, 8),
            example(70..79, 1),
        ];
        let mut rng = Seed(1).key(0, Purpose::Sample).stream(0, 0);
        for _ in 0..20 {
            let rows = lay_out(&examples, 8, &mut rng);
            let batch = batch(&examples, &rows);
            assert_eq!((batch.rows, batch.length), (rows.len(), 8));
            let mut learnt = Vec::new();
            for position in (0..batch.tokens.len()).filter(|&n| batch.weights[n] != 0.0) {
                assert_eq!(batch.weights[position], 2.0);
                assert_eq!(batch.tokens[position] + 1, batch.targets[position]);
                learnt.push(batch.targets[position]);
            }
            learnt.sort_unstable();
            let expected: Vec<u32> = (1..5).chain(13..40).chain(71..79).collect();
            assert_eq!(learnt, expected);
        }
    }

    #[test]
    fn examples_share_rows_where_they_fit() {
        let examples: Vec<Example> = (0..100).map(|_| example(0..5, 0)).collect();
        let mut rng = Seed(1).key(0, Purpose::Sample).stream(0, 0);
        let rows = lay_out(&examples, 9, &mut rng);
        assert_eq!(rows.len(), 50);
        assert_eq!(batch(&examples, &rows[..3]).length, 8);
    }
}
