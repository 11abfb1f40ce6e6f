//! An echo server: each connection is a task that sends back every byte.
//!
//! `cargo run --example tcp_server [ADDRESS]`, then `nc 127.0.0.1 7000` in other terminals.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program prints"
)]

use std::time::Duration;

use loopscope as smol; // the one line

use smol::{
    io,
    net::{TcpListener, TcpStream},
};

/// Sends back every byte, until the client closes its side.
async fn echo(stream: TcpStream) -> io::Result<u64> {
    io::copy(stream.clone(), stream).await
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
            match echo(stream).await {
                Ok(bytes) => println!("{peer}: {bytes} bytes"),
                Err(error) => eprintln!("{peer}: {error}"),
            }
        })
        .detach();
    }
}

#[allow(dead_code, reason = "a test takes the server without it")]
fn main() -> io::Result<()> {
    let address = std::env::args().nth(1).unwrap_or("127.0.0.1:7000".into());
    smol::block_on(async {
        let listener = TcpListener::bind(address).await?;
        println!("listening on {}", listener.local_addr()?);
        serve(listener).await
    })
}
