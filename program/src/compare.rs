//! `loopscope compare`.

use std::io::{self, BufWriter, Write};

use loopscope::{
    insight,
    scene::{json, plain},
    tui::Session,
};

use super::{
    Answer, Exit,
    args::{Compare, Look},
    has_screen, say_json, screen, whole,
};

pub(crate) fn compare(args: &Compare, look: &Look) -> Answer {
    let (a, b) = whole::two(&args.a, args.b.as_deref(), args.format, &args.how)?;
    if has_screen(args.face.plain, args.face.json) {
        let session = |replay| Session { replay, feed: None };
        return screen::two(session(a), session(b), look, (&args.how).into());
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
