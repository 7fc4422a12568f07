//! Whether transformers have a shape, and who can be prompted.

use super::{Notes, at};
use crate::scenario::schema::{
    Family, Initial, NetworkFile, Population, Prompting, Scenario, Transformer,
};

/// Every transformer of a scenario, with its population.
fn transformers(scenario: &Scenario) -> impl Iterator<Item = (&Population, &Transformer)> {
    let populations = scenario.population.iter();
    populations.filter_map(|population| match &population.family {
        Family::Transformer(shape) => Some((population, shape)),
        _ => None,
    })
}

pub(super) fn shapes(scenario: &Scenario, notes: &mut Notes) {
    for (population, shape) in transformers(scenario) {
        if shape.pretrained.is_some() {
            continue;
        }
        let [width, _, heads] = shape.sizes();
        notes.add_if(
            width % (2 * heads) != 0,
            at(population, "family.width"),
            format!(
                "= {width} is not allowed with {heads} heads: each head turns pairs of numbers, so that allowed are multiples of {}",
                2 * heads
            ),
        );
        let shared = shape.kv_heads.unwrap_or(heads);
        notes.add_if(
            heads % shared != 0,
            at(population, "family.kv_heads"),
            format!("= {shared} is not allowed: allowed are divisors of heads = {heads}"),
        );
    }
}

/// A file has to be of a known kind, and decides on all sizes but the context.
pub(super) fn pretrained(scenario: &Scenario, notes: &mut Notes) {
    for (population, shape) in transformers(scenario) {
        let Some(file) = &shape.pretrained else {
            continue;
        };
        notes.add_if(
            NetworkFile::of(file).is_none(),
            at(population, "family.pretrained"),
            format!("= \"{file}\" is no file of a network: allowed are .gguf and .safetensors"),
        );
        let decided = [
            ("width", shape.width.is_some()),
            ("layers", shape.layers.is_some()),
            ("heads", shape.heads.is_some()),
            ("kv_heads", shape.kv_heads.is_some()),
            ("hidden", shape.hidden.is_some()),
            ("tokenizer", shape.tokenizer.is_some()),
        ];
        for (key, said) in decided {
            notes.add_if(
                said,
                at(population, &format!("family.{key}")),
                "is not allowed beside family.pretrained: the file decides on it; drop it",
            );
        }
    }
}

/// Only a network from a file can be what a model begins with.
pub(super) fn beginning(scenario: &Scenario, notes: &mut Notes) {
    for population in &scenario.population {
        let file = match &population.family {
            Family::Transformer(shape) => shape.pretrained.is_some(),
            _ => false,
        };
        notes.add_if(
            population.training.initial == Initial::Pretrained && !file,
            at(population, "training.initial"),
            "= \"pretrained\" is not allowed: it needs the file of a network, family.pretrained",
        );
    }
}

pub(super) fn prompts(scenario: &Scenario, notes: &mut Notes) {
    for population in &scenario.population {
        let publish = &population.publish;
        let Some(Prompting::Real(prompt)) = publish.prompt else {
            continue;
        };
        let key = at(population, "publish.prompt");
        notes.add_if(
            !population.family.is_text(),
            &key,
            "is not allowed: only text is written after the beginning of a document; drop it",
        );
        if let Family::Transformer(shape) = &population.family {
            notes.add_if(
                prompt.tokens + 1 >= shape.context,
                format!("{key}.tokens"),
                format!(
                    "= {} leaves no room in a context of {}: allowed is at most {}",
                    prompt.tokens,
                    shape.context,
                    shape.context - 2
                ),
            );
        }
    }
}

/// What only transformers can do when they draw.
pub(super) fn truncation(scenario: &Scenario, notes: &mut Notes) {
    for population in &scenario.population {
        let publish = &population.publish;
        if matches!(population.family, Family::Transformer(_)) {
            continue;
        }
        notes.add_if(
            publish.top_k > 0,
            at(population, "publish.top_k"),
            format!(
                "= {} is not allowed: it is for transformers; allowed is 0",
                publish.top_k
            ),
        );
        notes.add_if(
            publish.top_p < 1.0,
            at(population, "publish.top_p"),
            format!(
                "= {} is not allowed: it is for transformers; allowed is 1",
                publish.top_p
            ),
        );
    }
}
