//! Arguments that all commands have: how the output and the screen look.

use clap::{Args, ValueEnum};
use loopscope::{insight::Language, scene::findings::CheckSettings, tui::theme::Background};

use super::values::speed;
use crate::config::Config;

/// Output without a screen.
#[derive(Clone, Copy, Debug, Default, Args)]
pub(crate) struct OutputMode {
    /// Print events as lines instead of drawing a screen (the default in a pipe)
    #[arg(long, conflicts_with = "json")]
    pub(crate) plain: bool,
    /// Print one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

/// How the screen looks.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Screen")]
pub(crate) struct DisplayArgs {
    /// Number of colours [default: what the terminal supports; `NO_COLOR` turns colours off]
    #[arg(long, global = true, value_enum)]
    pub(crate) palette: Option<PaletteArg>,
    /// Colours for a dark or a light background
    #[arg(long, global = true, value_enum, default_value_t = Background::Dark)]
    pub(crate) theme: Background,
    /// The language you read: source, lines and words are in it, if the program exists in it
    /// [default: what the configuration file says, else rust]
    #[arg(long, global = true, value_enum, value_name = "LANGUAGE")]
    pub(crate) lang: Option<Language>,
    /// Draw with ASCII characters only
    #[arg(long, global = true)]
    pub(crate) ascii: bool,
    /// When playing, jump from landmark to landmark (output, spawn, error)
    #[arg(long, global = true)]
    pub(crate) no_motion: bool,
    /// Playing speed: 2 is twice as fast
    #[arg(long, global = true, value_name = "X", default_value_t = 1.0, value_parser = speed)]
    pub(crate) speed: f64,
    /// The settings that the user keeps; not an argument.
    #[arg(skip)]
    pub(crate) config: Config,
    /// What counts as a finding: from the arguments of the command.
    #[arg(skip)]
    pub(crate) checks: CheckSettings,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum PaletteArg {
    Auto,
    Off,
    #[value(name = "16")]
    Sixteen,
    #[value(name = "256")]
    TwoFiftySix,
    Truecolor,
}

impl DisplayArgs {
    /// The language that the user reads: by the argument, or else by the configuration file.
    pub(crate) fn language(&self) -> Language {
        self.lang.or(self.config.language).unwrap_or_default()
    }

    /// The same for a Python program: it is described in Python unless the argument says otherwise,
    /// so no language is asked for.
    pub(crate) fn for_python(&self) -> DisplayArgs {
        DisplayArgs {
            lang: self.lang.or(Some(Language::Python)),
            ..self.clone()
        }
    }

    /// Whether the screen asks which language the user reads.
    pub(crate) fn asks_language(&self) -> bool {
        self.lang.is_none() && self.config.asks()
    }
}
