//! Records the output of a program and the messages of its panics.

use std::{
    any::Any,
    cell::{Cell, RefCell},
    fmt,
    io::{self, Write},
    panic::{self, Location},
    sync::Once,
};

use crate::trace::Advance;

use super::{core, location_cache::short_path};

/// Prints a line to the trace, if the loop of this thread records one; otherwise to standard
/// output. Called by [`println!`](crate::println).
///
/// A text with line breaks is recorded as several lines. Errors of standard output are ignored.
///
/// ```
/// loopscope::print_line(format_args!("hello {}", 7));
/// ```
#[track_caller]
pub fn print_line(text: fmt::Arguments<'_>) {
    let (text, at) = (text.to_string(), Location::caller());
    let recorded = core::with_current(|core| {
        let mut sched = core.sched.borrow_mut();
        let recorder = &mut sched.recorder;
        if recorder.on {
            // Record the time that has passed in this poll first, so that the line gets the time at
            // which it is printed.
            recorder.advance(core.clock.now(), Advance::Worked);
            let at = recorder.program_location(at);
            text.split('\n')
                .for_each(|line| recorder.writer.output_at(line, at));
        }
        recorder.on
    });
    if recorded != Some(true) {
        drop(writeln!(io::stdout(), "{text}"));
    }
}

/// Prints a line, like [`std::println!`]. In a recorded run the line goes to the trace, with its
/// task and time.
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
    /// Set while panics on this thread are recorded. The panic hook then does not print them.
    static IS_SILENT: Cell<bool> = const { Cell::new(false) };
    /// The location of the last such panic.
    static LAST_LOCATION: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Keeps panics of this thread's tasks off standard error while they are recorded, until dropped.
pub(in crate::runtime) struct SilenceGuard {
    before: bool,
}

impl SilenceGuard {
    pub(in crate::runtime) fn new(silent: bool) -> SilenceGuard {
        static HOOK: Once = Once::new();
        if silent {
            // A panic hook is global to the process. It is therefore installed once, and asks the
            // flag of the thread that panics.
            HOOK.call_once(|| {
                let before = panic::take_hook();
                panic::set_hook(Box::new(move |info| {
                    if IS_SILENT.try_with(Cell::get).unwrap_or(false) {
                        let location = info.location().map(|location| {
                            format!("{}:{}", short_path(location.file()), location.line())
                        });
                        let _ = LAST_LOCATION.try_with(|last| *last.borrow_mut() = location);
                    } else {
                        before(info);
                    }
                }));
            });
        }
        SilenceGuard {
            before: IS_SILENT.replace(silent),
        }
    }
}

impl Drop for SilenceGuard {
    fn drop(&mut self) {
        IS_SILENT.set(self.before);
    }
}

/// The message of a panic, with its location if that is known.
pub(in crate::runtime) fn panic_message(payload: &(dyn Any + Send)) -> String {
    let message = payload
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("a panic without a message");
    match LAST_LOCATION
        .try_with(|location| location.borrow_mut().take())
        .ok()
        .flatten()
    {
        Some(location) => format!("{message} ({location})"),
        None => message.to_owned(),
    }
}
