//! The `echosphere` program: arguments in, exit code out.

use std::io;
use std::process::ExitCode;

use clap::Parser;
use echosphere::command::{Arguments, dispatch};
use echosphere::logging;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    logging::install(arguments.log_format);
    if let Some(set) = arguments.simd {
        ecosystem::limit_simd(set.into());
    }
    net::install_provider();
    match dispatch(arguments, &mut io::stdout().lock()) {
        Ok(()) => ExitCode::SUCCESS,
        // A reader that has seen enough, such as `head`, is no error.
        Err(failure) if failure.is_broken_pipe() => ExitCode::SUCCESS,
        Err(failure) => {
            logging::fail(&failure);
            ExitCode::from(failure.code)
        }
    }
}
