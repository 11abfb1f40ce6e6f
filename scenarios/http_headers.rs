// HTTP is lines of text: send HEAD, then read lines until an empty one. Look at the connection: one
// write, a few reads. The local variant has a server in the same loop; the url variant asks another
// server: `--set url=http://host/path`.

mod server;

use std::{io, time::Duration};

use super::world::url::parts;
use loopscope::{
    io::{AsyncBufReadExt, BufReader},
    net::{TcpListener, TcpStream},
    println, spawn, timeout,
};

/// The longest wait for a server.
const PATIENCE: Duration = Duration::from_secs(10);

async fn print_headers(url: &str) -> io::Result<()> {
    let asked = timeout(PATIENCE, ask(url)).await;
    let silent = || io::Error::other(format!("{url}: no answer in {} s", PATIENCE.as_secs()));
    asked.unwrap_or_else(|_| Err(silent()))
}

async fn ask(url: &str) -> io::Result<()> {
    let (address, host, path) = parts(url)?;
    let refused = |error| io::Error::other(format!("cannot connect to {address}: {error}"));
    let mut stream = TcpStream::connect(&address).await.map_err(refused)?;
    let request = format!("HEAD {path} HTTP/1.0\r\nHost: {host}\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut reader = BufReader::new(stream);
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).await?;
        match line.trim_end() {
            "" => return Ok(()),
            header => println!("HTTP header> {header}"),
        }
    }
}

async fn serve(listener: TcpListener) -> io::Result<()> {
    loop {
        let (stream, _) = listener.accept().await?;
        if let Err(error) = server::answer(stream).await {
            println!("server: {error}");
        }
    }
}

async fn local() -> io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}/", listener.local_addr()?);
    let _server = spawn(serve(listener)).named("server");
    print_headers(&url).await
}

async fn url(url: String) -> io::Result<()> {
    if url.is_empty() {
        return local().await;
    }
    print_headers(&url).await
}

loopscope::scenario! {
    name: "http_headers",
    title: "The headers of a page, over a raw stream",
    parts: ["server.rs"],
    twin: true,
    pairs: true,
    variants: [
        local() sockets "from a server in the same loop",
        url(url: text) sockets "from a server of your choice",
    ],
    params: [
        Param::text("url", "", "the page to ask for; empty: the server in the same loop"),
    ],
}
