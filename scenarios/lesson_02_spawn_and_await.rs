// Belief: I spawned it, so it is concurrent.
//
// Look at the task `accept`: what does it wait for? A connection that is spawned and awaited in one
// statement is a task, but `accept` waits in its join and takes no new connection until the answer
// is sent. A connection that is only spawned does not hold `accept` up.

use std::time::Duration;

use loopscope::{
    channel::{self, Receiver},
    println, sleep, spawn,
};

/// A client, and how long its answer takes in milliseconds.
type Connection = (&'static str, u64);

async fn answer((client, work): Connection) {
    sleep(Duration::from_millis(work)).await;
    println!("{client} answered");
}

async fn accept_and_wait(connections: Receiver<Connection>) {
    while let Ok(connection) = connections.recv().await {
        spawn(answer(connection)).named(connection.0).await;
    }
}

async fn accept_and_go_on(connections: Receiver<Connection>) {
    while let Ok(connection) = connections.recv().await {
        spawn(answer(connection)).named(connection.0).detach();
    }
}

/// Three clients connect at once and wait for up to three seconds.
async fn visit(
    accept: impl Future<Output = ()> + Send + 'static,
    connections: channel::Sender<Connection>,
) {
    let _server = spawn(accept).named("accept");
    for connection in [("c1", 2000), ("c2", 100), ("c3", 100)] {
        let _ = connections.send(connection).await;
    }
    sleep(Duration::from_secs(3)).await;
}

async fn wrong() {
    let (sender, receiver) = channel::named("connections", 0);
    visit(accept_and_wait(receiver), sender).await;
}

async fn right() {
    let (sender, receiver) = channel::named("connections", 0);
    visit(accept_and_go_on(receiver), sender).await;
}

loopscope::scenario! {
    name: "lesson_02_spawn_and_await",
    title: "Lesson 02: I spawned it, so it is concurrent?",
    twin: true,
    pairs: true,
    variants: [
        wrong() "spawn and await in one statement",
        right() "spawn only",
    ],
    params: [],
}
