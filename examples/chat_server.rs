//! A chat server: sends each message of a client to all other clients.
//!
//! Connections share no state. Each is a task that reads lines and sends them to one more task, the
//! broker, which alone knows the clients. `cargo run --example chat_server [ADDRESS]`, then
//! `chat_client` in two terminals.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program prints"
)]

use std::{collections::BTreeMap, net::SocketAddr, time::Duration};

use loopscope as smol; // the one line

use smol::{
    channel::{self, Receiver, Sender},
    io::{self, BufReader},
    net::{TcpListener, TcpStream},
    prelude::*,
};

/// A message for the broker.
enum News {
    Came(SocketAddr, TcpStream),
    Said(SocketAddr, String),
    Went(SocketAddr),
}

/// Passes messages on, until every sender is dropped.
async fn room(news: Receiver<News>) {
    let mut there = BTreeMap::new();
    while let Ok(item) = news.recv().await {
        let (from, line) = match item {
            News::Came(who, stream) => {
                there.insert(who, stream);
                (who, format!("{who} came in\n"))
            }
            News::Said(who, text) => (who, format!("{who}: {text}\n")),
            News::Went(who) => {
                there.remove(&who);
                (who, format!("{who} has left\n"))
            }
        };
        print!("{line}");
        for (_, stream) in there.iter_mut().filter(|(who, _)| **who != from) {
            // A client that cannot be written to is gone; its own task reports it.
            stream.write_all(line.as_bytes()).await.ok();
        }
    }
}

/// Reads the messages of one client.
async fn listen(who: SocketAddr, stream: TcpStream, room: Sender<News>) {
    let mut lines = BufReader::new(stream.clone()).lines();
    room.send(News::Came(who, stream)).await.ok();
    while let Some(Ok(text)) = lines.next().await {
        room.send(News::Said(who, text)).await.ok();
    }
    room.send(News::Went(who)).await.ok();
}

/// Accepts clients, for ever.
pub(crate) async fn serve(listener: TcpListener) -> io::Result<()> {
    // Back-pressure: a client waits while its messages cannot be passed on.
    let (tell, news) = channel::bounded(100);
    smol::spawn(room(news)).detach();
    loop {
        let (stream, who) = match listener.accept().await {
            Ok(client) => client,
            // Such as too many open files: the next client waits until a connection is closed.
            Err(error) => {
                eprintln!("cannot accept: {error}");
                smol::Timer::after(Duration::from_secs(1)).await;
                continue;
            }
        };
        smol::spawn(listen(who, stream, tell.clone())).detach();
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
