//! A pseudo-terminal, with an emulated screen at its other end.

use std::{
    env,
    io::{Read, Write},
    num::NonZeroU16,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use portable_pty::{
    Child, CommandBuilder, ExitStatus, MasterPty, PtySize, SlavePty, native_pty_system,
};
use rustix::process::{Pid, Signal, kill_process};
use vt100::{MouseProtocolMode, Parser};

use super::process::{PATIENCE, folder, until};

/// A terminal and the program that runs in it.
pub(crate) struct Terminal {
    master: Box<dyn MasterPty + Send>,
    /// Kept open, so that the modes of the terminal outlive the program.
    _slave: Box<dyn SlavePty + Send>,
    keyboard: Box<dyn Write + Send>,
    child: Started,
    screen: Arc<Mutex<Parser>>,
    reader: JoinHandle<()>,
    leave: Arc<AtomicBool>,
    /// The number of bytes that were written to the terminal.
    written: Arc<AtomicUsize>,
    /// The modes of the terminal before the program was started.
    modes: String,
}

/// The program. It is killed when its test ends.
pub(crate) struct Started(Box<dyn Child + Send + Sync>);

impl Started {
    /// Waits for the end of the program, and returns the exit code.
    pub(crate) fn code(&mut self) -> u32 {
        self.status().exit_code()
    }

    fn status(&mut self) -> ExitStatus {
        let mut status = None;
        until("the program ends", || {
            status = self.0.try_wait().unwrap();
            status.is_some()
        });
        status.unwrap()
    }
}

impl Drop for Started {
    fn drop(&mut self) {
        let _ = self.0.kill();
    }
}

/// The program with these arguments.
pub(crate) fn loopscope(arguments: &[&str]) -> CommandBuilder {
    command(env!("CARGO_BIN_EXE_loopscope"), arguments)
}

/// A program with a minimal environment.
pub(crate) fn command(program: &str, arguments: &[&str]) -> CommandBuilder {
    let mut command = CommandBuilder::new(program);
    command.args(arguments);
    command.env_clear();
    command.env("PATH", env::var("PATH").unwrap_or_default());
    command.env("TERM", "xterm-256color");
    // No configuration is read, asked for or written.
    command.env("LOOPSCOPE_CONFIG", "");
    command.cwd(folder());
    command
}

/// An ignored test of this file, which runs as a program of its own.
pub(crate) fn ignored_test(name: &str) -> CommandBuilder {
    let myself = env::current_exe().unwrap();
    let arguments = [
        "--ignored",
        "--exact",
        name,
        "--nocapture",
        "--test-threads=1",
    ];
    command(myself.to_str().unwrap(), &arguments)
}

fn size((columns, rows): (u16, u16)) -> PtySize {
    PtySize {
        rows,
        cols: columns,
        ..PtySize::default()
    }
}

impl Terminal {
    /// Starts a command in a terminal with a number of columns and rows.
    pub(crate) fn start(command: CommandBuilder, cells: (u16, u16)) -> Terminal {
        let pair = native_pty_system().openpty(size(cells)).unwrap();
        let modes = modes(pair.master.as_ref());
        let child = Started(pair.slave.spawn_command(command).unwrap());
        let screen = Arc::new(Mutex::new(parser(cells)));
        let leave = Arc::new(AtomicBool::new(false));
        let written = Arc::new(AtomicUsize::new(0));
        let reader = thread::spawn({
            let written = Arc::clone(&written);
            let mut from = pair.master.try_clone_reader().unwrap();
            let (screen, leave) = (Arc::clone(&screen), Arc::clone(&leave));
            move || {
                let mut bytes = [0; 4096];
                while let Ok(length @ 1..) = from.read(&mut bytes) {
                    let mut screen = screen.lock().unwrap_or_else(PoisonError::into_inner);
                    screen.process(&bytes[..length]);
                    written.fetch_add(length, Ordering::SeqCst);
                    if leave.load(Ordering::SeqCst) {
                        break;
                    }
                }
            }
        });
        Terminal {
            keyboard: pair.master.take_writer().unwrap(),
            master: pair.master,
            _slave: pair.slave,
            child,
            screen,
            reader,
            leave,
            written,
            modes,
        }
    }

    /// Starts the program in a terminal of 120 columns and 40 rows.
    pub(crate) fn loopscope(arguments: &[&str]) -> Terminal {
        Terminal::start(loopscope(arguments), (120, 40))
    }

    /// Types keys.
    pub(crate) fn press(&mut self, keys: &str) {
        self.keyboard.write_all(keys.as_bytes()).unwrap();
        self.keyboard.flush().unwrap();
    }

    /// The emulated screen. While it is locked, nothing is read from the terminal.
    pub(crate) fn screen(&self) -> Arc<Mutex<Parser>> {
        Arc::clone(&self.screen)
    }

    /// The text on the screen.
    pub(crate) fn picture(&self) -> String {
        self.look(vt100::Screen::contents)
    }

    fn look<T>(&self, what: impl FnOnce(&vt100::Screen) -> T) -> T {
        let parser = self.screen.lock().unwrap_or_else(PoisonError::into_inner);
        what(parser.screen())
    }

    /// Waits until a condition holds for the screen; fails with the screen if it never does.
    pub(crate) fn wait(&self, what: &str, is_so: impl Fn(&str) -> bool) {
        let begun = Instant::now();
        loop {
            let picture = self.picture();
            if is_so(&picture) {
                return;
            }
            let in_time = begun.elapsed() < PATIENCE;
            assert!(in_time, "waited in vain for {what}:\n{picture}");
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// Waits until these words are on the screen.
    pub(crate) fn see(&self, words: &str) {
        self.wait(words, |picture| picture.contains(words));
    }

    /// Waits until these words are gone.
    pub(crate) fn see_no(&self, words: &str) {
        self.wait(&format!("no {words}"), |picture| !picture.contains(words));
    }

    /// The number that follows a word in the first line: `tick 3/6` has 3 after `tick`.
    pub(crate) fn number(&self, word: &str) -> u32 {
        number_in(&self.picture(), word).unwrap_or_else(|| {
            panic!("no number after {word} in:\n{}", self.picture());
        })
    }

    /// Waits until a condition holds for the number that follows a word.
    pub(crate) fn see_number(&self, word: &str, is_so: impl Fn(u32) -> bool) {
        self.wait(word, |picture| number_in(picture, word).is_some_and(&is_so));
    }

    /// The number of bytes that were written to the terminal so far.
    pub(crate) fn written(&self) -> usize {
        self.written.load(Ordering::SeqCst)
    }

    /// Resizes the terminal.
    pub(crate) fn resize(&mut self, cells: (u16, u16)) {
        let mut screen = self.screen.lock().unwrap_or_else(PoisonError::into_inner);
        let (rows, columns) = parser(cells).screen().size();
        screen.set_size(rows, columns);
        drop(screen);
        self.master.resize(size(cells)).unwrap();
    }

    /// Clears the emulated screen, so that anything seen later is newly drawn.
    pub(crate) fn forget(&mut self) {
        let mut parser = self.screen.lock().unwrap_or_else(PoisonError::into_inner);
        let (rows, columns) = parser.screen().size();
        *parser = Parser::new(rows, columns, 0);
    }

    pub(crate) fn signal(&self, signal: Signal) {
        let id = self
            .child
            .0
            .process_id()
            .and_then(|id| i32::try_from(id).ok());
        let id = id.and_then(Pid::from_raw).unwrap();
        kill_process(id, signal).unwrap();
    }

    /// Waits for the end of the program, and returns the exit code.
    pub(crate) fn code(&mut self) -> u32 {
        self.child.code()
    }

    /// The exit code, if the program has ended.
    pub(crate) fn code_if_ended(&mut self) -> Option<u32> {
        let status = self.child.0.try_wait().unwrap();
        status.map(|status| status.exit_code())
    }

    /// Waits for the end of the program, and returns the name of the signal that ended it.
    pub(crate) fn signal_that_ended(&mut self) -> Option<String> {
        self.child.status().signal().map(str::to_owned)
    }

    /// Whether the program uses the alternate screen and receives raw keys and the mouse.
    pub(crate) fn is_taken(&self) -> bool {
        self.look(|screen| screen.alternate_screen() && screen.hide_cursor())
            && self.look(|screen| screen.mouse_protocol_mode() != MouseProtocolMode::None)
            && self.look(vt100::Screen::bracketed_paste)
            && modes(self.master.as_ref()) != self.modes
    }

    /// Waits until the terminal is taken.
    pub(crate) fn see_taken(&self) {
        until("the terminal is taken", || self.is_taken());
    }

    /// Waits until the terminal is restored: the first screen, the cursor, the mouse, every mode.
    pub(crate) fn see_given_back(&self) {
        let is_ours = |screen: &vt100::Screen| {
            !screen.alternate_screen()
                && !screen.hide_cursor()
                && screen.mouse_protocol_mode() == MouseProtocolMode::None
                && !screen.bracketed_paste()
        };
        until("the terminal is as it was", || self.look(is_ours));
        assert_eq!(modes(self.master.as_ref()), self.modes);
    }

    /// Closes the other end of the terminal. Returns the program.
    pub(crate) fn hang_up(mut self) -> Started {
        // The reader holds its end open until the next bytes arrive.
        self.leave.store(true, Ordering::SeqCst);
        self.press("?");
        self.reader.join().unwrap();
        self.child
    }
}

/// A screen of this size. A terminal that does not know its size has 80 columns and 24 rows.
fn parser((columns, rows): (u16, u16)) -> Parser {
    let [columns, rows] = if columns == 0 || rows == 0 {
        [80, 24]
    } else {
        [columns, rows]
    }
    .map(|count| NonZeroU16::new(count).unwrap());
    Parser::new(rows, columns, 0)
}

fn number_in(picture: &str, word: &str) -> Option<u32> {
    let (_, rest) = picture.lines().next()?.split_once(&format!("{word} "))?;
    let digits = rest.split(|c: char| !c.is_ascii_digit()).next()?;
    digits.parse().ok()
}

fn modes(master: &dyn MasterPty) -> String {
    format!("{:?}", master.get_termios())
}
