//! Runs a command that records itself, and reads what it has recorded.

use std::{
    ffi::OsString,
    fs, io,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus},
    time::Duration,
};

use async_signal::Signal;
use loopscope::{insight::Hang, replay::Replay};
use rustix::process::{Pid, kill_process};

use crate::{
    hang_watch::{HangWatch, hang_of_all},
    loading::Reporter,
    output::{CliError, report_error},
    private_folder::PrivateFolder,
    reading::FileReading,
    replay::open,
    wait::SignalWait,
};

/// How long passes between two looks at whether the command hangs. Its end is noticed at once.
const LOOK: Duration = Duration::from_millis(100);

/// Runs a command to its end, or stops it if it hangs, or after this many seconds. Hands over each
/// recording that it leaves, with why the program was stopped, if its loop hung, and how long that had waited.
pub(super) fn run(
    command: &[OsString],
    until: Option<f64>,
    mut each: impl FnMut(&str, &Replay, Option<(Hang, Duration)>),
) -> Result<(), CliError> {
    let Some((program, arguments)) = command.split_first() else {
        return Ok(());
    };
    let name = program.to_string_lossy();
    let folder = PrivateFolder::create()
        .map_err(|error| CliError::new(format!("cannot create a temporary folder: {error}")))?;
    let mut variable = OsString::from("record:");
    variable.push(folder.path().join("run.loopscope"));
    let child = Command::new(program)
        .args(arguments)
        .env("LOOPSCOPE", variable)
        .spawn()
        .map_err(|error| CliError::new(format!("cannot run {name}: {error}")))?;
    let (status, hang) = wait(child, folder.path(), until)
        .map_err(|error| CliError::new(format!("cannot run {name}: {error}")))?;
    if !status.success() {
        report_error(&format!("{name} ended with {status}"));
    }
    let files = recordings(folder.path())
        .map_err(|error| CliError::new(format!("cannot read what {name} recorded: {error}")))?;
    if files.is_empty() {
        return Err(CliError::new(format!(
            "{name} recorded nothing: only a program that runs on loopscope's executor records itself; name a Python script without `--`"
        )));
    }
    for file in &files {
        let replay = open(file, &silently())?;
        each(&loop_name(&name, file), &replay, hang);
    }
    Ok(())
}

/// How many looks at a program that was asked to stop pass before it is asked in the next way.
const PATIENCE: u32 = 10;

/// The signal that a program which must be stopped gets now: first that of Ctrl-C, then harder ones.
fn stop(
    watch: &mut HangWatch,
    stopped: &mut u32,
    process: u32,
    folder: &Path,
) -> Option<rustix::process::Signal> {
    if *stopped == 0 {
        let why = watch.must_stop(process, false, recorded(folder), || all_hang(folder))?;
        report_error(&format!("the command is stopped: {why}"));
    }
    *stopped += 1;
    match *stopped - 1 {
        0 => Some(rustix::process::Signal::INT),
        PATIENCE => Some(rustix::process::Signal::TERM),
        asked if asked == 2 * PATIENCE => Some(rustix::process::Signal::KILL),
        _ => None,
    }
}

/// How many bytes are recorded in a folder.
fn recorded(folder: &Path) -> u64 {
    let files = recordings(folder).unwrap_or_default();
    let lengths = files
        .iter()
        .map(|file| fs::metadata(file).map_or(0, |file| file.len()));
    lengths.sum()
}

/// Why all loops hang that are recorded in a folder and have not ended.
fn all_hang(folder: &Path) -> Option<Hang> {
    let files = recordings(folder).ok()?;
    let replays = files.iter().map(|file| open(file, &silently()).ok());
    let replays: Option<Vec<Replay>> = replays.collect();
    hang_of_all(replays?.iter())
}

/// How a recording is read whose file is removed at the end. A program that was stopped has not finished it.
fn silently() -> FileReading {
    FileReading {
        reporter: Reporter::silent(),
        ..FileReading::default()
    }
}

/// The files of a folder, the first loop of the program first.
fn recordings(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|ending| ending == "loopscope") {
            files.push(path);
        }
    }
    files.sort_by_key(|file| (file.as_os_str().len(), file.clone()));
    Ok(files)
}

/// What a loop is called: the command, and for further loops what the name of the file tells.
fn loop_name(command: &str, file: &Path) -> String {
    let name = file.file_stem().unwrap_or_default().to_string_lossy();
    match name
        .strip_prefix("run")
        .map(|rest| rest.trim_start_matches(['-', '.']))
    {
        Some(rest) if !rest.is_empty() => format!("{command} ({rest})"),
        _ => command.to_owned(),
    }
}

/// Waits for the child. Signals are for it: the terminal sends Ctrl-C to both, and the others are
/// handed on. What the child has recorded is checked all the same.
fn wait(
    mut child: Child,
    folder: &Path,
    until: Option<f64>,
) -> io::Result<(ExitStatus, Option<(Hang, Duration)>)> {
    let mut watch = HangWatch::new(until);
    let mut stopped = 0_u32;
    let status = SignalWait::new()?.until(LOOK, |signal| {
        let handed_on = match signal {
            Some(Signal::Term) => Some(rustix::process::Signal::TERM),
            Some(Signal::Hup) => Some(rustix::process::Signal::HUP),
            _ => None,
        };
        let send = handed_on.or_else(|| stop(&mut watch, &mut stopped, child.id(), folder));
        let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
        if let Some((signal, pid)) = send.zip(pid) {
            let _ = kill_process(pid, signal);
        }
        child.try_wait().transpose()
    })?;
    Ok((status, watch.hang()))
}
