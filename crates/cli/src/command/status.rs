//! `status`.

mod json;
mod table;

use std::io::{IsTerminal, Write, stdout};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use net::{NetError, NodeStanding, Security, Standing};

use super::StatusArguments;
use crate::failure::Failure;
use crate::measure::Stopwatch;

/// How long a coordinator that is gone is waited for.
const PATIENCE: Duration = Duration::from_secs(30);
const RETRY: Duration = Duration::from_millis(500);

pub(super) fn status(arguments: &StatusArguments, out: &mut impl Write) -> Result<(), Failure> {
    let mut screen = Screen::new(arguments, out);
    let security = arguments.security.chosen();
    if arguments.watch {
        return watch((&arguments.coordinator, &security), &mut screen);
    }
    let standing = net::status(&arguments.coordinator, &security).map_err(Failure::input)?;
    screen.show(&standing)
}

/// What goes wrong while somebody watches.
enum Trouble {
    Net(NetError),
    Output(Failure),
}

impl From<NetError> for Trouble {
    fn from(error: NetError) -> Self {
        Self::Net(error)
    }
}

/// Shows the run until it ends. A coordinator that was there and is gone may come back.
#[expect(
    clippy::disallowed_methods,
    reason = "waiting for another process takes wall time"
)]
fn watch(
    (url, security): (&str, &Security),
    screen: &mut Screen<'_, impl Write>,
) -> Result<(), Failure> {
    let mut seen = false;
    let mut gone = Stopwatch::start();
    loop {
        let watched = net::watch(url, security, |standing| {
            seen = true;
            gone = Stopwatch::start();
            screen.show(standing).map_err(Trouble::Output)
        });
        match watched {
            Ok(true) => return Ok(()),
            Err(Trouble::Output(failure)) => return Err(failure),
            Err(Trouble::Net(error)) if !seen => return Err(Failure::input(error)),
            Ok(false) | Err(Trouble::Net(_)) if gone.elapsed() > PATIENCE => {
                let seconds = PATIENCE.as_secs();
                return Err(Failure::run(format_args!(
                    "the coordinator at {url} is gone, and did not come back within {seconds} s"
                )));
            }
            Ok(false) | Err(Trouble::Net(_)) => std::thread::sleep(RETRY),
        }
    }
}

/// Where a run is shown.
struct Screen<'a, W: Write> {
    out: &'a mut W,
    json: bool,
    colour: bool,
    /// Draws in place, on a terminal that is watched.
    live: Option<ProgressBar>,
    /// What was shown last, without what changes while nothing happens.
    last: Option<Standing>,
}

impl<'a, W: Write> Screen<'a, W> {
    fn new(arguments: &StatusArguments, out: &'a mut W) -> Self {
        let terminal = stdout().is_terminal();
        let plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        Self {
            out,
            json: arguments.json,
            colour: terminal && !plain,
            live: (terminal && arguments.watch && !arguments.json).then(canvas),
            last: None,
        }
    }

    fn show(&mut self, standing: &Standing) -> Result<(), Failure> {
        let block = if self.json {
            format!("{}\n", json::of(standing))
        } else {
            table::render(standing, self.colour)
        };
        if let Some(canvas) = &self.live {
            canvas.set_message(block.trim_end().to_owned());
            if standing.ended {
                canvas.abandon();
            }
            return Ok(());
        }
        let now = Some(lasting(standing));
        if now == self.last {
            return Ok(());
        }
        // A blank line between blocks, none between lines of JSON.
        let gap = if self.last.is_some() && !self.json {
            "\n"
        } else {
            ""
        };
        self.last = now;
        let written = write!(self.out, "{gap}{block}").and_then(|()| self.out.flush());
        written.map_err(Failure::output)
    }
}

/// A place on the terminal that is drawn again and again.
fn canvas() -> ProgressBar {
    let canvas = ProgressBar::with_draw_target(None, ProgressDrawTarget::stdout());
    if let Ok(style) = ProgressStyle::with_template("{msg}") {
        canvas.set_style(style);
    }
    canvas
}

/// Without what changes while nothing happens.
fn lasting(standing: &Standing) -> Standing {
    let node = |node: &NodeStanding| NodeStanding {
        silent_ms: 0,
        ..node.clone()
    };
    Standing {
        checkpoint_age_ms: None,
        nodes: standing.nodes.iter().map(node).collect(),
        ..standing.clone()
    }
}
