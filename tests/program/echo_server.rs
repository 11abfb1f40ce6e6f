//! The echo server, with clients of the test.

use std::{
    io::{ErrorKind, Read, Write},
    net::TcpStream,
    process::{Command, Stdio},
    thread,
};

use rustix::process::Signal;

use super::process::Server;

const VARIANTS: [&str; 3] = ["sequential", "concurrent", "protocol"];

/// Sends a text and reads as many bytes back.
fn echo(client: &mut TcpStream, text: &[u8]) -> Vec<u8> {
    client.write_all(text).unwrap();
    let mut answer = vec![0; text.len()];
    client.read_exact(&mut answer).unwrap();
    answer
}

#[test]
fn every_variant_echoes() {
    for variant in VARIANTS {
        let server = Server::start(variant);
        for number in 0..3 {
            let mut client = server.connect();
            for line in ["hello\n", "\u{1b}[31m no line end", "\0"] {
                let text = format!("{number} {line}");
                assert_eq!(
                    echo(&mut client, text.as_bytes()),
                    text.as_bytes(),
                    "{variant}"
                );
            }
        }
    }
}

#[test]
fn only_the_sequential_server_serves_one_client_at_a_time() {
    for variant in VARIANTS {
        let server = Server::start(variant);
        let (mut first, mut second) = (server.connect(), server.connect());
        assert_eq!(echo(&mut first, b"one\n"), b"one\n");
        if variant == "sequential" {
            second.write_all(b"two\n").unwrap();
            assert_eq!(echo(&mut first, b"three\n"), b"three\n");
            // The server has had time to serve the second client, and must not have done it.
            second.set_nonblocking(true).unwrap();
            let early = second.read(&mut [0; 8]).unwrap_err();
            assert_eq!(early.kind(), ErrorKind::WouldBlock);
            second.set_nonblocking(false).unwrap();
            drop(first);
            let mut answer = [0; 4];
            second.read_exact(&mut answer).unwrap();
            assert_eq!(&answer, b"two\n");
        } else {
            assert_eq!(echo(&mut second, b"two\n"), b"two\n", "{variant}");
            assert_eq!(echo(&mut first, b"three\n"), b"three\n", "{variant}");
        }
    }
}

/// The text of client `number`: different for each, and longer than one read of the server.
fn pattern(number: usize) -> Vec<u8> {
    let bytes = (0..5000 + number).map(|at| (at * 31 + number * 7).to_le_bytes()[0]);
    bytes.collect()
}

/// A thousand clients, or as many as the limit of open files allows.
#[expect(clippy::print_stderr, reason = "a test says what it leaves out")]
fn clients_at_once() -> usize {
    let files = rustix::process::getrlimit(rustix::process::Resource::Nofile).current;
    if files.is_some_and(|files| files < 4096) {
        eprintln!("only 200 clients at once: {files:?} files may be open here");
        return 200;
    }
    1000
}

#[test]
fn a_thousand_clients_are_echoed_completely() {
    let clients_at_once = clients_at_once();
    for variant in ["concurrent", "protocol"] {
        let server = Server::start(variant);
        let mut clients: Vec<TcpStream> = (0..clients_at_once).map(|_| server.connect()).collect();
        // All connections are open before the first one sends anything.
        for (number, client) in clients.iter_mut().enumerate() {
            client.write_all(&pattern(number)).unwrap();
        }
        for (number, client) in clients.iter_mut().enumerate() {
            let mut answer = vec![0; pattern(number).len()];
            client.read_exact(&mut answer).unwrap();
            assert!(answer == pattern(number), "{variant}: client {number}");
        }
    }
}

#[test]
fn a_megabyte_is_echoed_completely() {
    for variant in VARIANTS {
        let server = Server::start(variant);
        let mut client = server.connect();
        let sent: Vec<u8> = (0..200).flat_map(pattern).collect();
        let mut writer = client.try_clone().unwrap();
        let answer = thread::scope(|scope| {
            scope.spawn(|| writer.write_all(&sent).unwrap());
            let mut answer = vec![0; sent.len()];
            client.read_exact(&mut answer).unwrap();
            answer
        });
        assert!(answer == sent, "{variant}");
    }
}

#[test]
fn a_signal_closes_the_connections_in_order() {
    for variant in VARIANTS {
        let mut server = Server::start(variant);
        let mut client = server.connect();
        assert_eq!(echo(&mut client, b"hello\n"), b"hello\n");
        server.signal(Signal::TERM);
        // The end of the stream, not a reset.
        assert_eq!(client.read(&mut [0; 8]).unwrap(), 0, "{variant}");
        assert_eq!(server.code(), 143);
        assert!(TcpStream::connect(server.address).is_err(), "{variant}");
    }
}

#[test]
fn a_disconnecting_client_disturbs_no_other() {
    for variant in VARIANTS {
        let server = Server::start(variant);
        for _ in 0..20 {
            // Closing with unread bytes resets the connection.
            let mut rude = server.connect();
            rude.write_all(&pattern(0)).unwrap();
        }
        let mut client = server.connect();
        assert_eq!(
            echo(&mut client, b"still there?\n"),
            b"still there?\n",
            "{variant}"
        );
    }
}

#[test]
fn netcat_is_served() {
    let server = Server::start("concurrent");
    let mut netcat = Command::new("nc");
    netcat.args(["127.0.0.1", &server.address.port().to_string()]);
    let client = netcat.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
    let Ok(mut client) = client else {
        println!("skipped: there is no nc here");
        return;
    };
    client
        .stdin
        .as_mut()
        .unwrap()
        .write_all(b"hello from outside\n")
        .unwrap();
    let mut answer = [0; 19];
    client
        .stdout
        .as_mut()
        .unwrap()
        .read_exact(&mut answer)
        .unwrap();
    assert_eq!(&answer, b"hello from outside\n");
    client.kill().unwrap();
    client.wait().unwrap();
    // The log shows it, too.
    server.said("19 bytes");
}
