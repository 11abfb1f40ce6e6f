//! Long sequences of definitions are skipped, and what is computed is the same.

use crate::trace::{
    DEFINITIONS_READ, LocationId, Log, PollOutcome, Position, TaskId, TextId, Writer,
};

use super::{
    EventStep, Replay, State,
    definition_skips::{DEFINITIONS, STATE_BYTES},
};

/// How many definitions are behind the first event, and behind another one.
const MANY: u64 = 20_000;

/// Many texts and tasks are defined behind the first event, and again behind a later one.
fn records() -> Vec<u8> {
    let mut writer = Writer::new();
    let name = writer.text("task");
    writer.gap(5);
    let define = |writer: &mut Writer| {
        for number in 0..MANY {
            writer.text(&number.to_string());
            if number % 2 == 0 {
                writer.gap_task(TextId::UNKNOWN, LocationId::UNKNOWN, None);
            }
        }
    };
    define(&mut writer);
    for round in 0..1_000 {
        writer.spawn(name, LocationId::UNKNOWN, false);
        writer.tick_start();
        writer.poll_start(TaskId(round));
        writer.poll_end(PollOutcome::Pending, 7);
        if round == 500 {
            define(&mut writer);
        }
    }
    writer.take()
}

fn replay(bytes: &[u8], pieces: usize) -> Replay {
    let mut replay = Replay::new(Log::default());
    for piece in bytes.chunks(bytes.len().div_ceil(pieces)) {
        replay.append(piece);
    }
    assert!(!replay.is_damaged());
    replay
}

/// How many definitions `work` decodes.
fn read_by(work: impl FnOnce()) -> u64 {
    let before = DEFINITIONS_READ.get();
    work();
    DEFINITIONS_READ.get() - before
}

#[test]
fn a_state_behind_definitions_is_no_state_at_a_position() {
    let bytes = records();
    for pieces in [1, 50] {
        let mut replay = replay(&bytes, pieces);
        let kept = &replay.index().skips;
        let taken: usize = kept.states.iter().map(State::weight).sum();
        assert_eq!((kept.states.len(), kept.state_bytes), (2, taken));
        let mut fold = State::new();
        let places = (0..40).chain((1_960..2_040).step_by(7)).chain([3_999]);
        for position in places.map(Position) {
            while fold.position < position {
                fold.step(&bytes);
            }
            assert_eq!(replay.state_at(position), fold, "{position:?}");
            replay.seek(position);
            assert_eq!(replay.state(), &fold, "{position:?}");
            let mut state = fold.clone();
            let step = EventStep::after(&replay, &fold).unwrap();
            let event = state.step(&bytes);
            assert_eq!(Some(step.event), event);
            assert_eq!(step.after, state.cursor);
            let mut steps = replay.steps(position..replay.end());
            assert_eq!(steps.next_step().map(|step| step.event), event);
            assert_eq!(steps.state(), &state, "{position:?}");
            let next = Position(position.0 + 1);
            let folded = replay.each_step(fold.clone(), next, |_| {});
            assert_eq!(folded, state, "{position:?}");
        }
        // Backwards, a state that was kept on the way must not be taken for another one.
        for position in [2_005, 2_004, 9, 8, 2, 1, 2, 1, 0, 1] {
            replay.seek(Position(position));
            assert_eq!(
                replay.state(),
                &state_by_fold(&bytes, position),
                "{position}"
            );
        }
    }
}

fn state_by_fold(bytes: &[u8], position: u64) -> State {
    let mut fold = State::new();
    while fold.position.0 < position {
        fold.step(bytes);
    }
    fold
}

#[test]
fn definitions_behind_an_event_are_not_read_by_each_reader() {
    let replay = replay(&records(), 1);
    let few = 2 * DEFINITIONS;
    let first = State::new();
    for position in (2..30).chain(2_010..2_030).map(Position) {
        let from_start = Position(0);
        assert!(read_by(|| drop(replay.state_at(position))) <= few);
        assert!(
            read_by(|| {
                replay.cursor_at(position);
            }) <= few
        );
        assert!(
            read_by(|| {
                replay.events_from(from_start).nth(5);
            }) <= few
        );
        assert!(read_by(|| drop(replay.each_step(first.clone(), position, |_| {}))) <= 2 * few);
        let walk = || {
            let mut steps = replay.steps(from_start..position);
            while steps.next_step().is_some() {}
        };
        // The step is decoded, and then applied.
        assert!(read_by(walk) <= 3 * few, "{position:?}");
        let moment = replay.cursor_at(position).now();
        assert!(
            read_by(|| {
                replay.at_moment(moment);
            }) <= few
        );
    }
}

#[test]
fn many_states_behind_definitions_take_bounded_memory() {
    let mut writer = Writer::new();
    let name = writer.text("task");
    for _ in 0..400 {
        for _ in 0..1_000 {
            writer.spawn(name, LocationId::UNKNOWN, false);
        }
        for number in 0..8_000 {
            writer.text(&number.to_string());
        }
    }
    writer.tick_start();
    let replay = replay(&writer.take(), 1);
    let skips = &replay.index().skips;
    assert!(skips.state_bytes <= STATE_BYTES, "{}", skips.state_bytes);
    let taken: usize = skips.states.iter().map(State::weight).sum();
    assert_eq!(taken, skips.state_bytes);
}
