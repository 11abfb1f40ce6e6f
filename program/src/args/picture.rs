//! What can be typed about pictures.

use clap::{Args, ValueEnum};

use super::{RunArgs, in_range};

#[derive(Debug, Args)]
pub(crate) struct RenderCommand {
    #[command(flatten)]
    pub(crate) picture: PictureArgs,
    /// What to write [default: by the file's name, else text]
    #[arg(long, value_enum)]
    pub(crate) format: Option<PictureFormatArg>,
    /// Which screen [default: the run, or the comparison of two]
    #[arg(long, value_enum)]
    pub(crate) screen: Option<ScreenArg>,
    /// Where to write it [default: standard output]
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<std::path::PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct CastCommand {
    #[command(flatten)]
    pub(crate) picture: PictureArgs,
    /// Stop after so many seconds of playing
    #[arg(long, value_name = "SECONDS", default_value_t = 60.0, value_parser = cast_seconds)]
    pub(crate) length: f64,
    /// Where to write it [default: standard output]
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<std::path::PathBuf>,
}

/// What is drawn where nobody sits before a screen.
#[derive(Debug, Args)]
pub(crate) struct PictureArgs {
    /// SCENARIO:VARIANT or a recorded file; two of them with a comma between are compared
    pub(crate) what: Option<String>,
    /// Where in the run: an event (15), a tick ("tick 3"), a time ("t 1.5"), a task ("task 2"), "longest" (poll)
    #[arg(long, value_name = "POSITION")]
    pub(crate) at: Option<String>,
    /// Press these keys there before anything is drawn, such as xu
    #[arg(long, value_name = "KEYS")]
    pub(crate) press: Option<String>,
    /// Columns and rows
    #[arg(long, value_name = "COLUMNSxROWS", default_value = "120x40", value_parser = size)]
    pub(crate) size: (u16, u16),
    #[command(flatten)]
    pub(crate) run: RunArgs,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum PictureFormatArg {
    Svg,
    Ansi,
    Text,
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

/// More cells than any terminal has would only cost memory.
fn size(text: &str) -> Result<(u16, u16), String> {
    let (columns, rows) = text.split_once('x').ok_or("it is written like 120x40")?;
    let side = |text: &str, most| {
        let number = text.parse().ok();
        number
            .filter(|number| (1..=most).contains(number))
            .ok_or("from 1x1 to 500x300")
    };
    Ok((side(columns, 500)?, side(rows, 300)?))
}
