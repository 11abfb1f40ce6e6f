//! The messages that `update` handles, the commands it returns, and the actions of the key table.

use std::time::Duration;

use crossterm::event::{KeyEvent, MouseEvent};

use crate::{insight::Language, replay::Replay, trace::Log};

use crate::tui::source::{
    Control, LaunchError, LoadingProgress, Progress, RunRequest, SourceStatus,
};
use crate::tui::work::{Work, WorkResult};

/// Something that happened.
#[derive(Debug)]
pub enum Message {
    /// A key was pressed.
    Key(KeyEvent),
    /// A text was pasted.
    Paste(String),
    /// The mouse moved, or a button was pressed.
    Mouse(MouseEvent),
    /// The terminal's new size: columns, rows.
    Resize(u16, u16),
    /// The time, on a clock that never goes back.
    Frame(Duration),
    /// A source has new bytes or a new status.
    Data {
        /// The index of the run.
        pane: usize,
        /// The bytes.
        bytes: Vec<u8>,
        /// The status.
        status: SourceStatus,
    },
    /// A run that was asked for has been opened, or cannot be started.
    Launched {
        /// The slot that it was asked for.
        slot: PaneSlot,
        /// What is known of the run so far, or why it cannot be started.
        result: Result<Box<Replay>, LaunchError>,
        /// The status of its source; `None` if the run is complete.
        status: Option<SourceStatus>,
    },
    /// A further loop of a program has started. The screen keeps it in a list.
    LoopStarted {
        /// Its name.
        name: String,
        /// Whether it is the loop of the program's main thread.
        is_main: bool,
        /// The index of the run whose source has announced the program's second loop.
        pane: usize,
        /// The name of the loop of that run.
        first: String,
        /// What is known of it so far.
        replay: Box<Replay>,
        /// The status of its source.
        status: SourceStatus,
    },
    /// The source of a loop that is not on the screen has new bytes or a new status.
    LoopData {
        /// The index of the loop among those that are not on the screen.
        hidden: usize,
        /// The bytes.
        bytes: Vec<u8>,
        /// The status.
        status: SourceStatus,
    },
    /// The result of a command, in words.
    Notice(String),
    /// The answer to [`Command::Check`].
    Checked {
        /// The request that was checked.
        what: RunRequest,
        /// What is wrong with it.
        result: Result<(), LaunchError>,
    },
    /// The answer to [`Command::Work`].
    Worked {
        /// The number of the work.
        number: u64,
        /// What was found out; `None` if the thread has failed.
        result: Option<WorkResult>,
    },
    /// How far the loading of the runs is that are to be shown; `None` once they are there.
    Loading(Option<LoadingProgress>),
    /// Open the lesson that this scenario teaches.
    OpenLesson(String),
    /// The process was continued after it was suspended.
    Resumed,
}

/// An effect that the shell is to carry out.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// Draw: something visible has changed.
    Draw,
    /// Start a run.
    Launch {
        /// What to run.
        what: RunRequest,
        /// Where to show it.
        slot: PaneSlot,
    },
    /// Find something out about two runs, on a thread of its own.
    Work(Box<Work>),
    /// Check whether this run can be started.
    Check(RunRequest),
    /// The two runs have been swapped: swap their sources.
    Swap,
    /// A pane and a loop that was not on the screen have changed places: exchange their sources.
    ShowLoop {
        /// The index of the run on the screen.
        pane: usize,
        /// The index of the loop among those that are not on the screen.
        hidden: usize,
    },
    /// The program is no longer on the screen: stop its loops that are not either.
    CloseLoops,
    /// Control a live loop.
    Control {
        /// The index of the run.
        pane: usize,
        /// The command for it.
        control: Control,
    },
    /// Record a run to a file.
    Record {
        /// The index of the run.
        pane: usize,
        /// The part of the trace that has been read.
        log: Box<Log>,
    },
    /// Give the program a line of input; `None` ends its input.
    Input {
        /// The index of the run.
        pane: usize,
        /// The line, without its line feed.
        line: Option<String>,
    },
    /// Keep what the user has finished.
    KeepProgress(Progress),
    /// Copy this text to the clipboard.
    Copy(String),
    /// Keep the language that the user has chosen.
    Remember(Language),
    /// Capture mouse events, or leave the mouse to the terminal.
    Mouse(bool),
    /// Give the terminal back and suspend the process.
    Suspend,
    /// Leave the screen.
    Quit,
}

/// Where a run that was asked for is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PaneSlot {
    /// Alone, in place of all runs that were open.
    Only,
    /// As the first of two; the second is asked for when this one has been opened.
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

/// What a key does while a run is shown, and on every screen. The table of keys
/// ([`keymap`](crate::tui::keymap)) says what each action means for the user.
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
    CriticalPath,
    Latency,
    Detail,
    Language,
    Axis,
    ZoomIn,
    ZoomOut,
    PanRight,
    PanLeft,
    Maximise,
    Larger,
    Smaller,
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
    Loops,
    Findings,
    NextLesson,
    PreviousLesson,
    /// An action of the list of scenarios only.
    Pick(PickerAction),
    Close,
    Help,
    Suspend,
    /// Closes the topmost thing. With nothing open, quits.
    Leave,
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
    NextTab,
    PreviousTab,
}
