//! `loopscope compare`: compares two runs on the screen, or prints the comparison.

use loopscope::{
    insight,
    scene::{json, plain},
    tui::Session,
};

use super::{
    args::{CompareCommand, DisplayArgs},
    complete, has_screen,
    output::{CliResult, print_with},
    screen,
};

pub(crate) fn compare(args: &CompareCommand, display: &DisplayArgs) -> CliResult {
    let (a, b) = complete::two(&args.a, args.b.as_deref(), args.format.into(), &args.run)?;
    if has_screen(args.mode.plain, args.mode.json) {
        let session = |replay| Session {
            replay,
            source: None,
        };
        return screen::two(session(a), session(b), display, (&args.run).into());
    }
    let language = display.language().for_runs(&a, &b);
    Ok(print_with(|out| {
        if args.mode.json {
            return json::write_comparison(&a, &b, language, out);
        }
        let comparison = insight::compare(&a, &b, language);
        plain::write_comparison(&a, &b, &comparison, language, out)
    }))
}
