//! Cuts a number out of a stream of bytes: everything up to the next space, however the bytes
//! arrive.

use std::io;

use loopscope::{
    io::{AsyncBufReadExt, BufReader},
    net::TcpStream,
    println,
};

/// The next integer, or `None` at the end of the stream.
pub(super) async fn next_integer(stream: &mut BufReader<TcpStream>) -> io::Result<Option<i64>> {
    loop {
        let mut word = Vec::new();
        stream.read_until(b' ', &mut word).await?;
        if word.pop() != Some(b' ') {
            return Ok(None);
        }
        let word = String::from_utf8_lossy(&word);
        match word.parse() {
            Ok(integer) => return Ok(Some(integer)),
            Err(_) => println!("server: '{word}' is no integer"),
        }
    }
}
