//! `loopscope compare`: compares two runs on the screen, or prints the comparison.

use loopscope::{
    insight,
    scene::{json, plain},
    tui::{Session, Start},
};

use super::{
    args::{CompareCommand, DisplayArgs},
    complete, has_screen,
    loading::{self, Reporter},
    output::{CliResult, print_with},
    reading::FileReading,
    screen,
};

pub(crate) fn compare(args: &CompareCommand, display: &DisplayArgs) -> CliResult {
    if has_screen(args.mode.plain, args.mode.json) {
        return on_screen(args, display);
    }
    let reading = FileReading::of(args.format, args.load);
    let (a, b) = complete::two(&args.a, args.b.as_deref(), reading, &args.run)?;
    let language = display.language().for_runs(&a, &b);
    Ok(print_with(|out| {
        if args.mode.json {
            return json::write_comparison(&a, &b, language, out);
        }
        let comparison = insight::compare(&a, &b, language);
        plain::write_comparison(&a, &b, &comparison, language, out)
    }))
}

/// Shows a comparison on the screen. While files are read, or scenarios and scripts run, the screen
/// says so, and can be left.
fn on_screen(args: &CompareCommand, display: &DisplayArgs) -> CliResult {
    let session = |replay| Session {
        replay,
        source: None,
    };
    let start = move |(a, b)| Ok(Start::Two(session(a), session(b)));
    let show = |start| screen::compare(start, display, (&args.run).into());
    let reading = FileReading::of(args.format, args.load);
    let (a, b, run) = (args.a.clone(), args.b.clone(), args.run.clone());
    let load = move |reporter: &Reporter| {
        complete::two(&a, b.as_deref(), reading.reported_to(reporter), &run)
    };
    loading::show(load, start, show)
}
