//! One who takes part in the chat: lines from the terminal go to the room, lines from the room are printed.
//!
//! `cargo run --example chat_client [ADDRESS]` while `chat_server` runs. Ctrl-D leaves.

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

/// Prints what the others say.
async fn read(stream: TcpStream) -> io::Result<()> {
    let mut lines = BufReader::new(stream).lines();
    while let Some(line) = lines.next().await {
        println!("{}", line?);
    }
    eprintln!("the room is closed");
    Ok(())
}

/// Sends what is typed.
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
        eprintln!("in the room as {}", stream.local_addr()?);
        // Whichever side ends first ends the program.
        future::race(read(stream.clone()), write(stream)).await
    })
}
