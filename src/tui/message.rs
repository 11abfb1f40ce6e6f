//! What comes in and what goes out: the whole traffic between the screen and the world.

use std::time::Duration;

use crossterm::event::{KeyEvent, MouseEvent};

use crate::{replay::Replay, trace::Log};

use crate::tui::source::{Control, LaunchError, RunRequest, SourceStatus};

/// Something that the screen is told.
#[derive(Debug)]
pub enum Message {
    /// A key was pressed.
    Key(KeyEvent),
    /// The mouse did something.
    Mouse(MouseEvent),
    /// The terminal has this size now: columns, rows.
    Resize(u16, u16),
    /// It is this late, on a clock that only ever goes on.
    Frame(Duration),
    /// A live run has written something.
    Data {
        /// Which of the runs.
        pane: usize,
        /// What it wrote.
        bytes: Vec<u8>,
        /// How it is.
        status: SourceStatus,
    },
    /// A run that was asked for.
    Launched {
        /// For which place it was asked for.
        slot: PaneSlot,
        /// What is there of it so far, or what went wrong.
        result: Result<Box<Replay>, LaunchError>,
        /// How it is; none if it is whole.
        status: Option<SourceStatus>,
    },
    /// What came of something that was asked for, in words.
    Notice(String),
    /// What came of a [`Command::Check`].
    Checked {
        /// What was looked at.
        what: RunRequest,
        /// What is wrong with it, in one line.
        result: Result<(), LaunchError>,
    },
    /// Back from being suspended.
    Resumed,
}

/// Something that the screen asks for.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// Draw: something that can be seen has changed.
    Draw,
    /// Start a run.
    Launch {
        /// What to run.
        what: RunRequest,
        /// Where to show it.
        slot: PaneSlot,
    },
    /// See whether this could be started.
    Check(RunRequest),
    /// The two runs have changed places.
    Swap,
    /// Tell a live loop what to do.
    Control {
        /// Which of the runs.
        pane: usize,
        /// What.
        control: Control,
    },
    /// Write a run into a file.
    Record {
        /// Which of the runs.
        pane: usize,
        /// What is there of it.
        log: Box<Log>,
    },
    /// Give the program a line of input; none ends its input.
    Input {
        /// Which of the runs.
        pane: usize,
        /// The line, without its end.
        line: Option<String>,
    },
    /// Put this text on the person's clipboard.
    Copy(String),
    /// Whether the mouse is ours, or selects text as it does elsewhere.
    Mouse(bool),
    /// Give the terminal back until we are continued.
    Suspend,
    /// Leave.
    Quit,
}

/// Where a run is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PaneSlot {
    /// Alone; whatever was there goes.
    Only,
    /// As the first of two: the second is asked for next.
    First,
    /// As the second of two.
    Second,
}

/// How far a step goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// One event.
    Event,
    /// One poll of a task.
    Poll,
    /// One iteration of the loop.
    Tick,
    /// To the next breakpoint, line of output, spawn or error.
    Landmark,
    /// A tenth of the run.
    TenPercent,
}

/// How the speed of playing changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the table of keys says what each does")]
pub enum SpeedChange {
    Faster,
    Slower,
    Double,
    Half,
    Normal,
}

/// What a key does while a run is shown, and on every screen. The table of keys ([`keymap`](crate::tui::keymap))
/// says what each action means for the person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the table of keys says what each does")]
pub enum Action {
    Play,
    Speed(SpeedChange),
    StepForward(Unit),
    StepBack(Unit),
    First,
    Last,
    StretchEnd,
    StretchStart,
    Goto,
    GoToCause,
    JumpBack,
    SetMark,
    GoToMark,
    Find,
    NextHit,
    PreviousHit,
    ToggleBreakpoint,
    ClearBreakpoints,
    Why,
    Quiz,
    Input,
    Record,
    NextPanel,
    PreviousPanel,
    Panel,
    Down,
    Up,
    PageDown,
    PageUp,
    Future,
    Language,
    Axis,
    ZoomIn,
    ZoomOut,
    PanRight,
    PanLeft,
    Maximise,
    Theme,
    Palette,
    Mouse,
    Copy,
    Compare,
    WhatIf,
    Numbers,
    NextDifference,
    PreviousDifference,
    Lock,
    Swap,
    ShowAlone,
    OpenPicker,
    NextLesson,
    /// Something that only the list of scenarios does.
    Pick(PickerAction),
    Close,
    Help,
    Suspend,
    Quit,
}

/// What a key does in the list of scenarios alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the table of keys says what each does")]
pub enum PickerAction {
    Open,
    Down,
    Up,
    PageDown,
    PageUp,
    First,
    Last,
    Find,
    SetParameter,
    Compare,
    OpenBeside,
}
