//! An HTTP server of hyper under load: requests per second while everything is recorded.

#![expect(
    clippy::disallowed_methods,
    reason = "the load comes from other threads"
)]

use std::{
    convert::Infallible,
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    thread,
    time::Duration,
};

use http_body_util::Full;
use hyper::{Response, body::Bytes, server::conn::http1, service::service_fn};
use loopscope::Builder;
use smol::{
    LocalExecutor,
    io::{AsyncRead, AsyncWrite},
};
use smol_hyper::rt::FuturesIo;

use crate::measure::{figure, in_turn, is_asked, now};

/// Threads of the load generator, connections of each, and requests on each connection.
const THREADS: usize = 2;
const CONNECTIONS: usize = 16;
const REQUESTS: usize = 1500;
const PAIRS: usize = 9;

/// How many bytes of the recording are kept: the newest ones.
const MOST: usize = 64 << 20;

const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nHost: here\r\n\r\n";
const GREETING: &str = "Hello World!";

/// Measures the requests per second on loopscope's loop, which records them, and on smol's executor,
/// in wall time.
pub(crate) fn hyper_under_load() {
    if !is_asked("own.hyper.vs_smol") {
        return;
    }
    let pair = in_turn(PAIRS, on_ours, on_smol);
    let per_second =
        |took: Duration| (THREADS * CONNECTIONS * REQUESTS) as f64 / took.as_secs_f64();
    figure("own.hyper.ours", per_second(pair.ours), "requests/s");
    figure("own.hyper.smol", per_second(pair.peer), "requests/s");
    figure("own.hyper.vs_smol", 1.0 / pair.ratio, "ratio");
}

/// Answers every request on one connection.
async fn answer(stream: impl AsyncRead + AsyncWrite + Unpin) {
    let hello = |_| async { Ok::<_, Infallible>(Response::new(Full::<Bytes>::from(GREETING))) };
    http1::Builder::new()
        .serve_connection(FuturesIo::new(stream), service_fn(hello))
        .await
        .unwrap();
}

fn on_ours() -> Duration {
    let run = Builder::new().record(true).max_memory(MOST).run(async {
        let listener = loopscope::net::TcpListener::bind("127.0.0.1:0")
            .await
            .unwrap();
        let address = listener.local_addr().unwrap();
        let load = thread::spawn(move || load(address));
        let mut connections = Vec::new();
        for _ in 0..THREADS * CONNECTIONS {
            let (stream, _) = listener.accept().await.unwrap();
            connections.push(loopscope::spawn(answer(stream)));
        }
        for connection in connections {
            connection.await;
        }
        load.join().unwrap()
    });
    run.value.unwrap()
}

fn on_smol() -> Duration {
    let executor = LocalExecutor::new();
    smol::block_on(executor.run(async {
        let listener = smol::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let load = thread::spawn(move || load(address));
        let mut connections = Vec::new();
        for _ in 0..THREADS * CONNECTIONS {
            let (stream, _) = listener.accept().await.unwrap();
            connections.push(executor.spawn(answer(stream)));
        }
        for connection in connections {
            connection.await;
        }
        load.join().unwrap()
    }))
}

/// Sends all requests, and returns the time that they took.
fn load(address: SocketAddr) -> Duration {
    let begun = now();
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(move || ask(address));
        }
    });
    begun.elapsed()
}

/// Sends a request on every connection, then reads all answers, [`REQUESTS`] times.
fn ask(address: SocketAddr) {
    let connect = |_| {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_nodelay(true).unwrap();
        stream
    };
    let mut connections: Vec<TcpStream> = (0..CONNECTIONS).map(connect).collect();
    let mut answer = [0; 1024];
    for _ in 0..REQUESTS {
        for connection in &mut connections {
            connection.write_all(REQUEST).unwrap();
        }
        for connection in &mut connections {
            let mut length = 0;
            while !answer[..length].ends_with(GREETING.as_bytes()) {
                let read = connection.read(&mut answer[length..]).unwrap();
                assert!(read > 0, "the server has closed");
                length += read;
            }
        }
    }
}
