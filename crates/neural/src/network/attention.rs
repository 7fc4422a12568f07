//! Causal attention of many heads over rows of tokens.

use crate::Shape;
use crate::aligned::Aligned;
use crate::maths::{exponentials, greatest, scale, sum};
use crate::product::{Compute, Left, Packed, Right, Target, View};
use crate::simd::wide;

/// Queries that are worked through together; what lies past the last of them is not computed.
const BLOCK: usize = 32;

/// Attention, with memory that it uses again. Tokens are rows of queries, keys and values.
#[derive(Debug, Default)]
pub(super) struct Attention {
    keys: Packed,
    values: Packed,
    queries: Packed,
    outputs: Packed,
    changes: Aligned,
}

/// One head of one row of tokens.
#[derive(Debug, Clone, Copy)]
struct Place {
    /// The first token.
    start: usize,
    length: usize,
    head: usize,
    group: usize,
}

/// What all places have in common.
#[derive(Debug, Clone, Copy)]
pub(super) struct Heads {
    pub(super) shape: Shape,
    pub(super) compute: Compute,
}

impl Heads {
    /// Numbers of a token: queries, keys and values.
    fn stride(&self) -> usize {
        self.shape.width + 2 * self.shape.kv_width()
    }

    /// What products of queries and keys are multiplied by.
    pub(super) fn scale(&self) -> f32 {
        1.0 / (self.shape.head_width() as f32).sqrt()
    }

    /// All places, heads of one group after the other.
    fn places(&self, tokens: usize, length: usize) -> impl Iterator<Item = Place> + use<> {
        let (heads, kv_heads) = (self.shape.heads, self.shape.kv_heads);
        (0..tokens).step_by(length).flat_map(move |start| {
            (0..heads).map(move |head| Place {
                start,
                length,
                head,
                group: head * kv_heads / heads,
            })
        })
    }

    /// Where a head's queries, keys and values start within a token.
    fn columns(&self, place: Place) -> [usize; 3] {
        let (width, head) = (self.shape.width, self.shape.head_width());
        let keys = width + place.group * head;
        [place.head * head, keys, keys + self.shape.kv_width()]
    }

    /// Queries, keys and values of a head.
    fn views<'a>(&self, tokens: &'a [f32], place: Place) -> [View<'a>; 3] {
        let stride = self.stride();
        let view = View::new(
            &tokens[place.start * stride..][..place.length * stride],
            place.length,
            stride,
        );
        self.columns(place)
            .map(|column| view.slice(column..column + self.shape.head_width()))
    }

    /// What a head says.
    fn said<'a>(&self, mixed: &'a [f32], place: Place) -> View<'a> {
        let (width, head) = (self.shape.width, self.shape.head_width());
        let tokens = &mixed[place.start * width..][..place.length * width];
        View::new(tokens, place.length, width).slice(place.head * head..(place.head + 1) * head)
    }
}

/// Shares of attention of one place: a row for each query.
fn shares_of(place: Place, heads: usize) -> std::ops::Range<usize> {
    let square = place.length * place.length;
    let number = place.start / place.length * heads + place.head;
    number * square..(number + 1) * square
}

impl Attention {
    /// From queries, keys and values of rows of `length` tokens: `shares`, a square for each row and head, and what the
    /// heads say, `mixed`.
    pub(super) fn forward(
        &mut self,
        heads: &Heads,
        (tokens, length): (&[f32], usize),
        shares: &mut [f32],
        mixed: &mut [f32],
    ) {
        let (width, head) = (heads.shape.width, heads.shape.head_width());
        let mut packed = None;
        for place in heads.places(tokens.len() / heads.stride(), length) {
            let [queries, keys, values] = heads.views(tokens, place);
            if packed != Some((place.start, place.group)) {
                self.keys.pack_transposed(keys);
                self.values.pack(values);
                packed = Some((place.start, place.group));
            }
            let shares = &mut shares[shares_of(place, heads.shape.heads)];
            for first in (0..length).step_by(BLOCK) {
                let end = length.min(first + BLOCK);
                let rows = &mut shares[first * length..end * length];
                let right = part(&self.keys, 0..head, end);
                let left = Left::Plain(queries.rows(first..end));
                heads
                    .compute
                    .multiply(left, &right, &mut Target::new(rows, length));
                softmax(rows, length, first, heads.scale());
                let left = View::new(rows, end - first, length).slice(0..end);
                let right = part(&self.values, 0..end, head);
                let out = &mut mixed[(place.start + first) * width + place.head * head..];
                heads
                    .compute
                    .multiply(Left::Plain(left), &right, &mut Target::new(out, width));
            }
        }
    }

    /// From the gradient of what the heads say, `said`, that of queries, keys and values, `into`.
    pub(super) fn backward(
        &mut self,
        heads: &Heads,
        (tokens, length): (&[f32], usize),
        (shares, said): (&[f32], &[f32]),
        into: &mut [f32],
    ) {
        self.changes.resize(length * length);
        into.fill(0.0);
        let mut packed = None;
        for place in heads.places(tokens.len() / heads.stride(), length) {
            let [queries, keys, values] = heads.views(tokens, place);
            if packed != Some((place.start, place.group)) {
                self.values.pack_transposed(values);
                self.keys.pack(keys);
                packed = Some((place.start, place.group));
            }
            let said = heads.said(said, place);
            self.queries.pack(queries);
            self.outputs.pack(said);
            let shares = &shares[shares_of(place, heads.shape.heads)];
            self.queries_backward(heads, place, (shares, said), into);
            self.keys_backward(heads, place, shares, into);
        }
    }

    /// Gradients of scores, into `changes`, and of queries.
    fn queries_backward(
        &mut self,
        heads: &Heads,
        place: Place,
        (shares, said): (&[f32], View<'_>),
        into: &mut [f32],
    ) {
        let (stride, head, length) = (heads.stride(), heads.shape.head_width(), place.length);
        let [column, _, _] = heads.columns(place);
        for first in (0..length).step_by(BLOCK) {
            let end = length.min(first + BLOCK);
            let rows = &mut self.changes[first * length..end * length];
            let right = part(&self.values, 0..head, end);
            let left = Left::Plain(said.rows(first..end));
            heads
                .compute
                .multiply(left, &right, &mut Target::new(rows, length));
            let shares = &shares[first * length..end * length];
            softmax_backward(rows, shares, length, (first, heads.scale()));
            let left = View::new(rows, end - first, length).slice(0..end);
            let right = part(&self.keys, 0..end, head);
            let out = &mut into[(place.start + first) * stride + column..];
            heads
                .compute
                .multiply(Left::Plain(left), &right, &mut Target::new(out, stride));
        }
    }

    /// Gradients of keys and values, added to those of other heads of the group.
    fn keys_backward(&self, heads: &Heads, place: Place, shares: &[f32], into: &mut [f32]) {
        let (stride, head, length) = (heads.stride(), heads.shape.head_width(), place.length);
        let [_, keys, values] = heads.columns(place);
        for first in (0..length).step_by(BLOCK) {
            let end = length.min(first + BLOCK);
            let sources = [
                (&*self.changes, &self.queries, keys),
                (shares, &self.outputs, values),
            ];
            for (square, packed, column) in sources {
                let view = View::new(square, length, length);
                let left = view.rows(first..length).slice(first..end);
                let right = part(packed, first..length, head);
                let out = &mut into[(place.start + first) * stride + column..];
                let mut target = Target::adding(out, stride);
                heads
                    .compute
                    .multiply(Left::Transposed(left), &right, &mut target);
            }
        }
    }
}

/// Some rows and the first columns of a packed matrix.
fn part(packed: &Packed, depth: std::ops::Range<usize>, columns: usize) -> Right<'_> {
    Right {
        packed,
        depth,
        columns,
    }
}

/// Scores of queries `first`, ... become shares of what each query may see, zeros in the rest of the block.
fn softmax(rows: &mut [f32], length: usize, first: usize, factor: f32) {
    let end = first + rows.len() / length;
    wide(
        #[inline(always)]
        || {
            for (number, row) in rows.chunks_exact_mut(length).enumerate() {
                let (seen, hidden) = row[..end].split_at_mut(first + number + 1);
                let top = greatest(seen);
                let total = exponentials(seen, top, factor);
                scale(seen, 1.0 / total);
                hidden.fill(0.0);
            }
        },
    );
}

/// Gradients of shares become those of scores: p (dp - sum(p dp)) times the factor of the scores.
fn softmax_backward(
    rows: &mut [f32],
    shares: &[f32],
    length: usize,
    (first, factor): (usize, f32),
) {
    let end = first + rows.len() / length;
    let rows = rows
        .chunks_exact_mut(length)
        .zip(shares.chunks_exact(length));
    wide(
        #[inline(always)]
        || {
            for (number, (row, shares)) in rows.enumerate() {
                let (seen, hidden) = row[..end].split_at_mut(first + number + 1);
                let shares = &shares[..seen.len()];
                let along = sum(seen, shares, |a, b| a * b);
                for (change, &share) in seen.iter_mut().zip(shares) {
                    *change = share * (*change - along) * factor;
                }
                hidden.fill(0.0);
            }
        },
    );
}
