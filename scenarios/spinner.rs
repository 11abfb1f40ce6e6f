// Something slow, and a spinner beside it that shows that the program is alive. Look at the end:
// `cancel` only requests the cancellation. The spinner gets one more poll to handle it; main waits
// for that and then prints the answer.

use std::time::Duration;

use loopscope::{println, sleep, spawn};

async fn spin(text: &str) {
    for stroke in r"|/-\".chars().cycle() {
        println!("{stroke} {text}");
        sleep(Duration::from_millis(400)).await;
    }
}

async fn slow_function() -> u32 {
    sleep(Duration::from_secs(3)).await;
    42
}

async fn main() {
    let spinner = spawn(spin("thinking!"));
    let answer = slow_function().await;
    spinner.cancel().await;
    println!("Answer: {answer}");
}

loopscope::scenario! {
    name: "spinner",
    title: "A background task, cancelled when the work is done",
    twin: true,
    variants: [main() "a spinner beside three seconds of waiting"],
    params: [],
}
