//! `theory`.

use std::io::Write;
use std::path::Path;

use clap::Args;
use ecosystem::theory::{Questions, answer, read};

use crate::failure::Failure;
use crate::load;

#[derive(Debug, Args)]
pub(super) struct TheoryArguments {
    /// A JSON file with the inputs of a linear-Gaussian system, or a list of them.
    file: String,
}

pub(super) fn theory(arguments: &TheoryArguments, out: &mut impl Write) -> Result<(), Failure> {
    let path = Path::new(&arguments.file);
    let questions = read(&load::read_text(path)?).map_err(|problems| {
        Failure::input(format_args!(
            "{} cannot be used:\n{problems}",
            path.display()
        ))
    })?;
    let text = answers(path, &questions)?;
    writeln!(out, "{text}").map_err(Failure::output)
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
