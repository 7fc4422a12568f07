//! Takes a GGUF file apart: what `crates/xtask/peers/smollm.py` compares with its own.
//!
//! Arguments: the file, and a folder for `model.safetensors`, `config.json` and `tokenizer.json`. Each line of the input
//! is a text as a JSON string; the output has a line of tokens for each.

use std::error::Error;
use std::fs;
use std::io::{BufWriter, Write as _, stdin, stdout};
use std::path::PathBuf;

use echosphere_neural::read_gguf;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args_os().skip(1);
    let file = arguments.next().ok_or("which file?")?;
    let folder = PathBuf::from(arguments.next().ok_or("which folder?")?);
    let (shape, parameters, tokenizer) = read_gguf(&fs::read(file)?)?;
    fs::write(
        folder.join("model.safetensors"),
        parameters.to_safetensors(&shape),
    )?;
    fs::write(folder.join("config.json"), shape.to_config())?;
    fs::write(folder.join("tokenizer.json"), tokenizer.to_json())?;
    let mut out = BufWriter::new(stdout());
    for line in stdin().lines() {
        let text: String = serde_json::from_str(&line?)?;
        let mut tokens = Vec::new();
        tokenizer.encode(text.as_bytes(), &mut tokens);
        writeln!(out, "{tokens:?}")?;
    }
    Ok(())
}
