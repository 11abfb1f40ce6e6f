//! `loopscope replay`.

use std::{
    fs::File,
    io::{self, BufReader, BufWriter, Write},
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
    args::{Look, Replay as Args},
    complain, has_screen, say_json, screen,
};

pub(crate) fn replay(args: &Args, look: &Look) -> Answer {
    let mut replay = open(&args.file)?;
    let position = match &args.at {
        Some(at) => Some(
            Goto::parse(at)
                .and_then(|goto| goto.position(&replay))
                .map_err(Wrong::new)?,
        ),
        None => None,
    };
    if has_screen(args.face.plain, args.face.json) {
        let session = Session { replay, feed: None };
        return screen::show(session, look, args.at.clone());
    }
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

/// Opens a recorded run. Damage that leaves something to be seen is said on standard error.
pub(crate) fn open(path: &Path) -> Result<Replay, Wrong> {
    let cannot = |error: &dyn std::fmt::Display| {
        Wrong::new(format!("cannot open {}: {error}", path.display()))
    };
    let from = File::open(path).map_err(|error| cannot(&error))?;
    let (log, damage) = file::read(BufReader::new(from)).map_err(|error| cannot(&error))?;
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
