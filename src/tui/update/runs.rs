//! What happens to runs: they are opened, grow, end, are compared and recorded.
//!
//! Data arrives in these steps:
//!
//! 1. The bytes are appended to the replay. If the replay has grown too long, its oldest events are
//!    discarded, and all positions that the pane remembers are lowered by their number.
//! 2. The pane moves according to its [`ViewMode`](crate::tui::model::run_pane::ViewMode). A pane
//!    that follows goes to the newest event. A pane that waits for a place goes there if the place
//!    has been read now. If a breakpoint is among the events that a pane would follow, the pane goes
//!    there and the loop is paused.
//! 3. If the source has ended, the pane stops following and the status line says how the run ended.
//! 4. In a comparison the other pane is moved along.
//!
//! The screen is drawn only if one of these steps changed something visible.

use std::time::Duration;

use crate::{
    replay::Replay,
    scene::summary_line,
    trace::{Position, Schedule},
};

use crate::tui::{
    message::{Command, PaneSlot},
    model::{
        Model, Screen,
        goto::{Goto, GotoError},
        guide::Guide,
        run_pane::{RunPane, Target},
    },
    source::{Control, LaunchError, RunRequest, SourceStatus},
    work::{WorkKind, WorkResult},
};

use super::{branch, guide, navigate};

/// A source has more bytes, another status, or both. Draws only if something visible has changed.
pub(super) fn on_data(
    model: &mut Model,
    pane: usize,
    bytes: &[u8],
    status: SourceStatus,
) -> Vec<Command> {
    let active = pane == model.active;
    let language = model.language;
    let Some(run) = model.panes.get_mut(pane) else {
        return Vec::new();
    };
    let seen = run.status.map(|status| visible(status, run.is_following()));
    let mut commands = Vec::new();
    // A breakpoint stops a loop that is watched at its newest event.
    let watched = status.live && !status.paused && !status.ended && run.is_following();
    let before = run.replay.end();
    let ends = take(run, bytes, status);
    if watched && let Some(notice) = stop(run, before) {
        model.notice = Some(notice);
        commands.push(Command::Control {
            pane,
            control: Control::Pause,
        });
    }
    match arrive(run) {
        Some(Err(error)) => model.notice = Some(error.to_string()),
        Some(Ok(())) if active => model.notice = None,
        _ => {}
    }
    if ends {
        run.stop_following();
        let language = language.for_run(&run.replay);
        let ending = status
            .live
            .then(|| summary_line::ending(&run.replay, language));
        let damage = status.damage.map(|damage| damage.to_string());
        let left_out = summary_line::left_out(&run.replay);
        if let (true, Some(words)) = (active, left_out.or(damage).or(ending)) {
            model.notice = Some(words);
        }
    }
    let is_found = run.look_for_findings(&model.checks, None);
    let changed =
        is_found || !bytes.is_empty() || ends || seen != Some(visible(status, run.is_following()));
    if ends {
        model.compare();
        guide::measure(model);
        branch::show_effect(model);
    }
    if changed {
        model.sync_other();
        commands.push(Command::Draw);
    }
    commands
}

/// Goes to the first breakpoint behind `before`, if there is one, and returns what is said about it.
/// Where old events were discarded meanwhile, the positions are lower than before: then a breakpoint
/// among the first of the new events may be missed.
fn stop(run: &mut RunPane, before: Position) -> Option<String> {
    let stop = run.breakpoints.next_from(&run.replay, before, u64::MAX)?;
    run.stop_following();
    run.seek(stop);
    Some(format!(
        "stopped at a breakpoint, event {}: the loop is paused; space resumes",
        stop.0
    ))
}

/// Appends the bytes of a source to its run, and moves the pane accordingly. Returns whether the run
/// has ended with them.
pub(super) fn take(run: &mut RunPane, bytes: &[u8], status: SourceStatus) -> bool {
    let was_empty = run.replay.end().0 == 0;
    let ends = status.ended && !run.status.is_some_and(|status| status.ended);
    run.status = Some(status);
    if !bytes.is_empty() {
        run.replay.append(bytes);
        let by = run.replay.trim();
        run.shift_positions(by);
        run.on_append(was_empty);
    }
    ends
}

/// Goes to the place that the pane waits for if enough of the file has been read. Returns `None` if
/// the pane has to wait longer, or waits for nothing.
fn arrive(run: &mut RunPane) -> Option<Result<(), GotoError>> {
    let Some(Target::Goto(place)) = run.loading() else {
        return None;
    };
    let found = run.find(place).transpose()?;
    run.stop_loading();
    Some(found.map(|(position, task)| {
        run.seek(position);
        if let Some(task) = task {
            run.selected = task.0;
        }
    }))
}

/// The time between two pictures in which only the clock of a waiting loop or the length of a long
/// poll has changed.
const REDRAW: Duration = Duration::from_millis(250);

/// The visible part of a status, for comparison with the previous one: the flags, the loop's
/// clock, and the task and length of a long poll. Times are rounded down to multiples of
/// [`REDRAW`], so that they change no more often. The clock is shown only while the newest event is
/// followed.
fn visible(
    status: SourceStatus,
    following: bool,
) -> ([bool; 3], Option<u128>, Option<(u32, u128)>) {
    let quarters = |time: Duration| time.as_nanos() / REDRAW.as_nanos();
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

/// Shows the run that was asked for, or says why there is none.
pub(super) fn launched(
    model: &mut Model,
    slot: PaneSlot,
    result: Result<Box<Replay>, LaunchError>,
    status: Option<SourceStatus>,
) -> Vec<Command> {
    let replay = match result {
        Ok(replay) => *replay,
        Err(error) => {
            model.notice = Some(error.to_string());
            model.second_run = None;
            model.guide = None;
            return vec![Command::Draw];
        }
    };
    let mut pane = RunPane::new(replay, status);
    // The findings of a short run are shown with its first picture.
    pane.look_for_findings(&model.checks, None);
    let mut commands = vec![Command::Draw];
    branch::remember(model);
    if slot == PaneSlot::Second && !model.panes.is_empty() {
        model.panes.truncate(1);
        model.panes.push(pane);
        model.active = 0;
        guide::on_opened(model);
        let hidden = model.guide.as_ref().is_some_and(Guide::hides_second);
        model.show(if hidden {
            Screen::Main
        } else {
            Screen::Compare
        });
        branch::opened(model);
    } else {
        // The address after `--listen` is that of the first run.
        if !model.panes.is_empty() {
            model.listen = None;
        }
        model.panes = vec![pane];
        model.active = 0;
        model.loops.is_touched = false;
        branch::opened(model);
        guide::on_opened(model);
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
    if model.forget_loops() {
        commands.push(Command::CloseLoops);
    }
    commands
}

/// Goes to the place that `--at` names.
fn begin_at(model: &mut Model, at: &str) {
    let target = model.pane().ok_or(GotoError::NoRun).and_then(|pane| {
        let place = Goto::parse_in(at, &pane.replay)?;
        Ok((place, pane.find(place)?))
    });
    match target {
        Ok((place, found)) => navigate::arrive(model, place, found, navigate::go),
        Err(error) => model.notice = Some(error.to_string()),
    }
}

/// Opens the next variant of the scenario beside the active run. In a comparison, shows the active
/// run alone instead.
pub(super) fn compare(model: &mut Model) -> Vec<Command> {
    if model.screen == Screen::Compare {
        model.show(Screen::Main);
        return Vec::new();
    }
    model.player.pause();
    if model.panes.len() == 2 {
        model.show(Screen::Compare);
        return Vec::new();
    }
    let Some(pane) = model.pane() else {
        return Vec::new();
    };
    let mut what = RunRequest::of(&pane.replay);
    let entry = model
        .picker
        .catalogue
        .iter()
        .find(|entry| entry.name == what.scenario);
    let variants: Vec<&String> = entry.map_or_else(Vec::new, |entry| {
        entry.variants.iter().map(|(name, _)| name).collect()
    });
    let here = variants
        .iter()
        .position(|name| **name == what.variant)
        .unwrap_or(0);
    let Some(other) = variants
        .get((here + 1) % variants.len().max(1))
        .filter(|name| ***name != what.variant)
    else {
        model.notice = Some(format!(
            "there is no other variant of {} to compare with",
            summary_line::title(&pane.replay)
        ));
        return Vec::new();
    };
    what.variant.clone_from(other);
    // The other variant runs on its own clock. A schedule names polls of this variant, so it has no
    // meaning for the other.
    what.clock = None;
    what.schedule = Schedule::default();
    vec![Command::Launch {
        what,
        slot: PaneSlot::Second,
    }]
}

/// Takes the result of work that was done beside the screen, if it is still wanted.
pub(super) fn worked(model: &mut Model, number: u64, result: Option<WorkResult>) -> Vec<Command> {
    let Some(kind) = model.works.done(number) else {
        return Vec::new();
    };
    match (kind, result) {
        (WorkKind::Difference { forward, .. }, Some(WorkResult::Difference(found))) => {
            navigate::found_difference(model, found, forward);
        }
        (_, Some(WorkResult::Comparison(comparison))) => model.comparison = Some(comparison),
        (_, Some(WorkResult::OtherPoll(step))) => branch::show_other_poll(model, step),
        (_, Some(WorkResult::Difference(_)) | None) => {
            model.notice = Some("the runs cannot be compared: the thread has failed".into());
        }
    }
    vec![Command::Draw]
}

/// Exchanges the two runs. The active run stays active.
pub(super) fn swap(model: &mut Model) -> Vec<Command> {
    model.panes.reverse();
    model.active = 1 - model.active.min(1);
    model.show(Screen::Compare);
    vec![Command::Swap]
}

/// Asks the shell to write the run to a file, from its first event.
pub(super) fn record(model: &Model) -> Vec<Command> {
    let log = model.pane().map(|pane| pane.replay.log().clone());
    let ask = |log| Command::Record {
        pane: model.active,
        log: Box::new(log),
    };
    log.map(ask).into_iter().collect()
}
