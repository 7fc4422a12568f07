//! Trains a tokenizer on texts and encodes them: what `crates/xtask/peers/tokenizer.py` compares with its own.
//!
//! The argument is the size of the vocabulary. Each line of the input is a text as a JSON string. The first line of the
//! output is the `tokenizer.json`, then comes a line of tokens for each text; seconds go to the other output.

use std::error::Error;
use std::io::{BufWriter, Write as _, stderr, stdin, stdout};
use std::time::Duration;

use echosphere_neural::Tokenizer;

fn main() -> Result<(), Box<dyn Error>> {
    let vocabulary = std::env::args().nth(1).ok_or("how many tokens?")?.parse()?;
    let texts = stdin()
        .lines()
        .map(|line| Ok(serde_json::from_str(&line?)?));
    let texts: Vec<String> = texts.collect::<Result<_, Box<dyn Error>>>()?;
    let (tokenizer, training) =
        timed(|| Tokenizer::train(vocabulary, texts.iter().map(String::as_bytes)));
    let tokenizer = tokenizer?;
    let (tokens, encoding) = timed(|| {
        texts
            .iter()
            .map(|text| encoded(&tokenizer, text))
            .collect::<Vec<_>>()
    });
    let mut out = BufWriter::new(stdout());
    writeln!(out, "{}", tokenizer.to_json())?;
    for tokens in tokens {
        writeln!(out, "{tokens:?}")?;
    }
    let bytes: usize = texts.iter().map(String::len).sum();
    let speed = bytes as f64 / 1e6 / encoding.as_secs_f64();
    writeln!(
        stderr(),
        "{bytes} bytes: {:.2} s training, {speed:.1} MB/s encoding",
        training.as_secs_f64()
    )?;
    Ok(())
}

fn encoded(tokenizer: &Tokenizer, text: &str) -> Vec<u32> {
    let mut tokens = Vec::new();
    tokenizer.encode(text.as_bytes(), &mut tokens);
    tokens
}

fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    #[expect(clippy::disallowed_methods, reason = "a speed is what this measures")]
    let start = std::time::Instant::now();
    (work(), start.elapsed())
}
