//! `loopscope run`: runs a scenario on the screen, or prints it.

use std::io::{self, BufWriter, Write};

use loopscope::{
    replay::Replay,
    runtime::Store,
    scenario::Plan,
    scene::{json, plain::LogWriter},
    trace::{ClockKind, Log, Outcome},
};

use super::{
    args::{DisplayArgs, RunCommand},
    complete, has_screen,
    live::{LiveRun, wait_headless},
    output::{CliError, CliResult, Exit, print_json, report_error},
    record::RunRecording,
    resolve,
    screen::{self, Limits},
};

pub(crate) fn run(args: &RunCommand, display: &DisplayArgs) -> CliResult {
    let mut plan = resolve::plan(&args.scenario, &args.run)?;
    if let Some(address) = &args.listen {
        if !plan.scenario.listens {
            return Err(CliError::new(format!(
                "{} is not a server; --listen does not apply",
                plan.scenario.name
            )));
        }
        check_address(address)?;
        plan.args.set_listen(address);
    }
    // An error with the file shows before the run, not after it.
    let meta = plan.meta();
    let recording = args.record.as_deref();
    let (recording, store) = recording
        .map(|path| RunRecording::create(path, &meta))
        .transpose()?
        .unzip();
    if has_screen(args.mode.plain, args.mode.json) {
        on_screen(plan, args, display, (recording, store))
    } else {
        headless(plan, args, (recording, store))
    }
}

/// Refuses an address that cannot be bound, before anything is started.
fn check_address(address: &str) -> Result<(), CliError> {
    match std::net::TcpListener::bind(address) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::AddrInUse => Err(CliError::new(format!(
            "cannot listen at {address}: the port is in use; port 0 picks a free one"
        ))),
        Err(error) => Err(CliError::new(format!(
            "cannot listen at {address:?}: {error}; try 127.0.0.1:8888"
        ))),
    }
}

/// The state of the recording, and the store for the loop.
type ToFile = (Option<RunRecording>, Option<Store>);

fn on_screen(
    plan: Plan,
    args: &RunCommand,
    display: &DisplayArgs,
    (recording, store): ToFile,
) -> CliResult {
    if !plan.schedule.is_empty() {
        // An impossible choice is an error on the command line, not on the screen. On the virtual clock a trial run is
        // the same run.
        complete::finished(plan.clone())?;
    }
    let paused = plan.clock == ClockKind::Real;
    let live = LiveRun::start(plan, paused, store).map_err(CliError::new)?;
    let mut session = live.session();
    if let Some(bytes) = args.max_memory {
        session.replay.limit(bytes);
    }
    let answer = screen::one(session, display, Limits::from(&args.run))?;
    Ok(match recording {
        Some(recording) if !recording.check() => answer.or_failed(),
        _ => answer,
    })
}

fn headless(plan: Plan, args: &RunCommand, (recording, store): ToFile) -> CliResult {
    let as_json = args.mode.json;
    let mut replay = Replay::new(Log {
        bytes: Vec::new(),
        meta: plan.meta(),
    });
    if let Some(bytes) = args.max_memory {
        replay.limit(bytes);
    }
    let mut log = LogWriter::default();
    let mut out = BufWriter::new(io::stdout().lock());
    let mut live = LiveRun::start(plan, false, store).map_err(CliError::new)?;
    let (ended, signal) = wait_headless(&mut live, |bytes| {
        if let Some(recording) = &recording {
            recording.check();
        }
        replay.append(&bytes);
        if !as_json {
            // A pipe that the reader closed is no failure; the run continues.
            let _ = log.append(&replay, &mut out).and_then(|()| out.flush());
        }
        let by = replay.trim();
        log.shift_positions(&replay, by);
    })?;
    if as_json {
        drop(out);
        print_json(&json::run(&replay));
    } else {
        let _ = log.finish(&replay, &mut out).and_then(|()| out.flush());
    }
    let recorded = recording.is_none_or(|recording| recording.check());
    if let Some(refused) = ended.refused {
        return Err(complete::refused(&refused));
    }
    if let Some(error) = &ended.error {
        if ended.bad_address {
            return Err(CliError::new(error));
        }
        report_error(&format!("the program failed: {error}"));
    }
    let exit = match (signal, ended.outcome) {
        (Some(code), _) => Exit::Signal(code),
        (None, Outcome::Panicked | Outcome::Deadlock | Outcome::Stalled) => Exit::Failed,
        (None, Outcome::Finished | Outcome::Stopped | Outcome::Limit) => Exit::Done,
    };
    Ok(if recorded { exit } else { exit.or_failed() })
}
