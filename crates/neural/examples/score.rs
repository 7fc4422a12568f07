//! How likely a network finds texts: what `crates/xtask/peers/smollm.py` compares with its own passes.
//!
//! The argument is a GGUF file. Each line of the input is a text as a JSON string, of which the first 512 tokens count;
//! the output has a line of ln p(token) for each, the first one after the beginning.

use std::error::Error;
use std::fs;
use std::io::{Write as _, stdin, stdout};

use echosphere_neural::{Batch, Compute, Network, Tokenizer, read_gguf};

fn main() -> Result<(), Box<dyn Error>> {
    let file = std::env::args_os().nth(1).ok_or("which file?")?;
    let (shape, parameters, tokenizer) = read_gguf(&fs::read(file)?)?;
    let mut network = Network::new(shape, Compute::Exact);
    for line in stdin().lines() {
        let text: String = serde_json::from_str(&line?)?;
        let logarithms = network.log_probabilities(&parameters, &batch(&tokenizer, &text));
        writeln!(stdout(), "{logarithms:?}")?;
    }
    Ok(())
}

/// One row.
fn batch(tokenizer: &Tokenizer, text: &str) -> Batch {
    let mut targets = Vec::new();
    tokenizer.encode(text.as_bytes(), &mut targets);
    targets.truncate(512);
    let mut tokens = vec![tokenizer.beginning()];
    tokens.extend(&targets[..targets.len() - 1]);
    let (rows, length, weights) = (1, targets.len(), vec![1.0; targets.len()]);
    Batch {
        rows,
        length,
        tokens,
        targets,
        weights,
    }
}
