//! A site to crawl: an index, eight pages that link to their neighbours, and one broken link.

use std::time::Duration;

use loopscope as smol; // the one line

use smol::{
    Timer,
    io::{self, BufReader},
    net::{TcpListener, TcpStream},
    prelude::*,
};

const ROOMS: usize = 8;

/// The text of a page, if the page exists.
fn page(path: &str) -> Option<String> {
    if path == "/" {
        let rooms = (1..=ROOMS).map(|room| format!("<a href=\"/room/{room}\">room {room}</a>\n"));
        return Some(rooms.collect());
    }
    let room: usize = path.strip_prefix("/room/")?.parse().ok()?;
    let next = room + 1;
    let known = (1..=ROOMS).contains(&room);
    known.then(|| format!("Room {room}. <a href=\"/\">out</a> <a href=\"/room/{next}\">on</a>\n"))
}

async fn answer(mut stream: TcpStream) -> io::Result<()> {
    let mut request = String::new();
    BufReader::new(&mut stream).read_line(&mut request).await?;
    let path = request.split(' ').nth(1).unwrap_or_default();
    // As slow as real pages are, so that the requests overlap.
    Timer::after(Duration::from_millis(50)).await;
    let answer = match page(path) {
        Some(text) => format!("HTTP/1.0 200 OK\r\n\r\n{text}"),
        None => "HTTP/1.0 404 Not Found\r\n\r\n".to_owned(),
    };
    stream.write_all(answer.as_bytes()).await
}

/// Serves the site, for ever.
pub(crate) async fn serve(listener: TcpListener) -> io::Result<()> {
    loop {
        let (stream, _) = listener.accept().await?;
        smol::spawn(async move {
            // A client that disconnected needs no answer.
            answer(stream).await.ok();
        })
        .detach();
    }
}
