//! Starts the screen with the options of the command line.

use std::{env, io};

use loopscope::{
    insight::Language,
    scenario::{Plan, Scenario},
    trace::ClockKind,
    tui::{
        self, CatalogueEntry, LaunchError, Launcher, Options, Parameter, Progress, RunRequest,
        Session, Start,
        theme::{Palette, Theme, is_utf8},
    },
};

use super::{
    args::{DisplayArgs, PaletteArg, RunArgs},
    config::Config,
    live::LiveRun,
    output::{CliError, CliResult, Exit},
    progress, resolve,
};
use crate::scenarios::{ALL, group_of};

/// Shows the picker.
pub(crate) fn pick(display: &DisplayArgs) -> CliResult {
    start(Start::Picker, display, None, RunLimits::default())
}

/// Shows one run. The limits also apply to runs that are started from its screen. `listen` is the
/// address at which the run listens, if one was given.
pub(crate) fn one(
    session: Session,
    display: &DisplayArgs,
    limits: RunLimits,
    listen: Option<String>,
) -> CliResult {
    let options = Options {
        listen,
        start: Start::One(session),
        ..options(display)
    };
    show_screen(options, limits, &display.config)
}

/// Shows one run, with another launcher, which gets the scenarios.
pub(crate) fn beside(
    session: Session,
    display: &DisplayArgs,
    launcher: impl FnOnce(Catalogue) -> Box<dyn Launcher>,
) -> CliResult {
    let options = Options {
        start: Start::One(session),
        ..options(display)
    };
    let scenarios = Catalogue {
        limits: RunLimits::default(),
        config: display.config.clone(),
    };
    run_screen(options, launcher(scenarios))
}

/// Opens a lesson.
pub(crate) fn lesson(scenario: &Scenario, display: &DisplayArgs) -> CliResult {
    let start_with = Start::Lesson(scenario.name.into());
    start(start_with, display, None, RunLimits::default())
}

/// Shows a file, from the position `at` on.
pub(crate) fn show(first: Start, display: &DisplayArgs, at: Option<String>) -> CliResult {
    start(first, display, at, RunLimits::default())
}

/// Shows two runs side by side.
pub(crate) fn compare(both: Start, display: &DisplayArgs, limits: RunLimits) -> CliResult {
    start(both, display, None, limits)
}

fn start(start: Start, display: &DisplayArgs, at: Option<String>, limits: RunLimits) -> CliResult {
    let options = Options {
        start,
        at,
        ..options(display)
    };
    show_screen(options, limits, &display.config)
}

/// The options that the command line and the last start determine.
fn options(display: &DisplayArgs) -> Options {
    Options {
        palette: palette(display.palette),
        theme: display.theme,
        ascii: display.ascii || !is_utf8(variable),
        language: display.language(),
        asks_language: display.asks_language(),
        notice: display.config.complaint.clone(),
        motion: !display.no_motion,
        speed: display.speed,
        progress: progress::load(&display.config),
        checks: display.checks.clone(),
        ..Options::default()
    }
}

fn show_screen(options: Options, limits: RunLimits, config: &Config) -> CliResult {
    let catalogue = Catalogue {
        limits,
        config: config.clone(),
    };
    run_screen(options, Box::new(catalogue))
}

fn run_screen(options: Options, launcher: Box<dyn Launcher>) -> CliResult {
    match tui::run(options, launcher) {
        Ok(0) => Ok(Exit::Done),
        Ok(code) => Ok(Exit::Signal(code)),
        Err(error) => Err(CliError::new(format!(
            "the terminal cannot be used: {error}"
        ))),
    }
}

/// The theme of a picture, with no terminal to ask.
pub(crate) fn theme(display: &DisplayArgs, palette: Palette) -> Theme {
    Theme {
        palette,
        background: display.theme,
        ascii: display.ascii,
    }
}

pub(crate) fn palette(asked: Option<PaletteArg>) -> Palette {
    match asked {
        Some(PaletteArg::Off) => Palette::Off,
        Some(PaletteArg::Sixteen) => Palette::Sixteen,
        Some(PaletteArg::TwoFiftySix) => Palette::TwoFiftySix,
        Some(PaletteArg::Truecolor) => Palette::TrueColor,
        Some(PaletteArg::Auto) | None => Palette::of(variable),
    }
}

fn variable(name: &str) -> Option<String> {
    env::var(name).ok()
}

/// The scenarios, for the picker, and how to start one.
#[derive(Debug, Default)]
pub(crate) struct Catalogue {
    pub(crate) limits: RunLimits,
    /// Where the language that the user chooses is kept.
    config: Config,
}

/// Limits from the command line; they also apply to what-if branches.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct RunLimits {
    until: Option<f64>,
    max_events: Option<u64>,
}

impl From<&RunArgs> for RunLimits {
    fn from(run: &RunArgs) -> RunLimits {
        RunLimits {
            until: run.until,
            max_events: run.max_events,
        }
    }
}

impl Catalogue {
    fn plan(&self, what: &RunRequest) -> Result<Plan, LaunchError> {
        let name = format!("{}:{}", what.scenario, what.variant);
        let run = RunArgs {
            sets: what
                .params
                .iter()
                .map(|(key, value)| format!("{key}={value}"))
                .collect(),
            seed: what.seed,
            clock: what.clock,
            schedule: what.schedule.clone(),
            until: self.limits.until,
            max_events: self.limits.max_events,
        };
        let plan =
            resolve::plan(&name, &run).map_err(|CliError(what)| LaunchError::Invalid(what))?;
        let effect = plan.variant.effect;
        if what.from_file && effect.is_outside() {
            // The names are those of the catalogue, not those of the file.
            let (scenario, variant) = (plan.scenario.name, plan.variant.name);
            return Err(LaunchError::FromFile(format!(
                "{scenario}:{variant} {}, and a file does not start that; type: loopscope run {scenario}:{variant}",
                effect.words()
            )));
        }
        Ok(plan)
    }
}

impl Launcher for Catalogue {
    fn catalogue(&self) -> Vec<CatalogueEntry> {
        let choice = |scenario: &Scenario| CatalogueEntry {
            name: scenario.name.into(),
            title: scenario.title.into(),
            variants: scenario
                .variants
                .iter()
                .map(|variant| (variant.name.into(), variant.title.into()))
                .collect(),
            pairs: scenario
                .pairs
                .map_or_else(String::new, |(_, text)| text.into()),
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
            group: group_of(scenario.name).into(),
            source: scenario.source.into(),
            twin: scenario.twin.map_or("", |(_, text)| text).into(),
            listens: scenario.listens,
        };
        ALL.iter().map(choice).collect()
    }

    fn start(&mut self, what: &RunRequest) -> Result<Session, LaunchError> {
        let plan = self.plan(what)?;
        let paused = plan.clock == ClockKind::Real;
        let mut session = LiveRun::start(plan, paused, None)
            .map(LiveRun::session)
            .map_err(LaunchError::Io)?;
        if what.from_file {
            session.replay.mark_from_file();
        }
        Ok(session)
    }

    fn check(&self, what: &RunRequest) -> Result<(), LaunchError> {
        self.plan(what).map(|_| ())
    }

    fn remember(&mut self, language: Language) -> io::Result<()> {
        self.config.remember(language)
    }

    fn keep_progress(&mut self, progress: &Progress) {
        progress::keep(progress, &self.config);
    }
}
