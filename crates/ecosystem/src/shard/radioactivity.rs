//! Whether a model writes by the green lists of others, although nobody tells it to.

use learn::{Family, Order};
use types::content::Content;
use types::document::ModelId;

use super::{Model, Shard};
use crate::metrics::WATERMARK_Z;
use crate::observation::Observation;

/// Marks the stream of what is written for these tests among those of the observer.
const WRITING: u32 = 1 << 31;

/// Tokens that are enough, documents that are written at a time, and documents that have to do.
const TOKENS: usize = 1 << 15;
const AT_A_TIME: usize = 64;
const DOCUMENTS_MAX: usize = 1 << 10;

impl<F: Family> Shard<F> {
    /// Tests what a model writes without a mark against every green list.
    pub(super) fn observe_green_lists(
        &self,
        (id, model): (ModelId, &Model<F::Fitted>),
        observation: &mut Observation,
    ) {
        let lists = &self.group.observation.green_lists;
        let Some(fitted) = model.fitted.as_ref().filter(|_| !lists.is_empty()) else {
            return;
        };
        let pairs = self.pairs((id, model.ticks), fitted);
        for &(author, list) in lists {
            observation.value(WATERMARK_Z, Some(author), list.count(&pairs).z());
        }
    }

    /// The different pairs of a token and the one before that a model writes.
    fn pairs(&self, (id, ticks): (ModelId, u32), fitted: &F::Fitted) -> Vec<[u32; 2]> {
        let (family, order) = (&self.group.family, self.probe());
        let mut rng = self.group.keys.observe.stream(id.0, WRITING | ticks);
        let mut pairs = Vec::new();
        for _ in 0..DOCUMENTS_MAX / AT_A_TIME {
            let mut written = Content::empty(family.kind());
            family.sample(fitted, &order, &mut rng, &mut written);
            (0..written.len()).for_each(|index| family.pairs(&written, index, &mut pairs));
            if pairs.len() >= TOKENS {
                break;
            }
        }
        pairs.truncate(TOKENS);
        pairs.sort_unstable();
        pairs.dedup();
        pairs
    }

    fn probe(&self) -> Order {
        Order {
            documents: AT_A_TIME,
            tokens: self.group.observation.probe_tokens,
            ..Order::default()
        }
    }
}
