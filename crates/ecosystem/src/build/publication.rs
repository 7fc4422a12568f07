//! What becomes of what models write, from a scenario.

use crate::group::Prompting;
use crate::labels::Labels;
use crate::scenario::schema::{self, Family, Population, PrivateWeight};
use crate::shift::Shift;

/// The bias of what a population publishes; inputs of records have none.
pub(super) fn shift(population: &Population) -> Shift {
    let inputs = match population.family {
        Family::Linear { dimension, .. } => dimension as usize,
        _ => 0,
    };
    Shift::new(population.publish.shift, inputs)
}

/// What becomes of a population's labels; nothing if all are right and none is verified.
pub(super) fn labels(population: &Population) -> Option<Labels> {
    let publish = &population.publish;
    let kept = publish
        .verifier
        .map(|verifier| [verifier.keeps_wrong, verifier.keeps_right]);
    let changes = publish.mislabelled > 0.0 || kept.is_some();
    changes.then_some(Labels {
        mislabelled: publish.mislabelled,
        kept: kept.unwrap_or([1.0; 2]),
    })
}

/// The prompt that a population's documents begin with, if any.
fn prompt(population: &Population) -> Option<schema::Prompt> {
    match population.publish.prompt {
        Some(schema::Prompting::Real(prompt)) => Some(prompt),
        Some(schema::Prompting::Nothing(_)) | None => None,
    }
}

/// How many tokens of a prompt a model is given.
pub(super) fn prompt_tokens(population: &Population) -> usize {
    prompt(population).map_or(0, |prompt| prompt.tokens as usize)
}

/// Where prompts come from.
pub(super) fn prompting(population: &Population) -> Option<Prompting> {
    let beta = match &population.mixture.private_weight {
        PrivateWeight::Constant(beta) => Some(beta),
        PrivateWeight::Schedule(betas) => betas.last(),
    };
    let private_share = prompt(population)?.private_share.or(beta.copied());
    Some(Prompting {
        private_share: private_share.unwrap_or(1.0),
    })
}
