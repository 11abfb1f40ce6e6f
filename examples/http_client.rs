//! Gets one page, and prints its status, headers and text.
//!
//! `cargo run --example http_client [URL]` while `http_server` runs. The connection of hyper is a
//! task beside the request.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program prints"
)]

use http_body_util::{BodyExt, Empty};
use hyper::{Request, Uri, body::Bytes, client::conn::http1, header::HOST};
use loopscope as smol; // the one line
use smol_hyper::rt::FuturesIo;

use smol::net::TcpStream;

type Error = Box<dyn std::error::Error + Send + Sync>;

async fn get(url: &Uri) -> Result<(), Error> {
    let host = url.host().ok_or("the URL names no host")?;
    let stream = TcpStream::connect((host, url.port_u16().unwrap_or(80))).await?;
    let (mut send, connection) = http1::handshake(FuturesIo::new(stream)).await?;
    smol::spawn(async {
        if let Err(error) = connection.await {
            eprintln!("the connection broke: {error}");
        }
    })
    .detach();

    let authority = url.authority().ok_or("the URL names no host")?;
    let path = url.path_and_query().map_or("/", |path| path.as_str());
    let request = Request::get(path).header(HOST, authority.as_str());
    let answer = send
        .send_request(request.body(Empty::<Bytes>::new())?)
        .await?;
    println!("{}", answer.status());
    for (name, value) in answer.headers() {
        println!("{name}: {}", String::from_utf8_lossy(value.as_bytes()));
    }
    let text = answer.into_body().collect().await?.to_bytes();
    println!("\n{}", String::from_utf8_lossy(&text));
    Ok(())
}

fn main() -> Result<(), Error> {
    let url = std::env::args()
        .nth(1)
        .unwrap_or("http://127.0.0.1:8000/world".into());
    let url: Uri = url.parse()?;
    smol::block_on(get(&url))
}
