//! Runs the twins under Python: a child process answers many requests.
//!
//! ```text
//!  requests ──> thread "requests" ──> its standard input
//!  its standard output ──> thread "answers", at most one line a request ──> a channel ──> accounts
//!  its standard error ──> thread "complaint", the last bytes of it ──> a channel
//! ```
//!
//! The program may be any program, so nothing that it does lasts for ever or fills a disk: each
//! answer has a time limit and a greatest length, and there are no more answers than requests.

use std::{
    fs,
    io::{self, BufRead, BufReader, Read, Write},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::{
        atomic::{AtomicU32, Ordering},
        mpsc::{self, Receiver, RecvTimeoutError, Sender},
    },
    thread::Builder,
    time::Duration,
};

use loopscope::scenario::{Scenario, Variant};
use serde_json::{Value, json};

use loopscope_program::scenarios;

use super::{
    account::Account,
    clean_up::{Folder, Group},
    sample::Values,
    twins::TWIN,
};

/// Runs the twins on a virtual clock. Its docstring describes requests and answers.
const DRIVER: &str = include_str!("virtual_loop.py");

/// The most bytes of an answer. The longest is a thousandth of that.
const MOST_ANSWER: u64 = 4 << 20;

/// The most bytes of all answers of a child.
const MOST_ANSWERS: usize = 256 << 20;

/// How much of what a child complains about is kept.
const COMPLAINT: usize = 1 << 14;

/// How long a child that has answered everything may take to end.
const TO_END: Duration = Duration::from_secs(10);

/// A Python interpreter, and a temporary folder with the twins, which is deleted on drop.
#[derive(Debug)]
pub(super) struct Python {
    program: PathBuf,
    folder: Folder,
    /// How long an answer may take.
    patience: Duration,
}

/// A run to make.
#[derive(Clone, Debug)]
pub(super) struct Request {
    pub(super) scenario: &'static Scenario,
    pub(super) variant: &'static Variant,
    pub(super) values: Values,
}

impl Request {
    fn json(&self) -> Value {
        let names = self.scenario.params.iter().map(|param| param.name);
        let sets: serde_json::Map<_, _> = names
            .zip(&self.values)
            .map(|(name, value)| (name.to_owned(), value.clone().into()))
            .collect();
        json!({"scenario": self.scenario.name, "variant": self.variant.name, "set": sets,
            "clock": self.variant.clock.as_str()})
    }
}

impl Python {
    /// Makes the folder and writes the twins into it.
    ///
    /// # Errors
    ///
    /// One line that names the folder that cannot be used.
    pub(super) fn new(program: &Path, patience: Duration) -> Result<Python, String> {
        static FOLDERS: AtomicU32 = AtomicU32::new(0);
        let name = format!(
            "loopscope-twins-{}-{}",
            std::process::id(),
            FOLDERS.fetch_add(1, Ordering::Relaxed)
        );
        let temporary = std::env::temp_dir();
        let cannot = |error: io::Error| {
            format!(
                "the folder for temporary files, {}, cannot be used: {error}; TMPDIR names another",
                temporary.display()
            )
        };
        let folder = Folder::create(&temporary.join(name)).map_err(cannot)?;
        let write = |file: &str, text: &str| fs::write(folder.0.join(file), text).map_err(cannot);
        write("virtual_loop.py", DRIVER)?;
        write("twin.py", TWIN)?;
        for (file, text) in scenarios::ALL.iter().filter_map(|scenario| scenario.twin) {
            write(file, text)?;
        }
        Ok(Python {
            program: program.to_owned(),
            folder,
            patience,
        })
    }

    /// The variants and parameters that the twins report.
    pub(super) fn interface(&self, scenarios: &[&Scenario]) -> io::Result<Vec<Value>> {
        let requests = scenarios
            .iter()
            .map(|scenario| json!({"scenario": scenario.name, "variant": ""}));
        self.ask(requests)?.answers()
    }

    /// Starts the runs of the twins. They run concurrently with the caller until it asks for their
    /// accounts.
    pub(super) fn start(&self, requests: &[Request]) -> io::Result<Asked> {
        self.ask(requests.iter().map(Request::json))
    }

    /// Starts a child and writes all requests to it.
    fn ask(&self, requests: impl ExactSizeIterator<Item = Value>) -> io::Result<Asked> {
        let count = requests.len();
        // What the twins create is in the folder, so it is deleted with it.
        let mut group = Group::spawn(
            Command::new(&self.program)
                .arg("virtual_loop.py")
                .arg(".")
                .current_dir(&self.folder.0)
                .env("TMPDIR", &self.folder.0)
                .env("PYTHONIOENCODING", "utf-8")
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .stderr(Stdio::piped()),
        )?;
        let mut lines = String::new();
        for request in requests {
            lines.push_str(&request.to_string());
            lines.push('\n');
        }
        let thread = |name: &str| Builder::new().name(name.into());
        let child = group.child();
        if let Some(mut stdin) = child.stdin.take() {
            // A child that has died reports why on its standard error.
            thread("requests").spawn(move || stdin.write_all(lines.as_bytes()))?;
        }
        let (to, answers) = mpsc::channel();
        if let Some(stdout) = child.stdout.take() {
            thread("answers").spawn(move || read_answers(stdout, count, &to))?;
        }
        let (to, complaint) = mpsc::channel();
        if let Some(stderr) = child.stderr.take() {
            thread("complaint").spawn(move || to.send(last_bytes(stderr)))?;
        }
        Ok(Asked {
            group,
            answers,
            complaint,
            count,
            patience: self.patience,
        })
    }
}

/// Passes the lines of a child on, and refuses what no answer is like.
fn read_answers(from: impl Read, count: usize, to: &Sender<io::Result<String>>) {
    let mut from = BufReader::new(from);
    let mut total = 0;
    for number in 0.. {
        let mut line = Vec::new();
        let read = (&mut from).take(MOST_ANSWER).read_until(b'\n', &mut line);
        total += line.len();
        let answer = match read {
            Ok(0) => return,
            Err(error) => Err(error),
            Ok(_) if number >= count => Err(io::Error::other(
                "it wrote more answers than were asked for",
            )),
            Ok(_) if line.len() as u64 == MOST_ANSWER || total > MOST_ANSWERS => {
                Err(io::Error::other("it wrote more than any answer is long"))
            }
            Ok(_) => String::from_utf8(line).map_err(io::Error::other),
        };
        let failed = answer.is_err();
        if to.send(answer).is_err() || failed {
            return;
        }
    }
}

/// The last bytes of what a child writes.
fn last_bytes(mut from: impl Read) -> Vec<u8> {
    let (mut kept, mut buffer) = (Vec::new(), [0; 4096]);
    while let Ok(count @ 1..) = from.read(&mut buffer) {
        kept.extend_from_slice(&buffer[..count]);
        kept.drain(..kept.len().saturating_sub(COMPLAINT));
    }
    kept
}

/// A child process that works on its answers. It ends when this is dropped.
#[derive(Debug)]
pub(super) struct Asked {
    group: Group,
    answers: Receiver<io::Result<String>>,
    complaint: Receiver<Vec<u8>>,
    count: usize,
    patience: Duration,
}

impl Asked {
    /// The accounts of all runs, in the order of the requests.
    pub(super) fn accounts(self) -> io::Result<Vec<Account>> {
        let account = |answer: &Value| {
            Account::of_json(answer)
                .ok_or_else(|| io::Error::other(format!("Python answered {answer}")))
        };
        self.answers()?.iter().map(account).collect()
    }

    fn answers(mut self) -> io::Result<Vec<Value>> {
        let mut answers = Vec::new();
        // One more than was asked for: the end of the output, or a line too many.
        while answers.len() <= self.count {
            match self.answers.recv_timeout(self.patience) {
                Ok(line) => answers.push(serde_json::from_str(&line?)?),
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => {
                    let seconds = self.patience.as_secs();
                    let words = format!("no answer in {seconds} s; --patience waits longer");
                    return Err(io::Error::new(io::ErrorKind::TimedOut, words));
                }
            }
        }
        let status = self.group.end(TO_END)?;
        match status {
            Some(status) if !status.success() => {
                let complaint = self.complaint.recv_timeout(TO_END).unwrap_or_default();
                let complaint = String::from_utf8_lossy(&complaint);
                let last = complaint.lines().rfind(|line| !line.trim().is_empty());
                let last = last.unwrap_or("without a word");
                Err(io::Error::other(format!("{status}: {last}")))
            }
            _ if answers.len() < self.count => {
                Err(io::Error::other("Python left a question unanswered"))
            }
            _ => Ok(answers),
        }
    }
}
