//! The runs whose size grows.

use std::time::Duration;

use loopscope::{
    channel,
    future::yield_now,
    net::{TcpListener, TcpStream},
    sleep, spawn,
};

/// How often each task of [`yields`] is polled.
pub(crate) const POLLS: u64 = 10;

/// How many messages go through each channel of [`messages`].
pub(crate) const MESSAGES: u64 = 10;

/// Bytes of a message of [`echo`].
const SIZE: usize = 64;

/// Tasks that yield.
pub(crate) async fn yields(size: u64) {
    let task = |_| {
        spawn(async {
            for _ in 1..POLLS {
                yield_now().await;
            }
        })
    };
    let tasks: Vec<_> = (0..size).map(task).collect();
    for task in tasks {
        task.await;
    }
}

/// Tasks that sleep at once, each until a random moment of ten seconds.
pub(crate) async fn sleeps(size: u64) {
    let mut random = fastrand::Rng::with_seed(7);
    let task = |_| spawn(sleep(Duration::from_micros(random.u64(0..10_000_000))));
    let tasks: Vec<_> = (0..size).map(task).collect();
    for task in tasks {
        task.await;
    }
}

/// Pairs of tasks, each with a channel for one message.
pub(crate) async fn messages(size: u64) {
    let pair = |_| {
        let (sender, receiver) = channel::bounded(1);
        let sending = spawn(async move {
            for number in 0..MESSAGES {
                sender.send(number).await.unwrap();
            }
        });
        let receiving = spawn(async move { while receiver.recv().await.is_ok() {} });
        [sending, receiving]
    };
    let tasks: Vec<_> = (0..size).flat_map(pair).collect();
    for task in tasks {
        task.await;
    }
}

/// Connections on loopback, each with a number of messages that come back.
pub(crate) async fn echo(size: u64, trips: u64) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let mut ends = Vec::new();
    for _ in 0..size {
        let mut client = TcpStream::connect(address).await.unwrap();
        let (mut server, _) = listener.accept().await.unwrap();
        ends.push(spawn(async move {
            let mut message = [0; SIZE];
            for _ in 0..trips {
                server.read_exact(&mut message).await.unwrap();
                server.write_all(&message).await.unwrap();
            }
        }));
        ends.push(spawn(async move {
            let mut message = [7; SIZE];
            for _ in 0..trips {
                client.write_all(&message).await.unwrap();
                client.read_exact(&mut message).await.unwrap();
            }
        }));
    }
    for end in ends {
        end.await;
    }
}

/// Makes tasks and returns when all are asleep. Returns the bytes of the future of one of them.
pub(crate) async fn asleep(size: u64) -> u64 {
    let nap = || async { sleep(Duration::from_hours(1)).await };
    let bytes = size_of_val(&nap());
    for _ in 0..size {
        spawn(nap()).detach();
    }
    yield_now().await;
    bytes as u64
}
