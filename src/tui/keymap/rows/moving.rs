//! Steps, jumps and playing, and what is most used beside them.

use crossterm::event::KeyCode;

use crate::tui::{
    keymap::{
        KeyGroup as G, KeyRow, KeyScope as P,
        key::{c, ctrl, k, shift},
    },
    message::{Action, Unit},
};

use super::row;

pub(super) const ROWS: &[KeyRow] = &[
    row(
        &[c(' '), k(KeyCode::F(5))],
        Action::Play,
        "play",
        "play or pause; a live loop is paused itself",
    )
    .of(G::Play, P::Run),
    row(
        &[c('n'), k(KeyCode::Right), c('l'), c('.'), k(KeyCode::F(11))],
        Action::StepForward(Unit::Event),
        "event",
        "next / previous event",
    )
    .back(
        &[c('N'), k(KeyCode::Left), c('h'), c(',')],
        Action::StepBack(Unit::Event),
    ),
    row(
        &[c('s')],
        Action::StepForward(Unit::Poll),
        "poll",
        "next / previous poll: one task's turn",
    )
    .back(&[c('S')], Action::StepBack(Unit::Poll)),
    row(
        &[c('t'), k(KeyCode::F(10))],
        Action::StepForward(Unit::Tick),
        "tick",
        "next / previous tick: one iteration of the loop",
    )
    .back(&[c('T')], Action::StepBack(Unit::Tick)),
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
        &[c('L')],
        Action::NextLesson,
        "",
        "the next lesson: its wrong way beside its right one",
    )
    .of(G::Program, P::Anywhere),
    row(
        &[k(KeyCode::Enter)],
        Action::GoToCause,
        "cause",
        "go to the cause of what just happened; on a task: why?",
    )
    .of(G::Move, P::Main),
    row(
        &[c('c')],
        Action::StepForward(Unit::Landmark),
        "mark",
        "next / previous mark: breakpoint, output, spawn, error",
    )
    .back(&[c('C')], Action::StepBack(Unit::Landmark)),
    row(
        &[c('f'), shift(KeyCode::F(11))],
        Action::StretchEnd,
        "finish",
        "end / start of the task's current wait, queueing or run",
    )
    .back(&[c('F')], Action::StretchStart),
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
        &[c('r')],
        Action::Record,
        "",
        "record the run into a file, from its first event on",
    )
    .of(G::Program, P::Run),
    row(
        &[c('a')],
        Action::Input,
        "",
        "a line of input for a program of your own",
    )
    .of(G::Program, P::Run),
    row(
        &[c('b')],
        Action::ToggleBreakpoint,
        "break",
        "breakpoint on task, line (panel 1), event kind (panel 5)",
    )
    .back(&[c('B')], Action::ClearBreakpoints),
    row(
        &[c('w')],
        Action::Why,
        "why?",
        "why does the selected task run, or not run?",
    )
    .of(G::Move, P::Main),
    row(
        &[c('P')],
        Action::Quiz,
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
        Action::JumpBack,
        "",
        "return from the last jump",
    ),
    row(
        &[k(KeyCode::PageDown)],
        Action::StepForward(Unit::TenPercent),
        "",
        "ten percent on / back",
    )
    .back(&[k(KeyCode::PageUp)], Action::StepBack(Unit::TenPercent)),
    row(
        &[c('m')],
        Action::SetMark,
        "",
        "set a mark: a letter follows",
    ),
    row(
        &[c('\'')],
        Action::GoToMark,
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
        Action::DoubleSpeed,
        "",
        "play at double / half the speed",
    )
    .back(&[c('{')], Action::HalfSpeed)
    .of(G::Play, P::Run),
    row(&[c('=')], Action::NormalSpeed, "", "play at 1x").of(G::Play, P::Run),
];
