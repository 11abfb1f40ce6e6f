//! From the command line to the screen.

use std::env;

use loopscope::{
    trace::ClockKind,
    tui::{
        self, Choice, Launcher, Options, Selection, Session, Start,
        theme::{Palette, Shade, Theme, is_utf8},
    },
};

use super::{
    Answer, Exit, Wrong,
    args::{self, How, Look},
    choose,
    live::Live,
};
use crate::scenarios::ALL;

/// The picker.
pub(crate) fn pick(look: &Look) -> Answer {
    start(Start::Picker, look, None)
}

/// One run.
pub(crate) fn one(session: Session, look: &Look) -> Answer {
    start(Start::One(session), look, None)
}

/// One run, from a place in it.
pub(crate) fn show(session: Session, look: &Look, at: Option<String>) -> Answer {
    start(Start::One(session), look, at)
}

/// Two runs side by side.
pub(crate) fn two(a: Session, b: Session, look: &Look) -> Answer {
    start(Start::Two(a, b), look, None)
}

fn start(start: Start, look: &Look, at: Option<String>) -> Answer {
    let options = Options {
        palette: palette(look.palette),
        theme: shade(look),
        ascii: look.ascii || !is_utf8(variable),
        motion: !look.no_motion,
        speed: look.speed,
        start,
        at,
        ..Options::default()
    };
    match tui::run(options, Box::new(Catalogue)) {
        Ok(0) => Ok(Exit::Done),
        Ok(code) => Ok(Exit::Signal(code)),
        Err(error) => Err(Wrong::new(format!("the terminal cannot be used: {error}"))),
    }
}

fn shade(look: &Look) -> Shade {
    match look.theme {
        args::Theme::Dark => Shade::Dark,
        args::Theme::Light => Shade::Light,
    }
}

/// How it looks where there is no terminal to ask.
pub(crate) fn theme(look: &Look, palette: Palette) -> Theme {
    Theme {
        palette,
        shade: shade(look),
        ascii: look.ascii,
    }
}

pub(crate) fn palette(asked: Option<args::Palette>) -> Palette {
    match asked {
        Some(args::Palette::Off) => Palette::Off,
        Some(args::Palette::Sixteen) => Palette::Sixteen,
        Some(args::Palette::TwoFiftySix) => Palette::TwoFiftySix,
        Some(args::Palette::Truecolor) => Palette::TrueColor,
        Some(args::Palette::Auto) | None => Palette::of(variable),
    }
}

fn variable(name: &str) -> Option<String> {
    env::var(name).ok()
}

/// What the picker shows, and how a choice is started.
pub(crate) struct Catalogue;

impl Launcher for Catalogue {
    fn choices(&self) -> Vec<Choice> {
        let choice = |scenario: &loopscope::scenario::Scenario| Choice {
            name: scenario.name.into(),
            title: scenario.title.into(),
            variants: scenario
                .variants
                .iter()
                .map(|variant| (variant.name.into(), variant.title.into()))
                .collect(),
            params: scenario
                .params
                .iter()
                .map(|param| (param.name.into(), param.default.into(), param.help.into()))
                .collect(),
        };
        ALL.iter().map(choice).collect()
    }

    fn start(&mut self, what: &Selection) -> Result<Session, String> {
        let name = format!("{}:{}", what.scenario, what.variant);
        let how = How {
            sets: what
                .params
                .iter()
                .map(|(key, value)| format!("{key}={value}"))
                .collect(),
            seed: what.seed,
            clock: what.clock.map(Into::into),
            schedule: what.schedule.clone(),
            ..How::default()
        };
        let plan = choose::plan(&name, &how).map_err(|Wrong(what)| what)?;
        let paused = plan.clock == ClockKind::Real;
        Live::start(plan, paused)
            .map(Live::session)
            .map_err(|error| error.to_string())
    }
}
