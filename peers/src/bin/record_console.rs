//! Writes a recording by `console-subscriber` of the small program: `record_console FILE [THREADS]`.

use std::{env, process::ExitCode};

use console_subscriber::ConsoleLayer;
use tracing_subscriber::prelude::*;

fn main() -> ExitCode {
    let mut words = env::args().skip(1);
    let Some(file) = words.next() else {
        eprintln!("usage: record_console FILE [THREADS]");
        return ExitCode::from(2);
    };
    let threads: usize = words.next().and_then(|word| word.parse().ok()).unwrap_or(0);
    // The server that it could be asked over is never started: only the recording is wanted.
    let (layer, _server) = ConsoleLayer::builder().recording_path(&file).build();
    tracing_subscriber::registry().with(layer).init();
    let mut builder = match threads {
        0 => tokio::runtime::Builder::new_current_thread(),
        _ => tokio::runtime::Builder::new_multi_thread(),
    };
    if threads > 0 {
        builder.worker_threads(threads);
    }
    let runtime = builder.enable_time().build().expect("a runtime");
    runtime.block_on(loopscope_peers::program::main());
    drop(runtime);
    // The recorder writes on a thread of its own and cannot be waited for.
    std::thread::sleep(std::time::Duration::from_millis(300));
    ExitCode::SUCCESS
}
