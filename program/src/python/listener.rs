//! Receives the runs of a Python program: one connection for each thread that runs a loop, also in
//! child processes, and for each snapshot.
//!
//! What becomes of a connection is decided by its greeting:
//!
//! | connection | in a recording | on the screen, printed |
//! |---|---|---|
//! | the first | the file that was named | the run that is shown |
//! | another thread, another process | a file of its own | a loop in the list of loops |
//! | a snapshot | - | kept until the user returns to it |

use std::{
    io::{self, Read},
    net::Shutdown,
    os::unix::net::{UnixListener, UnixStream},
    path::PathBuf,
    process,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use loopscope::{
    import::{AdapterHello, WireError, WireReader},
    replay::Replay,
    runtime::LiveTrace,
    trace::{Log, Meta},
    tui::{LoopSession, Session, TraceSource},
};

use crate::{
    args::RecordArgs,
    output::{CliError, cannot_write, report_error},
    output_file::open_recording,
};

use super::{
    adapter::Adapter,
    commands::Commands,
    lock,
    loop_source::LoopSource,
    nothing_seen,
    receive::{Received, receive},
    recordings::{receive_into_file, store},
    snapshots::Snapshots,
};

/// How long to wait for the last events after the program has ended.
const PATIENCE: Duration = Duration::from_secs(2);

/// The most loops of a program that are on the screen.
const MOST_LOOPS: usize = 32;

/// What the threads of the listener share.
#[derive(Debug)]
struct ListenerShared {
    /// Where the adapter connects.
    socket: PathBuf,
    live: LiveTrace,
    meta: Meta,
    record: RecordArgs,
    /// The commands for the first run.
    first: Commands,
    /// The name of the first run, once it has begun.
    first_name: Mutex<Option<String>>,
    /// Whether the user knows already that there is nothing to watch, and why.
    has_reported: Mutex<bool>,
    /// The further loops that the screen or the printer has not taken; `None` if neither takes them.
    loops: Option<Mutex<NewLoops>>,
    snapshots: Snapshots,
    readers: Mutex<Vec<JoinHandle<()>>>,
    /// How often the cancellation of the main task of the first run was requested.
    main_cancels: AtomicU32,
}

/// The name of the loop that connects first, if it is in the process of the program.
const FIRST_LOOP: &str = "first loop";

/// How long the next connection waits for a greeting.
const GREETING: Duration = Duration::from_millis(200);

/// What Python calls the main thread of a process.
const MAIN_THREAD: &str = "MainThread";

/// Whether a loop is that of the program's main thread.
type IsMain = bool;

#[derive(Debug, Default)]
struct NewLoops {
    new: Vec<(LoopSource, IsMain)>,
    count: usize,
}

/// Accepts the connections of the adapter.
#[derive(Clone, Debug)]
pub(super) struct Listener {
    shared: Arc<ListenerShared>,
}

impl Listener {
    /// Starts to listen. The first run goes into `live`, and each run into a file of its own if
    /// `record` names one. `shows_others` says that the further runs are shown or printed, `snapshots`
    /// that the user can return to earlier ticks.
    pub(super) fn start(
        adapter: &Adapter,
        live: &LiveTrace,
        meta: &Meta,
        record: RecordArgs,
        shows_others: bool,
        snapshots: bool,
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
            socket: adapter.socket(),
            live: live.clone(),
            meta: meta.clone(),
            record,
            first: Commands::default(),
            first_name: Mutex::default(),
            has_reported: Mutex::default(),
            loops: shows_others.then(Mutex::default),
            snapshots: Snapshots::new(snapshots),
            readers: Mutex::default(),
            main_cancels: AtomicU32::new(0),
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
        self.shared.snapshots.close();
        self.accept_all();
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

    /// Waits until the connections that were made before this call are accepted: a program may end
    /// at once. Connections are accepted in their order, so one more is made, without a greeting,
    /// which is closed when it has been accepted.
    fn accept_all(&self) {
        let Ok(mut last) = UnixStream::connect(&self.shared.socket) else {
            return;
        };
        let _ = last.shutdown(Shutdown::Write);
        let _ = last.set_read_timeout(Some(PATIENCE));
        let _ = last.read(&mut [0]);
    }

    /// Whether a loop of the program has run.
    pub(super) fn has_seen_a_loop(&self) -> bool {
        lock(&self.shared.first_name).is_some()
    }

    /// How often the cancellation of the main task of the first run was requested, as far as that has arrived.
    pub(super) fn main_cancels(&self) -> u32 {
        self.shared.main_cancels.load(Ordering::Relaxed)
    }

    /// The name of the first run. A program that leaves its work to other processes, such as
    /// `uvicorn --workers 2`, has no loop of its own.
    pub(super) fn first_name(&self) -> String {
        let name = lock(&self.shared.first_name).clone();
        name.unwrap_or_else(|| FIRST_LOOP.to_owned())
    }

    /// The user has been told why there will be nothing to watch.
    pub(super) fn has_reported(&self) {
        *lock(&self.shared.has_reported) = true;
    }

    /// Tells the user if there was nothing to watch.
    pub(super) fn report_nothing_seen(&self) {
        if !self.has_seen_a_loop() && !*lock(&self.shared.has_reported) {
            nothing_seen("");
        }
    }

    /// The commands for the first run.
    pub(super) fn first(&self) -> &Commands {
        &self.shared.first
    }

    pub(super) fn meta(&self) -> &Meta {
        &self.shared.meta
    }

    pub(super) fn snapshots(&self) -> &Snapshots {
        &self.shared.snapshots
    }

    /// The loops that have started since the last call.
    pub(super) fn new_loops(&self) -> Vec<LoopSession> {
        let loops = self.shared.loops.as_ref();
        let new = loops.map(|loops| std::mem::take(&mut lock(loops).new));
        let session = |(source, is_main): (LoopSource, IsMain)| LoopSession {
            name: source.loop_name(),
            is_main,
            session: Session {
                replay: Replay::new(Log {
                    bytes: Vec::new(),
                    meta: self.shared.meta.clone(),
                }),
                source: Some(Box::new(source)),
            },
        };
        new.into_iter().flatten().map(session).collect()
    }
}

/// Starts to receive a run. The greeting is read before the next connection is accepted, so that the
/// loop that connects first is the first loop.
fn accept(shared: &Arc<ListenerShared>, connection: UnixStream) {
    let owned = Arc::clone(shared);
    let mut run = ArrivingRun::new(connection);
    let _ = run.connection.set_read_timeout(Some(GREETING));
    let greeted = run.greet(shared);
    let _ = run.connection.set_read_timeout(None);
    let reader = thread::Builder::new().name("run".into()).spawn(move || {
        if let Err(error) = greeted
            .map_err(Into::into)
            .and_then(|()| attend(run, &owned))
        {
            report_error(&format!("a run cannot be read: {error}"));
        }
    });
    if let Ok(reader) = reader {
        let mut readers = lock(&shared.readers);
        readers.retain(|reader| !reader.is_finished());
        readers.push(reader);
    }
}

/// A run whose greeting has not been read to its end.
struct ArrivingRun {
    connection: UnixStream,
    reader: WireReader,
    /// What followed the greeting.
    records: Vec<u8>,
    /// Whether it is the first run, once the greeting is read.
    is_first: Option<bool>,
}

impl ArrivingRun {
    fn new(connection: UnixStream) -> ArrivingRun {
        ArrivingRun {
            connection,
            reader: WireReader::default(),
            records: Vec::new(),
            is_first: None,
        }
    }

    /// Reads the greeting. It is incomplete if it does not come in time, or if the connection was
    /// closed: a process that ends at once has no greeting and no run.
    fn greet(&mut self, shared: &ListenerShared) -> Result<(), WireError> {
        let mut block = vec![0; 1 << 16];
        while self.reader.hello().is_none() {
            let Ok(length @ 1..) = self.connection.read(&mut block) else {
                return Ok(());
            };
            let bytes = block.get(..length).unwrap_or_default();
            self.records.append(&mut self.reader.push(bytes)?);
        }
        if let Some(hello) = self.reader.hello()
            && hello.snapshot.is_none()
            && self.is_first.is_none()
        {
            let mut first = lock(&shared.first_name);
            self.is_first = Some(first.is_none());
            first.get_or_insert_with(|| {
                if hello.parent == process::id() {
                    FIRST_LOOP.to_owned()
                } else {
                    loop_name(hello)
                }
            });
        }
        Ok(())
    }
}

/// Receives what comes over a connection until it is closed.
fn attend(mut run: ArrivingRun, shared: &ListenerShared) -> Received {
    run.greet(shared)?;
    let ArrivingRun {
        mut connection,
        reader,
        records,
        is_first,
    } = run;
    let Some(hello) = reader.hello().cloned() else {
        return Ok(());
    };
    if let Some(number) = hello.snapshot {
        shared.snapshots.arrived(number, hello.parent, connection);
        return Ok(());
    }
    let is_first = is_first.unwrap_or(false);
    if is_first {
        shared.first.connect(&connection);
        shared.snapshots.begin(hello.pid);
        let follow = |records: &[u8], reader: &mut WireReader| {
            shared.snapshots.follow(records, reader);
            let cancels = reader.main_cancels();
            shared.main_cancels.store(cancels, Ordering::Relaxed);
        };
        return receive(connection, reader, records, &shared.live, follow);
    }
    if shared.record.record.is_some() {
        return receive_into_file(connection, reader, &records, &shared.record, &shared.meta);
    }
    if let Some(loops) = &shared.loops {
        let live = LiveTrace::new();
        let commands = Commands::default();
        commands.connect(&connection);
        let mut loops = lock(loops);
        if loops.count < MOST_LOOPS {
            loops.count += 1;
            loops.new.push(source(&hello, &live, commands));
            drop(loops);
            return receive(connection, reader, records, &live, |_, _| ());
        }
    }
    // This run is shown nowhere.
    io::copy(&mut connection, &mut io::sink())?;
    Ok(())
}

/// The run of another loop, for the list of loops on the screen.
fn source(hello: &AdapterHello, live: &LiveTrace, commands: Commands) -> (LoopSource, IsMain) {
    let is_main = hello.parent == process::id() && hello.thread == MAIN_THREAD;
    (
        LoopSource::new(live.clone(), commands, loop_name(hello), false),
        is_main,
    )
}

/// The name of a loop: its thread, and its process if that is not the program's first.
fn loop_name(hello: &AdapterHello) -> String {
    let is_of_program = hello.parent == process::id();
    match (is_of_program, hello.thread == MAIN_THREAD) {
        (true, true) => "main thread".to_owned(),
        (true, false) => hello.thread.clone(),
        (false, true) => format!("process {}", hello.pid),
        (false, false) => format!("process {}, {}", hello.pid, hello.thread),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    /// Connects and greets as the main thread of process 7, which the process `parent` has started.
    fn greet(adapter: &Adapter, parent: u32) {
        let hello = format!(
            r#"{{"version":1,"pid":7,"parent":{parent},"clock":"real","thread":"MainThread"}}"#
        );
        let mut connection = UnixStream::connect(adapter.socket()).unwrap();
        let length = u32::try_from(hello.len()).unwrap().to_le_bytes();
        connection
            .write_all(&[&length[..], b"H", hello.as_bytes()].concat())
            .unwrap();
    }

    #[test]
    fn a_first_loop_of_a_child_process_is_named_by_its_number() {
        for (parent, name) in [(1, "process 7"), (process::id(), FIRST_LOOP)] {
            let adapter = Adapter::install().unwrap();
            let (live, meta) = (LiveTrace::new(), Meta::default());
            let record = RecordArgs::default();
            let listener = Listener::start(&adapter, &live, &meta, record, false, false).unwrap();
            greet(&adapter, parent);
            listener.end();
            assert_eq!(listener.first_name(), name);
        }
    }

    #[test]
    fn the_loop_of_a_program_that_ends_at_once_is_seen() {
        let adapter = Adapter::install().unwrap();
        let (live, meta) = (LiveTrace::new(), Meta::default());
        let record = RecordArgs::default();
        let listener = Listener::start(&adapter, &live, &meta, record, false, false).unwrap();
        for _ in 0..20 {
            greet(&adapter, 1);
        }
        listener.end();
        assert!(listener.has_seen_a_loop());
        assert!(live.is_ended());
    }
}
