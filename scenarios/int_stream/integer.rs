//! How a number is cut out of a stream of bytes. Look at what is read: up to the next space, however many bytes come at
//! a time.

use std::io;

use loopscope::{
    io::{AsyncBufReadExt, BufReader},
    net::TcpStream,
    println,
};

/// The next integer that comes in; none at the end of the stream.
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
