//! Sends each of its arguments over a WebSocket and prints the answers.
//!
//! `cargo run --example websocket_client ws://127.0.0.1:9000 hello world` while `websocket_server`
//! runs.

#![expect(clippy::print_stdout, reason = "a program prints")]

use async_tungstenite::{
    client_async,
    tungstenite::{Message, http::Uri},
};
use loopscope as smol; // the one line

use smol::{net::TcpStream, prelude::*};

type Error = Box<dyn std::error::Error + Send + Sync>;

async fn converse(url: &Uri, words: impl Iterator<Item = String>) -> Result<(), Error> {
    let host = url.host().ok_or("the URL names no host")?;
    let stream = TcpStream::connect((host, url.port_u16().unwrap_or(80))).await?;
    let (mut socket, _) = client_async(url, stream).await?;
    for word in words {
        socket.send(word.into()).await?;
        if let Some(Message::Text(answer)) = socket.next().await.transpose()? {
            println!("{answer}");
        }
    }
    socket.close(None).await?;
    // The server confirms the close.
    while socket.next().await.transpose()?.is_some() {}
    Ok(())
}

fn main() -> Result<(), Error> {
    let mut arguments = std::env::args().skip(1);
    let url = arguments.next().unwrap_or("ws://127.0.0.1:9000".into());
    let mut words: Vec<_> = arguments.collect();
    if words.is_empty() {
        words = vec!["hello".into(), "world".into()];
    }
    smol::block_on(converse(&url.parse()?, words.into_iter()))
}
