//! `loopscope python`: runs a program of asyncio and watches its event loop.
//!
//! | file | what it does |
//! |---|---|
//! | `adapter` | puts the adapter, which is Python, into a private folder |
//! | `program` | starts the interpreter, and collects what the program prints |
//! | `listener` | receives the runs of the program and of its child processes |
//! | `receive` | receives one run |
//! | `recordings` | the files of recorded runs |
//! | `run` | the program and its first loop, as the screen sees them |
//! | `loop_source` | its other loops, as the screen sees them |
//! | `commands` | the commands for a loop |
//! | `snapshots` | copies of the program, from which it goes on in another order |
//! | `launcher` | what can be started from the screen |
//! | `printed` | what the program has printed, and what of it is a debugger's |
//! | `printer` | prints a run while it lasts |
//! | `attach` | `loopscope attach`: a process that runs already |
//! | `sources` | the program's source files |
//! | `terminal` | the terminal of a program that runs beside the screen |

mod adapter;
mod attach;
mod commands;
mod launcher;
mod listener;
mod loop_source;
mod printed;
mod printer;
mod program;
mod receive;
mod recordings;
mod run;
mod script_loops;
mod snapshots;
mod sources;
mod terminal;

use std::{
    env,
    ffi::{OsStr, OsString},
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
    thread,
    time::{Duration, Instant},
};

use super::{
    args::{DisplayArgs, PythonCommand, RecordArgs},
    complete_run::CompleteRun,
    hang_watch::HangWatch,
    has_screen,
    loading::Reporter,
    output::{CliError, CliResult, Exit, report_error},
    screen,
    wait::{self, SignalWait},
};
use async_signal::Signal;
use loopscope::{
    runtime::LiveTrace,
    trace::{ClockKind, Meta, Schedule},
    tui::Session,
};

use adapter::Adapter;
pub(crate) use attach::attach;
use launcher::PythonLauncher;
use listener::Listener;
use printer::{Printer, empty_replay};
use program::{Program, Streams};
use run::PythonRun;
use script_loops::ScriptLoops;

pub(crate) fn python(args: &PythonCommand, display: &DisplayArgs) -> CliResult {
    let display = &display.for_python();
    let on_screen = args.recording.record.is_none() && has_screen(args.mode.plain, args.mode.json);
    let python = interpreter(args.python.as_deref());
    let mut meta = meta(&args.rest, args.clock);
    meta.schedule.clone_from(&args.schedule);
    let kept_out = sources::keeps_out(&args.rest);
    let is_kept_out = kept_out.is_some();
    if let Some(option) = kept_out {
        report_error(&format!(
            "the interpreter's option {option} keeps the adapter out: nothing is recorded"
        ));
    }
    let adapter = Adapter::install_for(&python)?;
    let live = LiveTrace::new();
    let snapshots = on_screen && !args.no_snapshots;
    let recording = args.recording.clone();
    let shows_others = on_screen || args.mode.plain || args.mode.json;
    let listener = Listener::start(&adapter, &live, &meta, recording, shows_others, snapshots)?;
    if is_kept_out {
        listener.has_reported();
    }
    let streams = match () {
        () if on_screen => Streams::Captured,
        () if args.mode.plain || args.mode.json => Streams::ToStandardError,
        () => Streams::Inherited,
    };
    let is_paused = args.paused && on_screen;
    let command = program::Launch {
        python: &python,
        arguments: &args.rest,
        adapter: &adapter,
        clock: args.clock,
        detail: args.detail.as_str(),
        keep_uvloop: args.keep_uvloop,
        paused: is_paused,
        snapshots,
        schedule: &args.schedule,
    };
    let program = Program::start(&command, streams)?;
    if on_screen {
        let run = PythonRun::new(program, listener, live);
        return show(run, meta, args, display);
    }
    if args.mode.plain || args.mode.json {
        return print(program, &listener, &live, meta, args, display);
    }
    record(program, &listener)
}

/// Shows the run on the screen, and then prints what the program has printed.
fn show(run: PythonRun, meta: Meta, args: &PythonCommand, display: &DisplayArgs) -> CliResult {
    let replay = empty_replay(meta, args.max_memory);
    let end = run.ending();
    let listener = run.listener().clone();
    let session = Session {
        replay,
        source: Some(Box::new(run)),
    };
    let answer = screen::beside(session, display, |scenarios| {
        Box::new(PythonLauncher {
            scenarios,
            listener,
        })
    })?;
    end.report();
    Ok(match answer {
        Exit::Done => end.exit(),
        other => other,
    })
}

/// Prints the run while it lasts.
fn print(
    mut program: Program,
    listener: &Listener,
    live: &LiveTrace,
    meta: Meta,
    args: &PythonCommand,
    display: &DisplayArgs,
) -> CliResult {
    let replay = empty_replay(meta, args.max_memory);
    let mut printer = Printer::new(replay, args.mode.json, display);
    let exit = until_end(signals()?, &mut program, listener, |_| {
        printer.print(live);
        printer.keep(listener.new_loops(), args.max_memory);
    })?;
    listener.end();
    printer.keep(listener.new_loops(), args.max_memory);
    // Without a loop there is no run to print. What reads JSON gets one without events.
    let output = if listener.has_seen_a_loop() || args.mode.json {
        printer.finish(live)
    } else {
        Exit::Done
    };
    listener.report_nothing_seen();
    Ok(match output {
        Exit::Done => exit,
        failed => failed,
    })
}

/// The script that `FILE.py` or `FILE.py:VARIANT` names, and its arguments. `None` if there is no
/// such file.
pub(crate) fn script(what: &OsStr) -> Option<(PathBuf, Vec<OsString>)> {
    let (path, variant) = match what.to_str().and_then(|what| what.rsplit_once(".py:")) {
        Some((file, variant)) => (PathBuf::from(format!("{file}.py")), Some(variant)),
        None => (PathBuf::from(what), None),
    };
    let is_script = path.extension().is_some_and(|ending| ending == "py") && path.is_file();
    is_script.then(|| (path, variant.into_iter().map(OsString::from).collect()))
}

/// Runs a script to its end, or stops it if it hangs, after this many seconds, or when the user leaves
/// the screen that waits for it. What it prints goes to standard error: at once if no screen is shown,
/// else when the screen is closed. Beside a screen it gets no input.
pub(crate) fn finished(
    script: &Path,
    arguments: &[OsString],
    (clock, until): (ClockKind, Option<f64>),
    reporter: &Reporter,
) -> Result<CompleteRun, CliError> {
    // The user may leave at any time: then the process is ended, and the adapter's folder removed.
    let _held = reporter.hold();
    reporter.begin(&format!("running {}", script.display()), None);
    let mut rest = vec![script.as_os_str().to_owned()];
    rest.extend_from_slice(arguments);
    let mut meta = meta(&rest, clock);
    if let Some(first) = arguments.first() {
        meta.variant = first.to_string_lossy().into_owned();
    }
    let python = interpreter(None);
    let adapter = Adapter::install_for(&python)?;
    let live = LiveTrace::new();
    let record = RecordArgs::default();
    let listener = Listener::start(&adapter, &live, &meta, record, true, false)?;
    let command = program::Launch {
        python: &python,
        arguments: &rest,
        adapter: &adapter,
        clock,
        detail: "all",
        keep_uvloop: false,
        paused: false,
        snapshots: false,
        schedule: &Schedule::default(),
    };
    let streams = if reporter.has_screen() {
        Streams::CapturedWithoutInput
    } else {
        Streams::ToStandardError
    };
    // Before the program starts: where SIGINT is ignored, as in the background of a script, the program would
    // ignore it as well, and could not be stopped by it.
    let wait = signals()?;
    let mut program = Program::start(&command, streams)?;
    let mut loops = ScriptLoops::new(meta);
    let mut watch = HangWatch::new(until);
    until_end(wait, &mut program, &listener, |program| {
        if reporter.is_left() {
            program.end_now();
            return;
        }
        loops.take(&live, &listener);
        let is_in_loop = loops.is_in_loop();
        let must_stop = watch
            .must_stop(program.process(), is_in_loop, loops.length(), || {
                loops.hang()
            })
            .or_else(|| watch.must_stop_running(loops.first().index().head()));
        if let Some(why) = must_stop {
            reporter.note(format!("{} is stopped: {why}", script.display()));
            program.stop_hanging();
        }
    })?;
    if let Some(terminal) = program.terminal() {
        reporter.keep_output(&terminal.take_output());
    }
    listener.end();
    loops.take(&live, &listener);
    if listener.has_seen_a_loop() {
        let (replay, others) = loops.into_replays();
        let hang = watch.hang();
        Ok(CompleteRun {
            replay,
            others,
            hang,
        })
    } else {
        let script = script.display();
        Err(CliError::new(format!(
            "no event loop of asyncio was seen in {script}"
        )))
    }
}

/// Waits for the program, while its runs are recorded.
fn record(mut program: Program, listener: &Listener) -> CliResult {
    let exit = until_end(signals()?, &mut program, listener, |_| {})?;
    listener.end();
    listener.report_nothing_seen();
    Ok(exit)
}

/// Handles the signals that ask this process to end, from now on.
fn signals() -> Result<SignalWait, CliError> {
    SignalWait::new().map_err(CliError::new)
}

/// How long the program has time to show that it got a SIGINT itself.
const SHOWN: Duration = Duration::from_millis(200);

/// Calls `each` some times a second until the program ends. Signals are for the program, and are
/// handed on, but for the SIGINT of a terminal: Ctrl-C reaches both.
///
/// What sends SIGINT to a whole group reaches both as well, and a signal does not tell. A second SIGINT
/// would interrupt the clean-up that the first one has begun. So it is handed on if the program does not
/// end soon, and its main task is not cancelled.
fn until_end(
    mut wait: SignalWait,
    program: &mut Program,
    listener: &Listener,
    mut each: impl FnMut(&mut Program),
) -> Result<Exit, CliError> {
    let mut interrupt: Option<(Instant, u32)> = None;
    let ended = wait.until(wait::LOOK, |signal| {
        match signal {
            Some(Signal::Int) if wait::is_in_foreground() => {}
            Some(Signal::Int) if interrupt.is_none() => {
                interrupt = Some((now(), listener.main_cancels()));
            }
            Some(signal) => program.signal(signal),
            None => {}
        }
        if let Some((since, cancels)) = interrupt {
            if listener.main_cancels() > cancels {
                interrupt = None;
            } else if now() - since >= SHOWN {
                program.signal(Signal::Int);
                interrupt = None;
            }
        }
        each(program);
        program.ended().transpose()
    });
    ended.map_err(CliError::new)
}

/// The interpreter: the one that was named, or else that of the active environment.
fn interpreter(named: Option<&Path>) -> PathBuf {
    if let Some(named) = named {
        return named.to_owned();
    }
    match env::var_os("VIRTUAL_ENV") {
        Some(folder) if !folder.is_empty() => Path::new(&folder).join("bin/python"),
        _ => PathBuf::from("python3"),
    }
}

/// The description of the run: the name of the script or module, and the program's sources.
fn meta(arguments: &[OsString], clock: ClockKind) -> Meta {
    let target = sources::target(arguments);
    Meta {
        scenario: target.name,
        clock,
        sources: sources::sources(arguments, target.script.as_deref()),
        ..Meta::default()
    }
}

/// Tells the user that the program ended without a loop that could be watched.
fn nothing_seen(arguments: &str) {
    report_error(&format!(
        "no event loop of asyncio was seen in this program{arguments}"
    ));
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[expect(clippy::disallowed_methods, reason = "no loop runs on this thread")]
fn now() -> Instant {
    Instant::now()
}

/// Waits for a moment, when the screen is closed and no loop of this program waits.
#[expect(clippy::disallowed_methods, reason = "no loop runs on this thread")]
fn pause() {
    thread::sleep(Duration::from_millis(10));
}
