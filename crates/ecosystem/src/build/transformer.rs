//! Transformers, from a scenario.

use neural::{AdamW, Course, Shape, Transformer};

use super::Blueprint;
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
        let tokenizer = self.data.tokenizer(spec.tokenizer);
        let (observe, course) = (&self.scenario.observe, |course| course_of(course, spec));
        Transformer {
            shape: shape(spec, tokenizer.vocabulary()),
            compute: match spec.compute {
                schema::Compute::Exact => neural::Compute::Exact,
                schema::Compute::Fast => neural::Compute::Fast,
            },
            tokenizer,
            first: course(spec.first),
            later: course(spec.later),
            pretrained: None,
            evaluation_bytes_max: observe.evaluation_bytes_max as usize,
            probe_documents: observe.probe_documents as usize,
            probe_tokens: population.publish.tokens as usize,
            continuation_tokens: CONTINUATION_TOKENS,
        }
    }
}

fn shape(spec: &schema::Transformer, vocabulary: usize) -> Shape {
    let width = spec.width as usize;
    let usual = (8 * width).div_ceil(3).next_multiple_of(16);
    Shape {
        vocabulary,
        context: spec.context as usize,
        width,
        layers: spec.layers as usize,
        heads: spec.heads as usize,
        kv_heads: spec.kv_heads.unwrap_or(spec.heads) as usize,
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
