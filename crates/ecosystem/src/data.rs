//! Real data: what the scenario's corpora hold, loaded and turned into content.

use std::collections::BTreeMap;
use std::sync::Arc;

use learn::{Captions, Classes, LinearTruth, Question, Truth, normalised, random_markov, zipf};
use neural::Tokenizer;
use types::content::{Content, ContentKind, Numbers};
use types::random::{Purpose, Seed, Stream};

use crate::linear::{self, Origin};
use crate::scenario::schema::{self, Corpus, Distribution, Scenario, TextContent};

mod answers;
mod contexts;
mod edges;
mod lines;
mod networks;
mod pieces;
mod tokenizers;

pub(crate) use self::edges::Edges;
pub(crate) use self::networks::Pretrained;

/// What was read from a corpus's source.
#[derive(Debug, Clone, PartialEq)]
pub enum Loaded {
    /// Text in splits.
    Text(corpora::TextCorpus),
    /// A column of numbers.
    Numbers(Vec<f64>),
    /// A column of symbols, numbered in the order of their names.
    Symbols {
        /// Names of the symbols.
        levels: Vec<String>,
        /// One number a row.
        symbols: Vec<u32>,
    },
    /// A file as it is: a network, or what lies beside one.
    Bytes(Vec<u8>),
}

/// Something that a scenario names could not be loaded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{key}: {message}")]
pub struct DataError {
    /// The key of the scenario that names it.
    pub key: String,
    /// What is wrong.
    pub message: String,
}

/// A corpus, ready to be drawn from.
#[derive(Debug, Clone)]
pub(crate) struct Source {
    /// What its documents are drawn from or stand for.
    pub(crate) truth: Arc<Truth>,
    /// Its training documents, if it has documents rather than a distribution.
    pub(crate) given: Option<Arc<Content>>,
    /// Its held-out documents, if any.
    pub(crate) held_out: Option<Arc<Content>>,
    /// What its readers could know, in the order of the hashes of ids.
    pub(crate) questions: Arc<[Question]>,
}

/// All corpora of a scenario.
#[derive(Debug, Clone, Default)]
pub struct Data {
    pub(crate) sources: BTreeMap<String, Source>,
    /// Who reads whom, by the file that says so.
    pub(crate) edges: BTreeMap<String, Edges>,
    /// Networks that models start from, by file.
    pub(crate) networks: BTreeMap<String, Pretrained>,
    /// What tokens are to those models that have to be told.
    pub(crate) tokenizers: Vec<(schema::Tokenizer, Tokenizer)>,
}

impl Data {
    /// Loads every corpus of `scenario`, and who reads whom and what networks are where files say so. Built-in corpora are in
    /// the binary; `open` reads all others, given the source and the column (if any). Files of networks are those whose names
    /// end in `.gguf`, `.safetensors` or `.json`: they are [`Loaded::Bytes`].
    ///
    /// # Errors
    /// Everything that could not be loaded.
    pub fn load(
        scenario: &Scenario,
        open: impl Fn(&str, Option<&str>) -> Result<Loaded, String>,
    ) -> Result<Self, Vec<DataError>> {
        let (mut data, mut errors) = (Self::default(), Vec::new());
        for (name, corpus) in &scenario.corpora {
            match source(scenario.seed, name, corpus, &open) {
                Ok(source) => drop(data.sources.insert(name.clone(), source)),
                Err(message) => errors.push(DataError {
                    key: format!("corpora.{name}"),
                    message,
                }),
            }
        }
        let models = scenario
            .population
            .iter()
            .map(|population| population.count);
        let models: u32 = models.sum();
        for (file, readers) in edges::files(scenario) {
            match edges::read(&file, (&readers, models), &open) {
                Ok(edges) => drop(data.edges.insert(file, edges)),
                Err(message) => errors.push(DataError {
                    key: "read.from.edges".to_owned(),
                    message,
                }),
            }
        }
        errors.extend(data.load_networks(scenario, &open));
        match tokenizers::train(scenario, &data.sources) {
            Ok(trained) => data.tokenizers = trained,
            Err(message) => errors.push(DataError {
                key: "family.tokenizer".to_owned(),
                message,
            }),
        }
        if errors.is_empty() {
            errors = data.unfilled_contexts(scenario);
        }
        if errors.is_empty() {
            Ok(data)
        } else {
            Err(errors)
        }
    }

    /// What a token is, as a population says.
    pub(crate) fn tokenizer(&self, kind: schema::Tokenizer) -> Tokenizer {
        let mut trained = self.tokenizers.iter();
        let found = trained.find(|(known, _)| *known == kind);
        found.map_or_else(Tokenizer::bytes, |(_, tokenizer)| tokenizer.clone())
    }

    /// The tokenizers that were trained on the scenario's data: the vocabulary that was asked for, and the file that Hugging
    /// Face's `tokenizers` reads.
    pub fn tokenizer_files(&self) -> impl Iterator<Item = (u32, String)> {
        self.tokenizers
            .iter()
            .filter_map(|(kind, tokenizer)| match kind {
                schema::Tokenizer::Byte => None,
                schema::Tokenizer::Bpe(vocabulary) => Some((*vocabulary, tokenizer.to_json())),
            })
    }

    /// What the corpus of that name is drawn from or stands for.
    pub fn truth(&self, corpus: &str) -> Option<&Truth> {
        Some(&*self.sources.get(corpus)?.truth)
    }
}

fn source(
    seed: u64,
    name: &str,
    corpus: &Corpus,
    open: impl Fn(&str, Option<&str>) -> Result<Loaded, String>,
) -> Result<Source, String> {
    if let Some(distribution) = &corpus.distribution {
        let truth = Arc::new(truth_of(seed, name, distribution));
        return Ok(Source {
            truth,
            given: None,
            held_out: None,
            questions: Arc::default(),
        });
    }
    let source = corpus
        .source
        .as_deref()
        .ok_or("has neither a source nor a distribution")?;
    let loaded = match source.strip_prefix("builtin:") {
        Some(builtin) => {
            load_builtin(builtin, corpus.column.as_deref()).map_err(|error| error.to_string())?
        }
        None => open(source, corpus.column.as_deref())?,
    };
    from_loaded((name, corpus), loaded)
}

fn load_builtin(name: &str, column: Option<&str>) -> Result<Loaded, corpora::CorpusError> {
    let Some(column) = column else {
        return corpora::builtin(name).map(Loaded::Text);
    };
    corpora::builtin_column(name, column)
        .map(Loaded::Numbers)
        .or_else(|error| {
            let (levels, symbols) = corpora::builtin_symbols(name, column).map_err(|_| error)?;
            Ok(Loaded::Symbols { levels, symbols })
        })
}

fn from_loaded((name, corpus): (&str, &Corpus), loaded: Loaded) -> Result<Source, String> {
    let limit = corpus.documents_max.map_or(usize::MAX, |max| max as usize);
    let (piece_bytes, content) = (corpus.piece_bytes, corpus.content);
    let given = match loaded {
        Loaded::Text(corpus) => {
            let corpus = match content {
                TextContent::Documents => corpus.limited(limit),
                TextContent::Answers => answers::answers(corpus, limit),
            };
            if corpus.train.is_empty() {
                return Err("has no knowledge items, whose answers were asked for".to_owned());
            }
            let texts = |documents: &[corpora::TextDocument]| {
                Arc::new(match piece_bytes {
                    Some(bytes) => Content::from_texts(pieces::pieces(documents, bytes as usize)),
                    None => Content::from_texts(documents.iter().map(|document| &document.text)),
                })
            };
            let (train, test) = (texts(&corpus.train), texts(&corpus.test));
            let truth = Arc::new(Truth::Tasks {
                tasks: vec![(name.to_owned(), (*test).clone())],
                questions: Vec::new(),
            });
            return Ok(Source {
                truth,
                given: Some(train),
                // A corpus of one document holds nothing out: no loss is better than a loss of zero.
                held_out: Some(test).filter(|test| !test.is_empty()),
                questions: corpus.knowledge.iter().map(question).collect(),
            });
        }
        Loaded::Numbers(mut values) => {
            values.truncate(limit);
            Content::F64(Numbers {
                dimension: 1,
                values,
            })
        }
        Loaded::Symbols { mut symbols, .. } => {
            symbols.truncate(limit);
            Content::Symbols {
                symbols,
                weights: Vec::new(),
            }
        }
        Loaded::Bytes(_) => {
            let file = corpus.source.as_deref().unwrap_or_default();
            return Err(format!(
                "{file} is neither a folder of text nor a table with a column"
            ));
        }
    };
    if given.is_empty() {
        return Err("has no documents".to_owned());
    }
    let truth = Arc::new(Truth::Sample {
        content: given.clone(),
    });
    Ok(Source {
        truth,
        given: Some(Arc::new(given)),
        held_out: None,
        questions: Arc::default(),
    })
}

fn question(item: &corpora::KnowledgeItem) -> Question {
    Question::new(&item.prompt, &item.choices, item.label, item.seen)
}

/// A distribution in closed form. Random ones depend on the seed and the corpus's name, not on the replicate.
fn truth_of(seed: u64, name: &str, distribution: &Distribution) -> Truth {
    if let Some(line) = lines::truth(distribution) {
        return line;
    }
    match distribution {
        Distribution::Linear {
            dimension,
            coefficients,
            noise,
            design,
            records,
        } => Truth::Linear {
            own: LinearTruth {
                coefficients: linear::coefficients(coefficients, *dimension, seed),
                noise: *noise,
                design: linear::design(design, Origin { seed, name }),
                records: *records as usize,
            },
            tasks: Vec::new(),
            oracle: None,
        },
        Distribution::Captioned {
            probabilities,
            radius,
            variance,
        } => Truth::Captioned {
            own: Captions::polygon(normalised(probabilities.clone()), *radius, *variance),
        },
        Distribution::Templates {
            documents,
            shared,
            own,
        } => Truth::Templates {
            documents: *documents as usize,
            shared: *shared as usize,
            own: *own as usize,
        },
        Distribution::TwoClasses {
            dimension,
            separation,
        } => Truth::Classes {
            own: Classes::around_origin(*dimension as usize, *separation),
        },
        Distribution::StudentT { .. } | Distribution::Mixture { .. } => {
            unreachable!("these have a density on the line")
        }
        Distribution::Gaussian {
            mean,
            variance,
            dimension,
        } => {
            let d = *dimension as usize;
            Truth::Gaussian {
                mean: vec![*mean; d],
                variance: vec![*variance; d],
            }
        }
        Distribution::Categorical { probabilities } => Truth::Categorical {
            probabilities: normalised(probabilities.clone()),
        },
        Distribution::Uniform { symbols } => ranked(*symbols, 0.0),
        Distribution::Zipf { symbols, exponent } => ranked(*symbols, *exponent),
        Distribution::Markov {
            letters,
            concentration,
            length,
        } => markov(own_stream(seed, name), (*letters, *concentration), *length),
    }
}

/// Zipf's law; with exponent 0, equal probabilities.
fn ranked(symbols: u32, exponent: f64) -> Truth {
    Truth::Categorical {
        probabilities: zipf(symbols as usize, exponent),
    }
}

fn markov(mut rng: Stream, (letters, concentration): (u32, f64), length: u32) -> Truth {
    let (rows, stationary) = random_markov(letters as usize, concentration, &mut rng);
    Truth::Markov {
        rows,
        stationary,
        letters: length as usize,
    }
}

/// The stream of a random distribution, by the name of its corpus.
fn own_stream(seed: u64, name: &str) -> Stream {
    let hash = blake3::hash(name.as_bytes());
    let id = u32::from_le_bytes([
        hash.as_bytes()[0],
        hash.as_bytes()[1],
        hash.as_bytes()[2],
        hash.as_bytes()[3],
    ]);
    Seed(seed).key(0, Purpose::Distribution).stream(id, 0)
}

impl Source {
    /// The same source with its numbers in the precision that `kind` asks for.
    pub(crate) fn in_kind(&self, kind: ContentKind) -> Self {
        let single = |content: &Content| match (kind, content) {
            (ContentKind::F32 { .. }, Content::F64(numbers)) => {
                let values = numbers.values.iter().map(|&x| x as f32).collect();
                Content::F32(Numbers {
                    dimension: numbers.dimension,
                    values,
                })
            }
            _ => content.clone(),
        };
        match &*self.truth {
            Truth::Sample { content } => {
                let content = single(content);
                let given = Some(Arc::new(content.clone()));
                Self {
                    truth: Arc::new(Truth::Sample { content }),
                    given,
                    held_out: None,
                    questions: Arc::default(),
                }
            }
            Truth::Gaussian { .. }
            | Truth::Line { .. }
            | Truth::Linear { .. }
            | Truth::Categorical { .. }
            | Truth::Captioned { .. }
            | Truth::Classes { .. }
            | Truth::Templates { .. }
            | Truth::Markov { .. }
            | Truth::Tasks { .. } => self.clone(),
        }
    }

    /// Size of the alphabet, for symbols.
    pub(crate) fn symbols(&self) -> usize {
        match &*self.truth {
            Truth::Categorical { probabilities } => probabilities.len(),
            Truth::Sample {
                content: Content::Symbols { symbols, .. },
            } => symbols
                .iter()
                .max()
                .map_or(0, |&largest| largest as usize + 1),
            Truth::Sample { .. }
            | Truth::Gaussian { .. }
            | Truth::Line { .. }
            | Truth::Linear { .. }
            | Truth::Captioned { .. }
            | Truth::Classes { .. }
            | Truth::Templates { .. }
            | Truth::Markov { .. }
            | Truth::Tasks { .. } => 0,
        }
    }
}
