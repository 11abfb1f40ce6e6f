//! From the command line to the screen.

use std::env;

use loopscope::{
    scenario::Plan,
    trace::ClockKind,
    tui::{
        self, CatalogueEntry, Launcher, Options, Parameter, RunRequest, Session, Start,
        theme::{Background, Palette, Theme, is_utf8},
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
    start(Start::Picker, look, None, Limits::default())
}

/// One run. Those that are started from its screen have the same limits.
pub(crate) fn one(session: Session, look: &Look, limits: Limits) -> Answer {
    start(Start::One(session), look, None, limits)
}

/// One run, from a place in it.
pub(crate) fn show(session: Session, look: &Look, at: Option<String>) -> Answer {
    start(Start::One(session), look, at, Limits::default())
}

/// Two runs side by side.
pub(crate) fn two(a: Session, b: Session, look: &Look, limits: Limits) -> Answer {
    start(Start::Two(a, b), look, None, limits)
}

fn start(start: Start, look: &Look, at: Option<String>, limits: Limits) -> Answer {
    let options = Options {
        palette: palette(look.palette),
        theme: background(look),
        ascii: look.ascii || !is_utf8(variable),
        motion: !look.no_motion,
        speed: look.speed,
        start,
        at,
        ..Options::default()
    };
    match tui::run(options, Box::new(Catalogue { limits })) {
        Ok(0) => Ok(Exit::Done),
        Ok(code) => Ok(Exit::Signal(code)),
        Err(error) => Err(Wrong::new(format!("the terminal cannot be used: {error}"))),
    }
}

fn background(look: &Look) -> Background {
    match look.theme {
        args::Theme::Dark => Background::Dark,
        args::Theme::Light => Background::Light,
    }
}

/// How it looks where there is no terminal to ask.
pub(crate) fn theme(look: &Look, palette: Palette) -> Theme {
    Theme {
        palette,
        background: background(look),
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
#[derive(Debug, Default)]
pub(crate) struct Catalogue {
    pub(crate) limits: Limits,
}

/// Where runs end that would go on: what the command line says holds for their branches, too.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Limits {
    until: Option<f64>,
    max_events: Option<u32>,
}

impl From<&How> for Limits {
    fn from(how: &How) -> Limits {
        Limits {
            until: how.until,
            max_events: how.max_events,
        }
    }
}

impl Catalogue {
    fn plan(&self, what: &RunRequest) -> Result<Plan, String> {
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
            until: self.limits.until,
            max_events: self.limits.max_events,
        };
        choose::plan(&name, &how).map_err(|Wrong(what)| what)
    }
}

impl Launcher for Catalogue {
    fn catalogue(&self) -> Vec<CatalogueEntry> {
        let choice = |scenario: &loopscope::scenario::Scenario| CatalogueEntry {
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
                .map(|param| Parameter {
                    name: param.name.into(),
                    default: param.default.into(),
                    help: param.help.into(),
                    range: param.range_words(),
                })
                .collect(),
        };
        ALL.iter().map(choice).collect()
    }

    fn start(&mut self, what: &RunRequest) -> Result<Session, String> {
        let plan = self.plan(what)?;
        let paused = plan.clock == ClockKind::Real;
        Live::start(plan, paused)
            .map(Live::session)
            .map_err(|error| error.to_string())
    }

    fn check(&self, what: &RunRequest) -> Result<(), String> {
        self.plan(what).map(|_| ())
    }
}
