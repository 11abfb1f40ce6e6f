//! The local server. A request ends with an empty line, too: the server waits for it before it
//! answers.

use std::io;

use loopscope::{
    io::{AsyncBufReadExt, BufReader},
    net::TcpStream,
};

/// The server's side of a connection: reads a request and answers.
pub(super) async fn answer(mut stream: TcpStream) -> io::Result<()> {
    let mut reader = BufReader::new(stream.clone());
    let mut line = String::from("request");
    while !line.trim_end().is_empty() {
        line.clear();
        reader.read_line(&mut line).await?;
    }
    let head = "HTTP/1.0 200 OK\r\nServer: loopscope\r\nContent-Type: text/plain\r\nContent-Length: 6\r\n\r\n";
    stream.write_all(head.as_bytes()).await
}
