//! All that the screen knows. It is changed in `update` only.

use std::collections::BTreeMap;

use crate::{
    insight::{self, Comparison, Lock},
    replay::{Axis, Replay},
    scene::program::Language,
    trace::{Position, TaskId},
};

use super::{
    branch::WhatIf,
    feed::{Choice, Pulse, Selection},
    keymap::Place,
    player::Player,
    theme::Theme,
};

/// The screen's state.
#[derive(Debug)]
pub struct Model {
    pub(super) theme: Theme,
    /// Columns and rows of the terminal.
    pub(super) size: (u16, u16),
    pub(super) screen: Screen,
    pub(super) overlay: Overlay,
    /// One line for the person, until the next key.
    pub(super) notice: Option<String>,
    /// No run, one, or two that are compared.
    pub(super) sides: Vec<Side>,
    /// Which of them has the keys.
    pub(super) active: usize,
    /// The panel that has the keys.
    pub(super) focus: Panel,
    /// The panel on top where there is room for one only.
    pub(super) top: Panel,
    /// What the source is shown in.
    pub(super) language: Language,
    pub(super) axis: Axis,
    /// How often the timeline is halved.
    pub(super) zoom: u32,
    /// Whether what comes after the position is shown.
    pub(super) future: bool,
    pub(super) lock: Lock,
    pub(super) player: Player,
    pub(super) picker: Picker,
    /// Worked out when two runs are laid side by side.
    pub(super) comparison: Option<Box<Comparison>>,
    /// What is to be started beside the first run once that is there.
    pub(super) wanted: Option<Selection>,
    /// The branches that were started, the oldest first.
    pub(super) branches: Vec<Selection>,
    /// Where a run that is opened next begins.
    pub(super) at: Option<String>,
}

/// Which screen is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Screen {
    Picker,
    Main,
    Compare,
}

/// What lies over the screen, or takes its keys.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum Overlay {
    #[default]
    None,
    /// The keys, from this line on.
    Help(usize),
    /// What was typed after `:`.
    Prompt(String),
    /// The next letter is a mark: to be set, or to go to.
    Mark { set: bool },
    /// Who else could have the next turn.
    WhatIf(WhatIf),
}

/// The panels of the main screen, by their numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Panel {
    Program,
    Loop,
    Tasks,
    Timeline,
    Why,
    Output,
}

impl Panel {
    pub(super) const ALL: [Panel; 6] = [
        Panel::Program,
        Panel::Loop,
        Panel::Tasks,
        Panel::Timeline,
        Panel::Why,
        Panel::Output,
    ];

    /// The number that stands in its title.
    pub(super) fn number(self) -> usize {
        self as usize + 1
    }
}

/// A run on the screen.
#[derive(Debug)]
pub(super) struct Side {
    pub(super) replay: Replay,
    /// How the loop is, if more may come from it.
    pub(super) pulse: Option<Pulse>,
    /// Stays at the newest event.
    pub(super) following: bool,
    /// The selected task's number; it may not have been spawned yet at the position.
    pub(super) selected: u32,
    /// How far the source is scrolled; none follows the tasks.
    pub(super) source_top: Option<usize>,
    /// How many of the newest lines of output are scrolled out.
    pub(super) output_back: usize,
    /// How far the explanation is scrolled.
    pub(super) why_top: usize,
    pub(super) marks: BTreeMap<char, Position>,
    /// Where we came from, latest last.
    pub(super) jumps: Vec<Position>,
}

/// The most jumps that can be returned from.
const MOST_JUMPS: usize = 100;

impl Side {
    pub(super) fn new(mut replay: Replay, pulse: Option<Pulse>) -> Side {
        let live = pulse.is_some_and(|pulse| pulse.live && !pulse.ended);
        let start = if live { replay.end() } else { Position(1) };
        replay.seek(start);
        Side {
            replay,
            pulse,
            following: live,
            selected: 0,
            source_top: None,
            output_back: 0,
            why_top: 0,
            marks: BTreeMap::new(),
            jumps: Vec::new(),
        }
    }

    /// Whether there is a loop that runs on a real clock and can be told what to do.
    pub(super) fn is_live(&self) -> bool {
        self.pulse.is_some_and(|pulse| pulse.live && !pulse.ended)
    }

    pub(super) fn is_paused_live(&self) -> bool {
        self.is_live() && self.pulse.is_some_and(|pulse| pulse.paused)
    }

    pub(super) fn at_end(&self) -> bool {
        self.replay.position() == self.replay.end()
    }

    /// The task that is selected: the last one if that many have not been spawned yet.
    pub(super) fn task(&self) -> TaskId {
        let last = self.replay.state().tasks.len().saturating_sub(1);
        TaskId(self.selected.min(u32::try_from(last).unwrap_or(u32::MAX)))
    }

    /// Moves. What was scrolled goes back to where something happens.
    pub(super) fn seek(&mut self, position: Position) {
        if position == self.replay.position() {
            return;
        }
        self.replay.seek(position);
        self.source_top = None;
        self.output_back = 0;
        self.why_top = 0;
    }

    /// Remembers where we are before a jump.
    pub(super) fn remember(&mut self) {
        let here = self.replay.position();
        if self.jumps.last() != Some(&here) {
            if self.jumps.len() == MOST_JUMPS {
                self.jumps.remove(0);
            }
            self.jumps.push(here);
        }
    }
}

/// The list of what can be run.
#[derive(Clone, Debug, Default)]
pub(super) struct Picker {
    pub(super) choices: Vec<Choice>,
    /// Which of all variants, counted through.
    pub(super) row: usize,
}

impl Picker {
    /// All variants: a choice without any counts as one.
    pub(super) fn entries(&self) -> Vec<(usize, usize)> {
        let mut entries = Vec::new();
        for (at, choice) in self.choices.iter().enumerate() {
            entries.extend((0..choice.variants.len().max(1)).map(|variant| (at, variant)));
        }
        entries
    }

    /// What an entry would run.
    pub(super) fn selection(&self, entry: (usize, usize)) -> Option<Selection> {
        let choice = self.choices.get(entry.0)?;
        let variant = choice.variants.get(entry.1).map(|(name, _)| name.clone());
        Some(Selection {
            scenario: choice.name.clone(),
            variant: variant.unwrap_or_default(),
            ..Selection::default()
        })
    }
}

impl Model {
    /// A screen without a run, in a terminal of no size yet.
    pub fn new(theme: Theme, choices: Vec<Choice>) -> Model {
        Model {
            theme,
            size: (0, 0),
            screen: Screen::Picker,
            overlay: Overlay::None,
            notice: None,
            sides: Vec::new(),
            active: 0,
            focus: Panel::Loop,
            top: Panel::Loop,
            language: Language::Rust,
            axis: Axis::Time,
            zoom: 0,
            future: false,
            lock: Lock::Time,
            player: Player::default(),
            picker: Picker { choices, row: 0 },
            comparison: None,
            wanted: None,
            branches: Vec::new(),
            at: None,
        }
    }

    /// Where the run that has the keys stands, and how many events it has.
    pub fn position(&self) -> Option<(Position, Position)> {
        let side = self.side()?;
        Some((side.replay.position(), side.replay.end()))
    }

    /// Whether time has to be told to it: it plays.
    pub fn wants_frames(&self) -> bool {
        self.player.is_playing() && self.screen != Screen::Picker
    }

    /// How fast it plays.
    pub fn speed(&self) -> f64 {
        self.player.speed()
    }

    /// Holds the model against what must be true of it at any time.
    ///
    /// # Panics
    ///
    /// If it is not. It is for tests.
    pub fn check(&self) {
        assert!(self.sides.len() <= 2 && self.active <= self.sides.len().saturating_sub(1));
        assert!(
            self.screen == Screen::Picker || !self.sides.is_empty(),
            "nothing to show"
        );
        assert!(
            self.screen != Screen::Compare || self.sides.len() == 2,
            "nothing to compare"
        );
        assert!(self.picker.row <= self.picker.entries().len().saturating_sub(1));
        if let Overlay::WhatIf(list) = &self.overlay {
            assert!(list.row < list.entries(&self.branches).len().max(1));
        }
        for side in &self.sides {
            let state = side.replay.state();
            assert!(side.replay.position() <= side.replay.end());
            assert!(side.task().index() <= state.tasks.len().saturating_sub(1));
            assert!(side.output_back <= state.outputs as usize);
            assert!(side.jumps.len() <= MOST_JUMPS);
        }
    }

    /// The run that has the keys.
    pub(super) fn side(&self) -> Option<&Side> {
        self.sides.get(self.active)
    }

    pub(super) fn side_mut(&mut self) -> Option<&mut Side> {
        self.sides.get_mut(self.active)
    }

    /// Where the keys of this screen are looked up.
    pub(super) fn place(&self) -> Place {
        match self.screen {
            Screen::Picker => Place::Picker,
            Screen::Main => Place::Main,
            Screen::Compare => Place::Compare,
        }
    }

    /// Shows one run, or two if there are two.
    pub(super) fn show(&mut self, screen: Screen) {
        self.screen = screen;
        self.overlay = Overlay::None;
        self.active = self.active.min(self.sides.len().saturating_sub(1));
        self.compare();
        self.settle();
    }

    /// Works out what the whole runs differ in: when they are shown side by side, and when one of them has ended.
    pub(super) fn compare(&mut self) {
        self.comparison = match (self.screen, self.sides.as_slice()) {
            (Screen::Compare, [a, b]) => Some(Box::new(insight::compare(&a.replay, &b.replay))),
            _ => None,
        };
    }

    /// The other run goes along with the active one.
    pub(super) fn settle(&mut self) {
        if self.screen != Screen::Compare {
            return;
        }
        let lock = self.lock;
        if let [a, b] = self.sides.as_mut_slice() {
            let (leader, follower) = if self.active == 0 { (a, b) } else { (b, a) };
            let position = insight::follow(lock, &leader.replay, &follower.replay);
            follower.seek(position);
        }
    }
}
