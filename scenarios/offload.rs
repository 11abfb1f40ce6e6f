// Three pieces of work of a second each, beside a heartbeat. Look at the beats and at the total:
// work in the loop stops the heartbeat for three seconds. On threads of the pool, or in child
// processes, all three run in parallel; with two threads, two of them do. Child processes also help
// in languages whose threads share one lock, such as Python.
//
// Meanwhile the loop waits: PENDING shows what for.

mod elsewhere;

use std::{io, rc::Rc, time::Duration};

use loopscope::{
    block_for, future::yield_now, gather, lock::Semaphore, println, sleep, spawn, try_gather,
};

use elsewhere::{in_process, in_thread};

const PIECES: [&str; 3] = ["A", "B", "C"];
const WORK: Duration = Duration::from_secs(1);

/// The finished pieces.
type Pieces = io::Result<Vec<&'static str>>;

async fn heartbeat() {
    for beat in 0.. {
        println!("beat {beat}");
        sleep(Duration::from_millis(300)).await;
    }
}

/// Runs the work beside a heartbeat, then prints the finished pieces.
async fn beside_heartbeat(work: impl Future<Output = Pieces>) -> io::Result<()> {
    let heart = spawn(heartbeat());
    yield_now().await; // the first beat
    for piece in work.await? {
        println!("{piece} done");
    }
    heart.cancel().await;
    Ok(())
}

fn work(piece: &'static str) -> &'static str {
    block_for(WORK);
    piece
}

async fn inline() -> io::Result<()> {
    beside_heartbeat(async { Ok(PIECES.map(work).into()) }).await
}

async fn on_threads(count: usize) -> io::Result<()> {
    let threads = Rc::new(Semaphore::named("threads", count));
    let pieces = gather(PIECES.map(|piece| in_thread(piece, Rc::clone(&threads))));
    beside_heartbeat(async { Ok(pieces.await) }).await
}

async fn to_thread() -> io::Result<()> {
    on_threads(PIECES.len()).await
}

async fn two_threads() -> io::Result<()> {
    on_threads(2).await
}

async fn process_pool() -> io::Result<()> {
    beside_heartbeat(try_gather(PIECES.map(in_process))).await
}

loopscope::scenario! {
    name: "offload",
    title: "Work beside a heartbeat: in the loop, on threads, in processes",
    parts: ["elsewhere.rs"],
    twin: true,
    pairs: true,
    variants: [
        inline() real "in the loop",
        to_thread() threads "on a thread for each piece",
        two_threads() threads "on two threads",
        process_pool() processes "in child processes",
    ],
    params: [],
}
