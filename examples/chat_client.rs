//! A chat client: sends lines from the terminal to the server, and prints lines from the server.
//!
//! `cargo run --example chat_client [ADDRESS]` while `chat_server` runs. Ctrl-D ends it.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program prints"
)]

use loopscope as smol; // the one line

use smol::{
    Unblock, future,
    io::{self, BufReader},
    net::TcpStream,
    prelude::*,
};

/// Prints the messages of the other clients.
async fn read(stream: TcpStream) -> io::Result<()> {
    let mut lines = BufReader::new(stream).lines();
    while let Some(line) = lines.next().await {
        println!("{}", line?);
    }
    eprintln!("the server has closed the connection");
    Ok(())
}

/// Sends the lines that are typed.
async fn write(mut stream: TcpStream) -> io::Result<()> {
    let mut typed = BufReader::new(Unblock::new(std::io::stdin())).lines();
    while let Some(line) = typed.next().await {
        stream.write_all(format!("{}\n", line?).as_bytes()).await?;
    }
    Ok(())
}

fn main() -> io::Result<()> {
    let address = std::env::args().nth(1).unwrap_or("127.0.0.1:6000".into());
    smol::block_on(async {
        let stream = TcpStream::connect(address).await?;
        eprintln!("connected as {}", stream.local_addr()?);
        // The program ends with the side that ends first.
        future::race(read(stream.clone()), write(stream)).await
    })
}
