//! All that the screen knows. It is changed in `update` only.

use std::collections::BTreeSet;

use crate::{
    insight::{self, Comparison, SyncBy},
    replay::Axis,
    scene::source_view::Language,
    trace::Position,
};

use crate::tui::{
    keymap::KeyScope,
    model::branch::{Branch, WhatIf},
    model::{player::Player, quiz::Quiz, run_pane::RunPane, search::Search},
    source::{CatalogueEntry, Options, RunRequest},
    theme::Theme,
};

pub(crate) mod branch;
pub(crate) mod breakpoints;
pub(crate) mod goto;
mod picker;
pub(crate) mod player;
pub(crate) mod quiz;
pub(crate) mod report;
pub(crate) mod run_pane;
pub(crate) mod search;
pub(crate) mod task_filter;

pub(super) use picker::Picker;

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
    pub(super) panes: Vec<RunPane>,
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
    /// What the timeline shows in its middle; none for the position.
    pub(super) centre: Option<u64>,
    /// Where on the axis the mouse was pressed, while it is.
    pub(super) drag: Option<u64>,
    /// The panel that has the keys has the whole screen.
    pub(super) maximised: bool,
    /// Whether the mouse is ours.
    pub(super) mouse: bool,
    /// What is being looked for, or was last.
    pub(super) search: Option<Search>,
    /// The person says what comes next before it is shown.
    pub(super) quiz: Option<Quiz>,
    /// Whether what comes after the position is shown.
    pub(super) future: bool,
    pub(super) lock: SyncBy,
    pub(super) player: Player,
    pub(super) picker: Picker,
    /// Worked out when two runs are laid side by side.
    pub(super) comparison: Option<Box<Comparison>>,
    /// The lines of each source (from 1) that are not as in the other run.
    pub(super) differing: [BTreeSet<u32>; 2],
    /// What is to be started beside the first run once that is there.
    pub(super) second_run: Option<RunRequest>,
    /// The branches that were started, the oldest first.
    pub(super) branches: Vec<Branch>,
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
    /// What was typed after `:` or `/`.
    Prompt(PromptKind, String),
    /// Why a task is where it is, with the link that is chosen.
    Why(usize),
    /// The table of both runs.
    Numbers,
    /// The next letter is a mark: to be set, or to go to.
    Mark { set: bool },
    /// Who else could have the next turn.
    WhatIf(WhatIf),
}

/// What a prompt is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PromptKind {
    /// A position to go to.
    Position,
    /// Words of an event to look for.
    Search,
    /// Which tasks are listed.
    Filter,
    /// A line for the program to read.
    Input,
    /// A scenario, in the picker.
    Scenario,
    /// A parameter of the chosen scenario and its value.
    Parameter,
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

impl Model {
    /// A screen without a run, in a terminal of no size yet.
    pub fn new(theme: Theme, catalogue: Vec<CatalogueEntry>) -> Model {
        Model {
            theme,
            size: (0, 0),
            screen: Screen::Picker,
            overlay: Overlay::None,
            notice: None,
            panes: Vec::new(),
            active: 0,
            focus: Panel::Loop,
            top: Panel::Loop,
            language: Language::Rust,
            axis: Axis::Time,
            zoom: 0,
            centre: None,
            drag: None,
            maximised: false,
            mouse: true,
            search: None,
            quiz: None,
            future: false,
            lock: SyncBy::Time,
            player: Player::default(),
            picker: Picker {
                catalogue,
                ..Picker::default()
            },
            comparison: None,
            differing: Default::default(),
            second_run: None,
            branches: Vec::new(),
            at: None,
        }
    }

    /// Takes over what was asked for on the command line, except for the runs.
    pub fn configure(&mut self, options: &Options) {
        self.player.set_speed(options.speed);
        self.at.clone_from(&options.at);
        self.player.set_motion(options.motion);
        if options.play {
            self.player.play();
        }
    }

    /// Where the run that has the keys stands, and how many events it has.
    pub fn position(&self) -> Option<(Position, Position)> {
        let pane = self.pane()?;
        Some((pane.replay.position(), pane.replay.end()))
    }

    /// Whether time has to be told to it: it plays.
    pub fn wants_frames(&self) -> bool {
        let looking = self.search.as_ref().is_some_and(Search::is_looking);
        (self.player.is_playing() || looking) && self.screen != Screen::Picker
    }

    /// How fast it plays.
    pub fn speed(&self) -> f64 {
        self.player.speed()
    }

    /// Asserts what must be true of the model at any time. `update` calls it after each message, in debug builds only.
    #[cfg(debug_assertions)]
    pub(super) fn check(&self) {
        assert!(self.panes.len() <= 2 && self.active <= self.panes.len().saturating_sub(1));
        assert!(
            self.screen == Screen::Picker || !self.panes.is_empty(),
            "nothing to show"
        );
        assert!(
            self.screen != Screen::Compare || self.panes.len() == 2,
            "nothing to compare"
        );
        assert!(self.picker.row <= self.picker.entries().len().saturating_sub(1));
        if let Overlay::WhatIf(list) = &self.overlay {
            assert!(list.row < list.entries(&self.branches).len().max(1));
        }
        for pane in &self.panes {
            pane.check();
        }
    }

    /// The run that has the keys.
    pub(super) fn pane(&self) -> Option<&RunPane> {
        self.panes.get(self.active)
    }

    pub(super) fn pane_mut(&mut self) -> Option<&mut RunPane> {
        self.panes.get_mut(self.active)
    }

    /// Where the keys of this screen are looked up.
    pub(super) fn key_scope(&self) -> KeyScope {
        match self.screen {
            Screen::Picker => KeyScope::Picker,
            Screen::Main => KeyScope::Main,
            Screen::Compare => KeyScope::Compare,
        }
    }

    /// Shows one run, or two if there are two.
    pub(super) fn show(&mut self, screen: Screen) {
        self.screen = screen;
        self.overlay = Overlay::None;
        self.drag = None;
        self.centre = None;
        self.active = self.active.min(self.panes.len().saturating_sub(1));
        self.compare();
        self.sync_other();
    }

    /// Works out what the whole runs differ in: when they are shown side by side, and when one of them has ended.
    pub(super) fn compare(&mut self) {
        self.comparison = match (self.screen, self.panes.as_slice()) {
            (Screen::Compare, [a, b]) => Some(Box::new(insight::compare(&a.replay, &b.replay))),
            _ => None,
        };
        self.differing = match (self.screen, self.panes.as_slice()) {
            (Screen::Compare, [a, b]) => [a.differs_from(b), b.differs_from(a)],
            _ => Default::default(),
        };
    }

    /// The other run goes along with the active one.
    pub(super) fn sync_other(&mut self) {
        let shared = self.screen == Screen::Compare && self.lock == SyncBy::Time;
        if !shared {
            self.panes.iter_mut().for_each(RunPane::leave_shared);
        }
        if self.screen != Screen::Compare {
            return;
        }
        let lock = self.lock;
        if let [a, b] = self.panes.as_mut_slice() {
            let (leader, follower) = if self.active == 0 { (a, b) } else { (b, a) };
            let now = leader.now();
            let position = insight::follow(lock, now, &leader.replay, &follower.replay);
            follower.seek(position);
            if shared {
                follower.stay_until(now);
            }
        }
    }
}
