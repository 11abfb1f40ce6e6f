//! `loopscope render`: a screen as a picture.

use std::{
    fs,
    path::{Path, PathBuf},
};

use loopscope::{
    scene::summary_line,
    tui::{
        Action, Goto, Launcher, Message, Model, Options, PaneSlot,
        render::{self, PictureFormat},
        theme::Palette,
        update,
    },
};

use super::{
    Answer, Exit, Wrong,
    args::{self, Look, Picture, Render, Screen},
    run::cannot_write,
    say,
    screen::{self, Catalogue},
    whole,
};

pub(crate) fn render(args: &Render, look: &Look) -> Answer {
    let format = format(args);
    let (mut model, title) = stage(
        &args.picture,
        args.screen,
        look,
        format != PictureFormat::Text,
    )?;
    match args.screen {
        Some(Screen::Picker) => render::act(&mut model, Action::Picker),
        Some(Screen::Help) => render::act(&mut model, Action::Help),
        Some(Screen::Main) if args.picture.pair().is_some() => {
            render::act(&mut model, Action::Open);
        }
        _ => {}
    }
    type_in(&mut model, &args.picture);
    let picture = render::render(&model, format, &title);
    hand_over(args.output.as_ref(), picture.as_bytes())
}

/// What was asked for, or what the file's name says.
fn format(args: &Render) -> PictureFormat {
    let named = args.output.as_ref().and_then(|path| path.extension());
    match args.format {
        Some(args::Format::Svg) => PictureFormat::Svg,
        Some(args::Format::Ansi) => PictureFormat::Ansi,
        None if named.is_some_and(|name| name.eq_ignore_ascii_case("svg")) => PictureFormat::Svg,
        None if named.is_some_and(|name| name.eq_ignore_ascii_case("ans")) => PictureFormat::Ansi,
        Some(args::Format::Text) | None => PictureFormat::Text,
    }
}

/// The screen with its runs at their place, and what it shows in a line.
pub(crate) fn stage(
    picture: &Picture,
    screen: Option<Screen>,
    look: &Look,
    coloured: bool,
) -> Result<(Model, String), Wrong> {
    // What the terminal can do is no matter: there is none.
    let palette = match look.palette {
        None | Some(args::Palette::Auto) if coloured => Palette::TrueColor,
        None | Some(args::Palette::Auto) => Palette::Off,
        asked => screen::palette(asked),
    };
    let theme = screen::theme(look, palette);
    let mut model = Model::new(theme, Catalogue::default().catalogue());
    model.configure(&Options {
        speed: look.speed,
        at: picture.at.clone(),
        ..Options::default()
    });
    let (columns, rows) = picture.size;
    drop(update(&mut model, Message::Resize(columns, rows)));
    let mut titles = Vec::new();
    let runs = runs(picture, screen)?;
    for (replay, slot) in runs.into_iter().zip([PaneSlot::First, PaneSlot::Second]) {
        if let (Some(at), PaneSlot::First) = (&picture.at, slot) {
            Goto::parse(at)
                .and_then(|goto| goto.position(&replay))
                .map_err(Wrong::new)?;
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

fn runs(
    picture: &Picture,
    screen: Option<Screen>,
) -> Result<Vec<loopscope::replay::Replay>, Wrong> {
    let how = &picture.how;
    let Some(what) = &picture.what else {
        return match screen {
            Some(Screen::Picker | Screen::Help) => Ok(Vec::new()),
            _ => Err(Wrong::new("draw what? Name a scenario or a recorded file")),
        };
    };
    match (picture.pair(), screen) {
        (Some((a, b)), _) => whole::two(a, Some(b), None, how).map(|(a, b)| vec![a, b]),
        (None, Some(Screen::Compare)) => whole::two(what, None, None, how).map(|(a, b)| vec![a, b]),
        (None, _) => whole::one(what, None, how).map(|replay| vec![replay]),
    }
}

/// Presses the keys that were asked for.
pub(crate) fn type_in(model: &mut Model, picture: &Picture) {
    render::type_keys(model, picture.press.as_deref().unwrap_or_default());
}

impl Picture {
    /// Two runs, if two are named. A file may have a comma in its name.
    fn pair(&self) -> Option<(&str, &str)> {
        let what = self.what.as_deref()?;
        what.split_once(',').filter(|_| !Path::new(what).is_file())
    }
}

/// Into the file that was named, or to standard output.
pub(crate) fn hand_over(output: Option<&PathBuf>, bytes: &[u8]) -> Answer {
    match output {
        Some(path) => fs::write(path, bytes).map_err(|error| cannot_write(path, &error))?,
        None => say(&String::from_utf8_lossy(bytes)),
    }
    Ok(Exit::Done)
}
