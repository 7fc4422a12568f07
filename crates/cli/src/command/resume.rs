//! `resume`.

use std::io::Write;
use std::path::PathBuf;

use super::finish::{finish, manifest};
use super::run::{options, run_here_or_on_nodes};
use super::{HowArguments, ResumeArguments};
use crate::failure::Failure;
use crate::folder::{BASE, Folder, SEGMENTS};
use crate::load;
use crate::measure::Stopwatch;
use crate::run::Ingredients;

pub(super) fn resume(arguments: &ResumeArguments, out: &mut impl Write) -> Result<(), Failure> {
    go_on(&Folder::at(&arguments.folder), &arguments.how, out)
}

/// Goes on with the run in `folder`.
pub(super) fn go_on(
    folder: &Folder,
    how: &HowArguments,
    out: &mut impl Write,
) -> Result<(), Failure> {
    let wall = Stopwatch::start();
    let manifest = manifest(folder)?;
    if manifest.status == "finished" {
        return Err(Failure::input(format_args!(
            "the run in {} is finished: there is nothing to go on with",
            folder.root().display()
        )));
    }
    if !manifest.is_of_this_build() {
        tracing::warn!(
            "the run was begun by another build ({}): only the same build promises the same bits",
            manifest.commit
        );
    }
    let path = folder.path("scenario.toml");
    let mut named = load::scenario(&path.to_string_lossy(), &[])?;
    named.base = PathBuf::from(String::from_utf8_lossy(&folder.read(BASE)?).into_owned());
    let data = load::data(&named.scenario, &named.base)?;
    folder.create()?;
    let options = options(how, manifest.keep_documents);
    let ingredients = Ingredients::new(
        named.scenario,
        data,
        folder.path(SEGMENTS),
        manifest.keep_documents,
    );
    // Killed before its first checkpoint, a run has nothing to go on from: it begins again.
    let begun = folder
        .list("checkpoints")?
        .iter()
        .any(|name| name.ends_with(".checkpoint"));
    let outcome = run_here_or_on_nodes(
        (folder, &named.base),
        ingredients.clone(),
        (&options, how),
        begun,
    )?;
    finish(
        folder,
        &ingredients.scenario,
        outcome,
        (wall, how.quiet),
        out,
    )
}
