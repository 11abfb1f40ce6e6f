//! The table itself.

use crossterm::event::KeyCode;

use crate::tui::message::{Action, Unit};

use super::{
    Group, Key, Place, Row,
    key::{c, ctrl, k, shift},
};

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
        &[c('w')],
        Action::Numbers,
        "numbers",
        "the table of both runs as a whole",
    )
    .of(G::Compare, P::Compare),
    row(
        &[c('v')],
        Action::Compare,
        "compare",
        "compare with another variant, or leave",
    )
    .of(G::Compare, P::Run),
    row(
        &[c('i')],
        Action::WhatIf,
        "",
        "what if another ran first: branches of the run",
    )
    .of(G::Compare, P::Run),
    row(&[c('p')], Action::Picker, "scenario", "choose a scenario").of(G::Program, P::Run),
    row(
        &[k(KeyCode::Enter)],
        Action::Cause,
        "cause",
        "go to the cause of what just happened; on a task: why?",
    )
    .of(G::Move, P::Main),
    row(
        &[c('c')],
        Action::Forth(Unit::Mark),
        "mark",
        "next / previous mark: breakpoint, output, spawn, error",
    )
    .back(&[c('C')], Action::Back(Unit::Mark)),
    row(
        &[c('f'), shift(KeyCode::F(11))],
        Action::Finish,
        "finish",
        "end / start of the task's current wait, queueing or run",
    )
    .back(&[c('F')], Action::Restart),
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
        "go to an event, `:tick 3`, `:t 1.5`, `:task 2`, `:longest`",
    ),
    row(
        &[c('/')],
        Action::Find,
        "find",
        "find an event by its words; in the task panel: filter",
    ),
    row(
        &[c('b')],
        Action::Break,
        "break",
        "breakpoint on task, line (panel 1), event kind (panel 5)",
    )
    .back(&[c('B')], Action::ClearBreaks),
    row(
        &[c('w')],
        Action::Why,
        "why?",
        "why does the selected task run, or not run?",
    )
    .of(G::Move, P::Main),
    row(
        &[c('P')],
        Action::Predict,
        "predict",
        "say what runs next before you see it: digits answer",
    )
    .of(G::Play, P::Main),
    row(
        &[ctrl('n')],
        Action::NextHit,
        "",
        "next / previous hit of the last search",
    )
    .back(&[ctrl('p')], Action::PreviousHit),
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
        &[c('e')],
        Action::Language,
        "",
        "the source in Rust or in Python",
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
    row(
        &[c('>')],
        Action::PanRight,
        "",
        "move the timeline on / back",
    )
    .back(&[c('<')], Action::PanLeft)
    .of(G::Look, P::Run),
    row(
        &[c('z')],
        Action::Maximise,
        "",
        "the panel on the whole screen, or back",
    )
    .of(G::Look, P::Main),
    row(
        &[ctrl('d')],
        Action::PageDown,
        "",
        "ten down / up in the panel",
    )
    .back(&[ctrl('u')], Action::PageUp)
    .of(G::Look, P::Run),
    row(
        &[c('y')],
        Action::Copy,
        "copy",
        "copy what is told and the state as text (OSC 52)",
    )
    .of(G::Look, P::Run),
    row(
        &[k(KeyCode::F(2))],
        Action::Theme,
        "",
        "for a dark or a light ground",
    )
    .of(G::Look, P::Anywhere),
    row(
        &[k(KeyCode::F(3))],
        Action::Palette,
        "",
        "how many colours: all, 256, 16, none",
    )
    .of(G::Look, P::Anywhere),
    row(
        &[c('M')],
        Action::Mouse,
        "",
        "give the mouse back to the terminal, or take it",
    )
    .of(G::Look, P::Anywhere),
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
        &[c('b')],
        Action::Beside,
        "beside",
        "lay it beside the run that is open",
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
