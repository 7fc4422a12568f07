use proptest::prelude::*;
use safetensors::tensor::serialize;
use types::random::{Purpose, Seed};

use super::*;

const SHAPE: Shape = Shape {
    vocabulary: 11,
    context: 64,
    width: 16,
    layers: 2,
    heads: 4,
    kv_heads: 2,
    hidden: 12,
    rope_base: 5e5,
    norm_epsilon: 1e-5,
};

fn parameters() -> Parameters {
    Parameters::random(&SHAPE, &mut Seed(1).key(0, Purpose::Sample).stream(0, 0))
}

/// Name, size, and bytes of a tensor in a file.
type Entry = (String, Vec<usize>, Vec<u8>);

/// Each number is the two bytes.
fn entry(name: String, size: &[usize], bytes: [u8; 2]) -> Entry {
    (name, size.to_vec(), bytes.repeat(size.iter().product()))
}

fn entries(bytes: [u8; 2]) -> Vec<Entry> {
    let entry = |tensor: Tensor| {
        let size = tensor.size(&SHAPE);
        entry(
            names::of(tensor),
            &size[usize::from(tensor.is_norm())..],
            bytes,
        )
    };
    Tensor::all(&SHAPE).into_iter().map(entry).collect()
}

/// A file as another program would write it.
fn foreign(kind: Dtype, entries: &[Entry]) -> Vec<u8> {
    let views = entries
        .iter()
        .map(|(name, size, data)| (name, TensorView::new(kind, size.clone(), data).unwrap()));
    serialize(views, None).unwrap()
}

fn read_foreign(kind: Dtype, entries: &[Entry]) -> Result<(Shape, Parameters), CheckpointError> {
    Parameters::from_safetensors(&foreign(kind, entries), Some(&SHAPE.to_config()))
}

#[test]
fn a_file_gives_the_network_back() {
    let file = parameters().to_safetensors(&SHAPE);
    assert_eq!(
        Parameters::from_safetensors(&file, None),
        Ok((SHAPE, parameters()))
    );
    assert_eq!(parameters().to_safetensors(&SHAPE), file);
}

#[test]
fn heads_turn_halves_in_files_and_pairs_here() {
    let mut parameters = Parameters::zero(&SHAPE);
    // Row r of the keys is full of r + 1.
    let keys = &mut parameters.values[Tensor::Key(1).range(&SHAPE)];
    for (row, values) in (1_u8..).zip(keys.chunks_mut(SHAPE.width)) {
        values.fill(row.into());
    }
    let file = parameters.to_safetensors(&SHAPE);
    let file = SafeTensors::deserialize(&file).unwrap();
    let keys = file
        .tensor("model.layers.1.self_attn.k_proj.weight")
        .unwrap();
    let first = keys
        .data()
        .chunks(4 * SHAPE.width)
        .map(|row| row[..4].try_into().unwrap());
    let first: Vec<_> = first.map(f32::from_le_bytes).collect();
    assert_eq!(first, [1.0, 3.0, 2.0, 4.0, 5.0, 7.0, 6.0, 8.0]);
}

#[test]
fn half_precision_is_read() {
    for (kind, bytes) in [(Dtype::F16, [0, 0x3E]), (Dtype::BF16, [0xC0, 0x3F])] {
        let (shape, parameters) = read_foreign(kind, &entries(bytes)).unwrap();
        assert_eq!(shape, SHAPE);
        assert_eq!(parameters.values, vec![1.5; Parameters::count(&SHAPE)]);
    }
}

#[test]
fn an_output_of_its_own_has_to_be_the_embedding() {
    let mut tensors = entries([0, 0x3E]);
    tensors.push(entry("lm_head.weight".to_owned(), &[11, 16], [0, 0x3E]));
    assert!(read_foreign(Dtype::F16, &tensors).is_ok());
    tensors.last_mut().unwrap().2[0] = 1;
    let untied = CheckpointError::Untied {
        tensor: "lm_head.weight".to_owned(),
    };
    assert_eq!(read_foreign(Dtype::F16, &tensors), Err(untied));
}

#[test]
fn what_is_wrong_with_tensors_is_said() {
    let check = |kind: Dtype, change: &dyn Fn(&mut Vec<Entry>), expected: &str| {
        let mut tensors = entries([0, 0x3C]);
        change(&mut tensors);
        let error = read_foreign(kind, &tensors).unwrap_err().to_string();
        assert_eq!(error, expected);
    };
    let up = "model.layers.0.mlp.up_proj.weight";
    check(
        Dtype::F16,
        &|tensors| tensors.retain(|tensor| tensor.0 != up),
        "tensor \"model.layers.0.mlp.up_proj.weight\" is missing",
    );
    check(
        Dtype::F16,
        &|tensors| tensors.push(entry("model.bias".to_owned(), &[2], [0, 0])),
        "tensor \"model.bias\" has no place in a network of this kind",
    );
    check(
        Dtype::F16,
        &|tensors| tensors[0] = entry("model.embed_tokens.weight".to_owned(), &[12, 16], [0, 0]),
        "tensor \"model.embed_tokens.weight\" has size [12, 16], the network needs [11, 16]",
    );
    check(
        Dtype::I16,
        &|_| (),
        "tensor \"model.embed_tokens.weight\" has numbers of type I16; F32, F16 and BF16 can be read",
    );
    check(
        Dtype::F16,
        &|tensors| tensors[1].2[1] = 0x7C,
        "tensor \"model.layers.0.input_layernorm.weight\" has a number that is not finite",
    );
}

#[test]
fn a_file_without_a_shape_needs_a_configuration() {
    let file = foreign(Dtype::F16, &entries([0, 0]));
    let error = Parameters::from_safetensors(&file, None)
        .unwrap_err()
        .to_string();
    assert!(error.contains("no config.json is given"), "{error}");
}

#[test]
fn a_configuration_gives_the_shape() {
    assert_eq!(Shape::from_config(&SHAPE.to_config()), Ok(SHAPE));
    let newer = SHAPE.to_config().replace(
        "\"rope_theta\":500000.0",
        "\"rope_parameters\":{\"rope_theta\":500000.0,\"rope_type\":\"default\"}",
    );
    assert_ne!(newer, SHAPE.to_config());
    assert_eq!(Shape::from_config(&newer), Ok(SHAPE));
}

#[test]
fn what_is_wrong_with_a_configuration_is_said() {
    let check = |from: &str, to: &str, expected: &str| {
        let config = SHAPE.to_config();
        let changed = config.replace(from, to);
        assert_ne!(config, changed, "{from}");
        let error = Shape::from_config(&changed).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    };
    check("\"llama\"", "\"mamba\"", "model_type is \"mamba\"");
    check("\"silu\"", "\"gelu\"", "hidden_act is \"gelu\"");
    check(
        "\"rope_scaling\":null",
        "\"rope_scaling\":{}",
        "scaled rotary positions",
    );
    check(
        "_heads\":4",
        "_heads\":0",
        "the number of heads is 0, the width has to be",
    );
    check(
        "_heads\":4",
        "_heads\":3",
        "the number of heads is 3, the width has to be",
    );
    check(
        "_heads\":4",
        "_heads\":16",
        "the number of heads is 16, the width has to be",
    );
    check(
        "_heads\":2",
        "_heads\":3",
        "the number of key-value heads is 3",
    );
    check(
        "hidden_size\":16",
        "hidden_size\":9999999",
        "the width is 9999999, it has to be",
    );
    check(
        "layers\":2",
        "layers\":1000000000000",
        "the number of layers is 1000000000000",
    );
    check("500000.0", "-1.0", "the rotary base is -1");
    check(
        "\"hidden_act\"",
        "\"head_dim\":2,\"hidden_act\"",
        "head_dim is not",
    );
}

proptest! {
    #[test]
    fn a_file_that_is_cut_off_is_an_error(share in 0.0..1.0) {
        let file = parameters().to_safetensors(&SHAPE);
        let length = (share * file.len() as f64) as usize;
        let cut = Parameters::from_safetensors(&file[..length], None);
        let format = matches!(cut, Err(CheckpointError::Format { .. }));
        prop_assert!(format, "{:?}", cut);
    }

    /// Flips in the head as often as in the numbers, which are many more.
    #[test]
    fn a_flipped_bit_is_an_error_or_gives_a_network(share in 0.0..1.0, bit in 0..8, head in any::<bool>()) {
        let mut file = parameters().to_safetensors(&SHAPE);
        let length = if head { 2000 } else { file.len() };
        file[(share * length as f64) as usize] ^= 1_u8 << bit;
        if let Ok((shape, parameters)) = Parameters::from_safetensors(&file, None) {
            prop_assert_eq!(parameters.values.len(), Parameters::count(&shape));
            prop_assert!(parameters.values.iter().all(|value| value.is_finite()));
        }
    }
}
