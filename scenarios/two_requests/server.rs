//! The server of the `net` variant.

use std::io;

use loopscope::{
    net::{TcpListener, TcpStream},
    sleep, spawn,
};

use super::THINKING;

/// The server's side of a connection: reads a digit, waits, and sends the answer.
async fn answer(mut stream: TcpStream) -> io::Result<()> {
    let mut digit = [0];
    stream.read_exact(&mut digit).await?;
    let number = char::from(digit[0]);
    sleep(THINKING[usize::from(number == '2')]).await;
    stream
        .write_all(format!("response {number}").as_bytes())
        .await
}

pub(super) async fn serve(listener: TcpListener) -> io::Result<()> {
    loop {
        let (stream, _) = listener.accept().await?;
        spawn(answer(stream)).detach();
    }
}
