//! The cost of the screen: a frame of a large run, a key in a recording of ten million events, and
//! the bytes that playing sends to the terminal.

use std::{
    cell::Cell,
    io::{self, Write},
    rc::Rc,
    time::Duration,
};

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use loopscope::{
    replay::Replay,
    runtime::LoopControl,
    scenario::Plan,
    trace::ClockKind,
    tui::{Message, Model, PaneSlot, theme::Theme, update, view},
};
use ratatui::{
    Terminal, TerminalOptions, Viewport, backend::CrosstermBackend, backend::TestBackend,
    layout::Rect,
};

use crate::{
    catalogue,
    measure::{cost, figure, is_asked, milliseconds, percentile},
    reading::record,
    work::{on_ours, ours},
};

/// The number of measured frames.
const FRAMES: usize = 2_000;

/// The number of measured keys.
const KEYS: usize = 1_000;

pub(crate) fn all() {
    if is_asked("screen.frame") {
        let mut costs = frames();
        for percent in [50, 95] {
            let time = milliseconds(percentile(&mut costs, percent));
            figure(&format!("screen.frame.p{percent}"), time, "ms");
        }
    }
    if is_asked("screen.key") {
        let mut costs = keys();
        for percent in [50, 95] {
            let time = milliseconds(percentile(&mut costs, percent));
            figure(&format!("screen.key.p{percent}"), time, "ms");
        }
    }
    if is_asked("screen.bytes") {
        figure("screen.bytes.median", median_bytes(), "bytes");
    }
}

/// A screen of a size with a run on it.
pub(crate) fn opened(replay: Replay, (columns, rows): (u16, u16)) -> Model {
    let mut model = Model::new(Theme::default(), Vec::new());
    update(&mut model, Message::Resize(columns, rows));
    let result = Ok(Box::new(replay));
    update(
        &mut model,
        Message::Launched {
            slot: PaneSlot::Only,
            result,
            status: None,
        },
    );
    model
}

/// Presses keys, a character each.
pub(crate) fn press(model: &mut Model, keys: &str) {
    for key in keys.chars() {
        let code = match key {
            '\n' => KeyCode::Enter,
            letter => KeyCode::Char(letter),
        };
        update(model, Message::Key(KeyEvent::new(code, KeyModifiers::NONE)));
    }
}

/// Frames of 10,000 tasks and a million events at 200x60, each after some keys.
fn frames() -> Vec<Duration> {
    let log = ours(ClockKind::Virtual, true, on_ours::sleeps()).log;
    let replay = Replay::new(log);
    assert!(replay.end().0 >= 1_000_000 && replay.tables().tasks().len() >= 10_000);
    let end = replay.end().0;
    let size = (200, 60);
    let mut model = opened(replay, size);
    let mut terminal = Terminal::new(TestBackend::new(size.0, size.1)).unwrap();
    press(&mut model, &format!(":{}\n3", end / 2));
    let keys = [
        "n", "N", "s", "S", "t", "T", "c", "C", "j", "k", "+", "+", "-", ">", "<", "x", "x", "u",
        "u", "3", "4",
    ];
    let mut random = fastrand::Rng::with_seed(1);
    (0..FRAMES)
        .map(|_| {
            let key = match random.u8(0..10) {
                0 => format!(":{}\n", random.u64(0..end)),
                _ => keys[random.usize(0..keys.len())].to_owned(),
            };
            cost(|| {
                press(&mut model, &key);
                terminal.draw(|frame| view(&model, frame)).unwrap();
            })
        })
        .collect()
}

/// From a key to its picture, in a recording of ten million events at 200x60: the update, the
/// drawing, and the bytes for the terminal. Steps of every size alternate with jumps to random
/// positions, of which only the last key is measured.
fn keys() -> Vec<Duration> {
    let (columns, rows) = (200, 60);
    let replay = Replay::new(record());
    let end = replay.end().0;
    let mut model = opened(replay, (columns, rows));
    let options = TerminalOptions {
        viewport: Viewport::Fixed(Rect::new(0, 0, columns, rows)),
    };
    let backend = CrosstermBackend::new(Counter::default());
    let mut terminal = Terminal::with_options(backend, options).unwrap();
    let keys = [
        "n", "N", "s", "S", "t", "T", "c", "C", "j", "k", "+", "-", "x", "u", "w", "g", "G",
    ];
    let mut random = fastrand::Rng::with_seed(3);
    (0..KEYS)
        .map(|_| {
            let key = if random.u8(0..5) == 0 {
                press(&mut model, &format!(":{}", random.u64(0..end)));
                "\n"
            } else {
                keys[random.usize(0..keys.len())]
            };
            cost(|| {
                press(&mut model, key);
                terminal.draw(|frame| view(&model, frame)).unwrap();
            })
        })
        .collect()
}

/// Counts the bytes that are written.
#[derive(Clone, Default)]
struct Counter(Rc<Cell<usize>>);

impl Write for Counter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.set(self.0.get() + bytes.len());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The bytes of a frame in which something changed, while each scenario of the virtual clock is
/// played at 120x40.
fn median_bytes() -> f64 {
    let mut sizes = Vec::new();
    for scenario in catalogue::ALL {
        for variant in scenario.variants {
            if variant.clock == ClockKind::Virtual {
                let log = Plan::new(scenario, variant)
                    .run(None, LoopControl::new())
                    .log;
                played(Replay::new(log), &mut sizes);
            }
        }
    }
    sizes.sort_unstable();
    f64::from(u32::try_from(sizes[sizes.len() / 2]).unwrap())
}

/// Plays a run and collects the bytes of each frame but the first, which draws everything.
fn played(replay: Replay, sizes: &mut Vec<usize>) {
    let counter = Counter::default();
    let mut model = opened(replay, (120, 40));
    press(&mut model, " ");
    let options = TerminalOptions {
        viewport: Viewport::Fixed(Rect::new(0, 0, 120, 40)),
    };
    let mut terminal =
        Terminal::with_options(CrosstermBackend::new(counter.clone()), options).unwrap();
    terminal.draw(|frame| view(&model, frame)).unwrap();
    let mut now = Duration::ZERO;
    while model.wants_frames() {
        now += Duration::from_millis(33);
        if !update(&mut model, Message::Frame(now)).is_empty() {
            let before = counter.0.get();
            terminal.draw(|frame| view(&model, frame)).unwrap();
            sizes.push(counter.0.get() - before);
        }
    }
}
