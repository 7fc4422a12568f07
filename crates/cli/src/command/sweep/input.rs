//! From what the user typed to a plan.

use std::io::Write;
use std::path::{Path, PathBuf};

use ecosystem::scenario::sweep::{Sweep, builtin};

use crate::failure::Failure;
use crate::load;
use crate::sweep::Plan;

/// A sweep file with the name it goes by and the folder its paths start from.
pub(super) struct Named {
    /// What the user calls it.
    pub(super) shown: String,
    /// Short name, for the folder.
    pub(super) name: String,
    pub(super) text: String,
    pub(super) base: PathBuf,
}

impl Named {
    /// Opens a file or a built-in sweep.
    pub(super) fn open(argument: &str) -> Result<Self, Failure> {
        if load::is_path(argument) {
            let (name, base) = load::place(argument);
            return Ok(Self {
                shown: argument.to_owned(),
                name,
                text: load::read_text(Path::new(argument))?,
                base,
            });
        }
        let found = builtin::find(argument).map_err(Failure::input)?;
        Ok(Self {
            shown: argument.to_owned(),
            name: argument.to_owned(),
            text: found.text.to_owned(),
            base: PathBuf::new(),
        })
    }
}

/// Reads and checks a sweep with the changes of the command line.
pub(super) fn plan(named: &Named, changes: &[(String, String)]) -> Result<Plan, Failure> {
    let shown = named.shown.as_str();
    let mut sweep = Sweep::read(&named.text, &ecosystem::metrics::names())
        .map_err(|problems| load::refused(shown, &problems))?;
    let mut refused = Vec::new();
    for (key, value) in changes {
        if let Err(problem) = sweep.set(key, value) {
            refused.push(problem);
        }
    }
    if !refused.is_empty() {
        return Err(load::refused(shown, &refused.join("\n")));
    }
    let (text, base) = scenario(named, &sweep)?;
    Plan::new(sweep, (shown, &text), &base)
}

/// The text of the scenario, and where its relative paths start.
fn scenario(named: &Named, sweep: &Sweep) -> Result<(String, PathBuf), Failure> {
    if let Some(text) = &sweep.text {
        return Ok((text.clone(), named.base.clone()));
    }
    let beside = named.base.join(&sweep.scenario);
    // A built-in scenario goes by its name alone, a file is looked for beside the sweep.
    if load::is_path(&sweep.scenario) || beside.is_file() {
        let base = beside.parent().unwrap_or(&named.base).to_path_buf();
        return Ok((load::read_text(&beside)?, base));
    }
    let text =
        load::text(&sweep.scenario).map_err(|failure| load::refused(&named.shown, &failure))?;
    Ok((text, PathBuf::new()))
}

/// Names and titles of the built-in sweeps.
pub(super) fn list(out: &mut impl Write) -> Result<(), Failure> {
    let all = builtin::builtins();
    let width = crate::command::name_width(all);
    for builtin in all {
        let sweep = Sweep::read(builtin.text, &ecosystem::metrics::names())
            .map_err(|problems| load::refused(builtin.name, &problems))?;
        writeln!(out, "{:<width$}{}", builtin.name, sweep.title).map_err(Failure::output)?;
    }
    Ok(())
}
