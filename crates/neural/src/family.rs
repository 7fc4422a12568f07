//! Transformers as a family of models.

use std::ops::Range;
use std::sync::Arc;

use learn::{Continuation, Family, FitError, Likelihood, Measured, Order, Truth};
use types::content::{Content, ContentKind};
use types::random::{Purpose, Seed, Stream};

use crate::examples::Examples;
use crate::held_out::HeldOut;
use crate::{
    Bias, Compute, Course, Network, Parameters, Sampling, Shape, Tokenizer, TrainError, Writing,
    generate, train,
};

/// Documents that are written side by side.
const SIDE_BY_SIDE: usize = 64;

/// A family of transformers: what all models of a population share.
#[derive(Debug, Clone)]
pub struct Transformer {
    /// Size of the network; its vocabulary is the tokenizer's.
    pub shape: Shape,
    /// How products of matrices are computed.
    pub compute: Compute,
    /// What a token is.
    pub tokenizer: Tokenizer,
    /// Training from nothing, or from `pretrained`.
    pub first: Course,
    /// Training from a previous model.
    pub later: Course,
    /// Where the first training starts, if not at random.
    pub pretrained: Option<Arc<Parameters>>,
    /// Held-out text of a task that is measured on: its first whole documents that fit in so many bytes, but at least one.
    pub evaluation_bytes_max: usize,
    /// Documents that diversity is measured on.
    pub probe_documents: usize,
    /// Tokens of these documents, at most; 0: as many as the context holds.
    pub probe_tokens: usize,
    /// Tokens by which a prompt is continued to find out how alike two models write.
    pub continuation_tokens: usize,
}

impl Transformer {
    pub(crate) fn network(&self) -> Network {
        Network::new(self.shape, self.compute)
    }

    /// The tokens of a text, after the token that begins a document.
    fn begun(&self, text: &[u8]) -> Vec<u32> {
        let mut tokens = vec![self.tokenizer.beginning()];
        self.tokenizer.encode(text, &mut tokens);
        tokens
    }

    /// What is written after each of `prompts`, in tokens.
    fn write(
        &self,
        fitted: &Parameters,
        (prompts, order): (&[Vec<u32>], &Order),
        rng: &mut Stream,
    ) -> Vec<Vec<u32>> {
        let favour = |previous: u32, logits: &mut [f32]| {
            if let Some(list) = &order.watermark {
                list.favour(previous, logits);
            }
        };
        let bias: Bias<'_> = &favour;
        let writing = Writing {
            sampling: Sampling {
                temperature: order.temperature,
                top_k: order.top_k,
                top_p: order.top_p,
            },
            tokens: match order.tokens {
                0 => self.shape.context,
                tokens => tokens,
            },
            end: self.tokenizer.end(),
            batch: SIDE_BY_SIDE,
            bias: order.watermark.as_ref().map(|_| bias),
        };
        generate(&mut self.network(), fitted, prompts, &writing, rng)
    }

    fn trained(
        &self,
        examples: &Examples,
        previous: Option<(&Parameters, f64)>,
        rng: &mut Stream,
    ) -> Result<Parameters, FitError> {
        let (start, course) = match (previous, &self.pretrained) {
            (Some((old, _)), _) => (old.clone(), &self.later),
            (None, Some(given)) => ((**given).clone(), &self.first),
            (None, None) => (Parameters::random(&self.shape, rng), &self.first),
        };
        let new = train(&mut self.network(), start, &examples.list, course, rng);
        let mut new = new.map_err(|error| failure(&error))?;
        if let Some((old, rate)) = previous.filter(|(_, rate)| *rate < 1.0) {
            new.approach(old, rate as f32);
        }
        Ok(new)
    }
}

/// Why there is no model, in the words of [`learn`].
fn failure(error: &TrainError) -> FitError {
    match *error {
        TrainError::NoTokens => FitError::TooFewDocuments {
            actual: 0,
            required: 1,
        },
        TrainError::Diverged { step, loss } => FitError::Diverged { step, loss },
    }
}

impl Family for Transformer {
    type Statistic = Examples;
    type Fitted = Parameters;
    type Reference = HeldOut;

    fn kind(&self) -> ContentKind {
        ContentKind::Text
    }

    fn statistic(&self) -> Examples {
        Examples::default()
    }

    fn absorb(&self, examples: &mut Examples, content: &Content, range: Range<usize>, weight: f64) {
        if weight > 0.0 && content.kind() == ContentKind::Text {
            for index in range {
                examples.push(&self.tokenizer, (content, index), weight);
            }
        }
    }

    fn merge(&self, examples: &mut Examples, other: &Examples, weight: f64) {
        examples.merge(other, weight);
    }

    /// Trains from a start and in an order that are the same for every model; [`Family::search`] draws them.
    fn fit(
        &self,
        examples: &Examples,
        previous: Option<(&Parameters, f64)>,
    ) -> Result<Parameters, FitError> {
        let mut rng = Seed(0).key(0, Purpose::Fit).stream(0, 0);
        self.trained(examples, previous, &mut rng)
    }

    fn search(
        &self,
        examples: &Examples,
        previous: Option<(&Parameters, f64)>,
        rng: &mut Stream,
    ) -> Result<Parameters, FitError> {
        self.trained(examples, previous, rng)
    }

    /// Appends documents. There is no expectation to publish: `expected` changes nothing.
    fn sample(&self, fitted: &Parameters, order: &Order, rng: &mut Stream, out: &mut Content) {
        let prompts = vec![self.begun(b""); order.documents];
        let mut text = Vec::new();
        for tokens in self.write(fitted, (&prompts, order), rng) {
            text.clear();
            self.tokenizer.decode(&tokens, &mut text);
            out.push_text(&text);
        }
    }

    fn answer(
        &self,
        fitted: &Parameters,
        (prompts, order): (&Content, &Order),
        rng: &mut Stream,
        out: &mut Content,
    ) {
        let given = |index| {
            let mut tokens = self.begun(prompts.text(index));
            tokens.truncate(1 + order.prompt_tokens);
            tokens
        };
        let given: Vec<Vec<u32>> = (0..prompts.len()).map(given).collect();
        let mut text = Vec::new();
        for (prompt, tokens) in given.iter().zip(self.write(fitted, (&given, order), rng)) {
            text.clear();
            self.tokenizer.decode(prompt, &mut text);
            let bytes = text.len();
            self.tokenizer.decode(&tokens, &mut text);
            out.push_answer(&text, bytes);
        }
    }

    fn reference(&self, truth: &Truth) -> HeldOut {
        HeldOut::new(self, truth)
    }

    fn evaluate(
        &self,
        fitted: &Parameters,
        reference: &HeldOut,
        rng: &mut Stream,
        out: &mut Measured,
    ) {
        reference.measure((self, fitted), out);
        learn::knowledge::measure((self, fitted), &reference.questions, out);
        self.probe(fitted, rng, out);
    }

    /// The mean over the bytes of the document of ln p(token | what is before it).
    fn judge(&self, judge: &Parameters, content: &Content, index: usize) -> f64 {
        if content.kind() != ContentKind::Text {
            return 0.0;
        }
        let mut examples = Examples::default();
        examples.push(&self.tokenizer, (content, index), 1.0);
        let found = examples.log_probabilities(&mut self.network(), judge);
        let sum: f64 = found.iter().map(|(sum, _)| sum).sum();
        sum / content.text(index).len().max(1) as f64
    }

    fn likelihoods(
        &self,
        fitted: &Parameters,
        continuations: &[Continuation<'_>],
    ) -> Option<Vec<Likelihood>> {
        let mut examples = Examples::default();
        for one in continuations {
            let mut tokens = self.begun(one.context);
            let given = tokens.len();
            self.tokenizer.encode(one.text, &mut tokens);
            examples.continuation(tokens, given);
        }
        let found = examples.log_probabilities(&mut self.network(), fitted);
        let likelihood = |(log_probability, tokens)| Likelihood {
            log_probability,
            tokens,
        };
        Some(found.into_iter().map(likelihood).collect())
    }

    /// The token before the first one is the one that begins a document.
    fn pairs(&self, content: &Content, index: usize, out: &mut Vec<[u32; 2]>) {
        if content.kind() == ContentKind::Text {
            let mut examples = Examples::default();
            examples.push(&self.tokenizer, (content, index), 1.0);
            for example in &examples.list {
                let own = &example.tokens[example.given - 1..example.tokens.len() - 1];
                out.extend(own.windows(2).map(|pair| [pair[0], pair[1]]));
            }
        }
    }

    /// Continues each prompt, of which the model sees as much as fits in half its context, and embeds all that was written;
    /// see [`learn::embedding`].
    fn embed(&self, fitted: &Parameters, prompts: &Content, rng: &mut Stream) -> Option<Vec<f32>> {
        if prompts.kind() != ContentKind::Text {
            return None;
        }
        let order = Order {
            documents: prompts.len(),
            tokens: self.continuation_tokens,
            prompt_tokens: self.shape.context / 2,
            ..Order::default()
        };
        let mut written = Content::empty(ContentKind::Text);
        self.answer(fitted, (prompts, &order), rng, &mut written);
        let new = |index| &written.text(index)[written.given(index)..];
        Some(learn::embedding((0..written.len()).map(new)))
    }
}

impl Transformer {
    /// Measures what shows in a sample.
    fn probe(&self, fitted: &Parameters, rng: &mut Stream, out: &mut Measured) {
        if !out.wants_any(&learn::text::PROBED) {
            return;
        }
        let mut sample = Content::empty(ContentKind::Text);
        let order = Order {
            documents: self.probe_documents,
            tokens: self.probe_tokens,
            ..Order::default()
        };
        self.sample(fitted, &order, rng, &mut sample);
        learn::text::probe(&sample, out);
    }
}
