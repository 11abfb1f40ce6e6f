//! A loop on a real clock, on the screen, with clients.

use std::{
    io::{ErrorKind, Read, Write},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

use super::{process::connect, terminal::Terminal};

/// An echo server that is paused before its first tick.
const SERVER: [&str; 6] = [
    "run",
    "echo_server:concurrent",
    "--set",
    "clients=0",
    "--listen",
    "127.0.0.1:0",
];

/// Sends a line to the server, and reads it back.
fn echo(client: &mut TcpStream, line: &str) {
    client.write_all(line.as_bytes()).unwrap();
    let mut answer = vec![0; line.len()];
    client.read_exact(&mut answer).unwrap();
    assert_eq!(answer, line.as_bytes());
}

/// Whether an answer arrives soon.
fn is_answered(client: &mut TcpStream, line: &str) -> bool {
    client
        .set_read_timeout(Some(Duration::from_millis(200)))
        .unwrap();
    let mut answer = vec![0; line.len()];
    match client.read(&mut answer) {
        Ok(length) => {
            assert_eq!(&answer[..length], line.as_bytes());
            true
        }
        Err(error) => {
            let kinds = [ErrorKind::WouldBlock, ErrorKind::TimedOut];
            assert!(kinds.contains(&error.kind()), "{error}");
            false
        }
    }
}

/// The address after `listening on` on the screen.
fn address(terminal: &Terminal) -> SocketAddr {
    terminal.see("listening on 127.0.0.1:");
    let picture = terminal.picture();
    let (_, rest) = picture.split_once("listening on 127").unwrap();
    let word = rest.split_whitespace().next().unwrap();
    format!("127{word}").parse().unwrap()
}

#[test]
fn the_screen_follows_a_served_client() {
    let mut terminal = Terminal::start(super::terminal::loopscope(&SERVER), (200, 50));
    terminal.see("NOT STARTED");
    terminal.press(" ");
    terminal.see("LIVE");
    let mut client = connect(address(&terminal));
    echo(&mut client, "hello\n");
    // The connection is now a task in PENDING.
    terminal.see("#2 echo");
    let tick = terminal.number("tick");
    echo(&mut client, "again\n");
    terminal.see_number("tick", |now| now > tick);

    // While the loop is paused, the bytes wait in the kernel.
    terminal.press(" ");
    terminal.see("LOOP PAUSED");
    client.write_all(b"wait\n").unwrap();
    assert!(!is_answered(&mut client, "wait\n"));
    // One tick finds the bytes, the next one sends them back.
    let (tick, event) = (terminal.number("tick"), terminal.number("event"));
    let mut ticks = 0;
    loop {
        terminal.press("t");
        ticks += 1;
        if is_answered(&mut client, "wait\n") {
            break;
        }
        assert!(ticks < 5, "{}", terminal.picture());
    }
    terminal.see_number("event", |now| now > event);
    terminal.see_number("tick", |now| (tick..=tick + ticks).contains(&now));
    terminal.see("LOOP PAUSED");

    terminal.press(" ");
    terminal.see("LIVE");
    client
        .set_read_timeout(Some(super::process::PATIENCE))
        .unwrap();
    echo(&mut client, "and on\n");
    terminal.press("q");
    assert_eq!(terminal.code(), 0);
    assert_eq!(
        client.read(&mut [0; 8]).unwrap(),
        0,
        "its connections are closed"
    );
    terminal.see_given_back();
}

#[test]
fn two_quick_keys_are_two_ticks() {
    let mut terminal = Terminal::loopscope(&SERVER);
    terminal.see("NOT STARTED");
    terminal.press("tt");
    terminal.see_number("tick", |tick| tick == 2);
    terminal.see("listening on");
    terminal.press("q");
    assert_eq!(terminal.code(), 0);
}

/// The time in the first line.
fn clock(terminal: &Terminal) -> String {
    let picture = terminal.picture();
    let (_, rest) = picture.split_once(" t=").unwrap();
    rest.split_whitespace().next().unwrap().to_owned()
}

#[test]
fn clock_and_lanes_advance_while_the_loop_waits() {
    let mut terminal = Terminal::loopscope(&SERVER);
    terminal.see("NOT STARTED");
    terminal.press(" ");
    terminal.see("LIVE");
    // While the loop waits, the lanes show its tasks as waiting, up to now.
    terminal.see("┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄");
    let before = clock(&terminal);
    terminal.wait("later", |picture| {
        picture.contains("LIVE") && !picture.contains(&before)
    });
    terminal.press(" ");
    terminal.see("LOOP PAUSED");
    terminal.press("q");
    assert_eq!(terminal.code(), 0);
}
