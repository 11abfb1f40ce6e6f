//! How a state looks: a letter code, a pattern and a colour, in this order of importance.
//!
//! | state | code | pattern | ASCII |
//! |---|---|---|---|
//! | running | `RUN` | `█` | `#` |
//! | ready | `RDY` | `▒` | `+` |
//! | timer | `TMR` | `─` | `-` |
//! | pending | `PND` | `┄` | `~` |
//! | failed, cancelled | `ERR`, `CNC` | `╳` | `x` |
//!
//! No information is carried by colour alone. Each glyph has an ASCII form of the same width.
//! `plain` replaces the glyphs after everything is drawn, so widgets use only one set of glyphs.
//!
//! Widgets take all styles from this module. Pictures take them from the cells that the widgets
//! have drawn.

use ratatui::{
    buffer::Buffer,
    style::{Color, Modifier, Style},
};

use crate::replay::Status;

/// How many colours the terminal has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Palette {
    /// No colours: bold and reverse only.
    Off,
    /// The sixteen named colours, as the user has set them.
    Sixteen,
    /// The 256 fixed colours of xterm.
    TwoFiftySix,
    /// 24-bit colours.
    #[default]
    TrueColor,
}

impl Palette {
    /// Detects the palette from the environment; `value` looks up a variable.
    pub fn of(value: impl Fn(&str) -> Option<String>) -> Palette {
        let (no_color, colorterm, term) = (value("NO_COLOR"), value("COLORTERM"), value("TERM"));
        Palette::detect(no_color.as_deref(), colorterm.as_deref(), term.as_deref())
    }

    /// Detects the palette from the values of `NO_COLOR`, `COLORTERM` and `TERM`. `NO_COLOR` wins
    /// if it is not empty.
    pub fn detect(no_color: Option<&str>, colorterm: Option<&str>, term: Option<&str>) -> Palette {
        if no_color.is_some_and(|value| !value.is_empty()) {
            return Palette::Off;
        }
        if colorterm.is_some_and(|value| value.contains("truecolor") || value.contains("24bit")) {
            return Palette::TrueColor;
        }
        // Without COLORTERM only the name of the terminal tells how many colours it has.
        match term.unwrap_or("") {
            "dumb" => Palette::Off,
            term if term.contains("direct") => Palette::TrueColor,
            term if term.contains("256") => Palette::TwoFiftySix,
            _ => Palette::Sixteen,
        }
    }
}

/// Whether a terminal with this locale shows the glyphs of the screen correctly. The encoding must
/// be UTF-8. Chinese, Japanese and Korean locales do not qualify, because their terminals may draw
/// box and block glyphs two cells wide. `value` looks up an environment variable.
pub fn is_utf8(value: impl Fn(&str) -> Option<String>) -> bool {
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().filter_map(value);
    match { locale }.find(|value| !value.is_empty()) {
        // Without a locale UTF-8 is assumed: today's terminals understand it.
        None => true,
        Some(locale) => {
            let lower = locale.to_ascii_lowercase();
            let east_asian = ["zh", "ja", "ko"]
                .iter()
                .any(|language| lower.starts_with(language));
            (lower.contains("utf-8") || lower.contains("utf8")) && !east_asian
        }
    }
}

/// The background of the terminal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "clap", derive(clap::ValueEnum))]
pub enum Background {
    /// Light text on a dark background.
    #[default]
    Dark,
    /// Dark text on a light background.
    Light,
}

impl Background {
    /// The colours of letters and background where a style sets none, as `#rrggbb`. Only a picture
    /// needs them: a terminal has default colours of its own.
    pub(super) fn terminal_colours(self) -> (&'static str, &'static str) {
        match self {
            Background::Dark => ("#d4d4d4", "#1e1e1e"),
            Background::Light => ("#1e1e1e", "#ffffff"),
        }
    }
}

/// The settings for colours and glyphs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Theme {
    /// How many colours there are.
    pub palette: Palette,
    /// The background of the terminal.
    pub background: Background,
    /// Whether only ASCII characters are drawn.
    pub ascii: bool,
}

/// A colour in each of the palettes: 24-bit, 256, 16. Most of the 24-bit ones are the Okabe-Ito
/// colours, which colour-blind people can tell apart, and darker forms of them for a light
/// background. Each has a contrast of at least 4.5 to 1 on its background.
type Tint = ((u8, u8, u8), u8, Color);

impl Theme {
    /// The glyph of which a lane is drawn.
    pub fn pattern(status: Status) -> &'static str {
        match status {
            Status::Running => "█",
            Status::Ready => "▒",
            Status::Timer => "─",
            Status::Pending => "┄",
            Status::Unknown => "?",
            Status::Failed | Status::Cancelled => "╳",
            Status::Done | Status::Absent => " ",
        }
    }

    /// The style of a state.
    pub fn state(self, status: Status) -> Style {
        let dark = self.background == Background::Dark;
        let tint: Tint = match (status, dark) {
            (Status::Running, true) => ((0xF0, 0xE4, 0x42), 221, Color::LightYellow),
            (Status::Running, false) => return Style::new().add_modifier(Modifier::REVERSED),
            (Status::Ready, true) => ((0x56, 0xB4, 0xE9), 74, Color::LightCyan),
            (Status::Ready, false) => ((0x00, 0x72, 0xB2), 25, Color::Blue),
            (Status::Timer, true) => ((0xCC, 0x79, 0xA7), 175, Color::LightMagenta),
            (Status::Timer, false) => ((0x9B, 0x4F, 0x7C), 96, Color::Magenta),
            (Status::Pending, true) => ((0x90, 0xB0, 0x70), 107, Color::LightGreen),
            (Status::Pending, false) => ((0x10, 0x40, 0x20), 22, Color::Green),
            (Status::Failed | Status::Cancelled, true) => {
                ((0xE8, 0x6F, 0x12), 208, Color::LightRed)
            }
            (Status::Failed | Status::Cancelled, false) => ((0xB3, 0x47, 0x00), 130, Color::Red),
            (Status::Unknown | Status::Done | Status::Absent, true) => {
                ((0x8C, 0x8C, 0x8C), 245, Color::DarkGray)
            }
            (Status::Unknown | Status::Done | Status::Absent, false) => {
                ((0x6E, 0x6E, 0x6E), 242, Color::DarkGray)
            }
        };
        // Without colours, bold distinguishes a running task.
        let style = self.tint(tint);
        if status == Status::Running {
            style.add_modifier(Modifier::BOLD)
        } else {
            style
        }
    }

    /// The style of a cell of a lane. On a light background running is reversed text, but the full
    /// block of a lane must not be reversed: it would become a blank.
    pub(super) fn lane(self, status: Status) -> Style {
        self.state(status).remove_modifier(Modifier::REVERSED)
    }

    fn tint(self, (rgb, indexed, named): Tint) -> Style {
        match self.palette {
            Palette::Off => Style::new(),
            Palette::Sixteen => Style::new().fg(named),
            Palette::TwoFiftySix => Style::new().fg(Color::Indexed(indexed)),
            Palette::TrueColor => Style::new().fg(Color::Rgb(rgb.0, rgb.1, rgb.2)),
        }
    }

    /// Text of minor importance: units, hints, labels.
    pub(super) fn dim(self) -> Style {
        match self.background {
            Background::Dark => self.tint(((0x9A, 0x9A, 0x9A), 247, Color::Gray)),
            Background::Light => self.tint(((0x5E, 0x5E, 0x5E), 59, Color::DarkGray)),
        }
    }

    /// The border of a panel without focus.
    pub(super) fn border(self) -> Style {
        match self.background {
            Background::Dark => self.tint(((0x8C, 0x8C, 0x8C), 245, Color::DarkGray)),
            Background::Light => self.tint(((0x6E, 0x6E, 0x6E), 242, Color::DarkGray)),
        }
    }

    /// Keys, headings, and what is selected.
    pub(super) fn strong() -> Style {
        Style::new().add_modifier(Modifier::BOLD)
    }

    /// An entry that has just moved to another queue.
    pub(super) fn moved(style: Style) -> Style {
        style.add_modifier(Modifier::REVERSED)
    }

    /// The selected row of a list.
    pub(super) fn chosen() -> Style {
        Style::new().add_modifier(Modifier::REVERSED)
    }

    /// String literals in the source.
    pub(super) fn literal(self) -> Style {
        match self.background {
            Background::Dark => self.tint(((0xCE, 0xB0, 0x8A), 180, Color::Yellow)),
            Background::Light => self.tint(((0x7A, 0x55, 0x1E), 94, Color::Yellow)),
        }
    }
}

/// The glyphs of the screen and their ASCII forms of the same width.
const PLAIN: [(&str, &str); 50] = [
    ("⋮", ":"),
    ("↔", "/"),
    ("█", "#"),
    ("▒", "+"),
    ("─", "-"),
    ("┄", "~"),
    ("╳", "x"),
    ("·", "."),
    ("□", "]"),
    ("│", "|"),
    ("┌", "+"),
    ("┐", "+"),
    ("└", "+"),
    ("┘", "+"),
    ("├", "|"),
    ("┤", "|"),
    ("┼", "+"),
    ("╂", "+"),
    ("┏", "+"),
    ("┓", "+"),
    ("┗", "+"),
    ("┛", "+"),
    ("━", "="),
    ("┃", "|"),
    ("▲", "^"),
    ("●", "O"),
    ("◂", "<"),
    ("▸", ">"),
    ("▾", "v"),
    ("▶", ">"),
    ("▮", "="),
    ("✓", "*"),
    ("▓", "#"),
    ("░", "."),
    ("—", "-"),
    ("–", "-"),
    ("…", "."),
    ("→", ">"),
    ("←", "<"),
    ("↑", "^"),
    ("↓", "v"),
    ("Δ", "D"),
    ("µ", "u"),
    ("×", "x"),
    ("“", "\""),
    ("”", "\""),
    ("’", "'"),
    ("◆", "*"),
    ("◇", "!"),
    ("↺", "@"),
];

/// Replaces each character that is not ASCII: a glyph of the table above by its ASCII form, any
/// other by `?`.
pub(super) fn plain(buffer: &mut Buffer) {
    for cell in &mut buffer.content {
        let symbol = cell.symbol();
        if symbol.is_ascii() {
            continue;
        }
        let form = PLAIN.iter().find(|(glyph, _)| *glyph == symbol);
        // The second cell of a wide character is blank already.
        cell.set_symbol(form.map_or("?", |(_, form)| form));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_color_wins_over_what_the_terminal_can() {
        let detect = Palette::detect;
        assert_eq!(detect(Some("1"), Some("truecolor"), None), Palette::Off);
        assert_eq!(
            detect(Some(""), Some("truecolor"), None),
            Palette::TrueColor
        );
        assert_eq!(
            detect(None, None, Some("xterm-256color")),
            Palette::TwoFiftySix
        );
        assert_eq!(detect(None, None, Some("xterm")), Palette::Sixteen);
        assert_eq!(detect(None, None, Some("dumb")), Palette::Off);
    }

    #[test]
    fn every_pattern_has_a_form_of_its_own_in_ascii() {
        let states = [
            Status::Running,
            Status::Ready,
            Status::Timer,
            Status::Pending,
            Status::Failed,
        ];
        let form = |status| {
            let pattern = Theme::pattern(status);
            PLAIN
                .iter()
                .find(|(glyph, _)| *glyph == pattern)
                .map(|(_, form)| *form)
        };
        let mut forms: Vec<_> = states.into_iter().filter_map(form).collect();
        assert_eq!(forms.len(), states.len());
        forms.sort_unstable();
        forms.dedup();
        assert_eq!(forms.len(), states.len());
    }
}
