//! The servers of `examples/`, each with a thousand connections. `loopscope check` finds nothing wrong
//! with any of these runs.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{Shutdown, SocketAddr, TcpStream},
    time::Duration,
};

use async_tungstenite::tungstenite::{self, Message};
use loopscope::{Builder, Timer, assert_healthy, future, net::TcpListener, unblock};

use super::{books::Books, chat_server, http_server, tcp_server, websocket_server};

#[expect(clippy::print_stderr, reason = "a test says what it leaves out")]
/// A thousand, or as many as the limit of open files allows; both ends are in this process.
fn clients_at_once() -> usize {
    let files = rustix::process::getrlimit(rustix::process::Resource::Nofile).current;
    if files.is_some_and(|files| files < 4096) {
        eprintln!("only 100 clients at once: {files:?} files may be open here");
        return 100;
    }
    1000
}

/// Serves until the clients are done. Returns their result and the counts of the run.
fn serve<T: Send + 'static>(
    server: impl AsyncFnOnce(TcpListener) -> std::io::Result<()>,
    clients: impl FnOnce(SocketAddr) -> T + Send + 'static,
) -> (T, Books) {
    let mut run = Builder::new().record(true).run(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let serving = async {
            server(listener).await.unwrap();
            unreachable!("it serves for ever")
        };
        let loading = async {
            let value = unblock(move || clients(address)).await;
            // What the server still has to do is done: a run that ends at once would lose it.
            Timer::after(Duration::from_millis(200)).await;
            value
        };
        future::or(serving, loading).await
    });
    assert_healthy(&run);
    let value = run.value.take().unwrap();
    (value, Books::of(run))
}

/// The text of client `number`, different for each.
fn pattern(number: usize) -> Vec<u8> {
    (0..2000 + number)
        .map(|at| (at * 31 + number * 7).to_le_bytes()[0])
        .collect()
}

/// Reads to the end of the stream, when the server's task is done with it.
fn rest(client: &mut TcpStream) -> Vec<u8> {
    let mut rest = Vec::new();
    client.read_to_end(&mut rest).unwrap();
    rest
}

#[test]
fn the_echo_server_serves_a_thousand_clients() {
    let clients_at_once = clients_at_once();
    let (sent, books) = serve(tcp_server::serve, move |address| {
        let connect = |_| TcpStream::connect(address).unwrap();
        let mut clients: Vec<TcpStream> = (0..clients_at_once).map(connect).collect();
        for (number, client) in clients.iter_mut().enumerate() {
            client.write_all(&pattern(number)).unwrap();
            client.shutdown(Shutdown::Write).unwrap();
        }
        let mut sent = 0;
        for (number, client) in clients.iter_mut().enumerate() {
            assert!(rest(client) == pattern(number), "client {number}");
            sent += pattern(number).len();
        }
        sent
    });
    let expected = Books {
        spawned: 1 + clients_at_once,
        done: 1 + clients_at_once,
        cancelled: 0,
        accepted: clients_at_once,
        read: sent,
        wrote: sent,
    };
    assert_eq!(books, expected);
}

#[test]
fn hyper_answers_two_requests_on_each_of_a_thousand_connections() {
    let clients_at_once = clients_at_once();
    let ((sent, got), books) = serve(http_server::serve, move |address| {
        let connect = |_| TcpStream::connect(address).unwrap();
        let mut clients: Vec<TcpStream> = (0..clients_at_once).map(connect).collect();
        let (mut sent, mut got) = (0, 0);
        for (number, client) in clients.iter_mut().enumerate() {
            // Both requests at once: HTTP pipelining.
            let first = format!("GET /{number}/a HTTP/1.1\r\nHost: here\r\n\r\n");
            let last =
                format!("GET /{number}/b HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n");
            client
                .write_all((first.clone() + &last).as_bytes())
                .unwrap();
            sent += first.len() + last.len();
        }
        for (number, client) in clients.iter_mut().enumerate() {
            let answers = String::from_utf8(rest(client)).unwrap();
            assert_eq!(
                answers.matches("HTTP/1.1 200 OK\r\n").count(),
                2,
                "{answers}"
            );
            for page in ["a", "b"] {
                let text = format!("\r\n\r\nHello from /{number}/{page}\n");
                assert!(answers.contains(&text), "{answers}");
            }
            got += answers.len();
        }
        (sent, got)
    });
    let expected = Books {
        spawned: 1 + clients_at_once,
        done: 1 + clients_at_once,
        cancelled: 0,
        accepted: clients_at_once,
        read: sent,
        wrote: got,
    };
    assert_eq!(books, expected);
}

#[test]
fn a_thousand_web_sockets_are_answered_and_closed() {
    let clients_at_once = clients_at_once();
    let ((), books) = serve(websocket_server::serve, move |address| {
        let url = format!("ws://{address}");
        let connect = |_| {
            let stream = TcpStream::connect(address).unwrap();
            tungstenite::client(&url, stream).unwrap().0
        };
        let mut clients: Vec<_> = (0..clients_at_once).map(connect).collect();
        for (number, client) in clients.iter_mut().enumerate() {
            client
                .send(Message::text(format!("hello {number}")))
                .unwrap();
        }
        for (number, client) in clients.iter_mut().enumerate() {
            let answer = client.read().unwrap();
            assert_eq!(
                answer.into_text().unwrap().as_str(),
                format!("HELLO {number}")
            );
            client.close(None).unwrap();
            // The end of the stream comes after the server's close.
            while client.read().is_ok() {}
        }
    });
    assert_eq!(books.spawned, 1 + clients_at_once);
    assert_eq!(books.done, 1 + clients_at_once);
    assert_eq!(books.accepted, clients_at_once);
}

/// Reads one line, however it is split.
fn line(client: &mut TcpStream) -> String {
    let mut line = Vec::new();
    let mut byte = [0];
    while !line.ends_with(b"\n") {
        client.read_exact(&mut byte).unwrap();
        line.push(byte[0]);
    }
    String::from_utf8(line).unwrap()
}

#[test]
fn every_chat_client_reads_every_message() {
    const ROOMS: usize = 40;
    const IN_ROOM: usize = 25;
    let ((said, heard), books) = serve(chat_server::serve, |address| {
        let (mut said, mut heard) = (0, 0);
        for room in 0..ROOMS {
            let mut there: Vec<TcpStream> = Vec::new();
            for _ in 0..IN_ROOM {
                let newcomer = TcpStream::connect(address).unwrap();
                let news = format!("{} came in\n", newcomer.local_addr().unwrap());
                for client in &mut there {
                    assert_eq!(line(client), news);
                    heard += news.len();
                }
                there.push(newcomer);
            }
            let speaker = room % IN_ROOM;
            let words = format!("words from room {room}\n");
            there[speaker].write_all(words.as_bytes()).unwrap();
            said += words.len();
            let news = format!("{}: {words}", there[speaker].local_addr().unwrap());
            for (number, client) in there.iter_mut().enumerate() {
                if number != speaker {
                    assert_eq!(line(client), news);
                    heard += news.len();
                }
            }
            // All others get a message when the first client leaves, and so on.
            while let Some(client) = there.pop() {
                let news = format!("{} has left\n", client.local_addr().unwrap());
                client.shutdown(Shutdown::Write).unwrap();
                for client in &mut there {
                    assert_eq!(line(client), news);
                    heard += news.len();
                }
            }
        }
        (said, heard)
    });
    assert_eq!(books.accepted, ROOMS * IN_ROOM);
    assert_eq!(books.read, said);
    assert_eq!(books.wrote, heard);
    // The broker, two tasks for each client, and the main task.
    assert_eq!(books.spawned, 2 + 2 * ROOMS * IN_ROOM);
    assert_eq!(books.done + books.cancelled, books.spawned);
}

#[test]
fn a_chat_client_that_does_not_read_holds_up_no_other() {
    serve(chat_server::serve, |address| {
        let silent = TcpStream::connect(address).unwrap();
        let left = format!("{} has left\n", silent.local_addr().unwrap());
        let mut speaker = TcpStream::connect(address).unwrap();
        let mut reader = BufReader::new(TcpStream::connect(address).unwrap());
        let joined = line(&mut speaker);
        assert!(joined.ends_with("came in\n"), "{joined}");
        let mut hear = || {
            let mut heard = String::new();
            reader.read_line(&mut heard).unwrap();
            heard
        };
        let words = format!("{}\n", "x".repeat(8000));
        // A hundred megabytes are more than the buffers of a connection.
        let is_closed = (0..12_500).any(|_| {
            speaker.write_all(words.as_bytes()).unwrap();
            let heard = hear();
            if heard.ends_with(&words) {
                return false;
            }
            assert_eq!(heard, left);
            assert!(hear().ends_with(&words));
            assert_eq!(line(&mut speaker), left);
            true
        });
        assert!(
            is_closed,
            "the client that does not read is still connected"
        );
    });
}
