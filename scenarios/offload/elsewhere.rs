//! Work outside the loop. Look at the two awaits: to the loop, a thread and a child process are
//! something to wait for.

use std::{env, io, rc::Rc};

use loopscope::{FutureExt, lock::Semaphore, process::Command, unblock};

use super::{WORK, work};

/// On a thread of the pool, when a permit is free.
pub(super) async fn in_thread(piece: &'static str, threads: Rc<Semaphore>) -> &'static str {
    let _thread = threads.acquire().await;
    unblock(move || work(piece)).await
}

/// In a child process: this program, with the subcommand `work`.
pub(super) async fn in_process(piece: &'static str) -> io::Result<&'static str> {
    let mut child = Command::new(env::current_exe()?);
    child.args(["work", "--seconds", &WORK.as_secs_f64().to_string()]);
    child.kill_on_drop(true);
    let status = child.status().io("child process").await?;
    let failed = || io::Error::other(format!("the child process ended with {status}"));
    status.success().then_some(piece).ok_or_else(failed)
}
