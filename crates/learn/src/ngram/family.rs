//! N-gram models as a family.

use std::ops::Range;

use types::content::{Content, ContentKind};
use types::random::Stream;

use super::draw::Pen;
use super::evaluate::{self, transitions};
use super::statistic::Table;
use super::{Ngram, NgramFitted, NgramReference, NgramStatistic, Smoothing, Unit};
use crate::{Continuation, Family, FitError, Likelihood, Measured, Order, Truth};
use crate::{knowledge, similarity};

/// A warm start forgets n-grams that occur less often than this, so that models stay bounded.
const COUNT_MIN: f64 = 1e-6;

impl Family for Ngram {
    type Statistic = NgramStatistic;
    type Fitted = NgramFitted;
    type Reference = NgramReference;

    fn kind(&self) -> ContentKind {
        ContentKind::Text
    }

    fn statistic(&self) -> NgramStatistic {
        NgramStatistic::default()
    }

    fn absorb(
        &self,
        statistic: &mut NgramStatistic,
        content: &Content,
        range: Range<usize>,
        weight: f64,
    ) {
        if weight > 0.0 && content.kind() == ContentKind::Text {
            statistic.absorb(range.len(), self.keys(content, range), weight);
        }
    }

    fn merge(&self, statistic: &mut NgramStatistic, other: &NgramStatistic, weight: f64) {
        if weight > 0.0 {
            statistic.merge(other, weight);
        }
    }

    fn fit(
        &self,
        statistic: &NgramStatistic,
        previous: Option<(&NgramFitted, f64)>,
    ) -> Result<NgramFitted, FitError> {
        let documents = statistic.documents();
        let table = match previous.filter(|(_, rate)| *rate < 1.0) {
            Some(previous) => mix(&statistic.table(), documents, previous),
            None => statistic.table().into_owned(),
        };
        if statistic.tokens() <= 0.0 || table.len() == 0 {
            return Err(FitError::TooFewDocuments {
                actual: documents as usize,
                required: 1,
            });
        }
        Ok(self.build(&table, documents))
    }

    /// Appends documents. There is no expectation to publish: `expected` changes nothing.
    fn sample(&self, fitted: &NgramFitted, order: &Order, rng: &mut Stream, out: &mut Content) {
        let limit = self.tokens_max(order);
        let mut pen = Pen::new(fitted, order);
        let mut text = Vec::new();
        for _ in 0..order.documents {
            text.clear();
            self.document(&mut pen, limit, rng, &mut text);
            out.push_text(&text);
        }
    }

    fn answer(
        &self,
        fitted: &NgramFitted,
        (prompts, order): (&Content, &Order),
        rng: &mut Stream,
        out: &mut Content,
    ) {
        let mut pen = Pen::new(fitted, order);
        for index in 0..prompts.len() {
            let prompt = (prompts.text(index), order.prompt_tokens);
            let (text, given) = Ngram::answer(self, &mut pen, prompt, self.tokens_max(order), rng);
            out.push_answer(&text, given);
        }
    }

    fn reference(&self, truth: &Truth) -> NgramReference {
        NgramReference::new(self, truth)
    }

    fn evaluate(
        &self,
        fitted: &NgramFitted,
        reference: &NgramReference,
        rng: &mut Stream,
        out: &mut Measured,
    ) {
        evaluate::counts(fitted, reference, out);
        evaluate::probe(self, fitted, rng, out);
        knowledge::measure((self, fitted), &reference.questions, out);
    }

    /// The chain itself, for bigrams of bytes with maximum likelihood and without ends.
    fn truth(&self, truth: &Truth) -> Option<NgramFitted> {
        let Truth::Markov {
            rows,
            stationary,
            letters,
        } = truth
        else {
            return None;
        };
        let exact = self.order() == 2 && self.smoothing == Smoothing::None && !self.ends;
        if !exact || !matches!(self.unit, Unit::Byte) {
            return None;
        }
        let mut table = Table::default();
        let gram = |from, to| self.packing.key(self.packing.push(0, from), to);
        for step in transitions(rows, stationary)
            .iter()
            .filter(|step| step.probability > 0.0)
        {
            table.push(gram(step.from, step.to), step.probability * *letters as f64);
        }
        for (letter, &p) in (u32::from(b'a')..)
            .zip(stationary)
            .filter(|(_, p)| **p > 0.0)
        {
            table.push(gram(self.packing.start(), letter), p);
        }
        Some(self.build(&table, 1.0))
    }

    /// The mean over the bytes of the document of ln p(token | context).
    fn judge(&self, judge: &NgramFitted, content: &Content, index: usize) -> f64 {
        let bytes = match content {
            Content::Text { .. } => content.text(index).len(),
            _ => return 0.0,
        };
        evaluate::log_probability(judge, &self.keys(content, index..index + 1))
            / bytes.max(1) as f64
    }

    fn likelihoods(
        &self,
        fitted: &NgramFitted,
        continuations: &[Continuation<'_>],
    ) -> Option<Vec<Likelihood>> {
        let one = |&continuation| evaluate::likelihood(self, fitted, continuation);
        Some(continuations.iter().map(one).collect())
    }

    /// The token before the first one is the one that stands before a document.
    fn pairs(&self, content: &Content, index: usize, out: &mut Vec<[u32; 2]>) {
        let Content::Text { .. } = content else {
            return;
        };
        let (prompt, own) = content.text(index).split_at(content.given(index));
        let mut tokens = vec![self.packing.start()];
        self.unit.cut(prompt, &mut tokens);
        let given = tokens.len();
        self.unit.cut(own, &mut tokens);
        out.extend(
            tokens[given - 1..]
                .windows(2)
                .map(|pair| [pair[0], pair[1]]),
        );
    }

    /// Continues each prompt by [`Ngram::continuation_tokens`] tokens, beginning a new document
    /// wherever one ends, and embeds all that was written; see [`similarity::embedding`].
    fn embed(&self, fitted: &NgramFitted, prompts: &Content, rng: &mut Stream) -> Option<Vec<f32>> {
        if prompts.kind() != ContentKind::Text {
            return None;
        }
        let mut written = Content::empty(ContentKind::Text);
        for index in 0..prompts.len() {
            written.push_text(&self.continuation(fitted, prompts.text(index), rng));
        }
        Some(similarity::embedding(
            (0..written.len()).map(|index| written.text(index)),
        ))
    }
}

impl Ngram {
    /// Tokens of a document that is ordered, at most.
    fn tokens_max(&self, order: &Order) -> usize {
        match order.tokens {
            0 => self.document_tokens_max,
            tokens => tokens,
        }
    }
}

/// Counts of the previous model, as if of as many documents, and of the new documents.
fn mix(new: &Table, documents: f64, (previous, rate): (&NgramFitted, f64)) -> Table {
    let scale = (1.0 - rate) * documents / previous.documents;
    let mut table = Table::mixed((&previous.table(), scale), (new, rate));
    table.forget_below(COUNT_MIN);
    table
}
