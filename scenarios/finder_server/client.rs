//! The built-in clients, one for each variant.

use std::{io, net::SocketAddr};

use loopscope::{
    io::{AsyncBufReadExt, AsyncReadExt, BufReader},
    net::TcpStream,
    println,
};

const QUERIES: [&str; 2] = ["registered", "snowman"];

pub(super) async fn ask_in_lines(address: SocketAddr) -> io::Result<()> {
    let mut stream = TcpStream::connect(address).await?;
    let mut lines = BufReader::new(stream.clone());
    for query in QUERIES {
        stream.write_all(format!("{query}\n").as_bytes()).await?;
        let mut line = String::new();
        while !line.ends_with("found\n") {
            line.clear();
            lines.read_line(&mut line).await?;
            println!("{}", line.trim_end().replace('\t', "  "));
        }
    }
    Ok(())
}

pub(super) async fn ask_over_http(address: SocketAddr) -> io::Result<()> {
    for query in QUERIES {
        let mut stream = TcpStream::connect(address).await?;
        let request = format!(
            "GET /search?q={query} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).await?;
        let mut response = String::new();
        stream.read_to_string(&mut response).await?;
        println!("GET /search?q={query}");
        println!("{}", response.lines().last().unwrap_or_default());
    }
    Ok(())
}
