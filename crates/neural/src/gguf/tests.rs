use std::collections::BTreeMap;

use proptest::prelude::*;
use types::random::{Purpose, Seed};

use super::*;
use crate::TokenizerError;

/// Made by `crates/xtask/peers/smollm.py --blocks`.
const GOLDEN: &str = include_str!("golden.json");

const SHAPE: Shape = Shape {
    vocabulary: 260,
    context: 64,
    width: 32,
    layers: 2,
    heads: 4,
    kv_heads: 2,
    hidden: 64,
    rope_base: 5e5,
    norm_epsilon: 1e-5,
};

/// What a test file is made of.
#[derive(Clone)]
struct Source {
    version: u32,
    /// Type and bytes of each value.
    values: BTreeMap<String, (u32, Vec<u8>)>,
    /// Columns and rows, type and bytes of each tensor.
    tensors: BTreeMap<String, (Vec<u64>, u32, Vec<u8>)>,
}

fn text(text: &str) -> Vec<u8> {
    [&(text.len() as u64).to_le_bytes(), text.as_bytes()].concat()
}

fn list(kind: u32, items: &[Vec<u8>]) -> (u32, Vec<u8>) {
    let length = (items.len() as u64).to_le_bytes();
    (
        9,
        [&kind.to_le_bytes()[..], &length, &items.concat()].concat(),
    )
}

fn integer(value: u32) -> (u32, Vec<u8>) {
    (4, value.to_le_bytes().into())
}

fn texts(items: &[String]) -> (u32, Vec<u8>) {
    list(8, &items.iter().map(|item| text(item)).collect::<Vec<_>>())
}

/// The tokens of two merges: bytes by value, "ab", " ab", and two marks.
fn tokenizer() -> Tokenizer {
    Tokenizer::train(260, [&b" ab abc"[..]]).unwrap()
}

impl Source {
    fn new(parameters: &Parameters) -> Self {
        let mut source = Self {
            version: 3,
            values: BTreeMap::new(),
            tensors: BTreeMap::new(),
        };
        source.describe();
        source.spell();
        for tensor in Tensor::all(&SHAPE) {
            let [rows, columns] = tensor.size(&SHAPE).map(|size| size as u64);
            let size = if tensor.is_norm() {
                vec![columns]
            } else {
                vec![columns, rows]
            };
            let values = parameters.tensor(&SHAPE, tensor).iter();
            let data = values.flat_map(|value| value.to_le_bytes()).collect();
            source.tensors.insert(name(tensor), (size, 0, data));
        }
        source
    }

    fn describe(&mut self) {
        let sizes = [
            ("context_length", SHAPE.context),
            ("embedding_length", SHAPE.width),
            ("block_count", SHAPE.layers),
            ("attention.head_count", SHAPE.heads),
            ("attention.head_count_kv", SHAPE.kv_heads),
            ("feed_forward_length", SHAPE.hidden),
            ("rope.dimension_count", SHAPE.head_width()),
        ];
        for (key, size) in sizes {
            self.set(&format!("llama.{key}"), integer(size as u32));
        }
        self.set(
            "llama.rope.freq_base",
            (6, SHAPE.rope_base.to_le_bytes().into()),
        );
        let epsilon = SHAPE.norm_epsilon.to_le_bytes().into();
        self.set("llama.attention.layer_norm_rms_epsilon", (6, epsilon));
        self.set("general.architecture", (8, text("llama")));
        self.set("general.tags", list(7, &[vec![1], vec![0]]));
    }

    fn spell(&mut self) {
        let json: serde_json::Value = serde_json::from_str(&tokenizer().to_json()).unwrap();
        let numbers: BTreeMap<String, usize> =
            serde_json::from_value(json["model"]["vocab"].clone()).unwrap();
        let mut tokens = vec![String::new(); numbers.len()];
        for (token, number) in numbers {
            tokens[number] = token;
        }
        let merges: Vec<String> = serde_json::from_value(json["model"]["merges"].clone()).unwrap();
        let kinds = (0..260).map(|token| {
            if [256, 257].contains(&token) {
                3_u32
            } else {
                1
            }
        });
        let kinds: Vec<_> = kinds.map(|kind| kind.to_le_bytes().to_vec()).collect();
        self.set("tokenizer.ggml.tokens", texts(&tokens));
        self.set("tokenizer.ggml.merges", texts(&merges));
        self.set("tokenizer.ggml.token_type", list(5, &kinds));
        self.set("tokenizer.ggml.model", (8, text("gpt2")));
        self.set("tokenizer.ggml.pre", (8, text("gpt-2")));
        self.set("tokenizer.ggml.bos_token_id", integer(256));
        self.set("tokenizer.ggml.eos_token_id", integer(257));
    }

    fn set(&mut self, key: &str, value: (u32, Vec<u8>)) {
        self.values.insert(key.to_owned(), value);
    }

    fn file(&self) -> Vec<u8> {
        let mut file = b"GGUF".to_vec();
        file.extend(self.version.to_le_bytes());
        file.extend((self.tensors.len() as u64).to_le_bytes());
        file.extend((self.values.len() as u64).to_le_bytes());
        for (key, (kind, value)) in &self.values {
            file.extend([text(key), kind.to_le_bytes().into(), value.clone()].concat());
        }
        let mut data = Vec::new();
        for (name, (size, kind, bytes)) in &self.tensors {
            file.extend(text(name));
            file.extend((size.len() as u32).to_le_bytes());
            file.extend(size.iter().flat_map(|size| size.to_le_bytes()));
            file.extend(kind.to_le_bytes());
            file.extend((data.len() as u64).to_le_bytes());
            data.extend(bytes);
            data.resize(data.len().next_multiple_of(32), 0);
        }
        file.resize(file.len().next_multiple_of(32), 0);
        [file, data].concat()
    }
}

fn parameters() -> Parameters {
    Parameters::random(&SHAPE, &mut Seed(1).key(0, Purpose::Sample).stream(0, 0))
}

#[test]
fn a_file_gives_network_and_tokenizer() {
    let mut source = Source::new(&parameters());
    for version in [2, 3] {
        source.version = version;
        let read = read_gguf(&source.file());
        assert_eq!(read, Ok((SHAPE, parameters(), tokenizer())));
    }
}

#[test]
fn an_output_of_its_own_has_to_be_the_embedding() {
    let mut source = Source::new(&parameters());
    let mut output = source.tensors["token_embd.weight"].clone();
    source.tensors.insert(OUTPUT.to_owned(), output.clone());
    assert!(read_gguf(&source.file()).is_ok());
    output.2[2] ^= 1;
    source.tensors.insert(OUTPUT.to_owned(), output);
    let untied = CheckpointError::Untied {
        tensor: OUTPUT.to_owned(),
    };
    assert_eq!(read_gguf(&source.file()), Err(untied));
}

#[test]
fn digits_are_split_as_the_file_says() {
    let mut source = Source::new(&parameters());
    source.set("tokenizer.ggml.pre", (8, text("smollm")));
    let tokenizer = read_gguf(&source.file()).unwrap().2;
    assert!(tokenizer.to_json().contains("\"individual_digits\":true"));
}

#[test]
fn blocks_are_those_of_the_reference() {
    let golden: serde_json::Value = serde_json::from_str(GOLDEN).unwrap();
    for (name, case) in golden.as_object().unwrap() {
        let bytes: Vec<u8> = serde_json::from_value(case["bytes"].clone()).unwrap();
        let bits: Vec<u32> = serde_json::from_value(case["bits"].clone()).unwrap();
        let blocks = blocks::of(case["kind"].as_u64().unwrap() as u32).unwrap();
        let mut values = Vec::new();
        for block in bytes.chunks(blocks.bytes) {
            (blocks.decode)(block, &mut values);
        }
        assert_eq!(values.len(), 2 * blocks.numbers, "{name}");
        assert_eq!(
            values
                .iter()
                .map(|value| value.to_bits())
                .collect::<Vec<_>>(),
            bits,
            "{name}"
        );
        assert!(blocks::KNOWN.contains(name), "{name}");
    }
}

fn check(change: impl Fn(&mut Source), expected: &str) {
    let mut source = Source::new(&parameters());
    change(&mut source);
    let error = read_gguf(&source.file()).unwrap_err().to_string();
    assert!(error.contains(expected), "{error}");
}

#[test]
fn what_is_wrong_with_tensors_is_said() {
    let set = |source: &mut Source, size: &[u64], kind: u32| {
        let tensor = source.tensors.get_mut("blk.1.ffn_up.weight").unwrap();
        (tensor.0, tensor.1) = (size.to_vec(), kind);
    };
    check(
        |source| set(source, &[32, 63], 0),
        "tensor \"blk.1.ffn_up.weight\" has size [63, 32], the network needs [64, 32]",
    );
    check(
        |source| set(source, &[32, 64], 12),
        "numbers of type 12 (of GGML); F32, F16, BF16, Q4_0",
    );
    // Blocks of 256 in rows of 32.
    check(
        |source| set(source, &[32, 64], 14),
        "of size [64, 32] is cut off",
    );
    check(
        |source| drop(source.tensors.remove("output_norm.weight")),
        "tensor \"output_norm.weight\" is missing",
    );
    let add = |source: &mut Source, name: &str| {
        source
            .tensors
            .insert(name.to_owned(), (vec![1], 0, vec![0; 4]));
    };
    check(
        |source| add(source, "blk.0.attn_q.bias"),
        "tensor \"blk.0.attn_q.bias\" has no place",
    );
    check(|source| source.version = 1, "version 1, only 2 and 3");
}

#[test]
fn tensors_do_not_share_their_bytes() {
    let mut source = Source::new(&parameters());
    source
        .tensors
        .get_mut("output_norm.weight")
        .unwrap()
        .2
        .clear();
    check(
        |changed| *changed = source.clone(),
        "tensors share their bytes",
    );
}

#[test]
fn what_is_wrong_with_metadata_is_said() {
    let check = |key: &str, value: (u32, Vec<u8>), expected: &str| {
        check(|source| source.set(key, value.clone()), expected);
    };
    check(
        "general.architecture",
        (8, text("qwen2")),
        "architecture \"qwen2\"",
    );
    check("general.alignment", integer(0), "alignment Integer(0)");
    check(
        "llama.embedding_length",
        integer(1 << 21),
        "the width is 2097152, it has to be",
    );
    check(
        "llama.embedding_length",
        (5, (-1_i32).to_le_bytes().into()),
        "is no size",
    );
    check(
        "llama.attention.head_count",
        integer(0),
        "the number of heads is 0",
    );
    check(
        "llama.rope.dimension_count",
        integer(4),
        "dimension_count is not the width",
    );
    check(
        "llama.rope.scaling.type",
        (8, text("yarn")),
        "scaled rotary positions",
    );
    check(
        "tokenizer.ggml.model",
        (8, text("llama")),
        "tokenizer \"llama\"",
    );
    check(
        "tokenizer.ggml.pre",
        (8, text("qwen2")),
        "words of \"qwen2\"",
    );
    check(
        "tokenizer.ggml.bos_token_id",
        integer(260),
        "bos_token_id is 260, of 260 tokens",
    );
    check(
        "tokenizer.ggml.bos_token_id",
        integer(97),
        "mark for the beginning",
    );
    check(
        "tokenizer.ggml.token_type",
        list(5, &[]),
        "no list of 260 integers",
    );
    check(
        "tokenizer.ggml.merges",
        texts(&["q x".to_owned()]),
        "merge \"q x\" needs \"qx\"",
    );
}

#[test]
fn errors_of_the_tokenizer_keep_their_kind() {
    let mut source = Source::new(&parameters());
    source.set("tokenizer.ggml.eos_token_id", integer(0));
    let mark = TokenizerError::Mark { which: "end" };
    assert_eq!(
        read_gguf(&source.file()),
        Err(CheckpointError::Tokenizer(mark))
    );
}

#[test]
fn lengths_are_compared_with_what_is_there() {
    let mut file = b"GGUF\x03\0\0\0".to_vec();
    file.extend(
        [u64::MAX, u64::MAX, u64::MAX]
            .map(u64::to_le_bytes)
            .concat(),
    );
    let error = read_gguf(&file).unwrap_err().to_string();
    assert!(
        error.contains("bytes should come at 32, 0 are left"),
        "{error}"
    );
}

proptest! {
    #[test]
    fn a_file_that_is_cut_off_is_an_error(share in 0.0..1.0) {
        let file = Source::new(&parameters()).file();
        let length = (share * file.len() as f64) as usize;
        prop_assert!(read_gguf(&file[..length]).is_err());
    }

    /// Flips in the head as often as in the numbers, which are many more.
    #[test]
    fn a_flipped_bit_is_an_error_or_gives_a_network(share in 0.0..1.0, bit in 0..8, head in any::<bool>()) {
        let mut file = Source::new(&parameters()).file();
        let length = if head { 8000 } else { file.len() };
        file[(share * length as f64) as usize] ^= 1_u8 << bit;
        if let Ok((shape, parameters, tokenizer)) = read_gguf(&file) {
            prop_assert_eq!(parameters.values.len(), Parameters::count(&shape));
            prop_assert!(parameters.values.iter().all(|value| value.is_finite()));
            prop_assert_eq!(tokenizer.vocabulary(), shape.vocabulary);
        }
    }
}
