//! `loopscope render` and `loopscope cast`: draw a screen, or play a run, into a file.

use std::{
    ffi::OsStr,
    io::{self, IsTerminal},
    os::unix::ffi::OsStrExt,
    path::Path,
    time::Duration,
};

use loopscope::{
    replay::{Axis, Replay},
    scene::summary_line,
    tui::{
        Action, Goto, Launcher, Message, Model, Options, PaneSlot,
        render::{self, PictureFormat},
        theme::{Palette, Theme},
        update,
    },
};

use super::{
    args::{CastCommand, DisplayArgs, PaletteArg, PictureArgs, RenderCommand, ScreenArg},
    complete,
    output::{CliError, CliResult, output_path, print, written_to},
    output_file::{self, Content, OutputFile},
    reading::FileReading,
    screen::{self, Catalogue},
};

pub(crate) fn render(args: &RenderCommand, display: &DisplayArgs) -> CliResult {
    let format = format(args);
    let content = match format {
        PictureFormat::Svg => Content::Svg,
        PictureFormat::Text | PictureFormat::Ansi => Content::Screen,
    };
    let path = output_path(args.output.as_deref());
    let output = Output::new(path, content, args.force)?;
    let (mut model, title) = prepare_model(
        &args.picture,
        args.screen,
        display,
        format != PictureFormat::Text,
    )?;
    match args.screen {
        Some(ScreenArg::Picker) => render::act(&mut model, Action::OpenPicker),
        Some(ScreenArg::Help) => render::act(&mut model, Action::Help),
        Some(ScreenArg::Main) if args.picture.pair().is_some() => {
            render::act(&mut model, Action::ShowAlone);
        }
        _ => {}
    }
    let keys = args.picture.press.as_deref().unwrap_or_default();
    let picture = match args.animate {
        Some(_) if format != PictureFormat::Svg => {
            return Err(CliError::new(
                "--animate makes an SVG: add --format svg, or name a file that ends in .svg",
            ));
        }
        Some(seconds) => render::animate(&mut model, keys, seconds, &title),
        None => {
            type_in(&mut model, &args.picture);
            render::render(&model, format, &title)
        }
    };
    output.write(picture.as_bytes())
}

/// The requested format, or the one that the output file's extension selects.
fn format(args: &RenderCommand) -> PictureFormat {
    let named = args.output.as_ref().and_then(|path| path.extension());
    match args.format {
        Some(format) => format,
        None if named.is_some_and(|name| name.eq_ignore_ascii_case("svg")) => PictureFormat::Svg,
        None if named.is_some_and(|name| name.eq_ignore_ascii_case("ans")) => PictureFormat::Ansi,
        None => PictureFormat::Text,
    }
}

/// The timeline of a whole run as an SVG: what `render WHAT --press G4z` draws, with a row for each
/// of the first tasks.
pub(crate) fn timeline(replay: Replay, axis: Axis) -> String {
    // The rows beside the lanes: header, border, ruler, ticks, legend, footer.
    const FRAME: usize = 14;
    const MOST_ROWS: usize = 200;
    let rows = (replay.tables().tasks().len() + FRAME).min(MOST_ROWS);
    let mut model = Model::new(Theme::default(), Vec::new());
    let resize = Message::Resize(160, u16::try_from(rows).unwrap_or(u16::MAX));
    let title = format!("loopscope: {}", summary_line::title(&replay));
    let launched = Message::Launched {
        slot: PaneSlot::First,
        result: Ok(Box::new(replay)),
        status: None,
    };
    for message in [resize, launched] {
        drop(update(&mut model, message));
    }
    render::type_keys(&mut model, "G4z");
    if axis == Axis::Poll {
        render::type_keys(&mut model, "x");
    }
    render::render(&model, PictureFormat::Svg, &title)
}

/// A screen with its runs at their positions, and a title for it.
fn prepare_model(
    picture: &PictureArgs,
    screen: Option<ScreenArg>,
    display: &DisplayArgs,
    coloured: bool,
) -> Result<(Model, String), CliError> {
    // There is no terminal to ask for its colours.
    let palette = match display.palette {
        None | Some(PaletteArg::Auto) if coloured => Palette::TrueColor,
        None | Some(PaletteArg::Auto) => Palette::Off,
        asked => screen::palette(asked),
    };
    let theme = screen::theme(display, palette);
    let mut model = Model::new(theme, Catalogue::default().catalogue());
    model.configure(&Options {
        speed: display.speed,
        language: display.language(),
        at: picture.at.clone(),
        ..Options::default()
    });
    let (columns, rows) = picture.size;
    drop(update(&mut model, Message::Resize(columns, rows)));
    let mut titles = Vec::new();
    let runs = runs(picture, screen)?;
    for (replay, slot) in runs.into_iter().zip([PaneSlot::First, PaneSlot::Second]) {
        if let (Some(at), PaneSlot::First) = (&picture.at, slot) {
            Goto::parse_in(at, &replay)
                .and_then(|goto| goto.position(&replay))
                .map_err(CliError::new)?;
        }
        titles.push(summary_line::title(&replay));
        let launched = Message::Launched {
            slot,
            result: Ok(Box::new(replay)),
            status: None,
        };
        drop(update(&mut model, launched));
    }
    let title = match titles.as_slice() {
        [] => "loopscope".into(),
        titles => format!("loopscope: {}", titles.join(" and ")),
    };
    Ok((model, title))
}

fn runs(picture: &PictureArgs, screen: Option<ScreenArg>) -> Result<Vec<Replay>, CliError> {
    let run = &picture.run;
    let Some(what) = &picture.what else {
        return match screen {
            Some(ScreenArg::Picker | ScreenArg::Help) => Ok(Vec::new()),
            _ => Err(CliError::new(
                "nothing to draw: name a scenario or a recorded file",
            )),
        };
    };
    let reading = FileReading::of(None, picture.load);
    match (picture.pair(), screen) {
        (Some((a, b)), _) => complete::two(a, Some(b), reading, run).map(|(a, b)| vec![a, b]),
        (None, Some(ScreenArg::Compare)) => {
            complete::two(what, None, reading, run).map(|(a, b)| vec![a, b])
        }
        (None, _) => complete::one(what, &reading, run).map(|run| vec![run.replay]),
    }
}

/// Presses the keys of `--press`.
fn type_in(model: &mut Model, picture: &PictureArgs) {
    render::type_keys(model, picture.press.as_deref().unwrap_or_default());
}

impl PictureArgs {
    /// The two runs of `A,B`. A file whose name has a comma is one run.
    fn pair(&self) -> Option<(&OsStr, &OsStr)> {
        let what = self.what.as_deref()?;
        if Path::new(what).exists() {
            return None;
        }
        let bytes = what.as_bytes();
        let comma = bytes.iter().position(|byte| *byte == b',')?;
        let (a, b) = (&bytes[..comma], &bytes[comma + 1..]);
        Some((OsStr::from_bytes(a), OsStr::from_bytes(b)))
    }
}

/// Where a picture goes.
struct Output<'a> {
    /// The named file; `None` for standard output.
    path: Option<&'a Path>,
    content: Content,
    force: bool,
}

impl<'a> Output<'a> {
    /// Refuses a file that must not be replaced, before anything runs.
    fn new(path: Option<&'a Path>, content: Content, force: bool) -> Result<Output<'a>, CliError> {
        if let Some(path) = path {
            output_file::check(path, content, force)?;
        }
        Ok(Output {
            path,
            content,
            force,
        })
    }

    fn write(self, bytes: &[u8]) -> CliResult {
        let Some(path) = self.path else {
            return Ok(print(&String::from_utf8_lossy(bytes)));
        };
        let file = OutputFile::create(path, self.content, self.force)?;
        Ok(written_to(path, file.write_whole(bytes)))
    }
}

pub(crate) fn cast(args: &CastCommand, display: &DisplayArgs) -> CliResult {
    let path = output_path(args.output.as_deref());
    if path.is_none() && io::stdout().is_terminal() {
        return Err(CliError::new(
            "an asciicast is not written to a terminal: name a file with -o, or use a pipe",
        ));
    }
    let output = Output::new(path, Content::Cast, args.force)?;
    let (mut model, title) = prepare_model(&args.picture, None, display, true)?;
    type_in(&mut model, &args.picture);
    let mut file = Vec::new();
    let longest = Duration::from_secs_f64(args.length);
    render::write_cast(&mut model, &title, longest, &mut file).map_err(CliError::new)?;
    output.write(&file)
}
