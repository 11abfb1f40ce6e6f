//! `loopscope compare`.

use std::{
    io::{self, BufWriter, Write},
    path::Path,
};

use loopscope::{
    insight,
    replay::Replay,
    scenario::Plan,
    scene::{json, plain},
    tui::Session,
};

use super::{
    Answer, Exit, Wrong,
    args::{Compare, How, Look},
    choose, has_screen,
    live::{Live, attend},
    replay::open,
    say_json, screen,
};

/// One side of a comparison.
enum Side {
    File(Box<Replay>),
    Plan(Box<Plan>),
}

pub(crate) fn compare(args: &Compare, look: &Look) -> Answer {
    let (a, b) = sides(args)?;
    let (a, b) = (finished(a)?, finished(b)?);
    if has_screen(args.face.plain, args.face.json) {
        let session = |replay| Session { replay, feed: None };
        return screen::two(session(a), session(b), look);
    }
    if args.face.json {
        say_json(&json::comparison(&a, &b));
    } else {
        let mut out = BufWriter::new(io::stdout().lock());
        let comparison = insight::compare(&a, &b);
        let _ = plain::write_comparison(&a, &b, &comparison, &mut out).and_then(|()| out.flush());
    }
    Ok(Exit::Done)
}

fn sides(args: &Compare) -> Result<(Side, Side), Wrong> {
    if let Some(b) = &args.b {
        return Ok((side(&args.a, &args.how)?, side(b, &args.how)?));
    }
    if args.a.contains(':') || Path::new(&args.a).is_file() {
        return Err(Wrong::new(format!(
            "compare {} with what? Name a second run",
            args.a
        )));
    }
    let scenario = choose::scenario(&args.a)?;
    let [first, second, ..] = scenario.variants else {
        return Err(Wrong::new(format!(
            "{} has only one variant; name a second run",
            scenario.name
        )));
    };
    let named = |variant: &str| side(&format!("{}:{variant}", scenario.name), &args.how);
    Ok((named(first.name)?, named(second.name)?))
}

/// A recorded file if there is one of this name, else a scenario.
fn side(what: &str, how: &How) -> Result<Side, Wrong> {
    if Path::new(what).is_file() {
        open(Path::new(what)).map(|replay| Side::File(Box::new(replay)))
    } else {
        choose::plan(what, how).map(|plan| Side::Plan(Box::new(plan)))
    }
}

/// A run is compared as a whole, so it is run to its end first.
fn finished(side: Side) -> Result<Replay, Wrong> {
    let plan = match side {
        Side::File(replay) => return Ok(*replay),
        Side::Plan(plan) => *plan,
    };
    let log = loopscope::trace::Log {
        bytes: Vec::new(),
        meta: plan.meta(),
    };
    let mut replay = Replay::new(log);
    let mut live = Live::start(plan, false).map_err(Wrong::new)?;
    let (ended, signal) = attend(&mut live, |bytes| replay.append(&bytes))?;
    if let Some(code) = signal {
        std::process::exit(code.into());
    }
    match ended.error {
        Some(error) if ended.bad_address => Err(Wrong::new(error)),
        _ => Ok(replay),
    }
}
