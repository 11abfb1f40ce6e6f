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
    tui::Goto,
};

use super::{
    Answer, Exit, Wrong,
    args::{Look, Replay as Args},
    complain, has_screen, load, say_json, screen,
};

pub(crate) fn replay(args: &Args, look: &Look) -> Answer {
    if has_screen(args.face.plain, args.face.json) {
        if let Some(at) = &args.at {
            Goto::parse(at).map_err(Wrong::new)?;
        }
        let session = load::session(&args.file)?;
        return screen::show(session, look, args.at.clone());
    }
    let mut replay = open(&args.file)?;
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

pub(crate) fn cannot_open(path: &Path, error: &dyn fmt::Display) -> Wrong {
    Wrong::new(format!("cannot open {}: {error}", path.display()))
}

/// Opens a recorded run. Damage that leaves something to be seen is said on standard error.
pub(crate) fn open(path: &Path) -> Result<Replay, Wrong> {
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
