//! The command line: what was typed, what it means, and the exit code.
//!
//! | file | what lives there |
//! |---|---|
//! | `args` | what can be typed, and `--help` |
//! | `choose` | from names to scenarios, with a "did you mean" |
//! | `run`, `compare`, `replay`, `list`, `lessons` | one subcommand each |
//! | `conformance` | the scenarios held against their Python twins under Python |
//! | `load` | a recorded file, shown while it is read |
//! | `record` | the file that a run goes into |
//! | `live` | a run on a thread of its own, as the screen and the pipes see it |
//! | `export` | a run in a form for other programs |
//! | `foreign` | files that other programs wrote, in front of `replay` |
//! | `render`, `cast` | the screen in a file: a picture, a playback |
//! | `screen` | from here to the screen |
//! | `whole` | runs that are run to their end before anything is shown |

mod args;
mod cast;
mod choose;
mod compare;
mod conformance;
mod export;
mod foreign;
mod lessons;
mod list;
mod live;
mod load;
mod record;
mod render;
mod replay;
mod run;
mod screen;
mod whole;

#[path = "../../scenarios/catalogue.rs"]
pub mod scenarios;
#[path = "../../scenarios/twins.rs"]
mod twins;

use std::{
    fmt,
    io::{self, IsTerminal, Write},
    process::ExitCode,
    time::Duration,
};

use args::{Cli, Command};

/// How the program can end.
#[derive(Debug)]
pub(crate) enum Exit {
    /// All is well.
    Done,
    /// The program under the loop failed.
    Failed,
    /// A signal ended it: 128 and its number.
    Signal(u8),
}

impl Exit {
    /// The program did what it did, but something else that was asked for failed.
    fn or_failed(self) -> Exit {
        match self {
            Exit::Done => Exit::Failed,
            other => other,
        }
    }
}

/// What was asked for cannot be done: one line for people.
#[derive(Debug)]
pub(crate) struct Wrong(String);

impl Wrong {
    pub(crate) fn new(what: impl fmt::Display) -> Wrong {
        Wrong(what.to_string())
    }
}

type Answer = Result<Exit, Wrong>;

/// Does what was typed.
pub fn main() -> ExitCode {
    let answer = match args::parse() {
        Ok(cli) => carry_out(cli),
        Err(args::Refused::Help(text)) => {
            say(&text);
            Ok(Exit::Done)
        }
        Err(args::Refused::Wrong(what)) => Err(Wrong(what)),
    };
    match answer {
        Ok(Exit::Done) => ExitCode::SUCCESS,
        Ok(Exit::Failed) => ExitCode::from(1),
        Ok(Exit::Signal(code)) => ExitCode::from(code),
        Err(Wrong(what)) => {
            complain(&what);
            ExitCode::from(2)
        }
    }
}

fn carry_out(cli: Cli) -> Answer {
    let look = cli.look;
    match cli.command {
        None if has_screen(false, false) => screen::pick(&look),
        None => Ok(list::list(false)),
        Some(Command::List { json }) => Ok(list::list(json)),
        Some(Command::Lessons { json }) => Ok(lessons::lessons(json)),
        Some(Command::Run(args)) => run::run(&args, &look),
        Some(Command::Compare(args)) => compare::compare(&args, &look),
        Some(Command::Replay(args)) => replay::replay(&args, &look),
        Some(Command::Export(args)) => export::export(&args),
        Some(Command::Render(args)) => render::render(&args, &look),
        Some(Command::Cast(args)) => cast::cast(&args, &look),
        Some(Command::Conformance(args)) => conformance::conformance(&args),
        Some(Command::Work { seconds }) => {
            loopscope::block_for(Duration::from_secs_f64(seconds));
            Ok(Exit::Done)
        }
    }
}

/// Whether to draw a screen: not into a pipe, not on a terminal that cannot place its cursor.
pub(crate) fn has_screen(plain: bool, json: bool) -> bool {
    let dumb = std::env::var("TERM").is_ok_and(|term| term == "dumb");
    !plain && !json && !dumb && io::stdout().is_terminal() && io::stdin().is_terminal()
}

/// Writes to standard output. A reader that has gone away is no failure.
pub(crate) fn say(text: &str) {
    let mut out = io::stdout().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

/// Writes a line to standard error. Names that were typed may hold anything: no control character of them reaches the
/// terminal.
pub(crate) fn complain(what: &str) {
    let clean = |c: char| if c.is_control() { '\u{fffd}' } else { c };
    let what: String = what.chars().map(clean).collect();
    let _ = writeln!(io::stderr(), "loopscope: {what}");
}

/// Writes a JSON value and the end of its line.
pub(crate) fn say_json(value: &serde_json::Value) {
    say(&format!("{value}\n"));
}
