//! A chat server: sends each message of a client to all other clients.
//!
//! Connections share no state. Each has two tasks: one reads lines and sends them to the broker, the
//! only task that knows all clients; the other writes what the broker puts into the client's queue.
//! The broker never waits for a client. If a client does not read, its queue fills up, and its
//! connection is closed. `cargo run --example chat_server [ADDRESS]`, then `chat_client` in two
//! terminals.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program prints"
)]

use std::{
    collections::BTreeMap,
    net::{Shutdown, SocketAddr},
    sync::Arc,
    time::Duration,
};

use loopscope as smol; // the one line

use smol::{
    channel::{self, Receiver, Sender},
    io::{self, BufReader},
    net::{TcpListener, TcpStream},
    prelude::*,
};

/// How many lines wait for a client before its connection is closed.
const QUEUE: usize = 256;

/// A longer line is passed on in pieces of this many bytes, so that a client that sends no line
/// break uses little memory.
const LONGEST: u64 = 1 << 13;

/// A message for the broker.
enum News {
    Joined(SocketAddr, Client),
    Said(SocketAddr, String),
    Left(SocketAddr),
}

/// A client as the broker knows it.
struct Client {
    stream: TcpStream,
    lines: Sender<Arc<str>>,
}

/// Passes messages on, until every sender is dropped.
async fn broker(news: Receiver<News>) {
    let mut clients = BTreeMap::new();
    while let Ok(item) = news.recv().await {
        let (from, line) = match item {
            News::Joined(address, client) => {
                clients.insert(address, client);
                (address, format!("{address} came in\n"))
            }
            News::Said(address, text) => (address, format!("{address}: {text}\n")),
            News::Left(address) => {
                clients.remove(&address);
                (address, format!("{address} has left\n"))
            }
        };
        print!("{line}");
        let line: Arc<str> = line.into();
        let others = clients.iter().filter(|(address, _)| **address != from);
        for (address, client) in others {
            if client
                .lines
                .try_send(Arc::clone(&line))
                .is_err_and(|error| error.is_full())
            {
                // Both tasks of the client end, and the one that reads reports that it has left.
                println!("{address} does not read: its connection is closed");
                client.lines.close();
                client.stream.shutdown(Shutdown::Both).ok();
            }
        }
    }
}

/// Reads the messages of one client.
async fn read_lines(address: SocketAddr, stream: TcpStream, tell: Sender<News>) {
    let mut reader = BufReader::new(stream);
    let mut line = Vec::new();
    while let Ok(1..) = (&mut reader)
        .take(LONGEST)
        .read_until(b'\n', &mut line)
        .await
    {
        let text = String::from_utf8_lossy(&line).trim_end().to_owned();
        line.clear();
        tell.send(News::Said(address, text)).await.ok();
    }
    tell.send(News::Left(address)).await.ok();
}

/// Writes to one client what the others say, until the broker closes its queue.
async fn write_lines(mut stream: TcpStream, lines: Receiver<Arc<str>>) {
    while let Ok(line) = lines.recv().await {
        if stream.write_all(line.as_bytes()).await.is_err() {
            return; // The task that reads reports it.
        }
    }
}

/// Accepts clients, for ever.
pub(crate) async fn serve(listener: TcpListener) -> io::Result<()> {
    // Back-pressure: a client waits while its messages cannot be passed on.
    let (tell, news) = channel::bounded(100);
    smol::spawn(broker(news)).detach();
    loop {
        let (stream, address) = match listener.accept().await {
            Ok(client) => client,
            // Such as too many open files: the next client waits until a connection is closed.
            Err(error) => {
                eprintln!("cannot accept: {error}");
                smol::Timer::after(Duration::from_secs(1)).await;
                continue;
            }
        };
        let (lines, queue) = channel::bounded(QUEUE);
        smol::spawn(write_lines(stream.clone(), queue)).detach();
        let client = Client {
            stream: stream.clone(),
            lines,
        };
        tell.send(News::Joined(address, client)).await.ok();
        smol::spawn(read_lines(address, stream, tell.clone())).detach();
    }
}

#[allow(dead_code, reason = "a test takes the server without it")]
fn main() -> io::Result<()> {
    let address = std::env::args().nth(1).unwrap_or("127.0.0.1:6000".into());
    smol::block_on(async {
        let listener = TcpListener::bind(address).await?;
        println!("listening on {}", listener.local_addr()?);
        serve(listener).await
    })
}
