//! What a program prints, and what it says when it panics.

use std::{
    any::Any,
    cell::{Cell, RefCell},
    fmt,
    io::{self, Write},
    panic,
    sync::Once,
};

use crate::trace::Advance;

use super::core;

/// Prints a line: into the trace, if one is recorded, else to standard output. Called by [`println!`](crate::println).
///
/// A text of several lines is recorded as several. Standard output that cannot be written to is no failure of the program.
pub fn print_line(text: fmt::Arguments<'_>) {
    let text = text.to_string();
    let recorded = core::with_current(|core| {
        let mut sched = core.sched.borrow_mut();
        let recorder = &mut sched.recorder;
        if recorder.on {
            // A line after a stretch of work is to bear the time at which it was printed.
            recorder.advance(core.clock.now(), Advance::Worked);
            text.split('\n')
                .for_each(|line| recorder.writer.output(line));
        }
        recorder.on
    });
    if recorded != Some(true) {
        drop(writeln!(io::stdout(), "{text}"));
    }
}

/// Prints a line as the program's output: the line stands in the trace, with the task that wrote it and the time.
///
/// ```
/// use loopscope::println;
///
/// loopscope::block_on(async { println!("hello {}", 7) });
/// ```
#[macro_export]
macro_rules! println {
    () => { $crate::print_line(::std::format_args!("")) };
    ($($text:tt)*) => { $crate::print_line(::std::format_args!($($text)*)) };
}

thread_local! {
    /// Panics on this thread are recorded, and not for the panic hook to print.
    static SILENT: Cell<bool> = const { Cell::new(false) };
    /// Where the last such panic was.
    static PLACE: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Keeps the panics of this thread's tasks out of the terminal while they are recorded, until dropped.
pub(in crate::runtime) struct Silenced {
    before: bool,
}

impl Silenced {
    pub(in crate::runtime) fn new(silent: bool) -> Silenced {
        static HOOK: Once = Once::new();
        if silent {
            HOOK.call_once(|| {
                let before = panic::take_hook();
                panic::set_hook(Box::new(move |info| {
                    if SILENT.try_with(Cell::get).unwrap_or(false) {
                        let place = info
                            .location()
                            .map(|place| format!("{}:{}", place.file(), place.line()));
                        let _ = PLACE.try_with(|last| *last.borrow_mut() = place);
                    } else {
                        before(info);
                    }
                }));
            });
        }
        Silenced {
            before: SILENT.replace(silent),
        }
    }
}

impl Drop for Silenced {
    fn drop(&mut self) {
        SILENT.set(self.before);
    }
}

/// What a panic said, and where.
pub(in crate::runtime) fn panic_message(payload: &(dyn Any + Send)) -> String {
    let message = payload
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("a panic without a message");
    match PLACE
        .try_with(|place| place.borrow_mut().take())
        .ok()
        .flatten()
    {
        Some(place) => format!("{message} ({place})"),
        None => message.to_owned(),
    }
}
