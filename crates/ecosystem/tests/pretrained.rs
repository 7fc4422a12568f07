//! Transformers that start from files.

#![expect(
    clippy::unwrap_used,
    reason = "the whole file is a test: what goes wrong ends it"
)]

#[path = "common/ran.rs"]
#[expect(dead_code, reason = "a test takes what it needs of it")]
mod ran;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::LazyLock;

use echosphere_ecosystem::scenario::{Scenario, resolved};
use echosphere_ecosystem::{Data, Loaded};
use learn::{Family, Truth};
use neural::{
    AdamW, Batch, Compute, Course, Decay, Length, Network, Parameters, Shape, Tokenizer,
    Transformer,
};
use ran::{changed, ran};
use types::content::Content;
use types::metric::Row;

/// Two groups that start from one file, and train so slowly at first that they stay what it is.
const READERS: &str = r#"
title = "readers of a file"
horizon = { generations = 2 }

[corpora]
fiction = { source = "builtin:fiction", documents_max = 40, piece_bytes = 100 }

[observe]
every = { generations = 0.5 }
metrics = ["cross_entropy", "real_share"]
evaluation_bytes_max = 2_000

[[population]]
name = "a"
count = 2
real = { public = "fiction" }
mixture = { synthetic_fraction = 0.5, private_weight = 0 }
training = { start = { warm = 1 } }
publish = { documents = 4, prompt = { tokens = 4 } }

[population.family]
kind = "transformer"
pretrained = "nets/a.safetensors"
context = 128
batch = 8
first = { length = { steps = 2 }, rate = 1e-9 }
later = { length = { steps = 30 }, rate = 3e-3 }

[[population]]
name = "b"
like = "a"
"#;

/// The files act as what models begin with.
const BEGINS: (&str, &str) = ("population.*.training.initial", "pretrained");

const SHAPE: Shape = Shape {
    vocabulary: 300,
    context: 128,
    width: 24,
    layers: 2,
    heads: 2,
    kv_heads: 1,
    hidden: 40,
    rope_base: 3e3,
    norm_epsilon: 1e-4,
};

/// A network that has learnt a little.
struct Made {
    parameters: Parameters,
    tokenizer: Tokenizer,
    files: Files,
}

type Files = BTreeMap<&'static str, Vec<u8>>;

static MADE: LazyLock<Made> = LazyLock::new(|| {
    let corpus = corpora::builtin("fiction").unwrap().limited(40);
    let texts = || corpus.train.iter().map(|document| &document.text[..]);
    let tokenizer = Tokenizer::train(SHAPE.vocabulary, texts().map(str::as_bytes)).unwrap();
    let course = Course {
        length: Length::Steps(40),
        batch: 8,
        rate: 3e-3,
        warmup: 0.1,
        decay: Decay::Constant,
        optimiser: AdamW::default(),
    };
    let family = Transformer {
        shape: SHAPE,
        compute: Compute::Exact,
        tokenizer: tokenizer.clone(),
        first: course,
        later: course,
        pretrained: None,
        evaluation_bytes_max: 0,
        probe_documents: 0,
        probe_tokens: 0,
        continuation_tokens: 0,
    };
    let content = Content::from_texts(texts());
    let mut statistic = family.statistic();
    family.absorb(&mut statistic, &content, 0..content.len(), 1.0);
    let parameters = family.fit(&statistic, None).unwrap();
    let files = Files::from([
        ("nets/a.safetensors", parameters.to_safetensors(&SHAPE)),
        ("nets/tokenizer.json", tokenizer.to_json().into_bytes()),
    ]);
    Made {
        parameters,
        tokenizer,
        files,
    }
});

fn load(scenario: &Scenario, files: &Files) -> Result<Data, String> {
    let open = |source: &str, column: Option<&str>| {
        assert_eq!(column, None);
        let bytes = files.get(source).ok_or(format!("cannot read {source}"))?;
        Ok(Loaded::Bytes(bytes.clone()))
    };
    Data::load(scenario, open).map_err(|errors| {
        let told: Vec<String> = errors.iter().map(ToString::to_string).collect();
        told.join("\n")
    })
}

fn rows(scenario: &Scenario, broken_after: Option<usize>) -> (Vec<Row>, [u8; 32]) {
    let data = load(scenario, &MADE.files).unwrap();
    let ran = ran((scenario, &data), false, broken_after);
    let digest = ran.simulation.digest().unwrap();
    (ran.rows, digest)
}

/// A metric of a model at half a generation, one, one and a half, ...; what is not measured is left out.
fn series(rows: &[Row], model: u32, metric: &str) -> Vec<(f64, f64)> {
    let own = rows
        .iter()
        .filter(|row| row.model == Some(model) && &*row.metric == metric);
    own.map(|row| (row.time, row.value)).collect()
}

/// Nats a byte of the network itself on held-out text, one document after the other.
fn loss_of_the_file(data: &Data) -> f64 {
    let Some(Truth::Tasks { tasks, .. }) = data.truth("fiction") else {
        panic!("a corpus of text has tasks")
    };
    let content = &tasks[0].1;
    let mut network = Network::new(SHAPE, Compute::Exact);
    let (mut nats, mut bytes) = (0.0, 0);
    for index in 0..content.len() {
        let text = content.text(index);
        if bytes + text.len() > 2_000 {
            break;
        }
        let mut tokens = vec![MADE.tokenizer.beginning()];
        MADE.tokenizer.encode(text, &mut tokens);
        let targets = [&tokens[1..], &[MADE.tokenizer.end()]].concat();
        let batch = Batch {
            rows: 1,
            length: tokens.len(),
            weights: vec![1.0; tokens.len()],
            tokens,
            targets,
        };
        let found = network.log_probabilities(&MADE.parameters, &batch);
        nats -= found.iter().map(|ln| f64::from(*ln)).sum::<f64>();
        bytes += text.len();
    }
    assert!(bytes > 1_000);
    nats / bytes as f64
}

#[test]
fn generation_0_is_the_file_and_training_goes_on_from_it() {
    let scenario = changed(READERS, &[BEGINS]);
    let file = loss_of_the_file(&load(&scenario, &MADE.files).unwrap());
    let (rows, _) = rows(&scenario, None);
    for model in 0..4 {
        let losses = series(&rows, model, "cross_entropy");
        assert_eq!(losses.len(), 4, "{losses:?}");
        let (first, second) = (losses[0].1, losses[1].1);
        assert!((first - file).abs() < 1e-6 * file, "{first} {file}");
        assert!(second < file - 0.02, "{second} {file}");
    }
    // What was published at time 0 is half of the first training set.
    let shares = series(&rows, 0, "real_share");
    assert_eq!(shares[1].1, 0.5, "{shares:?}");
}

#[test]
fn without_that_the_file_is_where_the_first_training_starts() {
    let scenario = changed(READERS, &[]);
    let file = loss_of_the_file(&load(&scenario, &MADE.files).unwrap());
    let (rows, _) = rows(&scenario, None);
    let losses = series(&rows, 0, "cross_entropy");
    // Nothing to measure before the first training, at a rate of next to nothing; then one that counts.
    assert_eq!(losses.len(), 3, "{losses:?}");
    assert!((losses[0].1 - file).abs() < 1e-4, "{losses:?} {file}");
    assert!(losses[2].1 < file - 0.02, "{losses:?} {file}");
    assert_eq!(series(&rows, 0, "real_share")[0].1, 1.0);
    // A start at random is far from it.
    let random = r#"{ kind = "transformer", width = 24, tokenizer = { bpe = 300 }, first = { length = { steps = 2 }, rate = 1e-9 } }"#;
    let scenario = changed(READERS, &[("population.*.family", random)]);
    let random = series(&self::rows(&scenario, None).0, 0, "cross_entropy")[0].1;
    assert!(random > file + 0.5, "{random} {file}");
}

#[test]
fn a_restored_run_goes_on_to_the_same_bits() {
    let scenario = changed(READERS, &[BEGINS]);
    let (_, whole) = rows(&scenario, None);
    assert_eq!(rows(&scenario, Some(1)).1, whole);
    let again = changed(&resolved(&scenario), &[]);
    assert_eq!(again, scenario);
    assert_ne!(rows(&changed(READERS, &[]), None).1, whole);
}

#[test]
fn a_file_is_read_once() {
    let read = RefCell::new(Vec::new());
    let open = |source: &str, _: Option<&str>| {
        read.borrow_mut().push(source.to_owned());
        Ok(Loaded::Bytes(MADE.files[source].clone()))
    };
    drop(Data::load(&changed(READERS, &[]), open).unwrap());
    assert_eq!(
        read.into_inner(),
        ["nets/a.safetensors", "nets/tokenizer.json"]
    );
}

#[test]
fn a_config_beside_the_file_says_the_shape_if_it_does_not() {
    let scenario = changed(READERS, &[]);
    let mut files = MADE.files.clone();
    unname_config(files.get_mut("nets/a.safetensors").unwrap());
    check(
        &scenario,
        &files,
        "nets/a.safetensors does not say its shape: cannot read nets/config.json",
    );
    files.insert("nets/config.json", SHAPE.to_config().into_bytes());
    let data = load(&scenario, &files).unwrap();
    let ran = ran((&scenario, &data), false, None);
    assert_eq!(ran.simulation.digest().unwrap(), rows(&scenario, None).1);
    let deeper = Shape { layers: 3, ..SHAPE };
    files.insert("nets/config.json", deeper.to_config().into_bytes());
    check(
        &scenario,
        &files,
        "nets/a.safetensors: tensor \"model.layers.2.input_layernorm.weight\" is missing",
    );
    let wider = Shape {
        hidden: 48,
        ..SHAPE
    };
    files.insert("nets/config.json", wider.to_config().into_bytes());
    check(
        &scenario,
        &files,
        "nets/a.safetensors: tensor \"model.layers.0.mlp.gate_proj.weight\" has size [40, 24], the network needs [48, 24]",
    );
}

/// Makes it a file that does not say its shape.
fn unname_config(file: &mut [u8]) {
    let name = b"\"config\"";
    let at = file.windows(name.len()).position(|at| at == name).unwrap();
    file[at + 1] = b'k';
}

/// What is wrong is told once for all who name the file, by the first of them.
#[track_caller]
fn check(scenario: &Scenario, files: &Files, expected: &str) {
    let told = load(scenario, files).unwrap_err();
    let expected = format!("population.a.family.pretrained: {expected}");
    assert!(told.starts_with(&expected), "{told}\n{expected}");
    assert_eq!(told.lines().count(), 1, "{told}");
}

#[test]
fn what_is_wrong_with_files_is_told() {
    let scenario = changed(READERS, &[]);
    let with = |name: &'static str, bytes: Option<Vec<u8>>| {
        let mut files = MADE.files.clone();
        match bytes {
            Some(bytes) => drop(files.insert(name, bytes)),
            None => drop(files.remove(name)),
        }
        files
    };
    let (net, words) = ("nets/a.safetensors", "nets/tokenizer.json");
    let check = |files: Files, expected| check(&scenario, &files, expected);
    check(with(net, None), "cannot read nets/a.safetensors");
    check(with(words, None), "cannot read nets/tokenizer.json");
    let whole = &MADE.files[net];
    for length in [0, 100, whole.len() - 10] {
        check(
            with(net, Some(whole[..length].to_vec())),
            "nets/a.safetensors: not a safetensors file",
        );
    }
    check(
        with(words, Some(b"{}".to_vec())),
        "nets/tokenizer.json: not a byte-level `tokenizer.json`",
    );
    check(
        with(words, Some(vec![0xFF])),
        "nets/tokenizer.json is not UTF-8",
    );
    let bytes = Tokenizer::bytes().to_json().into_bytes();
    check(
        with(words, Some(bytes)),
        "nets/a.safetensors has a vocabulary of 300 tokens, its tokenizer one of 258",
    );
}

#[test]
fn other_files_are_no_networks() {
    let gguf = changed(READERS, &[("population.*.family.pretrained", "a.gguf")]);
    let files = Files::from([("a.gguf", b"GGUF".to_vec())]);
    check(&gguf, &files, "a.gguf: not a GGUF file");
    let open = |_: &str, _: Option<&str>| Ok(Loaded::Numbers(Vec::new()));
    let told = Data::load(&gguf, open).unwrap_err();
    assert!(
        told[0]
            .to_string()
            .contains("a.gguf is not the file of a network")
    );
}

#[test]
fn the_file_of_a_network_is_no_corpus() {
    let scenario = changed(
        READERS,
        &[("corpora.fiction", "{ source = \"nets/tokenizer.json\" }")],
    );
    assert_eq!(
        load(&scenario, &MADE.files).unwrap_err(),
        "corpora.fiction: nets/tokenizer.json is neither a folder of text nor a table with a column"
    );
}

#[test]
fn a_context_is_at_most_what_the_network_was_made_for() {
    let scenario = changed(READERS, &[("population.b.family.context", "129")]);
    let told = load(&scenario, &MADE.files).unwrap_err();
    assert_eq!(
        told,
        "population.b.family.context: 129 is not allowed: nets/a.safetensors was made for at most 128 tokens"
    );
}
