//! A bias of what is published.

use types::content::{Content, Numbers};

/// Adds a number to what is published: to labels, or to every number where records have no labels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Shift {
    by: f64,
    /// Numbers of a document that stay as they are, before those that do not.
    inputs: usize,
}

impl Shift {
    pub(crate) fn new(by: f64, inputs: usize) -> Self {
        Self { by, inputs }
    }

    /// Shifts all documents from number `first` on.
    pub(crate) fn apply(self, content: &mut Content, first: usize) {
        match content {
            _ if self.by == 0.0 => {}
            Content::F64(numbers) => {
                self.outputs(numbers, first).for_each(|x| *x += self.by);
            }
            Content::F32(numbers) => {
                self.outputs(numbers, first)
                    .for_each(|x| *x = (f64::from(*x) + self.by) as f32);
            }
            Content::Symbols { .. } | Content::Text { .. } => {}
        }
    }

    fn outputs<T>(self, numbers: &mut Numbers<T>, first: usize) -> impl Iterator<Item = &mut T> {
        let width = numbers.dimension as usize;
        let documents = numbers.values[first * width..].chunks_exact_mut(width);
        documents.flat_map(move |document| &mut document[self.inputs..])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn records() -> Content {
        Content::F64(Numbers {
            dimension: 2,
            values: vec![1.0, 2.0, 3.0, 4.0],
        })
    }

    #[test]
    fn labels_are_shifted_and_inputs_are_not() {
        let mut content = records();
        Shift::new(0.5, 1).apply(&mut content, 1);
        let expected = vec![1.0, 2.0, 3.0, 4.5];
        assert!(matches!(content, Content::F64(numbers) if numbers.values == expected));
    }

    #[test]
    fn nothing_is_shifted_by_nothing() {
        let mut content = records();
        Shift::new(0.0, 0).apply(&mut content, 0);
        assert_eq!(content, records());
    }
}
