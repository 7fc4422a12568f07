//! `fork`.

use std::io::Write;
use std::path::PathBuf;

use clap::Args;
use ecosystem::scenario::forked;

use super::HowArguments;
use super::finish::manifest;
use super::run::{Where, changes, run_named};
use crate::failure::Failure;
use crate::folder::{BASE, Folder};
use crate::load;

#[derive(Debug, Args)]
pub(super) struct ForkArguments {
    /// The folder of the run whose past is shared.
    folder: PathBuf,
    /// From when on the future is another, in virtual days.
    #[arg(long, value_name = "DAYS")]
    at: f64,
    /// Changes a value from then on; may be given again.
    #[arg(long = "set", value_name = "KEY=VALUE", required = true)]
    overrides: Vec<String>,
    /// The run folder; by default runs/NAME-fork, with a number if that is taken.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Writes every document with its provenance to documents.parquet.
    #[arg(long)]
    keep_documents: bool,
    #[command(flatten)]
    how: HowArguments,
}

pub(super) fn fork(arguments: &ForkArguments, out: &mut impl Write) -> Result<(), Failure> {
    let origin = Folder::at(&arguments.folder);
    let manifest = manifest(&origin)?;
    if !manifest.is_of_this_build() {
        tracing::warn!(
            "the run was made by another build ({}): only the same build promises the same past",
            manifest.commit
        );
    }
    changes(&arguments.overrides, (None, None))?;
    let path = origin.path("scenario.toml");
    let mut named = load::scenario(&path.to_string_lossy(), &[])?;
    if origin.path(BASE).exists() {
        named.base = PathBuf::from(String::from_utf8_lossy(&origin.read(BASE)?).into_owned());
    }
    let future = forked(&named.scenario, arguments.at, &arguments.overrides);
    named.scenario = future
        .map_err(|problems| Failure::input(format_args!("the fork cannot be run: {problems}")))?;
    named.name = format!("{}-fork", stem(&arguments.folder));
    let place = Where {
        out: arguments.out.as_ref(),
        resume: false,
        keep_documents: arguments.keep_documents,
    };
    run_named(named, &place, &arguments.how, out)
}

/// What the fork is named after.
fn stem(folder: &std::path::Path) -> String {
    let name = folder
        .file_name()
        .map(|name| name.to_string_lossy().into_owned());
    name.unwrap_or_else(|| "run".to_owned())
}
