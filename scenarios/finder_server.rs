// Finds Unicode characters by words of their names, over the whole of Unicode. Look at a query: looking through
// more than a hundred thousand names is work, not waiting, so a thread of the pool does it, and the loop serves
// other clients meanwhile.
//
// The prompt variant talks lines: `--listen 127.0.0.1:2323`, then `nc localhost 2323`. The http variant talks to
// browsers: `--listen 127.0.0.1:8000`, then http://127.0.0.1:8000/.

use std::{borrow::Cow, convert::Infallible, io, net::SocketAddr};

use hyper::{
    Method, Request, Response, StatusCode, body::Incoming, header, server::conn::http1,
    service::service_fn,
};
use loopscope::{
    io::{AsyncBufReadExt, AsyncReadExt, BufReader},
    net::{TcpListener, TcpStream},
    println,
    scenario::Args,
    spawn, unblock,
};
use serde_json::json;
use smol_hyper::rt::FuturesIo;

const QUERIES: [&str; 2] = ["registered", "snowman"];

/// No query is longer.
const MOST_BYTES: u64 = 1024;

/// All characters whose names have all of these words.
fn find(query: &str) -> Vec<(char, String)> {
    let query = query.to_uppercase();
    let words: Vec<&str> = query.split_whitespace().collect();
    let named = (' '..=char::MAX).filter_map(|c| Some((c, unicode_names2::name(c)?.to_string())));
    named
        .filter(|(_, name)| {
            let has = |word: &&str| name.split([' ', '-']).any(|part| part == *word);
            !words.is_empty() && words.iter().all(has)
        })
        .collect()
}

/// The server's side of a connection that talks lines.
async fn prompt_client(mut stream: TcpStream) -> io::Result<()> {
    let mut lines = BufReader::new(stream.clone());
    loop {
        stream.write_all(b"?> ").await?;
        let mut line = Vec::new();
        (&mut lines)
            .take(MOST_BYTES)
            .read_until(b'\n', &mut line)
            .await?;
        let ended = line.is_empty();
        let query = match String::from_utf8(line) {
            Ok(line) if !ended => line.trim_end().to_owned(),
            _ => return Ok(()),
        };
        if query.contains(char::is_control) {
            return Ok(());
        }
        if !query.is_empty() {
            stream
                .write_all(unblock(move || answer(&query)).await.as_bytes())
                .await?;
        }
    }
}

fn answer(query: &str) -> String {
    let found = find(query);
    let mut lines: Vec<_> = found
        .iter()
        .map(|(c, name)| format!("U+{:04X}\t{c}\t{name}\n", u32::from(*c)))
        .collect();
    lines.push(format!("{}\n{} found\n", "─".repeat(66), found.len()));
    lines.concat()
}

const FORM: &str = r#"<!DOCTYPE html>
<html lang="en">
<title>Character finder</title>
<form action="/search"><input name="q" placeholder="words of the name" autofocus> <button>Find</button></form>
</html>
"#;

async fn respond(request: Request<Incoming>) -> Result<Response<String>, Infallible> {
    let (status, kind, body) = match (request.method(), request.uri().path()) {
        (&Method::GET, "/") => (StatusCode::OK, "text/html; charset=utf-8", FORM.to_owned()),
        (&Method::GET, "/search") => {
            let mut pairs =
                form_urlencoded::parse(request.uri().query().unwrap_or_default().as_bytes());
            let query = pairs
                .find(|(key, _)| key == "q")
                .map_or(Cow::Borrowed(""), |(_, value)| value);
            let query = query.into_owned();
            let found = unblock(move || find(&query)).await;
            (StatusCode::OK, "application/json", as_json(&found))
        }
        _ => (
            StatusCode::NOT_FOUND,
            "text/plain",
            "there is / and /search?q=words\n".into(),
        ),
    };
    let mut response = Response::new(body);
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, header::HeaderValue::from_static(kind));
    Ok(response)
}

fn as_json(found: &[(char, String)]) -> String {
    let found = found
        .iter()
        .map(|(c, name)| json!({ "char": c, "name": name }));
    found.collect::<serde_json::Value>().to_string()
}

/// The server's side of a connection that talks HTTP.
async fn http_client(stream: TcpStream) -> io::Result<()> {
    let connection =
        http1::Builder::new().serve_connection(FuturesIo::new(stream), service_fn(respond));
    connection.await.map_err(io::Error::other)
}

async fn serve<C>(listener: TcpListener, client: fn(TcpStream) -> C) -> io::Result<()>
where
    C: Future<Output = io::Result<()>> + 'static,
{
    loop {
        let (stream, peer) = listener.accept().await?;
        let talk = client(stream);
        spawn(async move {
            if let Err(error) = talk.await {
                println!("{peer}: {error}");
            }
        })
        .named("client")
        .detach();
    }
}

/// Serves the world outside, or one built-in client.
async fn run<C, B>(
    args: Args,
    client: fn(TcpStream) -> C,
    built_in: fn(SocketAddr) -> B,
) -> io::Result<()>
where
    C: Future<Output = io::Result<()>> + 'static,
    B: Future<Output = io::Result<()>>,
{
    let listener = TcpListener::bind(args.listen()).await?;
    let address = listener.local_addr()?;
    let server = spawn(serve(listener, client)).named("server");
    if args.serves_outside() {
        println!("listening on {address}");
        return server.await; // until somebody stops it
    }
    built_in(address).await
}

async fn ask_in_lines(address: SocketAddr) -> io::Result<()> {
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

async fn ask_over_http(address: SocketAddr) -> io::Result<()> {
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

async fn prompt(args: Args) -> io::Result<()> {
    run(args, prompt_client, ask_in_lines).await
}

async fn http(args: Args) -> io::Result<()> {
    run(args, http_client, ask_over_http).await
}

loopscope::scenario! {
    name: "finder_server",
    title: "Unicode characters by words of their names",
    listens: true,
    twin: true,
    variants: [
        prompt(args: args) real "over a line of text",
        http(args: args) real "over HTTP, as JSON",
    ],
    params: [],
}
