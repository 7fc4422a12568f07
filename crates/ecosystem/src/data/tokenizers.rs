//! Tokenizers, trained once on the real data of a scenario.

use std::collections::BTreeMap;

use neural::Tokenizer;
use types::content::Content;

use super::Source;
use crate::scenario::schema::{self, Family, Scenario};

/// Text that a tokenizer is trained on, at most: as many bytes of the first training documents of every text corpus.
const BYTES_MAX: usize = 4 << 20;

/// The tokenizers that the populations of a scenario ask for; networks from files bring their own.
pub(super) fn train(
    scenario: &Scenario,
    sources: &BTreeMap<String, Source>,
) -> Result<Vec<(schema::Tokenizer, Tokenizer)>, String> {
    let mut trained: Vec<(schema::Tokenizer, Tokenizer)> = Vec::new();
    for population in &scenario.population {
        let Family::Transformer(shape) = &population.family else {
            continue;
        };
        if shape.pretrained.is_some() {
            continue;
        }
        let kind = shape.tokenizer.unwrap_or_default();
        if trained.iter().all(|(known, _)| *known != kind) {
            trained.push((kind, tokenizer(kind, sources)?));
        }
    }
    Ok(trained)
}

fn tokenizer(
    kind: schema::Tokenizer,
    sources: &BTreeMap<String, Source>,
) -> Result<Tokenizer, String> {
    let schema::Tokenizer::Bpe(vocabulary) = kind else {
        return Ok(Tokenizer::bytes());
    };
    let given = sources
        .values()
        .filter_map(|source| source.given.as_deref());
    let corpora: Vec<&Content> = given
        .filter(|content| matches!(content, Content::Text { .. }))
        .collect();
    let each = BYTES_MAX / corpora.len().max(1);
    let texts = corpora.iter().flat_map(|content| first(content, each));
    Tokenizer::train(vocabulary as usize, texts).map_err(|error| error.to_string())
}

/// The first whole documents that fit in so many bytes, but at least one.
fn first(content: &Content, bytes: usize) -> impl Iterator<Item = &[u8]> {
    let mut read = 0;
    let texts = (0..content.len()).map(|index| content.text(index));
    texts.take_while(move |text| {
        read += text.len();
        read == text.len() || read <= bytes
    })
}
