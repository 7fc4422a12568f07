//! Memory that starts at a cache line.

use std::ops::{Deref, DerefMut};

/// Bytes of a cache line, and of the widest vectors.
const LINE: usize = 64;

/// Numbers from the start of a cache line on, so that no vector lies across two of them.
#[derive(Debug, Default)]
pub(crate) struct Aligned {
    store: Vec<f32>,
    start: usize,
    length: usize,
}

impl Aligned {
    /// Makes room for `length` numbers; what they are is left open.
    pub(crate) fn resize(&mut self, length: usize) {
        if self.start + length > self.store.len() {
            self.store = vec![0.0; length + LINE / size_of::<f32>()];
            let start = self.store.as_ptr().align_offset(LINE);
            self.start = start.min(LINE / size_of::<f32>());
        }
        self.length = length;
    }
}

impl Deref for Aligned {
    type Target = [f32];

    fn deref(&self) -> &[f32] {
        &self.store[self.start..self.start + self.length]
    }
}

impl DerefMut for Aligned {
    fn deref_mut(&mut self) -> &mut [f32] {
        &mut self.store[self.start..self.start + self.length]
    }
}
