//! A chat: what one client says, all the others read.
//!
//! Connections share nothing. Each is a task that reads lines and sends them to one more task, the room, which alone
//! knows who is there. `cargo run --example chat_server [ADDRESS]`, then `chat_client` in two terminals.

#![expect(clippy::print_stdout, reason = "a program prints")]

use std::{collections::BTreeMap, net::SocketAddr};

use loopscope as smol; // the one line

use smol::{
    channel::{self, Receiver, Sender},
    io::{self, BufReader},
    net::{TcpListener, TcpStream},
    prelude::*,
};

/// What the room is told.
enum News {
    Came(SocketAddr, TcpStream),
    Said(SocketAddr, String),
    Went(SocketAddr),
}

/// Passes on the news, until nobody is left who could send any.
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
            // Who cannot be written to is gone; its own task will say so.
            stream.write_all(line.as_bytes()).await.ok();
        }
    }
}

/// Reads what one client says.
async fn listen(who: SocketAddr, stream: TcpStream, room: Sender<News>) {
    let mut lines = BufReader::new(stream.clone()).lines();
    room.send(News::Came(who, stream)).await.ok();
    while let Some(Ok(text)) = lines.next().await {
        room.send(News::Said(who, text)).await.ok();
    }
    room.send(News::Went(who)).await.ok();
}

/// Lets in whoever knocks, for ever.
pub(crate) async fn serve(listener: TcpListener) -> io::Result<()> {
    // A client that talks faster than the others can be told has to wait.
    let (tell, news) = channel::bounded(100);
    smol::spawn(room(news)).detach();
    loop {
        let (stream, who) = listener.accept().await?;
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
