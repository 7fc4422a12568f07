//! Transformers, from a scenario.

use std::sync::Arc;

use neural::{AdamW, Course, Shape, Tokenizer, Transformer};

use super::Blueprint;
use crate::data::Pretrained;
use crate::scenario::schema::{self, Population};

/// Base of the rotary wavelengths, and what is added to mean squares (Touvron et al. 2023).
const ROPE_BASE: f32 = 1e4;
const NORM_EPSILON: f32 = 1e-5;

/// Tokens by which a prompt is continued to find out how alike two models write.
const CONTINUATION_TOKENS: usize = 48;

impl Blueprint<'_> {
    pub(super) fn transformer(
        &self,
        spec: &schema::Transformer,
        population: &Population,
    ) -> Transformer {
        let file = spec.pretrained.as_ref().map(|file| self.pretrained(file));
        let (shape, tokenizer) = match file {
            Some(file) => file_shape(spec, file),
            None => self.own_shape(spec),
        };
        let (observe, course) = (&self.scenario.observe, |course| course_of(course, spec));
        Transformer {
            shape,
            compute: match spec.compute {
                schema::Compute::Exact => neural::Compute::Exact,
                schema::Compute::Fast => neural::Compute::Fast,
            },
            tokenizer,
            first: course(spec.first),
            later: course(spec.later),
            pretrained: file.map(|file| Arc::clone(&file.parameters)),
            evaluation_bytes_max: observe.evaluation_bytes_max as usize,
            probe_documents: observe.probe_documents as usize,
            probe_tokens: population.publish.tokens as usize,
            continuation_tokens: CONTINUATION_TOKENS,
        }
    }

    fn pretrained(&self, file: &str) -> &Pretrained {
        self.data
            .networks
            .get(file)
            .expect("the scenario's data were loaded, and files of networks with them")
    }

    fn own_shape(&self, spec: &schema::Transformer) -> (Shape, Tokenizer) {
        let tokenizer = self.data.tokenizer(spec.tokenizer.unwrap_or_default());
        (shape(spec, tokenizer.vocabulary()), tokenizer)
    }
}

/// A network from a file sees as much at once as the scenario says.
fn file_shape(spec: &schema::Transformer, file: &Pretrained) -> (Shape, Tokenizer) {
    let shape = Shape {
        context: spec.context as usize,
        ..file.shape
    };
    (shape, file.tokenizer.clone())
}

fn shape(spec: &schema::Transformer, vocabulary: usize) -> Shape {
    let [width, layers, heads] = spec.sizes().map(|size| size as usize);
    let usual = (8 * width).div_ceil(3).next_multiple_of(16);
    Shape {
        vocabulary,
        context: spec.context as usize,
        width,
        layers,
        heads,
        kv_heads: spec.kv_heads.map_or(heads, |heads| heads as usize),
        hidden: spec.hidden.map_or(usual, |hidden| hidden as usize),
        rope_base: ROPE_BASE,
        norm_epsilon: NORM_EPSILON,
    }
}

fn course_of(course: schema::Course, spec: &schema::Transformer) -> Course {
    Course {
        length: match course.length {
            schema::Length::Steps(steps) => neural::Length::Steps(steps),
            schema::Length::Epochs(epochs) => neural::Length::Epochs(epochs),
        },
        batch: spec.batch as usize,
        rate: course.rate,
        warmup: course.warmup,
        decay: match course.decay {
            schema::Decay::Constant => neural::Decay::Constant,
            schema::Decay::Cosine => neural::Decay::Cosine,
        },
        optimiser: AdamW {
            decay: spec.weight_decay,
            ..AdamW::default()
        },
    }
}
