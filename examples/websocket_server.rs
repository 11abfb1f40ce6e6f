//! A WebSocket server that returns every message in capitals.
//!
//! `cargo run --example websocket_server [ADDRESS]`, then `websocket_client` in another terminal,
//! or a browser's console: `let s = new WebSocket("ws://127.0.0.1:9000"); s.onmessage = m =>
//! console.log(m.data); s.onopen = () => s.send("hello")`.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program prints"
)]

use std::time::Duration;

use async_tungstenite::{
    accept_async,
    tungstenite::{Error, Message},
};
use loopscope as smol; // the one line

use smol::{
    io,
    net::{TcpListener, TcpStream},
    prelude::*,
};

/// Answers one client until it closes the connection.
async fn converse(stream: TcpStream) -> Result<(), Error> {
    let mut socket = accept_async(stream).await?;
    while let Some(message) = socket.next().await.transpose()? {
        if let Message::Text(text) = message {
            socket.send(text.to_uppercase().into()).await?;
        }
    }
    Ok(())
}

/// Accepts connections, for ever.
pub(crate) async fn serve(listener: TcpListener) -> io::Result<()> {
    loop {
        let (stream, peer) = match listener.accept().await {
            Ok(client) => client,
            // Such as too many open files: the next client waits until a connection is closed.
            Err(error) => {
                eprintln!("cannot accept: {error}");
                smol::Timer::after(Duration::from_secs(1)).await;
                continue;
            }
        };
        smol::spawn(async move {
            match converse(stream).await {
                Ok(()) | Err(Error::ConnectionClosed) => println!("{peer} has closed"),
                Err(error) => eprintln!("{peer}: {error}"),
            }
        })
        .detach();
    }
}

#[allow(dead_code, reason = "a test takes the server without it")]
fn main() -> io::Result<()> {
    let address = std::env::args().nth(1).unwrap_or("127.0.0.1:9000".into());
    smol::block_on(async {
        let listener = TcpListener::bind(address).await?;
        println!("listening on ws://{}", listener.local_addr()?);
        serve(listener).await
    })
}
