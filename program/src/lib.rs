//! The program `loopscope`: the command line and the catalogue of scenarios.
//!
//! | file | what it does |
//! |---|---|
//! | `args` | the arguments and `--help` |
//! | `resolve` | finds scenarios, variants and parameters by name, with a "did you mean" |
//! | `run`, `compare`, `replay`, `export` | one subcommand each |
//! | `check` | looks for mistakes in runs, and prints them |
//! | `critical` | prints the critical path of a run |
//! | `latency` | prints ready-to-run and run times |
//! | `python` | runs a program of asyncio under the adapter |
//! | `list`, `lessons`, `render` | `list`; `lessons`; `render` and `cast` |
//! | `live` | runs a scenario on a thread of its own, for the screen and for pipes |
//! | `config` | the configuration file |
//! | `complete_run` | a complete run, with the other loops of a script and why it was stopped |
//! | `complete` | runs a scenario to its end, or reads a file to its end, before anything is shown |
//! | `hang_watch` | notices that a program hangs, so that it can be stopped |
//! | `loader` | reads a recorded file while the screen already shows it |
//! | `sniff` | recognises the format of a file, and imports the recording of another program |
//! | `screen` | starts the screen |
//! | `progress` | keeps what the user has finished |
//! | `output` | results and exit codes, standard output and standard error |
//! | `output_file` | the file that `export`, `render` and `cast` write to |
//! | `private_folder` | a temporary folder that only this user can read |
//! | `scenarios` | the catalogue, compiled from `scenarios/` |

#![forbid(unsafe_code)]

mod args;
mod check;
mod compare;
mod complete;
mod complete_run;
mod config;
mod critical;
mod explain;
mod export;
mod hang_watch;
mod latency;
mod lessons;
mod list;
mod live;
mod loader;
mod loading;
mod output;
mod output_file;
mod private_folder;
mod progress;
mod python;
mod read_ahead;
mod reading;
mod render;
mod replay;
mod resolve;
mod run;
mod screen;
mod sniff;
mod wait;

#[path = "../../scenarios/catalogue.rs"]
pub mod scenarios;

use std::{
    io::{self, IsTerminal},
    process::ExitCode,
    sync::Arc,
    time::Duration,
};

use loopscope::{scenario::Scenario, tui};
use signal_hook::{consts::SIGXFSZ, flag};

use args::{Cli, Subcommand};
use config::Config;
use output::{CliError, CliResult, Exit, print, report_error, report_panics};

/// The scenario of this name; a lesson may be named by its number: `lesson_06` or `6`.
///
/// # Errors
///
/// If no scenario has this name: one line, which suggests at most three similar names.
pub fn find_scenario(name: &str) -> Result<&'static Scenario, String> {
    resolve::scenario(name).map_err(|CliError(what)| what)
}

/// Carries out the arguments of the process.
pub fn main() -> ExitCode {
    // A write beyond `ulimit -f` is then an error, as one to a full disk, and ends the program with a
    // line. Child processes do not inherit the handler.
    let _ = flag::register(SIGXFSZ, Arc::default());
    report_panics();
    let answer = match args::parse() {
        Ok(cli) => dispatch(cli),
        Err(args::NoCommand::Help(text)) => Ok(print(&text)),
        Err(args::NoCommand::Invalid(what)) => Err(CliError(what)),
        Err(args::NoCommand::UnknownCommand(typed, line)) => {
            Err(CliError(unknown_command(&typed, line)))
        }
    };
    match answer {
        Ok(Exit::Done) => ExitCode::SUCCESS,
        Ok(Exit::Failed) => ExitCode::from(1),
        Ok(Exit::Signal(code)) => {
            tui::end_if_quit(code);
            ExitCode::from(code)
        }
        Ok(Exit::Program(code)) => ExitCode::from(code),
        Err(CliError(what)) => {
            report_error(&what);
            ExitCode::from(2)
        }
    }
}

fn dispatch(cli: Cli) -> CliResult {
    let mut display = cli.display;
    display.config = Config::load();
    if let Some(complaint) = &display.config.complaint {
        report_error(complaint);
    }
    if let Some(command) = &cli.command {
        display.checks = command.check_settings();
    }
    let language = display.language();
    match cli.command {
        None if has_screen(false, false) => screen::pick(&display),
        None => Ok(list::list(false, language)),
        Some(Subcommand::List { json }) => Ok(list::list(json, language)),
        Some(Subcommand::Lessons { lesson: None, json }) => Ok(lessons::list(json, language)),
        Some(Subcommand::Lessons {
            lesson: Some(lesson),
            json,
        }) => lessons::open(&lesson, json, &display),
        Some(Subcommand::Run(args)) => run::run(&args, &display),
        Some(Subcommand::Python(args)) => python::python(&args, &display),
        Some(Subcommand::Attach(args)) => python::attach(&args, &display),
        Some(Subcommand::Compare(args)) => compare::compare(&args, &display),
        Some(Subcommand::Check(args)) => check::check(&args, &display),
        Some(Subcommand::Critical(args)) => critical::critical(&args, &display),
        Some(Subcommand::Latency(args)) => latency::latency(&args, &display),
        Some(Subcommand::Explain { id }) => explain::explain(id.as_deref()),
        Some(Subcommand::Replay(args)) => replay::replay(&args, &display),
        Some(Subcommand::Export(args)) => export::export(&args),
        Some(Subcommand::Render(args)) => render::render(&args, &display),
        Some(Subcommand::Cast(args)) => render::cast(&args, &display),
        Some(Subcommand::Work { seconds }) => {
            loopscope::block_for(Duration::from_secs_f64(seconds));
            Ok(Exit::Done)
        }
    }
}

/// The error of a first argument that is no command. If it names a scenario, a lesson or a file,
/// the error says which command takes it; `line` is the error otherwise.
fn unknown_command(typed: &str, line: String) -> String {
    let name = typed.split(':').next().unwrap_or(typed);
    let meant = if std::path::Path::new(typed).is_file() {
        Some(format!("replay {typed}"))
    } else if typed.parse::<u8>().is_ok() && resolve::scenario(typed).is_ok() {
        Some(format!("lessons {typed}"))
    } else if resolve::scenario(name).is_ok() {
        Some(format!("run {typed}"))
    } else if line.contains('–') {
        // The line suggests a command already.
        None
    } else {
        resolve::nearest_scenario(name).map(|near| format!("run {near}"))
    };
    match meant {
        Some(meant) => {
            format!("there is no command {typed:?}; did you mean `loopscope {meant}`?")
        }
        None => line,
    }
}

/// Whether to draw a screen: not in a pipe, and not on a terminal that cannot move its cursor.
pub(crate) fn has_screen(plain: bool, json: bool) -> bool {
    let dumb = std::env::var("TERM").is_ok_and(|term| term == "dumb");
    !plain && !json && !dumb && io::stdout().is_terminal() && io::stdin().is_terminal()
}
