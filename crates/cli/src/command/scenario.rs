//! `scenario`.

use std::io::Write;

use ecosystem::scenario::{builtin, json_schema, resolved};

use super::ScenarioCommand;
use super::catalogue;
use crate::failure::Failure;
use crate::load;

pub(super) fn scenario(command: ScenarioCommand, out: &mut impl Write) -> Result<(), Failure> {
    let text = match command {
        ScenarioCommand::List => list()?,
        ScenarioCommand::Show {
            name,
            resolved: false,
        } => builtin::find(&name)
            .map_err(Failure::input)?
            .text
            .to_owned(),
        ScenarioCommand::Show {
            name,
            resolved: true,
        } => resolved(&load::scenario(&name, &[])?.scenario),
        ScenarioCommand::Check { scenario } => check(&scenario)?,
        ScenarioCommand::Schema => format!("{:#}\n", json_schema()),
        ScenarioCommand::Metrics => catalogue::metrics(),
        ScenarioCommand::Corpora => catalogue::corpora(),
    };
    out.write_all(text.as_bytes()).map_err(Failure::output)
}

fn list() -> Result<String, Failure> {
    let mut text = String::new();
    for builtin in builtin::builtins() {
        let title = load::scenario(builtin.name, &[])?.scenario.title;
        text.push_str(&format!("{:<16}{title}\n", builtin.name));
    }
    Ok(text)
}

/// Checks the file and loads its corpora, because a scenario is no better than its data.
fn check(argument: &str) -> Result<String, Failure> {
    let named = load::scenario(argument, &[])?;
    load::data(&named.scenario, &named.base)?;
    let mut text = String::new();
    for warning in &named.warnings {
        text.push_str(&format!("warning: {warning}\n"));
    }
    text.push_str(&format!("{argument}: ok\n"));
    Ok(text)
}
