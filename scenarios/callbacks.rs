// What lies below `await`: a result that comes later, and a callback that runs when it is there.
// Look at tick 3: setting the result does not call the callback. The callback joins READY, like a
// task, and runs in the next tick.
//
// The callback prints the result and sets an event. The main task waits for that event, so it ends
// the program.

use std::{rc::Rc, time::Duration};

use loopscope::{future::OneShot, lock::ManualResetEvent, println, sleep, spawn, spawn_local};

async fn set_later(result: OneShot<&'static str>) {
    sleep(Duration::from_secs(1)).await;
    let _ = result.resolve("A result set by the slow_operation coroutine!");
}

async fn future() {
    let stop = Rc::new(ManualResetEvent::new());
    let result = OneShot::new();
    spawn_local(set_later(result.clone()))
        .named("slow_operation")
        .detach();
    result.on_done({
        let stop = Rc::clone(&stop);
        move |text| {
            println!("{text}");
            stop.set();
        }
    });
    stop.wait().await;
}

async fn slow_operation() -> &'static str {
    sleep(Duration::from_secs(1)).await;
    "A return value from the slow_operation coroutine!"
}

async fn task() {
    let stop = Rc::new(ManualResetEvent::new());
    spawn(slow_operation()).on_done({
        let stop = Rc::clone(&stop);
        move |text| {
            println!("{text}");
            stop.set();
        }
    });
    stop.wait().await;
}

loopscope::scenario! {
    name: "callbacks",
    title: "A callback that runs when the result is there",
    twin: true,
    pairs: true,
    variants: [
        future() "a bare future, resolved by a task",
        task() "a task that returns the result",
    ],
    params: [],
}
