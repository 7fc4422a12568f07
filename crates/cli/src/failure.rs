//! What ends the program early, and with which exit code.

use std::fmt::Display;

/// A message for the user and the exit code that goes with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// 1 if the run failed, 2 if the input is bad.
    pub code: u8,
    /// One problem a line.
    pub message: String,
    broken_pipe: bool,
}

impl Failure {
    /// The input cannot be used.
    pub fn input(message: impl Display) -> Self {
        Self {
            code: 2,
            message: message.to_string(),
            broken_pipe: false,
        }
    }

    /// Something went wrong on the way.
    pub fn run(message: impl Display) -> Self {
        Self {
            code: 1,
            message: message.to_string(),
            broken_pipe: false,
        }
    }

    /// The output could not be written.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "it is handed to map_err by name"
    )]
    pub fn output(error: std::io::Error) -> Self {
        let broken_pipe = error.kind() == std::io::ErrorKind::BrokenPipe;
        Self {
            code: 1,
            message: format!("cannot write the output: {error}"),
            broken_pipe,
        }
    }

    /// True if nobody reads the output any more.
    pub fn is_broken_pipe(&self) -> bool {
        self.broken_pipe
    }
}

impl Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Failure {}

/// Adds what was being done to an error of the operating system.
pub trait Context<T> {
    /// Turns an error into a failure of the run, saying what could not be done.
    ///
    /// # Errors
    /// If this is an error.
    fn doing(self, what: impl Display) -> Result<T, Failure>;
}

impl<T, E: Display> Context<T> for Result<T, E> {
    fn doing(self, what: impl Display) -> Result<T, Failure> {
        self.map_err(|error| Failure::run(format_args!("cannot {what}: {error}")))
    }
}
