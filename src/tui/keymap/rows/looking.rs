//! What is shown: panels, the timeline, colours, the mouse.

use crossterm::event::KeyCode;

use crate::tui::{
    keymap::{
        KeyGroup as G, KeyRow, KeyScope as P,
        key::{c, ctrl, k},
    },
    message::Action,
};

use super::row;

pub(super) const ROWS: &[KeyRow] = &[
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
];
