//! `loopscope run`.

use std::{
    fs::File,
    io::{self, BufWriter, Write},
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

use loopscope::{
    replay::Replay,
    scenario::Plan,
    scene::{json, plain::LogWriter},
    trace::{
        ClockKind, Log, Outcome,
        file::{self, FileWriter},
    },
};

use super::{
    Answer, Exit, Wrong,
    args::{Look, Run},
    choose, complain, has_screen,
    live::{Live, attend},
    say_json,
    screen::{self, Limits},
    whole,
};

pub(crate) fn run(args: &Run, look: &Look) -> Answer {
    let mut plan = choose::plan(&args.scenario, &args.how)?;
    if let Some(address) = &args.listen {
        if !plan.scenario.listens {
            return Err(Wrong::new(format!(
                "{} is no server: it takes no --listen",
                plan.scenario.name
            )));
        }
        check_address(address)?;
        plan.args.set_listen(address);
    }
    // Found out now, not after the run.
    let file = args
        .record
        .as_deref()
        .map(|path| create(path).map(|file| (path, file)))
        .transpose()?;
    if has_screen(args.face.plain, args.face.json) {
        on_screen(plan, (&args.how).into(), look, file)
    } else {
        headless(plan, args.face.json, file)
    }
}

/// Refuses an address that cannot be listened at before anything is started.
fn check_address(address: &str) -> Result<(), Wrong> {
    match std::net::TcpListener::bind(address) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::AddrInUse => Err(Wrong::new(format!(
            "cannot listen at {address}: the port is in use; port 0 takes a free one"
        ))),
        Err(error) => Err(Wrong::new(format!(
            "cannot listen at {address:?}: {error}; try 127.0.0.1:8888"
        ))),
    }
}

type Target<'a> = Option<(&'a Path, File)>;

fn create(path: &Path) -> Result<File, Wrong> {
    File::create(path).map_err(|error| cannot_write(path, &error))
}

pub(crate) fn cannot_write(path: &Path, error: &io::Error) -> Wrong {
    Wrong::new(format!("cannot write {}: {error}", path.display()))
}

fn on_screen(plan: Plan, limits: Limits, look: &Look, file: Target<'_>) -> Answer {
    if !plan.schedule.is_empty() {
        // A choice that cannot be made is told on a line, not on a screen. It is the same run both times.
        whole::finished(plan.clone())?;
    }
    let meta = plan.meta();
    let paused = plan.clock == ClockKind::Real;
    let mut live = Live::start(plan, paused).map_err(Wrong::new)?;
    let copy = Arc::new(Mutex::new(Vec::new()));
    if file.is_some() {
        live.copy_to(Arc::clone(&copy));
    }
    let answer = screen::one(live.session(), look, limits)?;
    if let Some((path, to)) = file {
        let bytes = std::mem::take(&mut *copy.lock().unwrap_or_else(PoisonError::into_inner));
        file::write(&Log { bytes, meta }, BufWriter::new(to))
            .map_err(|error| cannot_write(path, &error))?;
    }
    Ok(answer)
}

fn headless(plan: Plan, as_json: bool, file: Target<'_>) -> Answer {
    let meta = plan.meta();
    let mut replay = Replay::new(Log {
        bytes: Vec::new(),
        meta: meta.clone(),
    });
    let path = file.as_ref().map(|(path, _)| *path);
    let mut recording = file
        .map(|(_, to)| FileWriter::new(BufWriter::new(to), &meta))
        .transpose();
    let mut log = LogWriter::default();
    let mut out = BufWriter::new(io::stdout().lock());
    let mut live = Live::start(plan, false).map_err(Wrong::new)?;
    let (ended, signal) = attend(&mut live, |bytes| {
        if let Ok(Some(to)) = &mut recording
            && let Err(error) = to.records(&bytes)
        {
            recording = Err(error);
        }
        replay.append(&bytes);
        if !as_json {
            // A reader that has gone away is no failure, and the run goes on.
            let _ = log.go_on(&replay, &mut out).and_then(|()| out.flush());
        }
    })?;
    if as_json {
        drop(out);
        say_json(&json::run(&replay));
    } else {
        let _ = log.finish(&replay, &mut out).and_then(|()| out.flush());
    }
    let finished = recording.and_then(|to| to.map(FileWriter::finish).transpose());
    if let (Err(error), Some(path)) = (finished, path) {
        return Err(cannot_write(path, &error));
    }
    if let Some(refused) = ended.refused {
        return Err(whole::refused(&refused));
    }
    if let Some(error) = &ended.error {
        if ended.bad_address {
            return Err(Wrong::new(error));
        }
        complain(&format!("the program failed: {error}"));
    }
    Ok(match (signal, ended.outcome) {
        (Some(code), _) => Exit::Signal(code),
        (None, Outcome::Panicked | Outcome::Deadlock | Outcome::Stalled) => Exit::Failed,
        (None, Outcome::Finished | Outcome::Stopped | Outcome::Limit) => Exit::Done,
    })
}
