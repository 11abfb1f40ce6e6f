//! Small programs with their sources: two sleeps one after the other, concurrently, and blocking.

use loopscope::replay::Replay;

use crate::scripted::{Do, Model, S};

pub(crate) const SEQUENTIAL: &str = "async fn main() {
    sleep(secs(1)).await;
    println(\"hello\");
    sleep(secs(2)).await;
    println(\"world\");
}
";

pub(crate) const CONCURRENT: &str = "async fn main() {
    let hello = spawn(say_after(1, \"hello\"));
    let world = spawn(say_after(2, \"world\"));
    hello.await;
    world.await;
}
async fn say_after(delay: u64, what: &str) {
    sleep(secs(delay)).await;
    println(what);
}
";

/// A replay of a script.
pub(crate) fn replay(variant: &str, main: Vec<Do>, source: &str) -> Replay {
    Replay::new(Model::new(main).run(1000).log(variant, source))
}

pub(crate) fn sequential() -> Replay {
    let main = vec![
        Do::Sleep(S, 2),
        Do::Print("hello"),
        Do::Sleep(2 * S, 4),
        Do::Print("world"),
    ];
    replay("sequential", main, SEQUENTIAL)
}

pub(crate) fn concurrent() -> Replay {
    let say = |seconds, what| vec![Do::Sleep(seconds * S, 8), Do::Print(what)];
    let main = vec![
        Do::Spawn("hello", say(1, "hello"), 2),
        Do::Spawn("world", say(2, "world"), 3),
        Do::Join(1, 4),
        Do::Join(2, 5),
    ];
    replay("concurrent", main, CONCURRENT)
}

pub(crate) fn blocking() -> Replay {
    let say = |seconds, what| vec![Do::Work(seconds * S), Do::Print(what)];
    let main = vec![
        Do::Spawn("hello", say(1, "hello"), 2),
        Do::Spawn("world", say(2, "world"), 3),
        Do::Join(1, 4),
        Do::Join(2, 5),
    ];
    replay("blocking", main, CONCURRENT)
}
