//! Starts the program in a pipe, and reads what it writes.

#![allow(
    dead_code,
    reason = "two test binaries use it, neither of them all of it"
)]

use std::{
    fs,
    io::{BufRead, BufReader},
    net::{SocketAddr, TcpStream},
    path::PathBuf,
    process::{Child, Command, ExitStatus, Stdio},
    sync::{
        Mutex,
        mpsc::{self, Receiver},
    },
    thread,
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

/// How long to wait for something that must happen. Generous, because only a failure takes this
/// long.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);

/// The program with these arguments, in an environment that says nothing about the terminal.
pub(crate) fn loopscope(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_loopscope"));
    command.args(arguments).stdin(Stdio::null());
    for name in ["NO_COLOR", "COLORTERM", "LC_ALL", "LC_CTYPE", "LANG"] {
        command.env_remove(name);
    }
    command.env("TERM", "xterm-256color");
    // No configuration is read or written.
    command.env("LOOPSCOPE_CONFIG", "");
    command
}

/// The exit status and the output of a program.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: ExitStatus,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Answer {
    /// The exit code; -1 if a signal killed the program.
    pub(crate) fn code(&self) -> i32 {
        self.status.code().unwrap_or(-1)
    }

    /// Standard output, as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

/// Runs the program to its end.
pub(crate) fn ask(arguments: &[&str]) -> Answer {
    finish(&mut loopscope(arguments))
}

/// Runs a command to its end, and fails if it does not end.
pub(crate) fn finish(command: &mut Command) -> Answer {
    finish_within(PATIENCE, command)
}

/// Runs a command that does much to its end, and fails if it does not end in this time.
pub(crate) fn finish_within(patience: Duration, command: &mut Command) -> Answer {
    let command = command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = command.spawn().unwrap();
    let id = Pid::from_child(&child);
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || sender.send(child.wait_with_output()));
    let Ok(output) = receiver.recv_timeout(patience) else {
        let _ = kill_process(id, Signal::KILL);
        panic!("{command:?} does not end");
    };
    let output = output.unwrap();
    Answer {
        status: output.status,
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// Runs cases that mostly wait, several of them at a time, and returns what is wrong with some.
pub(crate) fn wrong_of<T: Sync, W: Send>(
    cases: &[T],
    wrong: impl Fn(&T) -> Option<W> + Sync,
) -> Vec<W> {
    let (next, found) = (Mutex::new(cases.iter()), Mutex::new(Vec::new()));
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                loop {
                    // The lock is not held while the case runs.
                    let case = next.lock().unwrap().next();
                    let Some(case) = case else {
                        break;
                    };
                    let wrong = wrong(case);
                    found.lock().unwrap().extend(wrong);
                }
            });
        }
    });
    found.into_inner().unwrap()
}

/// A temporary folder of the test that asks for it: two tests that run at once never use one file.
pub(crate) fn folder() -> PathBuf {
    let thread = thread::current();
    let test = thread.name().unwrap_or("test").replace("::", ".");
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(test);
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// The path of a file in the temporary folder of this test. The file does not exist.
pub(crate) fn scratch(name: &str) -> PathBuf {
    let path = folder().join(name);
    let _ = fs::remove_file(&path);
    path
}

/// Records a run of 67,000 events. Returns the path, and the run as JSON.
pub(crate) fn recorded(name: &str) -> (String, Value) {
    let path = scratch(name).to_str().unwrap().to_owned();
    let arguments = [
        "run",
        "producer_consumer:three_consumers",
        "--set",
        "items=1000",
        "--json",
    ];
    let run = ask(&[&arguments[..], &["--record", &path]].concat());
    assert_eq!(run.code(), 0, "{}", run.err);
    (path, run.json())
}

/// The same, with a damaged chunk in the middle of the file.
pub(crate) fn damaged(name: &str) -> (String, Value) {
    let (path, whole) = recorded(name);
    let mut bytes = fs::read(&path).unwrap();
    let markers = bytes.windows(4).enumerate();
    let markers = markers.filter(|(_, four)| *four == b"\xf5lsc");
    let markers: Vec<usize> = markers.map(|(at, _)| at).collect();
    assert!(markers.len() > 5, "{markers:?}");
    bytes[markers[3] - 10] ^= 1;
    fs::write(&path, bytes).unwrap();
    (path, whole)
}

/// Waits until a condition holds.
pub(crate) fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < PATIENCE, "waited in vain: {what}");
        thread::sleep(Duration::from_millis(5));
    }
}

/// Waits for the end of a child, and fails if it does not end.
pub(crate) fn end_of(child: &mut Child) -> ExitStatus {
    let mut status = None;
    until("the program ends", || {
        status = child.try_wait().unwrap();
        status.is_some()
    });
    status.unwrap()
}

/// A server without a screen that serves outside clients.
#[derive(Debug)]
pub(crate) struct Server {
    child: Child,
    lines: Receiver<String>,
    pub(crate) address: SocketAddr,
}

impl Server {
    /// Starts a variant of the echo server without built-in clients, and waits until it listens.
    pub(crate) fn start(variant: &str) -> Server {
        Server::run(&[&format!("echo_server:{variant}"), "--set", "clients=0"])
    }

    /// Starts a server, and waits until it listens.
    pub(crate) fn run(what: &[&str]) -> Server {
        let mut command = loopscope(&["run"]);
        command.args(what);
        Server::of(command)
    }

    /// Starts a command that runs a server, and waits until it listens.
    pub(crate) fn of(mut command: Command) -> Server {
        command.args(["--listen", "127.0.0.1:0"]);
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let from = BufReader::new(child.stdout.take().unwrap());
        let (sender, lines) = mpsc::channel();
        thread::spawn(move || {
            for line in from.lines().map_while(Result::ok) {
                let _ = sender.send(line);
            }
        });
        let said = next_line(&lines, "listening on ");
        let (_, address) = said.split_once("listening on ").unwrap();
        let address = address.parse().unwrap();
        Server {
            child,
            lines,
            address,
        }
    }

    /// Waits until the server prints a line with these words.
    pub(crate) fn said(&self, words: &str) -> String {
        next_line(&self.lines, words)
    }

    /// Connects a client whose reads have a time limit.
    pub(crate) fn connect(&self) -> TcpStream {
        connect(self.address)
    }

    /// The number of the server's process.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Sends a signal to the server.
    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    /// Waits for the end of the server, and returns the exit code.
    pub(crate) fn code(&mut self) -> i32 {
        end_of(&mut self.child).code().unwrap_or(-1)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Connects a client whose reads have a time limit.
pub(crate) fn connect(address: SocketAddr) -> TcpStream {
    let client = TcpStream::connect(address).unwrap();
    client.set_read_timeout(Some(PATIENCE)).unwrap();
    client
}

fn next_line(lines: &Receiver<String>, words: &str) -> String {
    loop {
        let line = lines.recv_timeout(PATIENCE);
        let line = line.unwrap_or_else(|_| panic!("it never wrote {words:?}"));
        if line.contains(words) {
            return line;
        }
    }
}
