//! The `echosphere` program: arguments in, exit code out.

use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

use clap::Parser;
use echosphere::command::{Arguments, dispatch};

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::from_default_env())
        .with_writer(io::stderr)
        .with_ansi(colour())
        .init();
    match dispatch(arguments, &mut io::stdout().lock()) {
        Ok(()) => ExitCode::SUCCESS,
        // A reader that has seen enough, such as `head`, is no error.
        Err(failure) if failure.is_broken_pipe() => ExitCode::SUCCESS,
        Err(failure) => {
            let label = if colour() {
                "\x1b[1;31merror\x1b[0m"
            } else {
                "error"
            };
            drop(writeln!(io::stderr(), "{label}: {failure}"));
            ExitCode::from(failure.code)
        }
    }
}

fn colour() -> bool {
    io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}
