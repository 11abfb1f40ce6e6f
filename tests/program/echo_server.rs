//! The echo server, with clients of the test.

use std::{
    fs,
    io::{ErrorKind, Read, Write},
    net::TcpStream,
    process::{Command, Stdio},
    thread,
    time::Duration,
};

use loopscope::trace::file;
use rustix::process::Signal;

use super::process::{Server, finish, scratch, until};

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

/// Starts a server that may have this many files open.
fn with_files(files: u32, what: &[&str]) -> Server {
    let mut command = Command::new("sh");
    let script = format!("ulimit -n {files}; exec \"$0\" run \"$@\"");
    command.args(["-c", &script, env!("CARGO_BIN_EXE_loopscope")]);
    command.args(what).stdin(Stdio::null());
    command.env("LOOPSCOPE_CONFIG", "");
    Server::of(command)
}

#[test]
fn a_server_without_free_descriptors_waits_and_continues() {
    let servers: [&[&str]; 4] = [
        &["echo_server:concurrent", "--set", "clients=0"],
        &["echo_server:protocol", "--set", "clients=0"],
        &["why_server"],
        &["finder_server:http"],
    ];
    for what in servers {
        let server = with_files(64, what);
        let mut clients: Vec<TcpStream> = (0..100).map(|_| server.connect()).collect();
        server.said("cannot accept: Too many open files");
        let mut last = clients.pop().unwrap();
        drop(clients);
        // It was waiting all the time, and is accepted now.
        last.write_all(b"GET / HTTP/1.0\r\n\r\n").unwrap();
        assert!(last.read(&mut [0; 64]).unwrap() > 0, "{what:?}");
    }
}

/// The memory that a process takes, in bytes.
fn memory(id: u32) -> Option<u64> {
    let text = fs::read_to_string(format!("/proc/{id}/status")).ok()?;
    let line = text.lines().find(|line| line.starts_with("VmRSS:"))?;
    let kilobytes: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kilobytes * 1024)
}

#[test]
fn a_client_that_never_reads_costs_one_buffer() {
    for variant in ["concurrent", "protocol"] {
        let server = Server::start(variant);
        let mut deaf = server.connect();
        // What the system buffers is sent, and no more.
        deaf.set_nonblocking(true).unwrap();
        let block = vec![b'x'; 1 << 16];
        let (mut sent, mut full) = (0, 0);
        while full < 50 && sent < (64 << 20) {
            match deaf.write(&block) {
                Ok(count) => sent += count,
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    full += 1;
                    thread::sleep(Duration::from_millis(5));
                }
                Err(error) => panic!("{error}"),
            }
        }
        assert!(
            full == 50,
            "{variant} read {sent} bytes that it cannot answer"
        );
        // The others are served.
        let mut client = server.connect();
        assert_eq!(echo(&mut client, b"hello\n"), b"hello\n", "{variant}");
        if let Some(memory) = memory(server.id()) {
            assert!(memory < 100 << 20, "{variant}: {memory}");
        }
        // When the client reads at last, it gets everything.
        deaf.set_nonblocking(false).unwrap();
        let mut answer = vec![0; sent];
        deaf.read_exact(&mut answer).unwrap();
        assert!(answer.iter().all(|byte| *byte == b'x'), "{variant}");
    }
}

#[test]
fn a_silent_client_of_why_server_holds_up_no_other() {
    let server = Server::run(&["why_server"]);
    let mut silent = server.connect();
    let mut client = server.connect();
    client.write_all(b"Hello!\n").unwrap();
    let mut answer = String::new();
    client.read_to_string(&mut answer).unwrap();
    assert_eq!(answer, "Why 'Hello!'?");
    silent.write_all(b"At last").unwrap();
    answer.clear();
    silent.read_to_string(&mut answer).unwrap();
    assert_eq!(answer, "Why 'At last'?");
}

/// A client in Python: silent, deaf and ordinary connections at once.
const PYTHON: &str = "
import socket, sys
where = (sys.argv[1], int(sys.argv[2]))
silent = [socket.create_connection(where) for _ in range(20)]
deaf = socket.create_connection(where)
deaf.setblocking(False)
try:
    while True: deaf.send(b'x' * 65536)
except BlockingIOError: pass
for number in range(20):
    client = socket.create_connection(where, timeout=60)
    text = b'line %d of a client in Python\\n' % number
    client.sendall(text)
    answer = b''
    while len(answer) < len(text): answer += client.recv(100)
    assert answer == text, answer
print('served')
";

#[test]
fn a_client_in_python_is_served_beside_silent_ones() {
    for variant in ["concurrent", "protocol"] {
        let server = Server::start(variant);
        let address = server.address;
        let mut python = Command::new("python3");
        python.args([
            "-c",
            PYTHON,
            &address.ip().to_string(),
            &address.port().to_string(),
        ]);
        if Command::new("python3").arg("-c").status().is_err() {
            eprintln!("skipped: there is no python3 here");
            return;
        }
        let answer = finish(&mut python);
        assert_eq!(answer.out, "served\n", "{variant}: {}", answer.err);
    }
}

/// All that the clients did before the signal is in the file.
#[test]
fn a_signal_to_a_recorded_server_loses_nothing() {
    for (signal, code) in [(Signal::TERM, 143), (Signal::INT, 130), (Signal::HUP, 129)] {
        let path = scratch(&format!("server_{code}.trace"));
        let file = path.to_str().unwrap();
        let what = [
            "echo_server:concurrent",
            "--set",
            "clients=0",
            "--sync",
            "--record",
            file,
        ];
        let mut server = Server::run(&what);
        let mut client = server.connect();
        for number in 0..50 {
            let line = format!("line {number:02}\n");
            assert_eq!(echo(&mut client, line.as_bytes()), line.as_bytes());
        }
        server.signal(signal);
        assert_eq!(server.code(), code);
        let (log, damage) = file::read(fs::File::open(&path).unwrap()).unwrap();
        assert_eq!(damage, None);
        let text = log.bytes;
        assert!(
            text.windows(7).any(|seven| seven == b"line 49"),
            "{code}: the last line is missing"
        );
    }
}

/// A loop that waits has handed its records over, and they are in the file soon after.
#[test]
fn an_idle_server_is_in_the_file_without_a_signal() {
    let path = scratch("idle_server.trace");
    let file = path.to_str().unwrap();
    let server = Server::run(&[
        "echo_server:concurrent",
        "--set",
        "clients=0",
        "--record",
        file,
    ]);
    let mut client = server.connect();
    assert_eq!(echo(&mut client, b"the last line\n"), b"the last line\n");
    until("the file has the last line", || {
        let Ok((log, _)) = file::read(fs::File::open(&path).unwrap()) else {
            return false;
        };
        log.bytes.windows(13).any(|part| part == b"the last line")
    });
}
