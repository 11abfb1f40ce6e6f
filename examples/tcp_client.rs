//! A TCP client: sends lines from the terminal, and prints the answers of the server.
//!
//! `cargo run --example tcp_client [ADDRESS]` while `tcp_server` runs. Ctrl-D ends it.

#![expect(clippy::print_stderr, reason = "a program prints")]

use std::net::Shutdown;

use loopscope as smol; // the one line

use smol::{Unblock, future, io, net::TcpStream};

fn main() -> io::Result<()> {
    let address = std::env::args().nth(1).unwrap_or("127.0.0.1:7000".into());
    smol::block_on(async {
        let stream = TcpStream::connect(address).await?;
        eprintln!("connected to {}", stream.peer_addr()?);

        // Reading from and writing to a terminal block, so threads do it, and the loop waits for
        // them.
        let mut stdin = Unblock::new(std::io::stdin());
        let mut stdout = Unblock::new(std::io::stdout());

        let to_server = async {
            io::copy(&mut stdin, stream.clone()).await?;
            stream.shutdown(Shutdown::Write)
        };
        let from_server = io::copy(stream.clone(), &mut stdout);
        future::try_zip(to_server, from_server).await?;
        Ok(())
    })
}
