//! A program of your own, watched: tasks that print in every way a program can, and several ways to
//! end.
//!
//! `cargo run --example greetings -- [finish|panic|error|exit|forever|ask]`, with `LOOPSCOPE=tui`,
//! `record:FILE` or `off`.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program that prints, in all the ways there are"
)]

use std::{env, error::Error, io::Write, process, time::Duration};

use loopscope as smol;
use smol::{Timer, Unblock, io::AsyncBufReadExt, io::BufReader, process::Command};

/// Prints a greeting now and then.
async fn greet(name: &'static str, pause: Duration, times: u32) {
    for number in 1..=times {
        Timer::after(pause).await;
        println!("{name} says hello {number}");
    }
}

/// Prints on standard error, and starts a process that prints.
async fn others() -> Result<(), Box<dyn Error>> {
    eprintln!("this goes to standard error");
    let status = Command::new("echo")
        .arg("this is another process")
        .status()
        .await?;
    print!("it was ");
    std::io::stdout().flush()?;
    Timer::after(Duration::from_millis(1)).await;
    println!("{}", if status.success() { "well" } else { "ill" });
    Ok(())
}

/// Asks for a name.
async fn ask() -> Result<(), Box<dyn Error>> {
    print!("Who are you? ");
    std::io::stdout().flush()?;
    let mut name = String::new();
    BufReader::new(Unblock::new(std::io::stdin()))
        .read_line(&mut name)
        .await?;
    println!("Good day, {}!", name.trim());
    Ok(())
}

/// Prints when it is dropped.
struct Goodbye;

impl Drop for Goodbye {
    fn drop(&mut self) {
        println!("goodbye");
    }
}

async fn run(end: String) -> Result<(), Box<dyn Error>> {
    let _goodbye = Goodbye;
    let greeters = [("Ada", 3), ("Grace", 5)]
        .map(|(name, pause)| smol::spawn(greet(name, Duration::from_millis(pause), 3)));
    others().await?;
    for greeter in greeters {
        greeter.await;
    }
    match end.as_str() {
        "panic" => panic!("this is a panic"),
        "error" => Err("this is an error".into()),
        "exit" => process::exit(7),
        "forever" => {
            greet("Time", Duration::from_millis(20), u32::MAX).await;
            Ok(())
        }
        "ask" => ask().await,
        _ => Ok(()),
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let end = env::args().nth(1).unwrap_or_default();
    smol::block_on(run(end))?;
    println!("the end");
    Ok(())
}
