//! Where the trace says that a task waits, and what it says of sockets and of output.

use std::{future::Future, io, thread, time::Duration};

use loopscope::{
    Builder, FutureExt as _, block_for,
    future::zip,
    gather,
    io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader},
    net::unix::UnixStream,
    println,
    replay::Replay,
    runtime::OnIdle,
    sleep, spawn, timeout,
    trace::{Advance, Event, LoopEvent, Position, ResourceEvent, TaskEvent, TaskId, Wait, WokenBy},
    try_gather,
};

use super::{events, ms, replay, run, run_real};

/// The lines at which the main task waits, each with whether it is that of a creation.
fn places(replay: &Replay) -> Vec<(u32, bool)> {
    let waits = events(replay).into_iter().filter_map(|event| match event {
        Event::Task(TaskEvent::Wait {
            task: TaskId(0),
            on,
            at,
            at_creation,
            ..
        }) if !matches!(on, Wait::Unknown) => Some((at, at_creation)),
        _ => None,
    });
    let tables = replay.tables();
    waits
        .map(|(at, at_creation)| (tables.location(at).map_or(0, |at| at.line), at_creation))
        .collect()
}

/// Two sockets; the second writes a line after a millisecond and stays open for another one.
fn answered() -> io::Result<(UnixStream, loopscope::Task<io::Result<()>>)> {
    let (one, mut other) = UnixStream::pair()?;
    let answering = spawn(async move {
        sleep(ms(1)).await;
        other.write_all(b"a line\n").await?;
        sleep(ms(1)).await;
        Ok(())
    });
    Ok((one, answering))
}

#[test]
fn a_read_waits_where_it_is_awaited() {
    let mut lines = Vec::new();
    let replay = replay(run_real(async {
        let (mut stream, _answering) = answered()?;
        let mut buffer = [0; 64];
        let reading = stream.read(&mut buffer);
        lines.push((line!() + 1, false));
        reading.await?;
        let mut text = String::new();
        lines.push((line!() + 1, false));
        stream.read_to_string(&mut text).await?;
        io::Result::Ok(())
    }));
    assert_eq!(places(&replay), lines);
}

#[test]
fn a_buffered_read_waits_where_it_is_awaited() {
    let mut lines = Vec::new();
    let replay = replay(run_real(async {
        let (stream, _answering) = answered()?;
        let mut reader = BufReader::new(stream);
        let mut line = String::new();
        lines.push((line!() + 1, false));
        reader.read_line(&mut line).await?;
        let limited = timeout(Duration::from_secs(9), reader.read_to_string(&mut line));
        lines.push((line!() + 1, false));
        limited.await.unwrap()?;
        assert_eq!(line, "a line\n");
        io::Result::Ok(())
    }));
    // The time limit is one wait, the read another one.
    let mut places = places(&replay);
    places.dedup();
    assert_eq!(places, lines);
}

#[test]
fn a_wait_inside_a_combinator_says_where_it_was_created() {
    let mut lines = Vec::new();
    let replay = replay(run(async {
        lines.extend([(line!() + 1, true), (line!() + 2, true)]);
        let one = sleep(ms(1));
        let other = sleep(ms(2));
        zip(one, other).await;
    }));
    assert_eq!(places(&replay)[..2], lines);
}

#[test]
fn joins_of_groups_wait_where_they_are_awaited() {
    let mut lines = Vec::new();
    let replay = replay(run(async {
        let gathering = gather([1, 2].map(|time| sleep(ms(time))));
        lines.push((line!() + 1, false));
        gathering.await;
        let trying = try_gather([1].map(|time| async move {
            sleep(ms(time)).await;
            Ok::<_, ()>(())
        }));
        lines.push((line!() + 1, false));
        trying.await.unwrap();
        let task = spawn(sleep(ms(9)));
        loopscope::future::yield_now().await;
        let cancelling = task.cancel();
        lines.push((line!() - 2, false));
        lines.push((line!() + 1, false));
        cancelling.await;
    }));
    assert_eq!(places(&replay), lines);
}

fn bytes_of(run: loopscope::Run<io::Result<()>>) -> Vec<String> {
    let replay = replay(run);
    let texts = events(&replay).into_iter().filter_map(|event| match event {
        Event::Resource(ResourceEvent::Bytes { text, .. }) => {
            Some(replay.tables().text(text).to_owned())
        }
        _ => None,
    });
    texts.collect()
}

async fn talk() -> io::Result<()> {
    let (mut one, mut other) = UnixStream::pair()?;
    one.write_all(b"hello\n").await?;
    let mut buffer = [0; 64];
    other.read(&mut buffer).await?;
    Ok(())
}

#[test]
fn bytes_of_sockets_are_recorded_only_on_request() {
    let recorded = Builder::new().record(true).record_bytes(true).run(talk());
    assert_eq!(bytes_of(recorded), [r"hello\n", r"hello\n"]);
    let default = Builder::new().record(true).run(talk());
    assert_eq!(bytes_of(default), [""; 0]);
}

#[test]
fn output_has_the_line_that_printed_it() {
    let mut line = 0;
    let replay = replay(run(async {
        line = line!() + 1;
        println!("one\ntwo");
    }));
    let lines = events(&replay).into_iter().filter_map(|event| match event {
        Event::Output { at, .. } => replay.tables().location(at).map(|at| at.line),
        _ => None,
    });
    assert_eq!(lines.collect::<Vec<_>>(), [line, line]);
}

fn work(future: impl Future<Output = ()>) -> usize {
    let run = Builder::new().on_idle(OnIdle::End).record(true).run(future);
    let replay = Replay::new(run.log);
    let worked = events(&replay).into_iter().filter(|event| {
        matches!(
            event,
            Event::Loop(LoopEvent::Advance {
                why: Advance::Worked,
                ..
            })
        )
    });
    worked.count()
}

#[test]
fn printing_on_a_real_clock_is_no_work() {
    // Blocking is; printing is not, unless the processor is taken away for a millisecond.
    let counts = (0..9).map(|_| work(async { println!("hello") }));
    assert_eq!(counts.min(), Some(0));
    assert_eq!(work(async { block_for(ms(2)) }), 1);
}

#[test]
fn a_socket_that_another_thread_polls_is_woken_by_io() {
    // Threads in `block_on` handle the events of sockets for each other.
    let (stop, stopped) = loopscope::channel::bounded::<()>(1);
    let thread = thread::Builder::new().name("main".into()).spawn(move || {
        smol::block_on(async move {
            let _ = stopped.recv().await;
        });
    });
    let replay = replay(run_real(async {
        for _ in 0..20 {
            let (mut one, answering) = answered()?;
            let mut text = String::new();
            one.read_to_string(&mut text).await?;
            answering.await?;
        }
        io::Result::Ok(())
    }));
    drop(stop);
    thread.unwrap().join().unwrap();
    let threads = events(&replay).into_iter().filter(|event| {
        matches!(
            event,
            Event::Task(TaskEvent::Wake {
                by: WokenBy::Thread(_),
                ..
            })
        )
    });
    assert_eq!(threads.count(), 0);
}

#[test]
fn a_named_future_shows_where_it_is_awaited() {
    let mut lines = Vec::new();
    let replay = replay(run(async {
        let named = zip(sleep(ms(1)), sleep(ms(2))).named("both");
        lines.extend([(line!() + 1, false); 2]);
        named.await;
    }));
    assert_eq!(places(&replay)[..2], lines);
    assert!(replay.end() > Position(0));
}
