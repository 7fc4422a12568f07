//! Small transformers beside the same in PyTorch: how fast they learn and write, on one thread each.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail};
use clap::Args;

use super::peers::peers_folder;
use crate::shell::{Step, answers, cargo, output_of, run_all, say, target_folder};

/// What `bench neural` measures.
#[derive(Debug, Args)]
pub(crate) struct NeuralOptions {
    /// Repetitions of both sides in turn; medians are printed
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..))]
    reps: u32,
    /// A Python that has PyTorch 2.5 or later; it is a large download, so none is installed here
    #[arg(long, default_value = "python3")]
    python: PathBuf,
}

/// What both sides print: names, and a value for each repetition.
type Values = BTreeMap<String, Vec<f64>>;

/// Rows of the table: what is done, and the names under which we and PyTorch print it.
const ROWS: [(&str, &str, &str); 9] = [
    ("learning, exact", "learn-exact", "learn"),
    ("learning, fast", "learn-fast", "learn"),
    ("writing 32, exact", "write-exact", "write"),
    ("writing 32, fast", "write-fast", "write"),
    ("writing 32, top 50", "write-top50-exact", "write-top50"),
    ("writing 1, exact", "write-single-exact", "write-single"),
    ("two side by side, exact", "learn-two-exact", "learn"),
    ("two side by side, fast", "learn-two-fast", "learn"),
    ("peak memory, MiB", "memory", "memory"),
];

/// Builds our side, and prints one table.
///
/// # Errors
/// When the build fails, Python has no PyTorch, or one of the sides fails.
pub(crate) fn run(options: &NeuralOptions) -> Result<()> {
    if !answers(Command::new(&options.python).args(["-c", "import torch"])) {
        bail!("{} has no PyTorch", options.python.display());
    }
    let build = cargo("build --release --package echosphere-neural --example throughput");
    run_all(vec![Step::new("build of the example", build)])?;
    let (mut ours, mut theirs) = (Values::new(), Values::new());
    for repetition in 1..=options.reps {
        say(&format!("repetition {repetition} of {}", options.reps));
        let program = target_folder()?.join("release/examples/throughput");
        collect(&output_of(&mut Command::new(program))?, &mut ours)?;
        let mut peer = Command::new(&options.python);
        peer.arg(peers_folder().join("transformer.py"));
        collect(&output_of(&mut peer)?, &mut theirs)?;
    }
    say(&table(&ours, &theirs)?);
    Ok(())
}

/// Adds what one run printed, `name value unit` on each line.
fn collect(output: &str, values: &mut Values) -> Result<()> {
    for line in output.lines() {
        let mut words = line.split_whitespace();
        let (name, value) = (words.next(), words.next());
        let value = value.and_then(|value| value.parse().ok());
        let (name, value) = name
            .zip(value)
            .with_context(|| format!("no value: {line}"))?;
        values.entry(name.to_owned()).or_default().push(value);
    }
    Ok(())
}

fn table(ours: &Values, theirs: &Values) -> Result<String> {
    let head = ["tokens/s", "echosphere", "PyTorch", "ratio"];
    let mut lines = vec![format!(
        "{:24}{:>12}{:>12}{:>8}",
        head[0], head[1], head[2], head[3]
    )];
    for (title, our_name, their_name) in ROWS {
        let (a, b) = (median(ours, our_name)?, median(theirs, their_name)?);
        lines.push(format!("{title:24}{a:12.0}{b:12.0}{:8.2}", a / b));
    }
    let (peak, operations) = (median(theirs, "peak")?, median(ours, "operations")?);
    lines.push(format!(
        "a token takes {:.2} MFLOP to learn; products of 1,024 x 1,024 numbers by PyTorch run at {peak:.0} GFLOP/s",
        operations / 1e6
    ));
    for kind in ["exact", "fast"] {
        let one = median(ours, &format!("learn-{kind}"))?;
        let two = median(ours, &format!("learn-two-{kind}"))?;
        lines.push(format!(
            "{kind}: {:.0} % of that, and two networks on two threads learn {:.2} times as fast as one",
            100.0 * one * operations / (peak * 1e9),
            two / one
        ));
    }
    Ok(lines.join("\n"))
}

fn median(values: &Values, name: &str) -> Result<f64> {
    let mut values = values
        .get(name)
        .with_context(|| format!("no {name}"))?
        .clone();
    values.sort_by(f64::total_cmp);
    Ok(values[values.len() / 2])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians_of_both_sides_are_compared() {
        let (mut ours, mut theirs) = (Values::new(), Values::new());
        for value in [30, 10, 20] {
            collect("peak 0.001 GFLOP/s", &mut theirs).unwrap();
            collect(&format!("operations {} FLOP/token", 100 * value), &mut ours).unwrap();
            for (_, our_name, their_name) in ROWS {
                collect(&format!("{our_name} {value} tokens/s"), &mut ours).unwrap();
                collect(&format!("{their_name} {} tokens/s", value / 2), &mut theirs).unwrap();
            }
        }
        let table = table(&ours, &theirs).unwrap();
        let lines: Vec<&str> = table.lines().collect();
        let (rows, rest) = lines[1..].split_at(ROWS.len());
        let is_twice = |line: &&str| line.ends_with("20          10    2.00");
        assert!(rows.iter().all(is_twice), "{table}");
        assert!(
            rest[1].starts_with("exact: 4 % of that") && rest[1].contains("1.00 times"),
            "{table}"
        );
        assert!(collect("learn fast", &mut ours).is_err());
        assert!(median(&ours, "nothing").is_err());
    }
}
