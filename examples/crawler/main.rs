//! A crawler: fetches a page, then the pages that it links to, several at once, each page once.
//!
//! `cargo run --example crawler [URL]`. Without a URL it serves a small site on this machine and
//! crawls that. Look at the semaphore: it lets four of the nine pages be fetched at a time.

#![expect(clippy::print_stdout, reason = "a program prints")]

mod site;

use std::{collections::BTreeSet, sync::Arc};

use loopscope as smol; // the one line

use smol::{
    channel::{self, Sender},
    io,
    lock::Semaphore,
    net::{TcpListener, TcpStream},
    prelude::*,
};

/// How many pages are fetched at a time.
const AT_ONCE: usize = 4;

/// A requested page, and its result.
struct Fetched {
    path: String,
    page: io::Result<String>,
}

/// The text of one page.
async fn fetch(host: &str, path: &str) -> io::Result<String> {
    let mut stream = TcpStream::connect(host).await?;
    let request = format!("GET {path} HTTP/1.0\r\nHost: {host}\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    let (head, text) = answer
        .split_once("\r\n\r\n")
        .ok_or(io::Error::other("this is no HTTP"))?;
    match head.split(' ').nth(1) {
        Some("200") => Ok(text.to_owned()),
        status => Err(io::Error::other(format!(
            "status {}",
            status.unwrap_or("?")
        ))),
    }
}

/// The pages of the same site that a page links to.
fn links(text: &str) -> impl Iterator<Item = &str> {
    text.split("href=\"")
        .skip(1)
        .filter_map(|rest| rest.split_once('"'))
        .map(|(link, _)| link)
        .filter(|link| link.starts_with('/'))
}

/// Fetches one page when a permit is free.
async fn visit(host: String, path: String, room: Arc<Semaphore>, tell: Sender<Fetched>) {
    let permit = room.acquire().await;
    let page = fetch(&host, &path).await;
    drop(permit);
    tell.send(Fetched { path, page }).await.ok();
}

/// Crawls a site from one page on, and returns how many pages there are.
async fn crawl(host: &str, start: &str) -> usize {
    let room = Arc::new(Semaphore::new(AT_ONCE));
    let (tell, fetched) = channel::unbounded();
    let begin = |path: &str| {
        let visit = visit(host.into(), path.into(), room.clone(), tell.clone());
        smol::spawn(visit).detach();
    };

    let mut seen = BTreeSet::from([start.to_owned()]);
    let mut under_way = 1;
    begin(start);
    while under_way > 0 {
        let Ok(Fetched { path, page }) = fetched.recv().await else {
            break;
        };
        under_way -= 1;
        match page {
            Err(error) => println!("{path}: {error}"),
            Ok(text) => {
                println!(
                    "{path}: {} bytes, {} links",
                    text.len(),
                    links(&text).count()
                );
                for link in links(&text) {
                    if seen.insert(link.to_owned()) {
                        under_way += 1;
                        begin(link);
                    }
                }
            }
        }
    }
    seen.len()
}

/// The start page: that of the URL, or of the built-in site.
async fn start(url: Option<String>) -> io::Result<(String, String)> {
    let Some(url) = url else {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let host = listener.local_addr()?.to_string();
        smol::spawn(site::serve(listener)).detach();
        return Ok((host, "/".into()));
    };
    let rest = url.strip_prefix("http://").unwrap_or(&url);
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let port = if host.contains(':') { "" } else { ":80" };
    Ok((format!("{host}{port}"), format!("/{path}")))
}

fn main() -> io::Result<()> {
    smol::block_on(async {
        let (host, path) = start(std::env::args().nth(1)).await?;
        println!("{} pages at {host}", crawl(&host, &path).await);
        Ok(())
    })
}
