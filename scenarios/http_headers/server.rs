//! What the local server says. Look at the request: its end is an empty line too, and the server waits for that before it
//! answers.

use std::io;

use loopscope::{
    io::{AsyncBufReadExt, BufReader},
    net::TcpStream,
    stream::StreamExt,
};

/// The server's side of a connection: reads the request to its empty line, and answers.
pub(super) async fn answer(mut stream: TcpStream) -> io::Result<()> {
    let mut lines = BufReader::new(stream.clone()).lines();
    while let Some(line) = lines.next().await {
        if line?.is_empty() {
            break;
        }
    }
    let head = "HTTP/1.0 200 OK\r\nServer: loopscope\r\nContent-Type: text/plain\r\nContent-Length: 6\r\n\r\n";
    stream.write_all(head.as_bytes()).await
}
