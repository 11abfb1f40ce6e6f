//! The one door for change: what a message makes of the screen, and what it asks for.

mod branch;
mod breakpoints;
mod dispatch;
mod mouse;
mod navigate;
mod picker;
mod prompt;
mod quiz;
mod view_settings;

use std::time::Duration;

use crossterm::event::{KeyEvent, KeyEventKind, KeyModifiers};

use crate::{replay::Replay, scene::summary_line};

use crate::tui::{
    keymap,
    message::{Action, Command, Message, PaneSlot},
    model::{Model, Overlay, Screen, goto::Goto, run_pane::RunPane},
    source::{Control, Options, RunRequest, SourceStatus},
};

/// Changes the screen's state and says what is to be done about it. Does nothing else.
pub fn update(model: &mut Model, message: Message) -> Vec<Command> {
    match message {
        Message::Key(key) => pressed(model, key),
        Message::Mouse(event) => mouse::moused(model, event),
        Message::Resize(columns, rows) => {
            model.size = (columns, rows);
            vec![Command::Draw]
        }
        Message::Frame(now) => frame(model, now),
        Message::Notice(words) => {
            model.notice = Some(words);
            vec![Command::Draw]
        }
        Message::Data {
            pane,
            bytes,
            status,
        } => on_data(model, pane, &bytes, status),
        Message::Launched {
            slot,
            result,
            status,
        } => launched(model, slot, result, status),
        Message::Checked { what, result } => {
            picker::checked(model, what, result);
            vec![Command::Draw]
        }
        Message::Resumed => vec![Command::Draw],
    }
}

impl Model {
    /// Takes over what was asked for on the command line, except for the runs.
    pub fn configure(&mut self, options: &Options) {
        self.player.set_speed(options.speed);
        self.at.clone_from(&options.at);
        self.player.set_motion(options.motion);
        if options.play {
            self.player.play();
        }
    }
}

/// A key: what is typed goes to what lies over the screen first.
fn pressed(model: &mut Model, key: KeyEvent) -> Vec<Command> {
    if key.kind == KeyEventKind::Release {
        return Vec::new();
    }
    let action = keymap::action(model.key_scope(), &key);
    if matches!(action, Some(Action::Quit)) && key.modifiers.contains(KeyModifiers::CONTROL) {
        return vec![Command::Quit];
    }
    model.notice = None;
    let mut commands = match std::mem::take(&mut model.overlay) {
        Overlay::Prompt(kind, text) => prompt::typed(model, kind, text, key),
        Overlay::Mark { set } => {
            prompt::marked(model, set, key);
            Vec::new()
        }
        Overlay::Why(row) => view_settings::inspecting(model, row, action, key),
        Overlay::Numbers => match action {
            Some(Action::Close | Action::Numbers | Action::Open) | None => Vec::new(),
            Some(action) => dispatch::act(model, action, key),
        },
        Overlay::Help(top) => reading(model, top, action),
        Overlay::WhatIf(list) => branch::choose(model, list, action, key),
        Overlay::None if quiz::answered(model, key) => Vec::new(),
        Overlay::None => action.map_or_else(Vec::new, |action| dispatch::act(model, action, key)),
    };
    commands.push(Command::Draw);
    commands
}

/// A key while the help is open: it scrolls, closes, or does what it does elsewhere.
fn reading(model: &mut Model, top: usize, action: Option<Action>) -> Vec<Command> {
    let last = super::widgets::help::length(model).saturating_sub(1);
    let top = match action {
        Some(Action::Down | Action::StepForward(_)) => top.saturating_add(1).min(last),
        Some(Action::Up | Action::StepBack(_)) => top.saturating_sub(1),
        Some(Action::Quit) => return vec![Command::Quit],
        Some(Action::Suspend) => {
            model.overlay = Overlay::Help(top);
            return vec![Command::Suspend];
        }
        _ => return Vec::new(),
    };
    model.overlay = Overlay::Help(top);
    Vec::new()
}

/// Time goes on: only playing cares.
fn frame(model: &mut Model, now: Duration) -> Vec<Command> {
    if !model.wants_frames() {
        return Vec::new();
    }
    if prompt::go_on(model) {
        return vec![Command::Draw];
    }
    let leader = navigate::leader(model);
    let Some(pane) = model.panes.get_mut(leader) else {
        model.player.pause();
        return vec![Command::Draw];
    };
    let before = pane.replay.position();
    let target = model.player.frame(&pane.replay, now);
    let (position, stop) = navigate::stop_before(model, leader, target);
    let Some(pane) = model.panes.get_mut(leader) else {
        return Vec::new();
    };
    // A moment after the last event, at which two runs are looked at, is not gone back from.
    if position != before {
        pane.seek(position);
    }
    let at_end = pane.at_end();
    if stop.is_some() {
        model.player.pause();
        model.notice = stop;
    } else if at_end {
        model.notice = Some(summary_line::ending(&pane.replay));
    } else if !model.player.is_playing() {
        // It was stopped short of the end that it had in view.
        model.player.play();
    }
    let ended = !model.player.is_playing();
    if position != before {
        model.centre = None;
    }
    navigate::follow(model, leader);
    if ended || position != before {
        vec![Command::Draw]
    } else {
        Vec::new()
    }
}

/// A live run has gone on.
fn on_data(model: &mut Model, pane: usize, bytes: &[u8], status: SourceStatus) -> Vec<Command> {
    let active = pane == model.active;
    let Some(run) = model.panes.get_mut(pane) else {
        return Vec::new();
    };
    let was_empty = run.replay.end().0 == 0;
    let seen = run.status.map(|status| visible(status, run.following));
    let ends = status.ended && !run.status.is_some_and(|status| status.ended);
    run.status = Some(status);
    if !bytes.is_empty() {
        run.replay.append(bytes);
        let by = run.replay.trim();
        run.shift_positions(by);
        run.on_append(was_empty);
    }
    let arrived = arrive(run);
    match arrived {
        Some(Err(error)) => model.notice = Some(error),
        Some(Ok(())) if active => model.notice = None,
        _ => {}
    }
    if ends {
        run.following = false;
        let ending = status.live.then(|| summary_line::ending(&run.replay));
        let damage = status.damage.map(|damage| damage.to_string());
        if let (true, Some(words)) = (active, damage.or(ending)) {
            model.notice = Some(words);
        }
    }
    let changed = !bytes.is_empty() || ends || seen != Some(visible(status, run.following));
    if ends {
        model.compare();
    }
    if changed {
        model.sync_other();
        vec![Command::Draw]
    } else {
        Vec::new()
    }
}

/// Goes where somebody wanted to go, once as much of the file as that takes has been read; an error if there is no such place.
fn arrive(run: &mut RunPane) -> Option<Result<(), String>> {
    let place = run.pending_goto?;
    let found = run.find(place).transpose()?;
    run.pending_goto = None;
    Some(found.map(|(position, task)| {
        run.seek(position);
        if let Some(task) = task {
            run.selected = task.0;
        }
    }))
}

/// How often the picture of a loop that waits, or is held up, is drawn anew: each quarter of a second.
const REDRAWN: Duration = Duration::from_millis(250);

/// The part of a pulse that can be seen. The clock of a loop that waits goes on only for who follows it.
fn visible(
    status: SourceStatus,
    following: bool,
) -> ([bool; 3], Option<u128>, Option<(u32, u128)>) {
    let quarters = |time: Duration| time.as_nanos() / REDRAWN.as_nanos();
    let polling = status.long_poll();
    let polling = polling.map(|(task, time)| (task.0, quarters(time)));
    let now = status.now.filter(|_| following);
    let now = now.map(|now| quarters(Duration::from_nanos(now.0)));
    (
        [status.ended, status.paused, status.wants_input],
        now,
        polling,
    )
}

/// A run that was asked for is there, or is not.
fn launched(
    model: &mut Model,
    slot: PaneSlot,
    result: Result<Box<Replay>, String>,
    status: Option<SourceStatus>,
) -> Vec<Command> {
    let replay = match result {
        Ok(replay) => *replay,
        Err(error) => {
            model.notice = Some(error);
            model.second_run = None;
            return vec![Command::Draw];
        }
    };
    let pane = RunPane::new(replay, status);
    let mut commands = vec![Command::Draw];
    branch::remember(model);
    if slot == PaneSlot::Second && !model.panes.is_empty() {
        model.panes.truncate(1);
        model.panes.push(pane);
        model.active = 0;
        model.show(Screen::Compare);
        branch::resume(model, 1);
    } else {
        model.panes = vec![pane];
        model.active = 0;
        model.show(Screen::Main);
        if slot == PaneSlot::First
            && let Some(what) = model.second_run.take()
        {
            commands.push(Command::Launch {
                what,
                slot: PaneSlot::Second,
            });
        }
    }
    if let Some(at) = model.at.take() {
        begin_at(model, &at);
    }
    commands
}

/// Goes where `--at` says.
fn begin_at(model: &mut Model, at: &str) {
    let target = Goto::parse(at).and_then(|place| {
        let pane = model.pane().ok_or_else(String::new)?;
        Ok((place, pane.find(place)?))
    });
    match target {
        Ok((place, found)) => navigate::arrive(model, place, found, navigate::go),
        Err(error) => model.notice = Some(error),
    }
}

/// What stands for a run when another like it is asked for.
pub(super) fn request_of(replay: &Replay) -> RunRequest {
    let meta = &replay.log().meta;
    RunRequest {
        scenario: meta.scenario.clone(),
        variant: meta.variant.clone(),
        params: meta.params.clone(),
        seed: meta.seed,
        clock: Some(meta.clock),
        schedule: meta.schedule.clone(),
    }
}

/// Tells the live loop of the active side what to do.
fn control(model: &Model, control: Control) -> Vec<Command> {
    vec![Command::Control {
        pane: model.active,
        control,
    }]
}
