//! `loopscope replay`.

use std::{
    fmt,
    fs::File,
    io::{self, BufWriter, Write},
    path::Path,
};

use loopscope::{
    replay::Replay,
    scene::{json, plain},
    trace::file,
    tui::{Goto, Session},
};

use super::{
    Answer, Exit, Wrong,
    args::{ImportFormat, Look, Replay as Args},
    complain, foreign, has_screen, load, say_json, screen,
};

pub(crate) fn replay(args: &Args, look: &Look) -> Answer {
    if has_screen(args.face.plain, args.face.json) {
        return on_screen(args, look);
    }
    let mut replay = open(&args.file, args.format)?;
    let position = match &args.at {
        Some(at) => Some(
            Goto::parse(at)
                .and_then(|goto| goto.position(&replay))
                .map_err(Wrong::new)?,
        ),
        None => None,
    };
    if args.face.json {
        say_json(&json::run(&replay));
        return Ok(Exit::Done);
    }
    let mut out = BufWriter::new(io::stdout().lock());
    let written = match position {
        Some(position) => {
            replay.seek(position);
            plain::write_state(&replay, &mut out)
        }
        None => plain::write_log(&replay, &mut out),
    };
    // A reader that has gone away is no failure.
    let _ = written.and_then(|()| out.flush());
    Ok(Exit::Done)
}

/// Shows it. A trace of our own is shown while it is read.
fn on_screen(args: &Args, look: &Look) -> Answer {
    let place = args.at.as_deref().map(Goto::parse).transpose();
    let place = place.map_err(Wrong::new)?;
    let session = match foreign::open(&args.file, args.format)? {
        Some(replay) => {
            place
                .map(|place| place.position(&replay))
                .transpose()
                .map_err(Wrong::new)?;
            Session { replay, feed: None }
        }
        None => load::session(&args.file)?,
    };
    screen::show(session, look, args.at.clone())
}

pub(crate) fn cannot_open(path: &Path, error: &dyn fmt::Display) -> Wrong {
    Wrong::new(format!("cannot open {}: {error}", path.display()))
}

/// Opens a recorded run, also one that another program wrote. Damage that leaves something to be seen is said on
/// standard error.
pub(crate) fn open(path: &Path, format: Option<ImportFormat>) -> Result<Replay, Wrong> {
    if let Some(replay) = foreign::open(path, format)? {
        return Ok(replay);
    }
    let from = File::open(path).map_err(|error| cannot_open(path, &error))?;
    let (log, damage) = file::read_all(from).map_err(|error| cannot_open(path, &error))?;
    let replay = Replay::new(log);
    let what = match damage {
        Some(damage) => Some(damage.to_string()),
        None if replay.is_damaged() => {
            Some("a part of it makes no sense; what comes before is shown".to_owned())
        }
        None => None,
    };
    if let Some(what) = what {
        complain(&format!("{}: {what}", path.display()));
    }
    Ok(replay)
}
