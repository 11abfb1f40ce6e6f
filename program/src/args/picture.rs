//! The arguments of `render` and `cast`.

use clap::{Args, ValueEnum};
use loopscope::tui::render::PictureFormat;

use super::{RunArgs, in_range};

#[derive(Debug, Args)]
pub(crate) struct RenderCommand {
    #[command(flatten)]
    pub(crate) picture: PictureArgs,
    /// Format to write [default: by the name of the output file, else text]
    #[arg(long, value_enum)]
    pub(crate) format: Option<PictureFormat>,
    /// Screen to draw [default: main for one run, compare for two]
    #[arg(long, value_enum)]
    pub(crate) screen: Option<ScreenArg>,
    /// File to write to [default: standard output]
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<std::path::PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct CastCommand {
    #[command(flatten)]
    pub(crate) picture: PictureArgs,
    /// Stop after this many seconds of playing
    #[arg(long, value_name = "SECONDS", default_value_t = 60.0, value_parser = cast_seconds)]
    pub(crate) length: f64,
    /// File to write to [default: standard output]
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<std::path::PathBuf>,
}

/// What to draw.
#[derive(Debug, Args)]
pub(crate) struct PictureArgs {
    /// SCENARIO:VARIANT or a recorded file; two of them, separated by a comma, are compared
    pub(crate) what: Option<String>,
    /// Position in the run: an event (15), a tick ("tick 3"), a time ("t 1.5"), a task ("task 2"), the longest poll ("longest")
    #[arg(long, value_name = "POSITION")]
    pub(crate) at: Option<String>,
    /// Keys to press at that position before drawing, such as xu
    #[arg(long, value_name = "KEYS")]
    pub(crate) press: Option<String>,
    /// Size in columns and rows
    #[arg(long, value_name = "COLUMNSxROWS", default_value = "120x40", value_parser = size)]
    pub(crate) size: (u16, u16),
    #[command(flatten)]
    pub(crate) run: RunArgs,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ScreenArg {
    Main,
    Compare,
    Picker,
    Help,
}

fn cast_seconds(text: &str) -> Result<f64, String> {
    in_range(text, 1.0, 3600.0).ok_or_else(|| "seconds from 1 to 3600".into())
}

/// Parses a size such as `120x40`. The limit only saves memory: no terminal is larger.
fn size(text: &str) -> Result<(u16, u16), String> {
    let (columns, rows) = text
        .split_once('x')
        .ok_or("expected COLUMNSxROWS, such as 120x40")?;
    let side = |text: &str, most| {
        let number = text.parse().ok();
        number
            .filter(|number| (1..=most).contains(number))
            .ok_or("from 1x1 to 500x300")
    };
    Ok((side(columns, 500)?, side(rows, 300)?))
}
