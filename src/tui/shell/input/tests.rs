//! The thread, on a pipe in place of a terminal.

use std::io::Write;

use crossterm::event::{KeyCode, KeyModifiers};

use super::{queue::CAPACITY, *};

/// An input that reads a pipe, and the pipe's other end.
fn piped() -> (Input, PipeWriter) {
    let (from, to) = io::pipe().unwrap();
    (Input::start(from.into()).unwrap(), to)
}

fn next(input: &Input) -> Result<Event, InputEnd> {
    async_io::block_on(input.next())
}

#[test]
fn half_a_sequence_is_followed_by_keys() {
    let (input, mut to) = piped();
    to.write_all(b"\x1b[").unwrap();
    // The pipe stays open and empty: the thread gives up by itself.
    let alt = csi::key(KeyCode::Char('['), KeyModifiers::ALT);
    assert_eq!(next(&input).unwrap(), alt);
    to.write_all(b"q").unwrap();
    let q = csi::key(KeyCode::Char('q'), KeyModifiers::NONE);
    assert_eq!(next(&input).unwrap(), q);
}

#[test]
fn keys_before_the_end_of_input_are_read() {
    let (input, mut to) = piped();
    to.write_all(b"ab").unwrap();
    drop(to);
    assert!(matches!(next(&input), Ok(Event::Key(_))));
    assert!(matches!(next(&input), Ok(Event::Key(_))));
    assert!(matches!(next(&input), Err(InputEnd::HungUp)));
    assert!(matches!(next(&input), Err(InputEnd::Stopped)));
}

#[test]
fn the_end_of_the_thread_is_the_end_of_input() {
    let (sender, events) = queue();
    let (_, stop) = io::pipe().unwrap();
    let input = Input {
        events,
        _stop: stop,
    };
    assert!(input.arrived().is_none());
    drop(sender);
    assert!(matches!(input.arrived(), Some(Err(InputEnd::Stopped))));
    assert!(matches!(next(&input), Err(InputEnd::Stopped)));
}

#[test]
fn a_dropped_input_ends_its_thread() {
    let (input, to) = piped();
    let events = input.events.clone();
    drop(input);
    assert!(matches!(
        async_io::block_on(events.next()),
        Err(InputEnd::Stopped)
    ));
    drop(to);
}

#[test]
fn a_flood_waits_in_the_terminal() {
    let (input, mut to) = piped();
    let writer = Builder::new().spawn(move || to.write_all(&b"x".repeat(1 << 20)));
    let mut keys = 0;
    while next(&input).is_ok() {
        assert!(input.events.len() < CAPACITY + READ);
        keys += 1;
    }
    assert_eq!(keys, 1 << 20);
    writer.unwrap().join().unwrap().unwrap();
}

#[test]
fn ctrl_c_ends_a_paste_whose_end_is_lost() {
    let (input, mut to) = piped();
    to.write_all(b"\x1b[200~abc").unwrap();
    // The next byte comes with the next read, as a key does.
    while rustix::io::ioctl_fionread(&to).unwrap() > 0 {
        std::thread::yield_now();
    }
    to.write_all(&[CTRL_C]).unwrap();
    let ctrl_c = csi::key(KeyCode::Char('c'), KeyModifiers::CONTROL);
    assert_eq!(async_io::block_on(input.ctrl_c()), ctrl_c);
    assert_eq!(next(&input).unwrap(), Event::Paste("abc".to_owned()));
}

#[test]
fn ctrl_c_does_not_wait_behind_a_flood() {
    let (input, mut to) = piped();
    to.write_all(&b"x".repeat(CAPACITY - 1)).unwrap();
    to.write_all(&[CTRL_C]).unwrap();
    let ctrl_c = async_io::block_on(input.ctrl_c());
    assert_eq!(ctrl_c, csi::key(KeyCode::Char('c'), KeyModifiers::CONTROL));
    // The flood is still there.
    assert_eq!(
        next(&input).unwrap(),
        csi::key(KeyCode::Char('x'), KeyModifiers::NONE)
    );
}
