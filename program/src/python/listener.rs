//! Receives the runs of a Python program: one connection for each thread that runs a loop, also in
//! child processes.

use std::{
    io::{self, Read, Write},
    os::unix::net::{UnixListener, UnixStream},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread::{self, JoinHandle},
    time::Duration,
};

use loopscope::{
    import::WireReader,
    runtime::{LiveTrace, RecordFile, Store},
    trace::{Log, Meta},
    tui::{self, Control, RecordError, SourceStatus},
    watch::record_live,
};

use crate::{
    args::RecordArgs,
    output::{CliError, Exit, cannot_write, report_error},
    output_file::open_recording,
};

use super::{adapter::Adapter, nothing_seen, program::Program};

/// How long to wait for the last events after the program has ended.
const PATIENCE: Duration = Duration::from_secs(2);

/// What the threads of the listener share.
#[derive(Debug)]
struct ListenerShared {
    live: LiveTrace,
    meta: Meta,
    record: RecordArgs,
    /// The connection of the first run, which takes commands.
    first: Mutex<Option<UnixStream>>,
    /// The commands that were given before the program connected.
    early: Mutex<Vec<u8>>,
    readers: Mutex<Vec<JoinHandle<()>>>,
}

/// Accepts the connections of the adapter.
#[derive(Clone, Debug)]
pub(super) struct Listener {
    shared: Arc<ListenerShared>,
}

impl Listener {
    /// Starts to listen. The first run goes into `live`, and each run into a file of its own if
    /// `record` names one.
    pub(super) fn start(
        adapter: &Adapter,
        live: &LiveTrace,
        meta: &Meta,
        record: RecordArgs,
    ) -> Result<Listener, CliError> {
        let socket = UnixListener::bind(adapter.socket()).map_err(CliError::new)?;
        if let Some(path) = &record.record {
            // An error with the file shows before the program starts.
            let file = open_recording(path, &record)?;
            store(file, meta)
                .and_then(|store| live.record(store, &[]))
                .map_err(|error| cannot_write(path, &error))?;
        }
        let shared = Arc::new(ListenerShared {
            live: live.clone(),
            meta: meta.clone(),
            record,
            first: Mutex::default(),
            early: Mutex::default(),
            readers: Mutex::default(),
        });
        let listener = Listener { shared };
        let shared = Arc::clone(&listener.shared);
        thread::Builder::new()
            .name("adapter".into())
            .spawn(move || {
                for connection in socket.incoming().flatten() {
                    accept(&shared, connection);
                }
            })
            .map_err(CliError::new)?;
        Ok(listener)
    }

    /// Waits until the events of all runs have been received, and ends the trace.
    pub(super) fn end(&self) {
        let readers = std::mem::take(&mut *lock(&self.shared.readers));
        let mut waited = Duration::ZERO;
        let step = Duration::from_millis(2);
        while waited < PATIENCE && !readers.iter().all(JoinHandle::is_finished) {
            #[expect(
                clippy::disallowed_methods,
                reason = "the program has ended, and no loop of this program waits"
            )]
            thread::sleep(step);
            waited += step;
        }
        self.shared.live.finish();
    }

    /// Whether a loop of the program has run.
    pub(super) fn has_seen_a_loop(&self) -> bool {
        lock(&self.shared.first).is_some()
    }

    /// Tells the user if there was nothing to watch.
    pub(super) fn report_nothing_seen(&self) {
        if !self.has_seen_a_loop() {
            nothing_seen("");
        }
    }

    fn command(&self, command: u8) {
        match &mut *lock(&self.shared.first) {
            // A program that has ended takes no commands.
            Some(connection) => drop(connection.write_all(&[command])),
            None => lock(&self.shared.early).push(command),
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Starts to receive a run.
fn accept(shared: &Arc<ListenerShared>, connection: UnixStream) {
    let mut first = lock(&shared.first);
    let is_first = first.is_none();
    if is_first {
        *first = connection.try_clone().ok();
        let early = std::mem::take(&mut *lock(&shared.early));
        if let Some(connection) = &mut *first {
            let _ = connection.write_all(&early);
        }
    }
    drop(first);
    let owned = Arc::clone(shared);
    let reader = thread::Builder::new().name("run".into()).spawn(move || {
        let received = if is_first {
            receive(connection, &owned.live)
        } else {
            receive_other(connection, &owned)
        };
        if let Err(error) = received {
            report_error(&format!("a run cannot be read: {error}"));
        }
    });
    if let Ok(reader) = reader {
        lock(&shared.readers).push(reader);
    }
}

type Received = Result<(), Box<dyn std::error::Error>>;

/// Receives a run until its connection is closed.
fn receive(mut connection: UnixStream, live: &LiveTrace) -> Received {
    let mut reader = WireReader::default();
    let mut block = vec![0; 1 << 16];
    while let Ok(length @ 1..) = connection.read(&mut block) {
        let records = reader.push(block.get(..length).unwrap_or_default())?;
        live.append(&records);
        live.show_paused(reader.is_paused());
        live.show_parked(reader.parked());
    }
    live.show_parked(None);
    live.append(&reader.end());
    live.finish();
    Ok(())
}

/// Receives the run of another thread or process, into a file of its own.
fn receive_other(mut connection: UnixStream, shared: &ListenerShared) -> Received {
    let Some(first) = &shared.record.record else {
        // This run was not asked for.
        io::copy(&mut connection, &mut io::sink())?;
        return Ok(());
    };
    let mut reader = WireReader::default();
    let mut block = vec![0; 1 << 16];
    let mut to = None;
    while let Ok(length @ 1..) = connection.read(&mut block) {
        let records = reader.push(block.get(..length).unwrap_or_default())?;
        if to.is_none()
            && let Some(hello) = reader.hello()
        {
            let path = other_path(first, hello.pid, &hello.thread);
            let file = open_recording(&path, &shared.record);
            let file = file.map_err(|CliError(error)| error)?;
            to = Some(store(file, &shared.meta)?);
        }
        if let Some(to) = &to {
            to.push(|file| file.extend_from_slice(&records));
        }
    }
    let last = reader.end();
    if let Some(to) = to {
        to.push(|file| file.extend_from_slice(&last));
        to.finish()?;
    }
    Ok(())
}

/// The file of another run than the first: named after the process, and after the thread unless it
/// is the main one.
fn other_path(path: &Path, pid: u32, thread: &str) -> PathBuf {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let ending = path.extension().unwrap_or_default().to_string_lossy();
    let clean = |c: char| {
        if c.is_alphanumeric() || c == '-' {
            c
        } else {
            '_'
        }
    };
    let thread: String = thread.chars().map(clean).take(40).collect();
    let thread = if thread == "MainThread" {
        String::new()
    } else {
        format!("-{thread}")
    };
    let dot = if ending.is_empty() { "" } else { "." };
    path.with_file_name(format!("{stem}-{pid}{thread}{dot}{ending}"))
}

/// A store that tells the user once if it cannot be written.
fn store(file: RecordFile, meta: &Meta) -> io::Result<Store> {
    let path = file.path().to_owned();
    Store::to_file(file, meta, move |error| {
        report_error(&format!(
            "recording to {} has stopped: {error}; the program continues without it",
            path.display()
        ));
    })
}

/// The run of a Python program, as the screen sees it.
#[derive(Debug)]
pub(super) struct PythonRun {
    program: Arc<Mutex<Program>>,
    listener: Listener,
    live: LiveTrace,
}

impl PythonRun {
    pub(super) fn new(program: Program, listener: Listener, live: LiveTrace) -> PythonRun {
        PythonRun {
            program: Arc::new(Mutex::new(program)),
            listener,
            live,
        }
    }

    /// What is done when the screen has been closed.
    pub(super) fn ending(&self) -> Ending {
        Ending {
            program: Arc::clone(&self.program),
            listener: self.listener.clone(),
        }
    }
}

impl tui::TraceSource for PythonRun {
    fn take(&mut self) -> Vec<u8> {
        if let Some(terminal) = lock(&self.program).terminal() {
            terminal.fit();
        }
        self.live.take()
    }

    fn input(&mut self, line: Option<&str>) {
        if let Some(terminal) = lock(&self.program).terminal() {
            terminal.type_line(line);
        }
    }

    fn control(&mut self, control: Control) {
        match control {
            Control::Run => self.listener.command(b'r'),
            Control::Pause => self.listener.command(b'p'),
            Control::Tick => self.listener.command(b't'),
            Control::Poll => self.listener.command(b's'),
            Control::Stop => lock(&self.program).stop(),
        }
    }

    fn status(&self) -> SourceStatus {
        let mut program = lock(&self.program);
        let program_ended = !matches!(program.ended(), Ok(None));
        let wants_input = !program_ended && program.waits_for_input();
        drop(program);
        let ended = self.live.is_drained() || (program_ended && !self.listener.has_seen_a_loop());
        SourceStatus {
            ended,
            paused: self.live.is_paused(),
            live: true,
            now: self.live.parked_now().filter(|_| !ended),
            wants_input,
            ..SourceStatus::default()
        }
    }

    fn record(&mut self, log: &Log) -> Result<PathBuf, RecordError> {
        record_live(&self.live, log)
    }
}

/// The program and its runs, when the screen has been closed.
pub(super) struct Ending {
    program: Arc<Mutex<Program>>,
    listener: Listener,
}

impl Ending {
    /// Ends the program if it still runs, and prints what it has printed.
    pub(super) fn report(&self) {
        let mut program = lock(&self.program);
        if matches!(program.ended(), Ok(None)) {
            self.listener.command(b'r');
            program.stop();
        }
        self.listener.end();
        if let Some(terminal) = program.terminal() {
            terminal.give_back_output();
        }
        self.listener.report_nothing_seen();
    }

    /// The exit of the program.
    pub(super) fn exit(&self) -> Exit {
        let ended = lock(&self.program).ended();
        ended.ok().flatten().unwrap_or(Exit::Done)
    }
}
