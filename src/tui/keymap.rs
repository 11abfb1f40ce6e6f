//! The keys: one table. It binds them, and the footer, the help and the README are written from it.
//!
//! A row is a pair: what goes forward, and, on the capital letter, the same step back.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::message::{Action, Unit};

/// A key as it is pressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key {
    code: KeyCode,
    ctrl: bool,
}

/// Where a row applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// On every screen.
    Anywhere,
    /// Where a run is shown, alone or beside another.
    Run,
    /// On the main screen only.
    Main,
    /// Where two runs are compared.
    Compare,
    /// In the list of what can be run.
    Picker,
}

/// What a row is about; the help screen has a part for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    /// Steps and jumps.
    Move,
    /// Playing.
    Play,
    /// What is shown.
    Look,
    /// Two runs.
    Compare,
    /// The program itself.
    Program,
}

impl Group {
    /// All, in the order of the help screen.
    pub const ALL: [Group; 5] = [
        Group::Move,
        Group::Play,
        Group::Look,
        Group::Compare,
        Group::Program,
    ];

    /// Its heading.
    pub fn title(self) -> &'static str {
        match self {
            Group::Move => "Moving through the run",
            Group::Play => "Playing",
            Group::Look => "What is shown",
            Group::Compare => "Two runs",
            Group::Program => "The program",
        }
    }
}

/// Keys and what they do.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// The keys; the first is the one that the footer names.
    pub keys: &'static [Key],
    /// What they do.
    pub action: Action,
    /// The way back: its keys and what they do.
    pub back: Option<(&'static [Key], Action)>,
    /// One or two words for the footer; empty for a row that the footer leaves out.
    pub short: &'static str,
    /// What it does, in a few words.
    pub help: &'static str,
    /// Which part of the help it stands in.
    pub group: Group,
    /// Where it applies.
    pub place: Place,
}

const fn c(letter: char) -> Key {
    Key {
        code: KeyCode::Char(letter),
        ctrl: false,
    }
}

const fn k(code: KeyCode) -> Key {
    Key { code, ctrl: false }
}

const fn ctrl(letter: char) -> Key {
    Key {
        code: KeyCode::Char(letter),
        ctrl: true,
    }
}

const fn row(keys: &'static [Key], action: Action, short: &'static str, help: &'static str) -> Row {
    Row {
        keys,
        action,
        back: None,
        short,
        help,
        group: Group::Move,
        place: Place::Run,
    }
}

impl Row {
    const fn back(mut self, keys: &'static [Key], action: Action) -> Row {
        self.back = Some((keys, action));
        self
    }

    const fn of(mut self, group: Group, place: Place) -> Row {
        self.group = group;
        self.place = place;
        self
    }
}

use Group as G;
use Place as P;

/// The table. The footer takes the rows that have a short form, in this order, as far as there is room.
pub const ROWS: &[Row] = &[
    row(
        &[c(' '), k(KeyCode::F(5))],
        Action::Play,
        "play",
        "play or pause; a live loop is paused itself",
    )
    .of(G::Play, P::Run),
    row(
        &[c('n'), k(KeyCode::Right), c('l'), c('.'), k(KeyCode::F(11))],
        Action::Forth(Unit::Event),
        "event",
        "next / previous event",
    )
    .back(
        &[c('N'), k(KeyCode::Left), c('h'), c(',')],
        Action::Back(Unit::Event),
    ),
    row(
        &[c('s')],
        Action::Forth(Unit::Poll),
        "poll",
        "next / previous poll: one task's turn",
    )
    .back(&[c('S')], Action::Back(Unit::Poll)),
    row(
        &[c('t'), k(KeyCode::F(10))],
        Action::Forth(Unit::Tick),
        "tick",
        "next / previous tick: one iteration of the loop",
    )
    .back(&[c('T')], Action::Back(Unit::Tick)),
    row(
        &[c('d')],
        Action::NextDifference,
        "difference",
        "next / previous difference",
    )
    .back(&[c('D')], Action::PreviousDifference)
    .of(G::Compare, P::Compare),
    row(
        &[c('z')],
        Action::Lock,
        "lock",
        "what both go along by: time, tick, event, output",
    )
    .of(G::Compare, P::Compare),
    row(
        &[c('v')],
        Action::Compare,
        "compare",
        "compare with another variant, or leave",
    )
    .of(G::Compare, P::Run),
    row(&[c('p')], Action::Picker, "scenario", "choose a scenario").of(G::Program, P::Run),
    row(
        &[k(KeyCode::Enter)],
        Action::Cause,
        "cause",
        "go to the cause of what just happened",
    )
    .of(G::Move, P::Main),
    row(
        &[c('c')],
        Action::Forth(Unit::Mark),
        "mark",
        "next / previous mark: output, spawn, error",
    )
    .back(&[c('C')], Action::Back(Unit::Mark)),
    row(
        &[c('g'), k(KeyCode::Home)],
        Action::First,
        "start/end",
        "first / last event",
    )
    .back(&[c('G'), k(KeyCode::End)], Action::Last),
    row(
        &[c(':')],
        Action::Goto,
        "goto",
        "go to an event, `:tick 3`, `:t 1.5`, `:task 2`",
    ),
    row(
        &[k(KeyCode::Backspace)],
        Action::Return,
        "",
        "return from the last jump",
    ),
    row(
        &[k(KeyCode::PageDown)],
        Action::Forth(Unit::Tenth),
        "",
        "ten percent on / back",
    )
    .back(&[k(KeyCode::PageUp)], Action::Back(Unit::Tenth)),
    row(
        &[c('m')],
        Action::SetMark,
        "",
        "set a mark: a letter follows",
    ),
    row(
        &[c('\'')],
        Action::GoMark,
        "",
        "go to a mark: its letter follows",
    ),
    row(
        &[c(']')],
        Action::Faster,
        "speed",
        "play a tenth faster / slower",
    )
    .back(&[c('[')], Action::Slower)
    .of(G::Play, P::Run),
    row(
        &[c('}')],
        Action::Double,
        "",
        "play at double / half the speed",
    )
    .back(&[c('{')], Action::Half)
    .of(G::Play, P::Run),
    row(&[c('=')], Action::Normal, "", "play at 1x").of(G::Play, P::Run),
    row(
        &[k(KeyCode::Tab)],
        Action::NextPanel,
        "panel",
        "next / previous panel, or the other run",
    )
    .back(&[k(KeyCode::BackTab)], Action::PreviousPanel)
    .of(G::Look, P::Run),
    row(
        &[c('1'), c('2'), c('3'), c('4'), c('5'), c('6')],
        Action::Panel,
        "",
        "go to a panel by its number",
    )
    .of(G::Look, P::Main),
    row(
        &[k(KeyCode::Down), c('j')],
        Action::Down,
        "",
        "move the selection, or scroll, in the panel",
    )
    .back(&[k(KeyCode::Up), c('k')], Action::Up)
    .of(G::Look, P::Run),
    row(
        &[c('u')],
        Action::Future,
        "future",
        "show or hide what has not happened yet",
    )
    .of(G::Look, P::Run),
    row(
        &[c('x')],
        Action::Axis,
        "axis",
        "timeline by time or by ticks",
    )
    .of(G::Look, P::Run),
    row(&[c('+')], Action::ZoomIn, "", "zoom the timeline in / out")
        .back(&[c('-')], Action::ZoomOut)
        .of(G::Look, P::Run),
    row(&[c('o')], Action::Swap, "swap", "exchange the two runs").of(G::Compare, P::Compare),
    row(
        &[k(KeyCode::Enter)],
        Action::Open,
        "open side",
        "show the chosen run alone",
    )
    .of(G::Compare, P::Compare),
    row(
        &[k(KeyCode::Enter), k(KeyCode::Right), c('l'), c(' ')],
        Action::Open,
        "open",
        "run what is chosen",
    )
    .of(G::Look, P::Picker),
    row(
        &[k(KeyCode::Down), c('j')],
        Action::Down,
        "choose",
        "next / previous scenario or variant",
    )
    .back(&[k(KeyCode::Up), c('k')], Action::Up)
    .of(G::Look, P::Picker),
    row(
        &[k(KeyCode::PageDown)],
        Action::PageDown,
        "",
        "a page down / up",
    )
    .back(&[k(KeyCode::PageUp)], Action::PageUp)
    .of(G::Look, P::Picker),
    row(
        &[c('g'), k(KeyCode::Home)],
        Action::First,
        "",
        "first / last",
    )
    .back(&[c('G'), k(KeyCode::End)], Action::Last)
    .of(G::Look, P::Picker),
    row(
        &[c('v')],
        Action::Compare,
        "compare",
        "compare this variant with the next",
    )
    .of(G::Compare, P::Picker),
    row(
        &[k(KeyCode::Esc)],
        Action::Close,
        "",
        "close what is open; never quits",
    )
    .of(G::Program, P::Anywhere),
    row(
        &[c('?'), k(KeyCode::F(1))],
        Action::Help,
        "help",
        "show or hide this list",
    )
    .of(G::Program, P::Anywhere),
    row(
        &[ctrl('z')],
        Action::Suspend,
        "",
        "suspend; `fg` comes back",
    )
    .of(G::Program, P::Anywhere),
    row(&[c('q'), ctrl('c')], Action::Quit, "quit", "quit").of(G::Program, P::Anywhere),
];

/// What a key does on a screen.
pub fn action(place: Place, key: &KeyEvent) -> Option<Action> {
    let ctrl = key.modifiers.contains(KeyModifiers::CONTROL);
    let pressed = |known: &&Key| known.code == key.code && known.ctrl == ctrl;
    rows(place).find_map(|row| {
        if row.keys.iter().any(|key| pressed(&key)) {
            return Some(row.action);
        }
        let (keys, action) = row.back?;
        keys.iter().any(|key| pressed(&key)).then_some(action)
    })
}

/// The rows that apply on a screen ([`Place::Main`], [`Place::Compare`] or [`Place::Picker`]).
pub fn rows(place: Place) -> impl Iterator<Item = &'static Row> {
    ROWS.iter().filter(move |row| match row.place {
        Place::Anywhere => true,
        Place::Run => place != Place::Picker,
        own => own == place,
    })
}

impl Key {
    /// How a key is written.
    pub fn name(self) -> String {
        let name = match self.code {
            KeyCode::Char(' ') => "space".into(),
            KeyCode::Char(letter) if self.ctrl => letter.to_ascii_uppercase().to_string(),
            KeyCode::Char(letter) => letter.to_string(),
            KeyCode::Left => "←".into(),
            KeyCode::Right => "→".into(),
            KeyCode::Up => "↑".into(),
            KeyCode::Down => "↓".into(),
            KeyCode::PageUp => "PgUp".into(),
            KeyCode::PageDown => "PgDn".into(),
            KeyCode::BackTab => "Shift+Tab".into(),
            KeyCode::F(number) => format!("F{number}"),
            code => format!("{code:?}"),
        };
        if self.ctrl {
            format!("Ctrl+{name}")
        } else {
            name
        }
    }

    /// The key event that presses it.
    pub fn event(self) -> KeyEvent {
        let modifiers = if self.ctrl {
            KeyModifiers::CONTROL
        } else {
            KeyModifiers::NONE
        };
        KeyEvent::new(self.code, modifiers)
    }
}

impl Row {
    /// The keys as the footer names them: `n/N`.
    pub fn brief(&self) -> String {
        let first = |keys: &[Key]| keys.first().map(|key| key.name()).unwrap_or_default();
        match self.back {
            Some((back, _)) => format!("{}/{}", first(self.keys), first(back)),
            None => first(self.keys),
        }
    }

    /// All keys, forward and back.
    pub fn all(&self) -> String {
        let names = |keys: &[Key]| {
            keys.iter()
                .map(|key| key.name())
                .collect::<Vec<_>>()
                .join(" ")
        };
        match self.back {
            Some((back, _)) => format!("{} / {}", names(self.keys), names(back)),
            None => names(self.keys),
        }
    }
}

/// The keys as a table for the README.
pub fn markdown() -> String {
    let mut text = String::from("| Keys | What they do |\n|---|---|\n");
    let names = |keys: &[Key]| {
        keys.iter()
            .map(|key| format!("`{}`", key.name()))
            .collect::<Vec<_>>()
            .join(" ")
    };
    for group in Group::ALL {
        for row in ROWS.iter().filter(|row| row.group == group) {
            let keys = match row.back {
                Some((back, _)) => format!("{} / {}", names(row.keys), names(back)),
                None => names(row.keys),
            };
            let place = match row.place {
                Place::Picker => " (in the list of scenarios)",
                Place::Compare => " (comparing)",
                _ => "",
            };
            text.push_str(&format!("| {keys} | {}{place} |\n", row.help));
        }
    }
    text.push_str(
        "| mouse | click a lane or the scrubber to go there, the wheel steps by one event |\n",
    );
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_is_bound_twice_on_a_screen() {
        for place in [Place::Main, Place::Compare, Place::Picker] {
            let mut seen: Vec<Key> = Vec::new();
            for row in rows(place) {
                for key in row
                    .keys
                    .iter()
                    .chain(row.back.map_or(&[][..], |(keys, _)| keys))
                {
                    assert!(!seen.contains(key), "{} twice in {place:?}", key.name());
                    assert!(action(place, &key.event()).is_some());
                    seen.push(*key);
                }
            }
        }
    }

    #[test]
    fn every_row_says_what_it_does() {
        for row in ROWS {
            assert!(!row.help.is_empty() && !row.keys.is_empty());
            assert!(row.help.len() <= 60, "{}", row.help);
            assert!(markdown().contains(row.help));
        }
    }
}
