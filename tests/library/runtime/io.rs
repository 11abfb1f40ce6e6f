//! Wakes from outside the loop: threads, the pool, sockets.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
    },
    task::{Poll, Waker},
    thread,
};

use loopscope::{
    Async, FutureExt as _, future, insight,
    io::AsyncReadExt as _,
    net::{TcpListener, TcpStream, UdpSocket},
    now,
    replay::{Replay, Status},
    sleep, spawn, timeout,
    trace::{Event, Position, ResourceEvent, TaskEvent, TaskId, WokenBy as By},
    unblock,
};

use super::{events, ms, replay, run, run_real};

/// 100,000 wakes from four threads: each is seen, and no tick is empty.
#[test]
fn no_wake_from_another_thread_is_lost() {
    const WAKES: u32 = 25_000;
    let sent = Arc::new(AtomicU32::new(0));
    let waker: Arc<Mutex<Option<Waker>>> = Arc::default();
    let threads: Vec<_> = (0..4)
        .map(|_| {
            let (sent, waker) = (sent.clone(), waker.clone());
            thread::spawn(move || {
                for _ in 0..WAKES {
                    sent.fetch_add(1, Ordering::SeqCst);
                    if let Some(waker) = &*waker.lock().unwrap() {
                        waker.wake_by_ref();
                    }
                }
            })
        })
        .collect();
    let run = run_real(async {
        std::future::poll_fn(|cx| {
            *waker.lock().unwrap() = Some(cx.waker().clone());
            if sent.load(Ordering::SeqCst) == 4 * WAKES {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        })
        .io("four threads")
        .await;
    });
    for thread in threads {
        thread.join().unwrap();
    }
    assert_eq!(run.value, Some(()));
    let events = events(&replay(run));
    let polls = events
        .iter()
        .filter(|event| matches!(event, Event::Task(TaskEvent::PollStart { .. })))
        .count();
    let woken = events
        .iter()
        .filter(|event| matches!(event, Event::Task(TaskEvent::Wake { .. })))
        .count();
    // One poll for the start, and one for each wake.
    assert!(polls <= woken + 1, "{polls} polls, {woken} wakes");
}

#[test]
fn a_wake_from_a_thread_carries_its_name() {
    let run = run_real(async {
        let (sender, receiver) = loopscope::channel::bounded(1);
        let thread = thread::Builder::new().name("helper".into());
        let handle = thread.spawn(move || {
            thread::sleep(ms(20));
            sender.try_send(7).unwrap();
        });
        let value = receiver.recv().io("helper").await;
        handle.unwrap().join().unwrap();
        value
    });
    assert_eq!(run.value, Some(Ok(7)));
    let replay = replay(run);
    let named = events(&replay).into_iter().any(|event| match event {
        Event::Task(TaskEvent::Wake {
            by: By::Thread(name),
            ..
        }) => replay.tables().text(name) == "helper",
        _ => false,
    });
    assert!(named);
}

#[test]
fn the_virtual_clock_waits_for_threads() {
    let run = run(async {
        let work = unblock(|| {
            thread::sleep(ms(20));
            7
        });
        timeout(ms(1000), work).await
    });
    assert_eq!(run.value, Some(Ok(7)));
}

#[test]
fn an_abandoned_operation_does_not_stop_the_clock() {
    let run = run(async {
        let never = std::future::pending::<()>().io("never");
        let task = spawn(never);
        sleep(ms(0)).await;
        task.cancel().await;
        sleep(ms(1000)).await;
        now().0
    });
    assert_eq!(run.value, Some(1_000_000_000));
}

#[test]
fn bytes_through_a_socket_are_counted() {
    let run = run_real(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let server = spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut buffer = [0; 64];
            let mut total = 0;
            loop {
                match stream.read(&mut buffer).await.unwrap() {
                    0 => return total,
                    length => total += length,
                }
            }
        });
        let mut client = TcpStream::connect(address).await.unwrap();
        client.write_all(&[1; 1000]).await.unwrap();
        drop(client);
        server.await
    });
    assert_eq!(run.value, Some(1000));
    let replay = replay(run);
    let (mut read, mut wrote) = (0, 0);
    for event in events(&replay) {
        if let Event::Resource(ResourceEvent::Op { op, value, .. }) = event {
            match op {
                loopscope::trace::ResourceOp::Read => read += value,
                loopscope::trace::ResourceOp::Wrote => wrote += value,
                _ => {}
            }
        }
    }
    assert_eq!((read, wrote), (1000, 1000));
}

/// Once, a task that waited for its client was shown as ready.
#[test]
fn a_task_is_ready_only_after_its_wake() {
    let run = run_real(unblock(|| thread::sleep(ms(50))));
    let replay = replay(run);
    let state = replay.index().head();
    let main = state.tasks.get(TaskId(0)).unwrap();
    assert!(main.waiting.nanos() >= 49_000_000, "{main:?}");
    assert!(main.ready < main.waiting, "{main:?}");
}

#[test]
fn a_task_that_waits_for_bytes_reads() {
    let run = run_real(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let mut client = TcpStream::connect(address).await.unwrap();
        let (mut server, _) = listener.accept().await.unwrap();
        let reading = spawn(async move { server.read_exact(&mut [0; 1]).await.unwrap() });
        sleep(ms(20)).await;
        client.write_all(b"x").await.unwrap();
        reading.await;
    });
    let words = waits_of(&replay(run), TaskId(1));
    assert!(!words.is_empty());
    for words in words {
        assert!(words.starts_with("read on TcpStream 127.0.0.1:"), "{words}");
    }
}

#[test]
fn a_task_that_waits_for_a_packet_reads() {
    let run = run_real(async {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let to = socket.local_addr().unwrap();
        let reading = spawn(async move { socket.recv(&mut [0; 8]).await.unwrap() });
        sleep(ms(20)).await;
        let sender = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        sender.send_to(b"hello", to).await.unwrap();
        assert_eq!(reading.await, 5);
    });
    let words = waits_of(&replay(run), TaskId(1));
    assert!(!words.is_empty());
    for words in words {
        assert!(words.starts_with("read on UdpSocket 127.0.0.1:"), "{words}");
    }
}

/// The virtual clock waits for operations in flight; it would not jump if the loop still counted
/// the read.
#[test]
fn a_dropped_async_gives_up_its_pending_read() {
    let run = run(async {
        let (reader, _writer) = std::io::pipe().unwrap();
        let mut reader = Async::new(reader).unwrap();
        let mut buffer = [0; 8];
        assert!(future::poll_once(reader.read(&mut buffer)).await.is_none());
        drop(reader);
        sleep(ms(60_000)).await;
        now().seconds()
    });
    assert_eq!(run.value, Some(60.0));
}

/// The described wait of a task, at each position at which it waits.
fn waits_of(replay: &Replay, task: TaskId) -> Vec<String> {
    let words = |number| {
        let state = replay.state_at(Position(number));
        let row = state.tasks.get(task)?;
        let pending = row.status() == Status::Pending;
        pending.then(|| {
            insight::wait_words(
                &replay.log().meta,
                replay.tables(),
                &state,
                row,
                insight::Language::Rust,
            )
        })
    };
    (0..=replay.end().0).filter_map(words).collect()
}
