//! The one door for change: what a message makes of the screen, and what it asks for.

mod act;
mod ask;
mod branch;
mod look;
mod mouse;
mod pick;
mod prompt;
mod stop;
mod walk;

use std::time::Duration;

use crossterm::event::{KeyEvent, KeyEventKind, KeyModifiers};

use crate::{replay::Replay, scene::glance};

use crate::tui::{
    feed::{Control, Options, Pulse, Selection},
    keymap,
    message::{Action, Command, Message, Slot},
    model::{Model, Overlay, Screen, goto::Goto, side::Side},
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
        Message::Said(words) => {
            model.notice = Some(words);
            vec![Command::Draw]
        }
        Message::Fed { side, bytes, pulse } => fed(model, side, &bytes, pulse),
        Message::Launched {
            slot,
            result,
            pulse,
        } => launched(model, slot, result, pulse),
        Message::Checked { what, result } => {
            pick::checked(model, what, result);
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
    let action = keymap::action(model.place(), &key);
    if matches!(action, Some(Action::Quit)) && key.modifiers.contains(KeyModifiers::CONTROL) {
        return vec![Command::Quit];
    }
    model.notice = None;
    let mut commands = match std::mem::take(&mut model.overlay) {
        Overlay::Prompt(asked, text) => prompt::typed(model, asked, text, key),
        Overlay::Mark { set } => {
            prompt::marked(model, set, key);
            Vec::new()
        }
        Overlay::Why(row) => look::inspecting(model, row, action, key),
        Overlay::Numbers => match action {
            Some(Action::Close | Action::Numbers | Action::Open) | None => Vec::new(),
            Some(action) => act::act(model, action, key),
        },
        Overlay::Help(top) => reading(model, top, action),
        Overlay::WhatIf(list) => branch::choose(model, list, action, key),
        Overlay::None if ask::answered(model, key) => Vec::new(),
        Overlay::None => action.map_or_else(Vec::new, |action| act::act(model, action, key)),
    };
    commands.push(Command::Draw);
    commands
}

/// A key while the help is open: it scrolls, closes, or does what it does elsewhere.
fn reading(model: &mut Model, top: usize, action: Option<Action>) -> Vec<Command> {
    let last = super::widgets::help::length(model).saturating_sub(1);
    let top = match action {
        Some(Action::Down | Action::Forth(_)) => top.saturating_add(1).min(last),
        Some(Action::Up | Action::Back(_)) => top.saturating_sub(1),
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
    let leader = walk::leader(model);
    let Some(side) = model.sides.get_mut(leader) else {
        model.player.pause();
        return vec![Command::Draw];
    };
    let before = side.replay.position();
    let target = model.player.frame(&side.replay, now);
    let (position, stop) = walk::stop_before(model, leader, target);
    let Some(side) = model.sides.get_mut(leader) else {
        return Vec::new();
    };
    // A moment after the last event, at which two runs are looked at, is not gone back from.
    if position != before {
        side.seek(position);
    }
    let at_end = side.at_end();
    if stop.is_some() {
        model.player.pause();
        model.notice = stop;
    } else if at_end {
        model.notice = Some(glance::ending(&side.replay));
    } else if !model.player.is_playing() {
        // It was stopped short of the end that it had in view.
        model.player.play();
    }
    let ended = !model.player.is_playing();
    if position != before {
        model.centre = None;
    }
    walk::follow(model, leader);
    if ended || position != before {
        vec![Command::Draw]
    } else {
        Vec::new()
    }
}

/// A live run has gone on.
fn fed(model: &mut Model, side: usize, bytes: &[u8], pulse: Pulse) -> Vec<Command> {
    let active = side == model.active;
    let Some(run) = model.sides.get_mut(side) else {
        return Vec::new();
    };
    let was_empty = run.replay.end().0 == 0;
    let seen = run.pulse.map(|pulse| visible(pulse, run.following));
    let ends = pulse.ended && !run.pulse.is_some_and(|pulse| pulse.ended);
    run.pulse = Some(pulse);
    if !bytes.is_empty() {
        run.replay.append(bytes);
        let by = run.replay.trim();
        run.lower(by);
        run.grown(was_empty);
    }
    let arrived = arrive(run);
    match arrived {
        Some(Err(error)) => model.notice = Some(error),
        Some(Ok(())) if active => model.notice = None,
        _ => {}
    }
    if ends {
        run.following = false;
        let ending = pulse.live.then(|| glance::ending(&run.replay));
        let damage = pulse.damage.map(|damage| damage.to_string());
        if let (true, Some(words)) = (active, damage.or(ending)) {
            model.notice = Some(words);
        }
    }
    let changed = !bytes.is_empty() || ends || seen != Some(visible(pulse, run.following));
    if ends {
        model.compare();
    }
    if changed {
        model.settle();
        vec![Command::Draw]
    } else {
        Vec::new()
    }
}

/// Goes where somebody wanted to go, once as much of the file as that takes has been read; an error if there is no such place.
fn arrive(run: &mut Side) -> Option<Result<(), String>> {
    let place = run.wanted?;
    let found = run.find(place).transpose()?;
    run.wanted = None;
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
fn visible(pulse: Pulse, following: bool) -> ([bool; 3], Option<u128>, Option<(u32, u128)>) {
    let quarters = |time: Duration| time.as_nanos() / REDRAWN.as_nanos();
    let polling = pulse.held_up();
    let polling = polling.map(|(task, time)| (task.0, quarters(time)));
    let now = pulse.now.filter(|_| following);
    let now = now.map(|now| quarters(Duration::from_nanos(now.0)));
    ([pulse.ended, pulse.paused, pulse.asks], now, polling)
}

/// A run that was asked for is there, or is not.
fn launched(
    model: &mut Model,
    slot: Slot,
    result: Result<Box<Replay>, String>,
    pulse: Option<Pulse>,
) -> Vec<Command> {
    let replay = match result {
        Ok(replay) => *replay,
        Err(error) => {
            model.notice = Some(error);
            model.wanted = None;
            return vec![Command::Draw];
        }
    };
    let side = Side::new(replay, pulse);
    let mut commands = vec![Command::Draw];
    branch::remember(model);
    if slot == Slot::Second && !model.sides.is_empty() {
        model.sides.truncate(1);
        model.sides.push(side);
        model.active = 0;
        model.show(Screen::Compare);
        branch::resume(model, 1);
    } else {
        model.sides = vec![side];
        model.active = 0;
        model.show(Screen::Main);
        if slot == Slot::First
            && let Some(what) = model.wanted.take()
        {
            commands.push(Command::Launch {
                what,
                slot: Slot::Second,
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
        let side = model.side().ok_or_else(String::new)?;
        Ok((place, side.find(place)?))
    });
    match target {
        Ok((place, found)) => walk::arrive(model, place, found, walk::go),
        Err(error) => model.notice = Some(error),
    }
}

/// What stands for a run when another like it is asked for.
pub(super) fn selection_of(replay: &Replay) -> Selection {
    let meta = &replay.log().meta;
    Selection {
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
        side: model.active,
        control,
    }]
}
