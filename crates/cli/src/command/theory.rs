//! `theory`.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args;
use ecosystem::theory::{Expectation, Questions, answer, expectation, read};
use report::summary::{closing_table, render_table, summarise};

use super::finish::coloured;
use super::run::changes;
use crate::failure::{Context, Failure};
use crate::load;

#[derive(Debug, Args)]
pub(super) struct TheoryArguments {
    /// A JSON file with the inputs of a linear-Gaussian system, or a list of them; or a scenario, by file or built-in name.
    what: String,
    /// Of a scenario: writes what is expected to this file, in the form of metrics.parquet.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Of a scenario: changes a value of it; may be given again.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    overrides: Vec<String>,
}

pub(super) fn theory(arguments: &TheoryArguments, out: &mut impl Write) -> Result<(), Failure> {
    let path = Path::new(&arguments.what);
    if path
        .extension()
        .is_none_or(|extension| !extension.eq_ignore_ascii_case("json"))
    {
        return of_scenario(arguments, out);
    }
    if arguments.out.is_some() || !arguments.overrides.is_empty() {
        return Err(Failure::input(
            "--out and --set are for scenarios: the answer to a JSON file is printed",
        ));
    }
    let questions = read(&load::read_text(path)?).map_err(|problems| {
        Failure::input(format_args!(
            "{} cannot be used:\n{problems}",
            path.display()
        ))
    })?;
    let text = answers(path, &questions)?;
    writeln!(out, "{text}").map_err(Failure::output)
}

/// Prints what is expected of a scenario, first and last, and how it behaves in the long run.
fn of_scenario(arguments: &TheoryArguments, out: &mut impl Write) -> Result<(), Failure> {
    let named = load::scenario(
        &arguments.what,
        &changes(&arguments.overrides, (None, None))?,
    )?;
    let corpora = load::data(&named.scenario, &named.base)?;
    let known = expectation(&named.scenario, &corpora.data, false)
        .map_err(|reason| Failure::input(format_args!("{}: {reason}", arguments.what)))?;
    if let Some(path) = &arguments.out {
        let bytes = report::parquet::metrics_part(&known.rows).doing("encode the table")?;
        net::write_whole(path, &bytes).doing(format_args!("write {}", path.display()))?;
    }
    let table = closing_table(&summarise(&known.rows), &[], usize::MAX).without("replicates");
    let text = format!(
        "{}, as theory expects\n\n{}{}",
        named.scenario.title,
        render_table(&table, coloured()),
        long_run(&known)
    );
    out.write_all(text.as_bytes()).map_err(Failure::output)
}

/// Sentences on the long run.
fn long_run(known: &Expectation) -> String {
    let mut lines = Vec::new();
    if let Some(limit) = &known.limit {
        let radius = limit.spectral_radius;
        lines.push(format!(
            "spectral radius of the update: {radius:.6}{}",
            match (radius < 1.0, limit.mean.is_some()) {
                (_, true) => ", and means converge",
                (true, false) => ", but means do not converge",
                (false, false) => ": nothing holds deviations, they stay or grow for ever",
            }
        ));
        if let Some(factor) = limit.mean_factor {
            lines.push(format!("factor of a deviation a generation: {factor:.6}"));
        }
    }
    if let Some(oracle) = known.oracle {
        lines.push(format!(
            "mean squared error of all real data in one hand: {oracle:.6}"
        ));
    }
    let mut text = String::new();
    for line in lines {
        text.extend(["\n", &line]);
    }
    text + "\n"
}

fn answers(path: &Path, questions: &Questions) -> Result<String, Failure> {
    let mut answers = Vec::new();
    for question in &questions.list {
        answers.push(answer(question).map_err(|error| {
            Failure::input(format_args!(
                "{} {}: {error}",
                path.display(),
                question.name
            ))
        })?);
    }
    Ok(if questions.is_list {
        format!("[\n{}\n]", answers.join(",\n"))
    } else {
        answers.concat()
    })
}
