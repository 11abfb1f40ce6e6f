//! `loopscope run`.

use std::{
    io::{self, BufWriter, Write},
    path::Path,
};

use loopscope::{
    replay::Replay,
    scenario::Plan,
    scene::{json, plain::LogWriter},
    trace::{ClockKind, Log, Outcome},
};

use super::{
    Answer, Exit, Wrong,
    args::{Look, Run},
    choose, complain, has_screen,
    live::{Live, attend},
    record::Recording,
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
    let meta = plan.meta();
    let recording = args.record.as_deref();
    let recording = recording
        .map(|path| Recording::create(path, &meta))
        .transpose()?;
    if has_screen(args.face.plain, args.face.json) {
        on_screen(plan, args, look, recording)
    } else {
        headless(plan, args, recording)
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

pub(crate) fn cannot_write(path: &Path, error: &io::Error) -> Wrong {
    Wrong::new(format!("cannot write {}: {error}", path.display()))
}

fn on_screen(plan: Plan, args: &Run, look: &Look, recording: Option<Recording>) -> Answer {
    if !plan.schedule.is_empty() {
        // A choice that cannot be made is told on a line, not on a screen. It is the same run both times.
        whole::finished(plan.clone())?;
    }
    let paused = plan.clock == ClockKind::Real;
    let mut live = Live::start(plan, paused).map_err(Wrong::new)?;
    let ending = recording.as_ref().map(Recording::ending);
    if let Some(recording) = recording {
        live.record(recording);
    }
    let mut session = live.session();
    if let Some(bytes) = args.max_memory {
        session.replay.limit(bytes);
    }
    let answer = screen::one(session, look, Limits::from(&args.how))?;
    Ok(match ending {
        Some(ending) if !ending.is_well() => answer.or_failed(),
        _ => answer,
    })
}

fn headless(plan: Plan, args: &Run, recording: Option<Recording>) -> Answer {
    let as_json = args.face.json;
    let mut replay = Replay::new(Log {
        bytes: Vec::new(),
        meta: plan.meta(),
    });
    if let Some(bytes) = args.max_memory {
        replay.limit(bytes);
    }
    let mut log = LogWriter::default();
    let mut out = BufWriter::new(io::stdout().lock());
    let mut live = Live::start(plan, false).map_err(Wrong::new)?;
    let (ended, signal) = attend(&mut live, |bytes| {
        if let Some(recording) = &recording {
            recording.give(&bytes);
            recording.ending().is_well();
        }
        replay.append(&bytes);
        if !as_json {
            // A reader that has gone away is no failure, and the run goes on.
            let _ = log.append(&replay, &mut out).and_then(|()| out.flush());
        }
        let by = replay.trim();
        log.shift_positions(&replay, by);
    })?;
    if as_json {
        drop(out);
        say_json(&json::run(&replay));
    } else {
        let _ = log.finish(&replay, &mut out).and_then(|()| out.flush());
    }
    let recorded = recording.is_none_or(Recording::finish);
    if let Some(refused) = ended.refused {
        return Err(whole::refused(&refused));
    }
    if let Some(error) = &ended.error {
        if ended.bad_address {
            return Err(Wrong::new(error));
        }
        complain(&format!("the program failed: {error}"));
    }
    let exit = match (signal, ended.outcome) {
        (Some(code), _) => Exit::Signal(code),
        (None, Outcome::Panicked | Outcome::Deadlock | Outcome::Stalled) => Exit::Failed,
        (None, Outcome::Finished | Outcome::Stopped | Outcome::Limit) => Exit::Done,
    };
    Ok(if recorded { exit } else { exit.or_failed() })
}
