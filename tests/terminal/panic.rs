//! A task that panics while the screen is drawn. No scenario does that, so the test is its own
//! program: the second test starts the first one in a terminal.

use std::{
    io::{self, IsTerminal},
    time::Duration,
};

use loopscope::{
    replay::Replay,
    runtime::{self, Builder, LoopControl},
    sleep, spawn_named,
    trace::{ClockKind, Log, Meta},
    tui::{
        self, Control, LaunchError, Launcher, Options, RunRequest, Session, SourceStatus, Start,
    },
};

use super::terminal::{Terminal, ignored_test};

const NAME: &str = "panic::screen_with_a_panicking_task";

/// A run on its own thread, on the real clock, as in the program.
struct Live {
    feed: runtime::LiveTrace,
    control: LoopControl,
}

impl tui::TraceSource for Live {
    fn take(&mut self) -> Vec<u8> {
        self.feed.take()
    }

    fn control(&mut self, control: Control) {
        if control == Control::Stop {
            self.control.stop();
        }
    }

    fn status(&self) -> SourceStatus {
        SourceStatus {
            ended: self.feed.is_drained(),
            live: true,
            ..SourceStatus::default()
        }
    }
}

struct Nothing;

impl Launcher for Nothing {
    fn catalogue(&self) -> Vec<tui::CatalogueEntry> {
        Vec::new()
    }

    fn start(&mut self, _: &RunRequest) -> Result<Session, LaunchError> {
        Err(LaunchError::Unsupported)
    }

    fn check(&self, _: &RunRequest) -> Result<(), LaunchError> {
        Ok(())
    }
}

#[test]
#[ignore = "started in a terminal by the test below"]
fn screen_with_a_panicking_task() {
    if !io::stdout().is_terminal() {
        println!("skipped: this is no terminal");
        return;
    }
    let (feed, control) = (runtime::LiveTrace::new(), LoopControl::new());
    let live = Live {
        feed: feed.clone(),
        control: control.clone(),
    };
    std::thread::spawn(move || {
        let builder = Builder::new().clock(ClockKind::Real).record(true);
        builder.live_trace(feed).control(control).run(async {
            let unlucky = spawn_named("unlucky", async {
                sleep(Duration::from_millis(50)).await;
                panic!("the disk is full");
            });
            unlucky.detach();
            sleep(Duration::from_millis(100)).await;
        });
    });
    let meta = Meta {
        clock: ClockKind::Real,
        ..Meta::default()
    };
    let replay = Replay::new(Log {
        bytes: Vec::new(),
        meta,
    });
    let options = Options {
        start: Start::One(Session {
            replay,
            source: Some(Box::new(live)),
        }),
        ..Options::default()
    };
    assert_eq!(tui::run(options, Box::new(Nothing)).unwrap(), 0);
}

#[test]
fn a_panicking_task_does_not_disturb_the_screen() {
    let mut terminal = Terminal::start(ignored_test(NAME), (120, 40));
    terminal.see("2 Loop");
    terminal.see("#1 unlucky");
    terminal.press("G");
    terminal.see("ERR");
    // The screen reports the panic, and the message of the panic is not written over it.
    terminal.see_no("note: run with");
    terminal.see_no("thread '");
    assert!(terminal.is_taken());
    let picture = terminal.picture();
    assert!(
        picture.lines().nth(1).unwrap().starts_with(['┌', '┏']),
        "{picture}"
    );
    terminal.press("q");
    assert_eq!(terminal.code(), 0);
    terminal.see_given_back();
}
