//! `loopscope compare`: compares two runs on the screen, or prints the comparison.

use std::io::{self, BufWriter, Write};

use loopscope::{
    insight,
    scene::{json, plain},
    tui::Session,
};

use super::{
    args::{CompareCommand, DisplayArgs},
    complete, has_screen,
    output::{CliResult, Exit, print_json},
    screen,
};

pub(crate) fn compare(args: &CompareCommand, display: &DisplayArgs) -> CliResult {
    let (a, b) = complete::two(&args.a, args.b.as_deref(), args.format, &args.run)?;
    if has_screen(args.mode.plain, args.mode.json) {
        let session = |replay| Session {
            replay,
            source: None,
        };
        return screen::two(session(a), session(b), display, (&args.run).into());
    }
    let language = display.language().for_runs(&a, &b);
    if args.mode.json {
        print_json(&json::comparison(&a, &b, language));
    } else {
        let mut out = BufWriter::new(io::stdout().lock());
        let comparison = insight::compare(&a, &b, language);
        let _ = plain::write_comparison(&a, &b, &comparison, language, &mut out)
            .and_then(|()| out.flush());
    }
    Ok(Exit::Done)
}
