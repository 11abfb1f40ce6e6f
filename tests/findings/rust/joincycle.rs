//! Two tasks that join each other.

use loopscope::{channel, sleep, spawn};

use super::ms;

type Handle = loopscope::Task<()>;

pub(crate) async fn wrong() {
    let (to_a, for_a) = channel::bounded::<Handle>(1);
    let (to_b, for_b) = channel::bounded::<Handle>(1);
    let a = spawn(async move {
        let other = for_a.recv().await;
        sleep(ms(10)).await;
        if let Ok(other) = other {
            other.await;
        }
    });
    let b = spawn(async move {
        let other = for_b.recv().await;
        sleep(ms(20)).await;
        if let Ok(other) = other {
            other.await; // WRONG: joincycle
        }
    });
    let _ = to_a.send(b).await;
    let _ = to_b.send(a).await;
    sleep(ms(100)).await;
}

pub(crate) async fn right() {
    let a = spawn(sleep(ms(10)));
    let b = spawn(async move {
        a.await;
    });
    b.await;
}
