//! The finder over HTTP: a form, and the characters found as JSON. hyper runs the connection; the
//! loop sees only its socket.

use std::{borrow::Cow, convert::Infallible, io};

use hyper::{
    Method, Request, Response, StatusCode, body::Incoming, header, server::conn::http1,
    service::service_fn,
};
use loopscope::{net::TcpStream, scenario::Args};
use serde_json::json;
use smol_hyper::rt::FuturesIo;

use super::{client::ask_over_http, find, run};

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
            let found = find(query.into_owned()).await;
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

/// The server's side of a connection.
async fn http_client(stream: TcpStream) -> io::Result<()> {
    let connection =
        http1::Builder::new().serve_connection(FuturesIo::new(stream), service_fn(respond));
    connection.await.map_err(io::Error::other)
}

pub(super) async fn http(args: Args) -> io::Result<()> {
    run(args, http_client, ask_over_http).await
}
