//! What is said about a run: words, causes, numbers and differences, on traces made by hand.

mod model;
use loopscope::scene::plain;
use model::{Do, Model, S, replay};

#[test]
fn look() {
    let r = replay("concurrent", say_after_concurrent(), CONCURRENT);
    let s = replay("sequential", say_after_sequential(), SEQUENTIAL);
    let mut out = Vec::new();
    plain::write_log(&s, &mut out).unwrap();
    plain::write_log(&r, &mut out).unwrap();
    let c = loopscope::insight::compare(&s, &r);
    plain::write_comparison(&s, &r, &c, &mut out).unwrap();
    println!("{}", String::from_utf8(out).unwrap());
    println!("{}", loopscope::scene::json::comparison(&s, &r));
}

const SEQUENTIAL: &str = "async fn main() {
    sleep(secs(1)).await;
    println(\"hello\");
    sleep(secs(2)).await;
    println(\"world\");
}
";

const CONCURRENT: &str = "async fn main() {
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

fn say_after_sequential() -> Vec<Do> {
    vec![
        Do::Sleep(S, 2),
        Do::Print("hello"),
        Do::Sleep(2 * S, 4),
        Do::Print("world"),
    ]
}

fn say_after_concurrent() -> Vec<Do> {
    vec![
        Do::Spawn("hello", vec![Do::Sleep(S, 8), Do::Print("hello")], 2),
        Do::Spawn("world", vec![Do::Sleep(2 * S, 8), Do::Print("world")], 3),
        Do::Join(1, 4),
        Do::Join(2, 5),
    ]
}
