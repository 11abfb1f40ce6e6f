//! A screen without a terminal, and the runs that the tests show on it.

use std::time::Duration;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use loopscope::{
    replay::Replay,
    tui::{
        CatalogueEntry, Command, Message, Model, PaneSlot, Parameter,
        theme::{Background, Palette, Theme},
        update, view,
    },
};
use ratatui::{Terminal, backend::TestBackend, buffer::Buffer, layout::Rect};

use crate::scripted::{Do, Model as Script, S};

fn replay(variant: &str, main: Vec<Do>, source: &str) -> Replay {
    Replay::new(Script::new(main).run(1000).log(variant, source))
}

pub(crate) const SEQUENTIAL: &str = r#"async fn say_after(delay: f64, what: &str) {
    sleep(delay).await;
    print(what);
}

async fn main() {
    say_after(1.0, "hello").await;
    say_after(2.0, "world").await;
}
"#;

pub(crate) const CONCURRENT: &str = r#"async fn say_after(delay: f64, what: &str) {
    sleep(delay).await; // the loop is free meanwhile
    print(what);
}

async fn main() {
    let a = spawn(say_after(1.0, "hello"));
    let b = spawn(say_after(2.0, "world"));
    a.await;
    b.await;
}
"#;

pub(crate) fn concurrent() -> Replay {
    let say = |seconds: u64, what| vec![Do::Sleep(seconds * S, 2), Do::Print(what)];
    let main = vec![
        Do::Spawn("hello", say(1, "hello"), 7),
        Do::Spawn("world", say(2, "world"), 8),
        Do::Join(1, 9),
        Do::Join(2, 10),
    ];
    replay("concurrent", main, CONCURRENT)
}

pub(crate) fn sequential() -> Replay {
    let main = vec![
        Do::Sleep(S, 2),
        Do::Print("hello"),
        Do::Sleep(2 * S, 2),
        Do::Print("world"),
    ];
    replay("sequential", main, SEQUENTIAL)
}

/// A bit of everything: wide names, panics, a cancelled task, a deadlock, blocking work.
pub(crate) fn mixed() -> Replay {
    let mut main = vec![
        Do::Spawn(
            "王女様の仕事",
            vec![
                Do::Sleep(S / 3, 1),
                Do::Print("done: e\u{301}te\u{301} 王女様"),
                Do::Panic,
            ],
            1,
        ),
        Do::Spawn(
            "a name that is much longer than its column",
            vec![Do::Forever],
            2,
        ),
        Do::Work(S / 2),
        Do::Yield,
        Do::Wake(1),
        Do::Cancel(2),
    ];
    for _ in 0..30 {
        main.push(Do::Spawn(
            "child",
            vec![Do::Sleep(S, 2), Do::Yield, Do::Print("tick")],
            3,
        ));
    }
    main.push(Do::Forever);
    replay("mixed", main, CONCURRENT)
}

/// A run with a number of polls, and then a line of output.
pub(crate) fn long(turns: usize) -> Replay {
    let mut main = vec![Do::Yield; turns];
    main.push(Do::Print("the last line"));
    Replay::new(Script::new(main).run(u32::MAX).log("long", SEQUENTIAL))
}

/// A run with a number of tasks besides the first.
pub(crate) fn crowd(tasks: usize) -> Replay {
    let mut main: Vec<Do> = (0..tasks)
        .map(|_| Do::Spawn("one of many", vec![Do::Sleep(S, 2), Do::Yield], 7))
        .collect();
    main.push(Do::Sleep(2 * S, 9));
    Replay::new(Script::new(main).run(u32::MAX).log("crowd", SEQUENTIAL))
}

pub(crate) fn choices() -> Vec<CatalogueEntry> {
    let pairs = |pairs: &[(&str, &str)]| {
        pairs
            .iter()
            .map(|(name, title)| ((*name).into(), (*title).into()))
            .collect()
    };
    let param = |name: &str, value: &str, range: &str, help: &str| Parameter {
        name: name.into(),
        default: value.into(),
        help: help.into(),
        range: range.into(),
    };
    vec![
        CatalogueEntry {
            name: "say_after".into(),
            title: "sleep, then print: twice in a row, or both at once".into(),
            variants: pairs(&[
                ("sequential", "awaits one after the other"),
                ("concurrent", "spawns both, then awaits both"),
                ("blocking", "spawns both, but blocks the thread"),
            ]),
            params: vec![
                param(
                    "first",
                    "1",
                    "0 to 3600 seconds",
                    "how long the first sleeps",
                ),
                param("second", "2", "0 to 3600 seconds", "and the second"),
            ],
            ..CatalogueEntry::default()
        },
        CatalogueEntry {
            name: "factorial".into(),
            title: "three tasks compute factorials, a second a step".into(),
            variants: pairs(&[("sequential", "one task"), ("concurrent", "three tasks")]),
            params: vec![param("a", "2", "1 to 100", "first number")],
            ..CatalogueEntry::default()
        },
        CatalogueEntry {
            name: "spinner".into(),
            title: "a background task that draws".into(),
            ..CatalogueEntry::default()
        },
    ]
}

/// A screen in a test terminal.
pub(crate) struct Driver {
    pub(crate) model: Model,
    pub(crate) terminal: Terminal<TestBackend>,
}

impl Driver {
    pub(crate) fn new(theme: Theme, (columns, rows): (u16, u16)) -> Driver {
        let terminal = Terminal::new(TestBackend::new(columns, rows)).unwrap();
        let mut driver = Driver {
            model: Model::new(theme, choices()),
            terminal,
        };
        driver.tell(Message::Resize(columns, rows));
        driver
    }

    pub(crate) fn coloured(size: (u16, u16)) -> Driver {
        Driver::new(Theme::default(), size)
    }

    /// A screen of the usual size with the run [`concurrent`].
    pub(crate) fn of_two_sleepers() -> Driver {
        Driver::coloured((120, 40)).open(concurrent())
    }

    pub(crate) fn plain(size: (u16, u16)) -> Driver {
        Driver::new(
            Theme {
                palette: Palette::Off,
                background: Background::Dark,
                ascii: true,
            },
            size,
        )
    }

    pub(crate) fn tell(&mut self, message: Message) -> Vec<Command> {
        update(&mut self.model, message)
    }

    pub(crate) fn open(mut self, replay: Replay) -> Driver {
        self.tell(Message::Launched {
            slot: PaneSlot::Only,
            result: Ok(Box::new(replay)),
            status: None,
        });
        self
    }

    pub(crate) fn beside(mut self, replay: Replay) -> Driver {
        self.tell(Message::Launched {
            slot: PaneSlot::Second,
            result: Ok(Box::new(replay)),
            status: None,
        });
        self
    }

    /// Presses keys: one character each; `\n`, `\t`, `\u{8}` and `\u{1b}` are Enter, Tab, Backspace
    /// and Escape.
    pub(crate) fn press(&mut self, keys: &str) -> Vec<Command> {
        let mut commands = Vec::new();
        for key in keys.chars() {
            let code = match key {
                '\n' => KeyCode::Enter,
                '\t' => KeyCode::Tab,
                '\u{8}' => KeyCode::Backspace,
                '\u{1b}' => KeyCode::Esc,
                letter => KeyCode::Char(letter),
            };
            commands.extend(self.tell(Message::Key(KeyEvent::new(code, KeyModifiers::NONE))));
        }
        commands
    }

    pub(crate) fn frame(&mut self, milliseconds: u64) -> Vec<Command> {
        self.tell(Message::Frame(Duration::from_millis(milliseconds)))
    }

    pub(crate) fn at(&self) -> u64 {
        self.model.position().map_or(0, |(here, _)| here.0)
    }

    pub(crate) fn draw(&mut self) {
        self.terminal
            .draw(|frame| view(&self.model, frame))
            .unwrap();
    }

    /// The drawn screen as text.
    pub(crate) fn picture(&mut self) -> String {
        self.draw();
        self.terminal.backend().to_string()
    }

    /// The panel or popup whose title contains these words, cut out of what is drawn.
    pub(crate) fn panel(&mut self, title: &str) -> String {
        self.draw();
        let buffer = self.terminal.backend().buffer();
        let found = corners(buffer).find(|area| row(buffer, *area, area.y).contains(title));
        let Some(area) = found else {
            panic!("no panel {title} in\n{}", self.terminal.backend());
        };
        let rows = area.y..area.bottom();
        rows.map(|y| row(buffer, area, y) + "\n").collect()
    }

    /// The first and the last line of what is drawn: header and status.
    pub(crate) fn header_and_status(&mut self) -> String {
        self.draw();
        let buffer = self.terminal.backend().buffer();
        let last = buffer.area.bottom() - 1;
        [0, last]
            .map(|y| row(buffer, buffer.area, y) + "\n")
            .concat()
    }
}

/// The bordered areas of a picture, by their corners.
fn corners(buffer: &Buffer) -> impl Iterator<Item = Rect> {
    let symbol = |x, y| buffer[(x, y)].symbol();
    let area = buffer.area;
    let cells = area
        .rows()
        .flat_map(Rect::columns)
        .map(|cell| (cell.x, cell.y));
    cells.filter_map(move |(left, top)| {
        let (other, below) = match symbol(left, top) {
            "┌" => ("┐", "└"),
            "┏" => ("┓", "┗"),
            _ => return None,
        };
        // The border of a panel under a popup ends at the popup, in another kind of corner.
        let is_corner = |x: &u16| ["┌", "┏", "┐", "┓"].contains(&symbol(*x, top));
        let right = (left + 1..area.right()).find(is_corner)?;
        if symbol(right, top) != other {
            return None;
        }
        // On a small screen, panels share borders: the next one may begin where this one ends.
        let is_end = |y: &u16| [below, "┌", "┏", "─", "━"].contains(&symbol(left, *y));
        let bottom = (top + 1..area.bottom()).find(is_end)?;
        Some(Rect::new(left, top, right - left + 1, bottom - top + 1))
    })
}

/// A row of an area as text, without the cells that lie behind wide characters.
fn row(buffer: &Buffer, area: Rect, y: u16) -> String {
    let mut text = String::new();
    let mut hidden = false;
    for x in area.x..area.right() {
        let symbol = buffer[(x, y)].symbol();
        if !hidden {
            text.push_str(symbol);
        }
        hidden = !hidden && symbol.chars().any(|c| c >= '\u{3000}');
    }
    text.trim_end().to_owned()
}
