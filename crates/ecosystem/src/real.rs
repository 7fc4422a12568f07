//! The real data that the models of a population hold.

use std::borrow::Cow;
use std::sync::Arc;

use learn::{Family, Truth};
use types::content::{Content, ContentKind};
use types::random::{Distinct, Stream, StreamKey};

use crate::data::Source;
use crate::scenario::schema::{Holding, Renewal};

/// One real part of a population's training sets: its private or its public corpus.
#[derive(Debug)]
pub(crate) struct RealPart<F: Family> {
    truth: Arc<Truth>,
    given: Option<Arc<Content>>,
    kind: ContentKind,
    /// Documents that each model holds.
    pub(crate) documents: usize,
    renewal: Renewal,
    holding: Holding,
    /// What everybody holds all the time.
    shared: Option<Content>,
    /// The statistic of `shared`, folded once, where training sets are mixed exactly.
    folded: Option<F::Statistic>,
    key: StreamKey,
    /// Tells this part's streams from those of the population's other part.
    number: u32,
}

/// Where a part comes from and how it is held.
#[derive(Debug, Clone)]
pub(crate) struct RealSpec<'a> {
    pub(crate) source: &'a Source,
    pub(crate) documents: Option<usize>,
    pub(crate) renewal: Renewal,
    pub(crate) holding: Holding,
    pub(crate) key: StreamKey,
    /// Where inputs that belong to the replicate are drawn from.
    pub(crate) design: StreamKey,
    pub(crate) number: u32,
    /// Whether training sets are every document with a weight rather than a sample.
    pub(crate) exact: bool,
}

impl<F: Family> RealPart<F> {
    pub(crate) fn new(family: &F, spec: &RealSpec<'_>) -> Self {
        let source = spec.source.in_kind(family.kind());
        let all = source.given.as_ref().map(|content| content.len());
        let documents = match (spec.documents, all) {
            (Some(wanted), Some(all)) => wanted.min(all),
            (Some(wanted), None) => wanted,
            (None, all) => all.unwrap_or(0),
        };
        let mut part = Self {
            truth: Arc::new(source.truth.in_replicate(spec.design)),
            given: source.given,
            kind: family.kind(),
            documents,
            renewal: spec.renewal,
            holding: spec.holding,
            shared: None,
            folded: None,
            key: spec.key,
            number: spec.number,
        };
        if (part.renewal, part.holding) == (Renewal::Fixed, Holding::Shared) {
            let content = part.shared_content();
            part.folded = spec.exact.then(|| {
                let mut statistic = family.statistic();
                family.absorb(&mut statistic, &content, 0..content.len(), 1.0);
                statistic
            });
            part.shared = Some(content);
        }
        part
    }

    /// Fixed shared data: the first documents of a corpus, which are an even sample of it, or one draw of a distribution.
    fn shared_content(&self) -> Content {
        match &self.given {
            Some(given) => {
                let mut content = Content::empty(self.kind);
                content.extend(given, 0..self.documents);
                content
            }
            None => self.draw(None, &mut self.stream(None, 0)),
        }
    }

    /// The stream of a holder: a model, or everybody.
    fn stream(&self, model: Option<u32>, event: u32) -> Stream {
        // Everybody's streams are addressed from the far end, where no model's number is.
        let id = model.unwrap_or(u32::MAX - self.number / 2);
        self.key.stream(id, 2 * event + self.number % 2)
    }

    fn draw(&self, holder: Option<u32>, rng: &mut Stream) -> Content {
        let Some(given) = &self.given else {
            return self.truth.sample((self.kind, holder), self.documents, rng);
        };
        let mut positions = Vec::new();
        Distinct::default().draw(rng, given.len() as u32, self.documents, &mut positions);
        let mut content = Content::empty(self.kind);
        content.gather(given, &positions);
        content
    }

    /// What `model` holds at its training number `event`. Nothing is stored: own documents are drawn again from the same
    /// stream.
    pub(crate) fn content(&self, model: u32, event: u32) -> Cow<'_, Content> {
        if let Some(content) = &self.shared {
            return Cow::Borrowed(content);
        }
        let model = (self.holding == Holding::Own).then_some(model);
        let event = if self.renewal == Renewal::Fresh {
            event
        } else {
            0
        };
        Cow::Owned(self.draw(model, &mut self.stream(model, event)))
    }

    /// Adds what `model` holds to a statistic, each document with `weight`.
    pub(crate) fn absorb(
        &self,
        family: &F,
        (model, event): (u32, u32),
        weight: f64,
        into: &mut F::Statistic,
    ) {
        if let Some(statistic) = &self.folded {
            family.merge(into, statistic, weight);
        } else {
            let content = self.content(model, event);
            family.absorb(into, &content, 0..content.len(), weight);
        }
    }
}
