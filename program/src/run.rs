//! `loopscope run`: runs a scenario on the screen, or prints it.

use std::{cell::Cell, io, path::PathBuf};

use loopscope::{
    insight::Language,
    replay::Replay,
    runtime::{RecordFile, Store, StoreHandle},
    scenario::Plan,
    scene::{json, plain::LogWriter},
    trace::{ClockKind, Meta, Outcome},
    tui,
};

use super::{
    args::{DisplayArgs, RunCommand},
    complete, has_screen,
    live::{self, AttendsSignals, LiveRun, wait_headless},
    output::{CliError, CliResult, Exit, StandardOutput, cannot_write, report_error},
    output_file::open_recording,
    resolve,
    screen::{self, RunLimits},
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
    if !plan.schedule.is_empty() {
        // An impossible choice is an error of the command line. On the virtual clock a trial run is
        // the same run, and it changes no file.
        complete::finished(plan.clone(), AttendsSignals::Yes)?;
    }
    let is_on_screen = has_screen(args.mode.plain, args.mode.json);
    if is_on_screen {
        // Checked at once, because later the run has some of them.
        tui::need_descriptors(live::DESCRIPTORS + tui::DESCRIPTORS).map_err(CliError::new)?;
    }
    // All that can refuse the run comes before this: a refused run leaves the file as it was.
    let meta = plan.meta();
    let path = args.recording.record.as_deref();
    let file = path
        .map(|path| open_recording(path, &args.recording))
        .transpose()?;
    let (recording, store) = file
        .map(|file| RunRecording::start(file, &meta))
        .transpose()?
        .unzip();
    if is_on_screen {
        if args.is_bare_lesson(plan.scenario.name) {
            return screen::lesson(plan.scenario, display);
        }
        on_screen(plan, args, display, (recording, store))
    } else {
        headless(plan, args, display.language(), (recording, store))
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
    let paused = plan.clock == ClockKind::Real;
    let live = LiveRun::start(plan, paused, store).map_err(CliError::new)?;
    let mut session = live.session();
    if let Some(bytes) = args.max_memory {
        session.replay.limit(bytes);
    }
    let limits = RunLimits::from(&args.run);
    let answer = screen::one(session, display, limits, args.listen.clone())?;
    Ok(match recording {
        Some(recording) if !recording.check() => answer.or_failed(),
        _ => answer,
    })
}

fn headless(
    plan: Plan,
    args: &RunCommand,
    language: Language,
    (recording, store): ToFile,
) -> CliResult {
    let as_json = args.mode.json;
    let mut replay = Replay::of_started_run(plan.meta());
    if let Some(bytes) = args.max_memory {
        replay.limit(bytes);
    }
    let mut log = LogWriter::new(language.for_run(&replay));
    // An error ends the output, and the run continues.
    let mut out = StandardOutput::new();
    let mut live = LiveRun::start(plan, false, store).map_err(CliError::new)?;
    let (ended, signal) = wait_headless(&mut live, AttendsSignals::Yes, |bytes| {
        if let Some(recording) = &recording {
            recording.check();
        }
        replay.append(&bytes);
        if !as_json {
            out.write(|out| log.append(&replay, out));
        }
        let by = replay.trim();
        log.shift_positions(&replay, by);
    })?;
    out.write(|out| {
        if as_json {
            json::write_run(&replay, out)
        } else {
            log.finish(&replay, out)
        }
    });
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
    let is_written = matches!(out.end(), Exit::Done);
    Ok(if recorded && is_written {
        exit
    } else {
        exit.or_failed()
    })
}

/// The state of a recording, while its [`Store`] belongs to the loop.
pub(crate) struct RunRecording {
    path: PathBuf,
    handle: StoreHandle,
    failed: Cell<bool>,
}

impl RunRecording {
    /// Starts to write the file. The store is for the loop.
    fn start(file: RecordFile, meta: &Meta) -> Result<(RunRecording, Store), CliError> {
        let path = file.path().to_owned();
        let store = Store::to_file(file, meta, |_| {});
        let store = store.map_err(|error| cannot_write(&path, &error))?;
        let recording = RunRecording {
            path,
            handle: store.handle(),
            failed: Cell::new(false),
        };
        Ok((recording, store))
    }

    /// Whether everything was written so far. Prints an error the first time that it sees one.
    pub(crate) fn check(&self) -> bool {
        if let Some(error) = self.handle.error()
            && !self.failed.replace(true)
        {
            let path = self.path.display();
            report_error(&format!(
                "recording to {path} has stopped: {error}; the run continues without it"
            ));
        }
        !self.failed.get()
    }
}
