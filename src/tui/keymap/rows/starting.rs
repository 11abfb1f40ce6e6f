//! What is run, and the program itself.

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
        &[c('/')],
        Action::Find,
        "find",
        "list the scenarios whose name or title holds a word",
    )
    .of(G::Look, P::Picker),
    row(
        &[c(':')],
        Action::Goto,
        "set",
        "set a parameter of the scenario: `first=2`",
    )
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
        Action::OpenBeside,
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
