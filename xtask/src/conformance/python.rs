//! Runs the twins under Python: a child process answers many requests.

use std::{
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicU32, Ordering},
};

use loopscope::scenario::{Scenario, Variant};
use serde_json::{Value, json};

use loopscope_program::scenarios;

use super::{account::Account, sample::Values, twins::TWIN};

/// Runs the twins on a virtual clock. Its docstring describes requests and answers.
const DRIVER: &str = include_str!("virtual_loop.py");

/// A Python interpreter, and a temporary folder with the twins, which is deleted on drop.
#[derive(Debug)]
pub(super) struct Python {
    program: PathBuf,
    folder: PathBuf,
    /// The number of child processes so far.
    asked: AtomicU32,
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
    pub(super) fn new(program: &Path) -> io::Result<Python> {
        static FOLDERS: AtomicU32 = AtomicU32::new(0);
        let name = format!(
            "loopscope-twins-{}-{}",
            std::process::id(),
            FOLDERS.fetch_add(1, Ordering::Relaxed)
        );
        let folder = std::env::temp_dir().join(name);
        fs::create_dir(&folder)?;
        let python = Python {
            program: program.to_owned(),
            folder,
            asked: AtomicU32::new(0),
        };
        fs::write(python.folder.join("virtual_loop.py"), DRIVER)?;
        fs::write(python.folder.join("twin.py"), TWIN)?;
        for (file, text) in scenarios::ALL.iter().filter_map(|scenario| scenario.twin) {
            fs::write(python.folder.join(file), text)?;
        }
        Ok(python)
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

    /// Starts a child and writes all requests. The child reads all of them before it answers, into
    /// a file.
    fn ask(&self, requests: impl ExactSizeIterator<Item = Value>) -> io::Result<Asked> {
        let count = requests.len();
        let number = self.asked.fetch_add(1, Ordering::Relaxed);
        let answers = self.folder.join(format!("answers{number}"));
        let mut child = Command::new(&self.program)
            .arg("virtual_loop.py")
            .arg(".")
            .current_dir(&self.folder)
            .env("PYTHONIOENCODING", "utf-8")
            .stdin(Stdio::piped())
            .stdout(File::create(&answers)?)
            .stderr(Stdio::piped())
            .spawn()?;
        let mut lines = String::new();
        for request in requests {
            lines.push_str(&request.to_string());
            lines.push('\n');
        }
        if let Some(mut stdin) = child.stdin.take() {
            // A child that has died reports why on its standard error, which is read with its
            // answers.
            let _ = stdin.write_all(lines.as_bytes());
        }
        Ok(Asked {
            child,
            answers,
            count,
        })
    }
}

/// A child process that works on its answers.
#[derive(Debug)]
pub(super) struct Asked {
    child: Child,
    answers: PathBuf,
    count: usize,
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

    fn answers(self) -> io::Result<Vec<Value>> {
        let ended = self.child.wait_with_output()?;
        if !ended.status.success() {
            let complaint = String::from_utf8_lossy(&ended.stderr);
            let last = complaint.lines().rfind(|line| !line.trim().is_empty());
            return Err(io::Error::other(format!(
                "{}: {}",
                ended.status,
                last.unwrap_or("without a word")
            )));
        }
        let text = fs::read_to_string(self.answers)?;
        let answers: Vec<Value> = text
            .lines()
            .map(serde_json::from_str)
            .collect::<Result<_, _>>()?;
        if answers.len() == self.count {
            Ok(answers)
        } else {
            Err(io::Error::other("Python left a question unanswered"))
        }
    }
}

impl Drop for Python {
    fn drop(&mut self) {
        // A temporary folder that cannot be deleted does no harm.
        let _ = fs::remove_dir_all(&self.folder);
    }
}
