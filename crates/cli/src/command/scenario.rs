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
            scenario,
            resolved: false,
        } => load::text(&scenario)?,
        ScenarioCommand::Show {
            scenario,
            resolved: true,
        } => resolved(&load::scenario(&scenario, &[])?.scenario),
        ScenarioCommand::Check { scenario } => check(&scenario)?,
        ScenarioCommand::Schema => format!("{:#}\n", json_schema()),
        ScenarioCommand::Metrics => catalogue::metrics(),
        ScenarioCommand::Corpora => catalogue::corpora(),
    };
    out.write_all(text.as_bytes()).map_err(Failure::output)
}

fn list() -> Result<String, Failure> {
    let all = builtin::builtins();
    let width = super::name_width(all);
    let line = |builtin: &builtin::Builtin| {
        let title = load::scenario(builtin.name, &[])?.scenario.title;
        Ok(format!("{:<width$}{title}\n", builtin.name))
    };
    all.iter().map(line).collect()
}

/// Checks the file and loads its corpora, because a scenario is no better than its data.
fn check(argument: &str) -> Result<String, Failure> {
    let named = load::scenario(argument, &[])?;
    load::data(&named.scenario, &named.base)?;
    let warnings = named.warnings.iter();
    let mut lines: Vec<String> = warnings
        .map(|warning| format!("warning: {warning}\n"))
        .collect();
    lines.push(format!("{argument}: ok\n"));
    Ok(lines.concat())
}
