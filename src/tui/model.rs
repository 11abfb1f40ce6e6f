//! The screen's state. Only `update` changes it; drawing takes a shared reference.
//!
//! * [`Model::screen`] says which screen is shown: the list of scenarios, one run, or two. The list
//!   keeps the runs that were open, so Esc returns to them.
//! * [`Model::overlay`] is what covers the screen. At most one overlay is open, and it receives the
//!   keys before the screen does.
//! * [`Model::active`] is the run that the keys act on. In a comparison the other run follows it.

use std::collections::BTreeSet;

use crate::{
    insight::{self, Comparison, Language, SyncBy},
    replay::Axis,
    scene::{findings::CheckSettings, news::Detail},
    trace::Position,
};

use crate::tui::{
    keymap::KeyScope,
    model::guide::Guide,
    model::latency::LatencyList,
    model::lists::{Branch, Picker, WhatIf},
    model::loop_list::LoopList,
    model::{
        boundary_search::BoundarySearch, panel_sizes::PanelSizes, player::Player, quiz::Quiz,
        run_pane::RunPane, search::Search, work_list::WorkList,
    },
    source::{CatalogueEntry, LoadingProgress, Options, Progress, RunRequest},
    theme::Theme,
    work::{WorkKind, WorkResult},
};

pub(crate) mod boundary_search;
pub(crate) mod breakpoints;
pub(crate) mod findings;
pub(crate) mod goto;
pub(crate) mod guide;
pub(crate) mod latency;
pub(crate) mod lists;
pub(crate) mod loop_list;
pub(crate) mod loops;
pub(crate) mod news_count;
pub(crate) mod panel_sizes;
pub(crate) mod panel_story;
pub(crate) mod path_line;
pub(crate) mod player;
pub(crate) mod quiz;
pub(crate) mod run_pane;
pub(crate) mod search;
pub(crate) mod topmost;
pub(crate) mod work_list;

/// The screen's state.
#[derive(Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a setting of its own"
)]
pub struct Model {
    pub(super) theme: Theme,
    /// Columns and rows of the terminal.
    pub(super) size: (u16, u16),
    pub(super) screen: Screen,
    /// The screen that the list of scenarios covers, if runs are open.
    pub(super) under_picker: Screen,
    pub(super) overlay: Overlay,
    /// A message in the status line, until the next key.
    pub(super) notice: Option<String>,
    /// How far the loading of the first runs is; `None` once they are there. While they are loaded,
    /// nothing else is shown, and the keys that leave the screen are the only ones.
    pub(super) loading: Option<LoadingProgress>,
    /// The runs: none, one, or two.
    pub(super) panes: Vec<RunPane>,
    /// The index of the run that the keys act on.
    pub(super) active: usize,
    /// The loops of the program that is shown, if it has several.
    pub(super) loops: LoopList,
    /// The panel that has the focus: the keys for panels act on it.
    pub(super) focus: Panel,
    /// The panel at the top of a compact screen, which Tab switches.
    pub(super) top: Panel,
    /// Whether the user has still to be asked for a language.
    pub(super) asks_language: bool,
    /// The language that the user prefers, see [`Model::language_for`].
    pub(super) language: Language,
    pub(super) axis: Axis,
    /// How many times the part of the axis that the timeline shows has been halved; 0 shows the
    /// whole run.
    pub(super) zoom: u32,
    /// The value of the axis in the middle of the timeline; `None` keeps the position in view.
    pub(super) centre: Option<u64>,
    /// The value of the axis at which the mouse was pressed; `None` when it is not pressed on the
    /// timeline.
    pub(super) drag: Option<u64>,
    /// Whether the panel that has the focus fills the body of the screen.
    pub(super) maximised: bool,
    /// What the user has changed of the sizes of the panels.
    pub(super) sizes: PanelSizes,
    /// Whether mouse events are captured; if not, the terminal selects text with the mouse.
    pub(super) mouse: bool,
    /// The current search, or the last one.
    pub(super) search: Option<Search>,
    /// The search for an end of a stretch, while it is under way. The next key ends it.
    pub(super) boundary: Option<BoundarySearch>,
    /// The quiz; `None` outside of predict mode.
    pub(super) quiz: Option<Quiz>,
    /// The tour or the lesson that is under way.
    pub(super) guide: Option<Guide>,
    /// What the user has finished before.
    pub(super) progress: Progress,
    /// The address at which the run that was opened first listens, as given after `--listen`.
    pub(super) listen: Option<String>,
    /// What counts as a finding.
    pub(super) checks: CheckSettings,
    /// At which events a step by event stops; panel 5 describes the same events.
    pub(super) detail: Detail,
    /// Whether events after the position are shown.
    pub(super) future: bool,
    pub(super) lock: SyncBy,
    pub(super) player: Player,
    pub(super) picker: Picker,
    /// What a comparison of the two complete runs has found; `None` on other screens, and while the
    /// runs are being compared.
    pub(super) comparison: Option<Box<Comparison>>,
    /// What is worked on beside the screen.
    pub(super) works: WorkList,
    /// The lines of each source (from 1) that differ from the other run's source.
    pub(super) differing: [BTreeSet<u32>; 2],
    /// The run to start beside the first run as soon as the first has been opened.
    pub(super) second_run: Option<RunRequest>,
    /// What two runs were synchronized by, and the axis, before a branch was shown.
    pub(super) before_branch: Option<(SyncBy, Axis)>,
    /// Whether a branch was opened whose first other poll has not been found yet, because a run still
    /// grows.
    pub(super) branch_waits: bool,
    /// The branches that were started, oldest first.
    pub(super) branches: Vec<Branch>,
    /// The position at which the next run that is opened begins, as typed after `--at`.
    pub(super) at: Option<String>,
}

/// The screen that is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Screen {
    Picker,
    Main,
    Compare,
}

/// What covers the screen, or takes the next key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum Overlay {
    #[default]
    None,
    /// The help, scrolled to this line.
    Help(usize),
    /// A prompt, with the text that has been typed.
    Prompt(PromptKind, String),
    /// Why the selected task is in its state, with the chosen row.
    Why(usize),
    /// The whole table of both runs.
    Numbers,
    /// The next letter names a mark: to set it, or to go to it.
    Mark { set: bool },
    /// The tasks that could run next instead.
    WhatIf(WhatIf),
    /// The loops of the program, with the chosen row.
    Loops(usize),
    /// What is wrong with the run, with the chosen row.
    Findings(usize),
    /// The ready-to-run and run times.
    Latency(LatencyList),
    /// Whether all breakpoints are to be removed: the next key answers.
    ConfirmClear,
    /// Which language the user reads: the next key answers.
    AskLanguage,
}

/// What a prompt asks for.
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
    /// Which scenarios are listed in the picker.
    Scenario,
    /// A parameter of the chosen scenario and its value.
    Parameter,
}

/// The panels of the main screen, in the order of their numbers.
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

    /// The number in its title, which is also its key.
    pub(super) fn number(self) -> usize {
        self as usize + 1
    }
}

impl Model {
    /// A screen without a run. The terminal's size is not known yet.
    pub fn new(theme: Theme, catalogue: Vec<CatalogueEntry>) -> Model {
        Model {
            theme,
            size: (0, 0),
            screen: Screen::Picker,
            under_picker: Screen::Main,
            overlay: Overlay::None,
            notice: None,
            loading: None,
            panes: Vec::new(),
            active: 0,
            loops: LoopList::default(),
            focus: Panel::Loop,
            top: Panel::Loop,
            language: Language::default(),
            asks_language: false,
            axis: Axis::Time,
            zoom: 0,
            centre: None,
            drag: None,
            maximised: false,
            sizes: PanelSizes::default(),
            mouse: true,
            search: None,
            boundary: None,
            quiz: None,
            guide: None,
            progress: Progress::default(),
            listen: None,
            checks: CheckSettings::default(),
            detail: Detail::News,
            future: false,
            lock: SyncBy::Time,
            player: Player::default(),
            picker: Picker {
                catalogue,
                ..Picker::default()
            },
            comparison: None,
            works: WorkList::default(),
            differing: Default::default(),
            second_run: None,
            before_branch: None,
            branch_waits: false,
            branches: Vec::new(),
            at: None,
        }
    }

    /// Applies the options of the command line, except for the runs.
    pub fn configure(&mut self, options: &Options) {
        self.language = options.language;
        self.notice.clone_from(&options.notice);
        self.asks_language = options.asks_language;
        self.overlay = self.first_overlay();
        self.player.set_speed(options.speed);
        self.at.clone_from(&options.at);
        self.progress = options.progress.clone();
        self.listen.clone_from(&options.listen);
        self.checks.clone_from(&options.checks);
        self.player.set_motion(options.motion);
        if options.play {
            self.player.play();
        }
    }

    /// The position of the active run, and its last position.
    pub fn position(&self) -> Option<(Position, Position)> {
        let pane = self.pane()?;
        Some((pane.replay.position(), pane.replay.end()))
    }

    /// Whether the model needs [`Message::Frame`](crate::tui::Message::Frame), because a run plays,
    /// a search is in progress, or findings are looked for.
    pub fn wants_frames(&self) -> bool {
        self.moves() || self.looks_for_findings() || self.reads_latency()
    }

    /// Whether a run that is shown has events in which findings, or the critical path, have not been
    /// looked for yet.
    pub(super) fn looks_for_findings(&self) -> bool {
        self.screen != Screen::Picker && self.panes.iter().any(RunPane::is_looking)
    }

    /// Whether the list of times is open, and does not cover all of a run yet.
    fn reads_latency(&self) -> bool {
        let mut panes = self.panes.iter();
        matches!(self.overlay, Overlay::Latency(_))
            && panes.any(|pane| pane.latency.is_behind(&pane.replay))
    }

    /// Whether a run plays or a search is in progress.
    pub(super) fn moves(&self) -> bool {
        (self.player.is_playing() || self.searches()) && self.screen != Screen::Picker
    }

    /// Whether a search is in progress: for a text, or for an end of a stretch.
    pub(super) fn searches(&self) -> bool {
        self.boundary.is_some() || self.search.as_ref().is_some_and(Search::is_looking)
    }

    /// The speed of playing.
    pub fn speed(&self) -> f64 {
        self.player.speed()
    }

    /// Asserts what must be true of the model at any time. `update` calls it after each message, in
    /// debug builds only.
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
        assert!(self.picker.row <= self.picker.rows().len().saturating_sub(1));
        if let Overlay::WhatIf(list) = &self.overlay {
            assert!(list.row < list.entries(&self.branches).len().max(1));
        }
        for pane in self.panes.iter().chain(&self.loops.hidden) {
            pane.check();
        }
    }

    /// The active run.
    pub(super) fn pane(&self) -> Option<&RunPane> {
        self.panes.get(self.active)
    }

    /// The language in which a run is described: the preferred one, unless its program, or the one
    /// beside it, is written in one language only.
    pub(super) fn language_for(&self, pane: &RunPane) -> Language {
        match (self.screen, self.panes.as_slice()) {
            (Screen::Compare, [a, b]) => self.language.for_runs(&a.replay, &b.replay),
            _ => self.language.for_run(&pane.replay),
        }
    }

    /// What covers a screen that was just opened: the question about the language until it is
    /// answered, else nothing. A program that exists in one language only raises no question.
    fn first_overlay(&self) -> Overlay {
        let has_one = |pane: &RunPane| insight::only_language(&pane.replay).is_some();
        if self.asks_language && !self.panes.iter().any(has_one) {
            Overlay::AskLanguage
        } else {
            Overlay::None
        }
    }

    pub(super) fn pane_mut(&mut self) -> Option<&mut RunPane> {
        self.panes.get_mut(self.active)
    }

    /// The scope of the table of keys for this screen.
    pub(super) fn key_scope(&self) -> KeyScope {
        match self.screen {
            Screen::Picker => KeyScope::Picker,
            Screen::Main => KeyScope::Main,
            Screen::Compare => KeyScope::Compare,
        }
    }

    /// Changes to a screen, and closes the overlay.
    pub(super) fn show(&mut self, screen: Screen) {
        self.screen = screen;
        self.overlay = self.first_overlay();
        self.drag = None;
        self.centre = None;
        self.active = self.active.min(self.panes.len().saturating_sub(1));
        self.compare();
        self.sync_other();
    }

    /// Compares the two complete runs. Called when the screen changes, and when a run ends, because
    /// a run that is still growing has no final numbers.
    pub(super) fn compare(&mut self) {
        self.works.forget();
        self.boundary = None;
        self.comparison = match self.work_on(WorkKind::Comparison) {
            Some(WorkResult::Comparison(comparison)) => Some(comparison),
            Some(WorkResult::Difference(_) | WorkResult::OtherPoll(_)) | None => None,
        };
        self.differing = match (self.screen, self.panes.as_slice()) {
            (Screen::Compare, [a, b]) => [a.differs_from(b), b.differs_from(a)],
            _ => Default::default(),
        };
    }

    /// Works on the two runs of a comparison. `None` if the shell does that meanwhile, or if no
    /// comparison is shown.
    pub(super) fn work_on(&mut self, kind: WorkKind) -> Option<WorkResult> {
        let (Screen::Compare, [a, b]) = (self.screen, self.panes.as_slice()) else {
            return None;
        };
        let language = self.language.for_runs(&a.replay, &b.replay);
        self.works.ask(kind, [&a.replay, &b.replay], language)
    }

    /// Moves the other run of a comparison to the position that matches that of the active run.
    ///
    /// 1. Unless two runs are compared by time, no pane may keep a shared time.
    /// 2. The active run leads. [`insight::follow`] finds the other run's position: the one at the
    ///    same time, tick, event or line of output.
    /// 3. By time, the other pane also displays the leader's time. That time may lie between two
    ///    events of the other run, so its position alone would display an earlier one.
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
