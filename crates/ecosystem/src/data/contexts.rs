//! What networks see at once, and how much there is to see.

use neural::Tokenizer;
use types::content::Content;

use super::{Data, DataError, networks};
use crate::scenario::schema::{self, Family, Population, Scenario};

impl Data {
    /// Every network whose context is longer than all of a corpus that it learns: no row of it would ever be full, and its later
    /// positions would never be trained.
    pub(super) fn unfilled_contexts(&self, scenario: &Scenario) -> Vec<DataError> {
        let mut errors = Vec::new();
        for population in &scenario.population {
            let Family::Transformer(spec) = &population.family else {
                continue;
            };
            let tokenizer = self.tokenizer_of(spec);
            let real = [&population.real.private, &population.real.public];
            let corpora = real.into_iter().flatten().filter_map(|name| {
                let content = self.sources.get(name)?.given.as_deref()?;
                matches!(content, Content::Text { .. }).then_some((&**name, content))
            });
            errors.extend(
                corpora.filter_map(|corpus| unfilled((population, spec), corpus, &tokenizer)),
            );
        }
        errors
    }

    fn tokenizer_of(&self, spec: &schema::Transformer) -> Tokenizer {
        let file = spec.pretrained.as_deref();
        let network = file.and_then(|file| self.networks.get(file));
        network.map_or_else(
            || self.tokenizer(spec.tokenizer.unwrap_or_default()),
            |network| network.tokenizer.clone(),
        )
    }
}

fn unfilled(
    (population, spec): (&Population, &schema::Transformer),
    (corpus, content): (&str, &Content),
    tokenizer: &Tokenizer,
) -> Option<DataError> {
    let found = tokens(content, tokenizer, spec.context as usize);
    (found < spec.context as usize).then(|| {
        let message = format!(
            "{} is longer than the whole of corpora.{corpus}, which has {found} tokens: allowed is at most {found}",
            spec.context
        );
        networks::error((population, "context"), message)
    })
}

/// Tokens of all documents with their ends; counting stops at `enough`.
fn tokens(content: &Content, tokenizer: &Tokenizer, enough: usize) -> usize {
    let (mut found, mut tokens) = (0, Vec::new());
    for index in 0..content.len() {
        tokens.clear();
        tokenizer.encode(content.text(index), &mut tokens);
        found += tokens.len() + 1;
        if found >= enough {
            break;
        }
    }
    found
}
