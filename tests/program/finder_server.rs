//! The Unicode finder, over its prompt and over HTTP, with clients of the test.

use std::io::{Read, Write};

use super::process::Server;

#[test]
fn the_prompt_lists_and_counts_characters() {
    let server = Server::run(&["finder_server:prompt"]);
    let mut client = server.connect();
    client.write_all(b"chess black king\r\n").unwrap();
    let mut said = String::new();
    let mut piece = [0; 512];
    while !said.contains("found") {
        let length = client.read(&mut piece).unwrap();
        assert!(length > 0, "{said:?}");
        said.push_str(&String::from_utf8_lossy(&piece[..length]));
    }
    assert!(said.starts_with("?> "), "{said:?}");
    assert!(
        said.contains("U+265A\t\u{265a}\tBLACK CHESS KING"),
        "{said:?}"
    );
    assert!(said.contains(&"\u{2500}".repeat(66)), "{said:?}");
}

#[test]
fn http_serves_a_form_and_json() {
    let server = Server::run(&["finder_server:http"]);
    let get = |path: &str| {
        let mut client = server.connect();
        let request =
            format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        client.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        client.read_to_string(&mut answer).unwrap();
        answer
    };
    let form = get("/");
    assert!(
        form.starts_with("HTTP/1.1 200") && form.contains("<form"),
        "{form}"
    );
    let found = get("/search?q=registered+sign");
    let sign = "{\"char\":\"\u{ae}\",\"name\":\"REGISTERED SIGN\"}";
    assert!(found.contains(sign), "{found}");
    assert!(get("/nothing").starts_with("HTTP/1.1 404"));
}
