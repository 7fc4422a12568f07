//! Networks that models start from, from files.

use std::sync::Arc;

use neural::{CheckpointError, Parameters, Shape, Tokenizer, read_gguf};

use super::{Data, DataError, Loaded};
use crate::scenario::schema::{self, Family, NetworkFile, Population, Scenario};

/// A network from a file, which all its models share until they have learnt something.
#[derive(Debug, Clone)]
pub(crate) struct Pretrained {
    /// Its size; the context is what it was made for.
    pub(crate) shape: Shape,
    pub(crate) parameters: Arc<Parameters>,
    pub(crate) tokenizer: Tokenizer,
}

/// What reads files.
type Open<'a> = &'a dyn Fn(&str, Option<&str>) -> Result<Loaded, String>;

impl Data {
    /// Reads the file of every population that names one, each file once.
    pub(super) fn load_networks(&mut self, scenario: &Scenario, open: Open<'_>) -> Vec<DataError> {
        let mut errors: Vec<DataError> = Vec::new();
        let mut refused: Vec<&str> = Vec::new();
        for (population, spec, file) in named(scenario) {
            if refused.contains(&file) {
                continue;
            }
            if !self.networks.contains_key(file) {
                match read(file, open) {
                    Ok(network) => drop(self.networks.insert(file.to_owned(), network)),
                    Err(message) => {
                        refused.push(file);
                        errors.push(error((population, "pretrained"), message));
                    }
                }
            }
            let context = self.networks.get(file).map(|network| network.shape.context);
            let longest = context.filter(|longest| spec.context as usize > *longest);
            errors.extend(longest.map(|longest| {
                let message = format!(
                    "{} is not allowed: {file} was made for at most {longest} tokens",
                    spec.context
                );
                error((population, "context"), message)
            }));
        }
        errors
    }
}

/// The populations that start from files.
fn named(scenario: &Scenario) -> impl Iterator<Item = (&Population, &schema::Transformer, &str)> {
    scenario
        .population
        .iter()
        .filter_map(|population| match &population.family {
            Family::Transformer(spec) => Some((population, spec, spec.pretrained.as_deref()?)),
            _ => None,
        })
}

pub(super) fn error((population, key): (&Population, &str), message: String) -> DataError {
    DataError {
        key: format!("population.{}.family.{key}", population.name),
        message,
    }
}

fn read(file: &str, open: Open<'_>) -> Result<Pretrained, String> {
    let (shape, parameters, tokenizer) = match NetworkFile::of(file) {
        Some(NetworkFile::Gguf) => {
            read_gguf(&bytes(file, open)?).map_err(|error| format!("{file}: {error}"))?
        }
        Some(NetworkFile::Safetensors) => safetensors(file, open)?,
        None => return Err(format!("{file} is no file of a network")),
    };
    let (tokens, rows) = (tokenizer.vocabulary(), shape.vocabulary);
    if tokens != rows {
        return Err(format!(
            "{file} has a vocabulary of {rows} tokens, its tokenizer one of {tokens}: they do not belong together"
        ));
    }
    Ok(Pretrained {
        shape,
        parameters: Arc::new(parameters),
        tokenizer,
    })
}

/// A network whose file says its shape, or has a `config.json` beside it that does.
fn safetensors(file: &str, open: Open<'_>) -> Result<(Shape, Parameters, Tokenizer), String> {
    let content = bytes(file, open)?;
    let tokenizer = tokenizer(&beside(file, "tokenizer.json"), open)?;
    let found = match Parameters::from_safetensors(&content, None) {
        Err(CheckpointError::NoConfig) => {
            let config = text(&beside(file, "config.json"), open)
                .map_err(|error| format!("{file} does not say its shape: {error}"))?;
            Parameters::from_safetensors(&content, Some(&config))
        }
        found => found,
    };
    let (shape, parameters) = found.map_err(|error| format!("{file}: {error}"))?;
    Ok((shape, parameters, tokenizer))
}

fn tokenizer(file: &str, open: Open<'_>) -> Result<Tokenizer, String> {
    Tokenizer::from_json(&text(file, open)?).map_err(|error| format!("{file}: {error}"))
}

/// The path of another file in the same folder.
fn beside(file: &str, other: &str) -> String {
    let folder = file.rfind(['/', '\\']).map_or(0, |slash| slash + 1);
    format!("{}{other}", &file[..folder])
}

fn text(file: &str, open: Open<'_>) -> Result<String, String> {
    String::from_utf8(bytes(file, open)?).map_err(|_| format!("{file} is not UTF-8"))
}

fn bytes(file: &str, open: Open<'_>) -> Result<Vec<u8>, String> {
    match open(file, None)? {
        Loaded::Bytes(bytes) => Ok(bytes),
        Loaded::Text(_) | Loaded::Numbers(_) | Loaded::Symbols { .. } => {
            Err(format!("{file} is not the file of a network"))
        }
    }
}
