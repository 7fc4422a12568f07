//! `resume`.

use std::io::Write;
use std::path::PathBuf;

use super::finish::{finish, manifest};
use super::run::{options, run_on, spread, start_nodes, store};
use super::sweep::{self, SweepHow};
use super::{HowArguments, ResumeArguments};
use crate::failure::Failure;
use crate::folder::{BASE, Folder};
use crate::load;
use crate::measure::Stopwatch;
use crate::run::{Ingredients, Options, any_checkpoint};

pub(super) fn resume(arguments: &ResumeArguments, out: &mut impl Write) -> Result<(), Failure> {
    let folder = Folder::at(&arguments.folder);
    if sweep::holds_one(&folder) {
        let how = SweepHow {
            threads: arguments.how.threads,
            quiet: arguments.how.quiet,
            retry_failed: arguments.retry_failed,
        };
        return sweep::go_on(&folder, how, out);
    }
    if arguments.retry_failed {
        return Err(Failure::input(format_args!(
            "--retry-failed is for sweeps, and {} holds none",
            folder.root().display()
        )));
    }
    go_on(&folder, &arguments.how, out)
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
    let corpora = load::data(&named.scenario, &named.base)?;
    if !manifest.data_hash.is_empty() && manifest.data_hash != corpora.hash {
        return Err(Failure::input(format_args!(
            "files that {} names have changed since the run began: put them back, or begin another run",
            path.display()
        )));
    }
    let options = Options {
        data_hash: corpora.hash,
        checkpoints: manifest.checkpoints,
        ..options(how, manifest.keep_documents)
    };
    let store = store(folder, options.checkpoints.as_deref())?;
    let place = (folder, named.base.as_path());
    let cluster = match spread(&options, how, &store)? {
        Some(spread) => start_nodes(place, &named.scenario, &spread)?,
        None => None,
    };
    // Killed before its first checkpoint, a run has nothing to go on from: it begins again.
    let begun = any_checkpoint(&**store.storage())?;
    let ingredients =
        Ingredients::new(named.scenario, corpora.data, store, manifest.keep_documents);
    let outcome = run_on(cluster, folder, ingredients.clone(), &options, begun)?;
    finish(folder, &ingredients, outcome, (wall, how.quiet), out)
}
