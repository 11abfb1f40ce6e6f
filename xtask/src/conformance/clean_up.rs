//! What a comparison leaves behind if a signal ends it: nothing.
//!
//! A child process and a temporary folder are noted in [`OPEN`] from before they exist until after
//! they are gone. [`on_signals`] starts a thread that waits for a signal. It then takes the lock for
//! good, so nothing new begins, ends the children, deletes the folders and ends the process.
//!
//! Each child is the first of a process group, so the processes that it has started end with it.

use std::{
    env, fs, io,
    path::{Path, PathBuf},
    process::{self, Child, Command, ExitStatus},
    sync::{Mutex, MutexGuard, PoisonError},
    thread::{self, Builder},
    time::Duration,
};

use async_signal::{Signal, Signals};
use rustix::process::{Pid, kill_process_group};
use smol::stream::StreamExt;

static OPEN: Mutex<Open> = Mutex::new(Open {
    children: Vec::new(),
    folders: Vec::new(),
});

/// What exists now.
struct Open {
    /// The children that have not been waited for: their numbers belong to no other process.
    children: Vec<Pid>,
    folders: Vec<PathBuf>,
}

fn open() -> MutexGuard<'static, Open> {
    OPEN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// How often to delete a folder in which an ending child may still write.
const TRIES: u32 = 50;

/// The time between two looks at something that takes a moment.
const MOMENT: Duration = Duration::from_millis(5);

/// Ends the process in order when a signal arrives.
///
/// # Errors
///
/// If no thread can be started, or no signal received.
pub fn on_signals() -> io::Result<()> {
    let signals = [Signal::Hup, Signal::Int, Signal::Quit, Signal::Term];
    let mut signals = Signals::new(signals)?;
    let thread = Builder::new().name("signals".into());
    thread.spawn(move || {
        if let Some(Ok(signal)) = smol::block_on(signals.next()) {
            let open = open();
            for child in &open.children {
                end_group(*child);
            }
            let folders = open.folders.iter().cloned();
            for folder in folders.chain(folders_of_scenarios()) {
                delete(&folder);
            }
            process::exit(128 + signal as i32);
        }
    })?;
    Ok(())
}

/// Ends all processes of the group that this child leads.
fn end_group(child: Pid) {
    // It may have ended already.
    let _ = kill_process_group(child, rustix::process::Signal::KILL);
}

fn delete(folder: &Path) {
    for _ in 0..TRIES {
        match fs::remove_dir_all(folder) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => thread::park_timeout(MOMENT),
            _ => return,
        }
    }
}

/// The temporary folders of scenarios that this process runs.
fn folders_of_scenarios() -> impl Iterator<Item = PathBuf> {
    let start = format!("loopscope-{}-", process::id());
    let entries = fs::read_dir(env::temp_dir())
        .into_iter()
        .flatten()
        .flatten();
    let named = move |entry: &fs::DirEntry| entry.file_name().to_string_lossy().starts_with(&start);
    entries.filter(named).map(|entry| entry.path())
}

/// A folder that is deleted when it is dropped, and when a signal ends the process.
#[derive(Debug)]
pub(super) struct Folder(pub(super) PathBuf);

impl Folder {
    pub(super) fn create(path: &Path) -> io::Result<Folder> {
        let mut open = open();
        fs::create_dir(path)?;
        // The children have another working directory.
        let path = path.canonicalize()?;
        open.folders.push(path.clone());
        Ok(Folder(path))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        delete(&self.0);
        open().folders.retain(|folder| *folder != self.0);
    }
}

/// A child process that ends at the latest when it is dropped, or when a signal ends this process.
#[derive(Debug)]
pub(super) struct Group {
    child: Child,
    id: Pid,
}

impl Group {
    pub(super) fn spawn(command: &mut Command) -> io::Result<Group> {
        use std::os::unix::process::CommandExt;

        let mut open = open();
        let child = command.process_group(0).spawn()?;
        let id = Pid::from_child(&child);
        open.children.push(id);
        Ok(Group { child, id })
    }

    /// The child, for its streams.
    pub(super) fn child(&mut self) -> &mut Child {
        &mut self.child
    }

    /// Waits for the child to end by itself, at most this long.
    pub(super) fn end(&mut self, patience: Duration) -> io::Result<Option<ExitStatus>> {
        let looks = patience.as_millis() / MOMENT.as_millis();
        for _ in 0..looks {
            if let Some(status) = self.try_wait()? {
                return Ok(Some(status));
            }
            thread::park_timeout(MOMENT);
        }
        Ok(None)
    }

    /// The status of the child if it has ended. Its number may then belong to another process.
    fn try_wait(&mut self) -> io::Result<Option<ExitStatus>> {
        let mut open = open();
        let status = self.child.try_wait()?;
        if status.is_some() {
            open.children.retain(|child| *child != self.id);
        }
        Ok(status)
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        // Processes that the child has started may outlive it.
        end_group(self.id);
        let mut open = open();
        let _ = self.child.wait();
        open.children.retain(|child| *child != self.id);
    }
}
