//! Programs with several threads.

mod executors;
mod races;

use std::{
    sync::{Barrier, mpsc},
    thread,
    time::Duration,
};

/// Runs a program on a thread of its own, and fails if it hangs: no program takes nearly that long.
fn ends(program: impl FnOnce() + Send + 'static) {
    let (done, ended) = mpsc::channel();
    let thread = thread::spawn(move || {
        program();
        done.send(()).unwrap();
    });
    match ended.recv_timeout(Duration::from_mins(2)) {
        Ok(()) | Err(mpsc::RecvTimeoutError::Disconnected) => thread.join().unwrap(),
        Err(mpsc::RecvTimeoutError::Timeout) => panic!("the program hangs"),
    }
}

/// Calls `work` on `threads` threads at the same moment, `rounds` times. After each round, `check`
/// is called alone. Both get the number of the round, and `work` that of the thread.
fn in_rounds(
    threads: usize,
    rounds: usize,
    work: impl Fn(usize, usize) + Sync,
    check: impl Fn(usize) + Sync,
) {
    let meet = Barrier::new(threads);
    thread::scope(|scope| {
        for number in 0..threads {
            let (meet, work, check) = (&meet, &work, &check);
            scope.spawn(move || {
                for round in 0..rounds {
                    meet.wait();
                    work(number, round);
                    if meet.wait().is_leader() {
                        check(round);
                    }
                }
            });
        }
    });
}
