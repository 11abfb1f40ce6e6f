//! The table itself: one row for each binding.

#![allow(
    clippy::enum_glob_use,
    reason = "the rows name the actions alone, so that they read as a table; the lint passes over tests"
)]

use crate::tui::message::{Action::*, PickerAction as P, SpeedChange::*, Unit::*};

use super::{KeyGroup, KeyRow, KeyScope, key};

/// A key: a character, or the name of a constant in the module `key`.
macro_rules! key {
    ($letter:literal) => {
        key::letter($letter)
    };
    ($name:ident) => {
        key::$name
    };
}

/// The rows. Each is
///
/// ```text
/// group scope [keys] => action, [keys of the way back] => action of the way back, "footer", "help";
/// ```
///
/// The way back may be left out.
macro_rules! keys {
    ($(
        $group:ident $scope:ident [$($key:tt)+] => $action:expr
        $(, [$($back:tt)+] => $back_action:expr)?,
        $short:literal, $help:literal;
    )*) => {
        &[$(
            KeyRow {
                keys: &[$(key!($key)),+],
                action: $action,
                back: keys!(@back $([$($back)+] => $back_action)?),
                short: $short,
                help: $help,
                group: KeyGroup::$group,
                scope: KeyScope::$scope,
            }
        ),*]
    };
    (@back) => {
        None
    };
    (@back [$($key:tt)+] => $action:expr) => {
        Some((&[$(key!($key)),+], $action))
    };
}

/// The whole table. Which rows the footer shows depends on the panel and the mode: see
/// `tui::widgets::footer`.
pub const ROWS: &[KeyRow] = keys! {
    Play Run [' ' F5] => Play, "play", "play or pause; a live loop is paused itself";
    Move Run ['n' RIGHT 'l' '.' F11] => StepForward(Event), ['N' LEFT 'h' ','] => StepBack(Event),
        "event", "next / previous event";
    Move Run ['s'] => StepForward(Poll), ['S'] => StepBack(Poll),
        "poll", "next / previous poll of a task";
    Move Run ['t' F10] => StepForward(Tick), ['T'] => StepBack(Tick),
        "tick", "next / previous tick: one iteration of the loop";
    Compare Compare ['d'] => NextDifference, ['D'] => PreviousDifference,
        "difference", "next / previous difference";
    Compare Compare ['K'] => Lock, "sync", "what keeps both in step: time, tick, poll, event or output";
    Compare Compare ['w'] => Numbers, "numbers", "the whole table of both runs";
    Compare Run ['v'] => Compare, "compare", "compare with another variant, or leave";
    Compare Run ['i'] => WhatIf, "what if", "what if another task ran first: branches of the run";
    Program Run ['p'] => OpenPicker, "list", "choose a scenario";
    Compare Run ['!'] => Findings,
        "findings", "what is wrong with the run; n and N step through the proof";
    Program Main ['o'] => Loops, "loops", "list the loops of a program of several threads";
    Program Anywhere ['L'] => NextLesson, ['H'] => PreviousLesson,
        "lesson", "next / previous lesson";
    Move Main [ENTER] => GoToCause,
        "cause", "go to the cause of the last event; on a task: why?";
    Move Run ['c'] => StepForward(Landmark), ['C'] => StepBack(Landmark),
        "landmark", "next / previous landmark: breakpoint, output, spawn, error";
    Move Run ['f' SHIFT_F11] => StretchEnd, ['F'] => StretchStart,
        "finish", "end / start of the task's current wait, queueing or poll";
    Move Run ['g' HOME] => First, ['G' END] => Last, "start/end", "first / last event";
    Move Run [':'] => Goto, "goto", "go to an event, `:tick 3`, `:t 1.5`, `:task 2`, `:longest`";
    Move Run ['/'] => Find, "find", "find an event by its words; in the task panel: filter";
    Program Run ['r'] => Record, "record", "record the run to a file, from its first event";
    Program Run ['a'] => Input, "input", "send a line of input to your own program";
    Move Run ['b'] => ToggleBreakpoint,
        "break", "breakpoint on task, line (panel 1), event kind (panel 5)";
    Move Run [CTRL_B] => ClearBreakpoints, "", "remove all breakpoints, after a question";
    Move Main ['w'] => Why, "why?", "why does the selected task run, or not run?";
    Play Main ['P'] => Quiz, "predict", "predict what runs next; digits answer";
    Move Run [CTRL_N] => NextHit, [CTRL_P] => PreviousHit,
        "hit", "next / previous hit of the last search";
    Move Run [BACKSPACE] => JumpBack, "return", "return from the last jump";
    Move Run [PAGE_DOWN] => StepForward(TenPercent), [PAGE_UP] => StepBack(TenPercent),
        "", "forward / back 10 %";
    Move Run ['m'] => SetMark, "", "set a mark: a letter follows";
    Move Run ['\''] => GoToMark, "", "go to a mark: its letter follows";
    Play Run [']'] => Speed(Faster), ['['] => Speed(Slower),
        "speed", "play a tenth faster / slower";
    Play Run ['}'] => Speed(Double), ['{'] => Speed(Half), "", "play at double / half the speed";
    Play Run ['='] => Speed(Normal), "", "play at 1x";

    View Run [TAB] => NextPanel, [BACK_TAB] => PreviousPanel,
        "panel", "next / previous panel, or the other run";
    View Main ['1' '2' '3' '4' '5' '6'] => Panel, "", "go to a panel by its number";
    View Run [DOWN 'j'] => Down, [UP 'k'] => Up, "select", "move the selection or scroll in the panel";
    View Run ['u'] => Future, "future", "show or hide what has not happened yet";
    View Main ['K'] => CriticalPath,
        "path", "draw the critical path: what made the run so long";
    View Run ['R'] => Latency,
        "latency", "how long tasks were ready before each poll, and polls";
    View Anywhere ['e'] => Language, "language", "source, lines and words in Python or in Rust";
    View Run ['A'] => Detail, "all events", "tell all events, or only those that carry news";
    View Run ['x'] => Axis, "axis", "timeline by time or by polls";
    View Run ['+'] => ZoomIn, ['-'] => ZoomOut, "zoom", "zoom the timeline in / out";
    View Run ['>'] => PanRight, ['<'] => PanLeft, "scroll", "scroll the timeline";
    View Main ['z'] => Maximise, "full", "maximise the panel, or restore it";
    View Main [')'] => Larger, ['('] => Smaller, "size", "make the panel larger / smaller";
    View Run [CTRL_D] => PageDown, [CTRL_U] => PageUp, "page", "ten down / up in the panel";
    View Run ['y'] => Copy, "copy", "copy the explanation and the state (OSC 52)";
    View Anywhere [F2] => Theme, "", "dark or light background";
    View Anywhere [F3] => Palette, "", "how many colours: all, 256, 16, none";
    View Anywhere ['M'] => Mouse, "", "leave the mouse to the terminal, or take it";

    Compare Compare ['o'] => Swap, "swap", "swap the two runs";
    Compare Compare [ENTER] => ShowAlone, "open side", "show the chosen run alone";
    View Picker [ENTER RIGHT 'l' ' '] => Pick(P::Open), "open", "run the chosen variant";
    View Picker [DOWN 'j'] => Pick(P::Down), [UP 'k'] => Pick(P::Up),
        "choose", "next / previous scenario or variant";
    View Picker [PAGE_DOWN] => Pick(P::PageDown), [PAGE_UP] => Pick(P::PageUp),
        "page", "a page down / up";
    View Picker ['g' HOME] => Pick(P::First), ['G' END] => Pick(P::Last), "ends", "first / last";
    View Picker ['/'] => Pick(P::Find),
        "find", "list scenarios that contain a word: names, texts, source";
    View Picker [':'] => Pick(P::SetParameter), "set", "set a parameter of the scenario: `first=2`";
    Compare Picker ['v'] => Pick(P::Compare), "compare", "compare this variant with the next";
    Compare Picker ['V'] => Pick(P::OpenBeside), "beside", "compare it with the run that is open";
    View Picker [TAB] => Pick(P::NextTab), [BACK_TAB] => Pick(P::PreviousTab),
        "tab", "scenarios or lessons";
    Program Anywhere [ESC] => Close, "close", "close the topmost thing; never quits";
    Program Anywhere ['?' F1] => Help, "help", "show or hide this list";
    Program Anywhere [CTRL_Z] => Suspend, "", "suspend; `fg` comes back";
    Program Anywhere ['q'] => Leave, "quit", "close the topmost thing; with nothing open, quit";
    Program Anywhere [CTRL_C] => Quit, "", "quit at once";
};
