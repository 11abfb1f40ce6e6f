//! The finder over lines of text: a prompt, a query, the characters found.

use std::io;

use loopscope::{
    io::{AsyncBufReadExt, AsyncReadExt, BufReader},
    net::TcpStream,
    scenario::Args,
};

use super::{client::ask_in_lines, find, run};

/// The longest query, in bytes.
const MOST_BYTES: u64 = 1024;

/// The server's side of a connection.
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
            let found = find(query).await;
            stream.write_all(as_lines(&found).as_bytes()).await?;
        }
    }
}

fn as_lines(found: &[(char, String)]) -> String {
    let mut lines: Vec<_> = found
        .iter()
        .map(|(c, name)| format!("U+{:04X}\t{c}\t{name}\n", u32::from(*c)))
        .collect();
    lines.push(format!("{}\n{} found\n", "─".repeat(66), found.len()));
    lines.concat()
}

pub(super) async fn prompt(args: Args) -> io::Result<()> {
    run(args, prompt_client, ask_in_lines).await
}
