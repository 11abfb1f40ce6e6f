//! The examples, started as processes.

use std::{
    env, fs,
    io::{BufRead, BufReader, Read, Write},
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, Stdio},
};

use loopscope::{
    insight::{Findings, Limits, Severity},
    replay::Replay,
    trace::file,
};
use rustix::process::{Pid, Signal, kill_process};

/// The folder of the examples, beside that of the test binaries.
fn example(name: &str) -> Command {
    let mut path: PathBuf = env::current_exe().unwrap();
    path.pop();
    path.pop();
    path.extend(["examples", name]);
    assert!(
        path.exists(),
        "`cargo test` builds the examples; for this test alone, `cargo build --examples` first"
    );
    let mut command = Command::new(path);
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    command
}

/// A server that is killed when the test ends.
struct Server {
    child: Child,
    said: BufReader<ChildStdout>,
    address: String,
}

impl Server {
    fn start(name: &str) -> Server {
        let mut child = example(name).arg("127.0.0.1:0").spawn().unwrap();
        let mut said = BufReader::new(child.stdout.take().unwrap());
        let first = line(&mut said);
        let address = first.trim_end().strip_prefix("listening on ").unwrap();
        Server {
            child,
            said,
            address: address.to_owned(),
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

fn line(from: &mut impl BufRead) -> String {
    let mut line = String::new();
    from.read_line(&mut line).unwrap();
    line
}

/// The output of a program for some input.
fn output(command: &mut Command, input: &str) -> String {
    let mut child = command.spawn().unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(input.as_bytes())
        .unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_crawler_finds_every_page_of_its_site() {
    let text = output(&mut example("crawler"), "");
    let mut lines: Vec<&str> = text.lines().collect();
    assert!(lines.pop().unwrap().starts_with("10 pages at 127.0.0.1:"));
    lines.sort_unstable();
    assert_eq!(lines[0], "/: 232 bytes, 8 links");
    assert_eq!(lines[1], "/room/1: 53 bytes, 2 links");
    assert_eq!(lines[9], "/room/9: status 404");
    assert_eq!(lines.len(), 10);
}

#[test]
fn the_tcp_client_prints_the_echo() {
    let server = Server::start("tcp_server");
    let mut client = example("tcp_client");
    assert_eq!(
        output(client.arg(&server.address), "one\ntwo\n"),
        "one\ntwo\n"
    );
}

#[test]
fn the_chat_client_prints_messages_of_others() {
    let mut server = Server::start("chat_server");
    let mut listener = example("chat_client").arg(&server.address).spawn().unwrap();
    let mut heard = BufReader::new(listener.stdout.take().unwrap());
    // After this message the listener is registered and misses nothing.
    assert!(line(&mut server.said).ends_with(" came in\n"));
    output(example("chat_client").arg(&server.address), "hello\n");
    let lines = [(); 3].map(|()| line(&mut heard));
    assert!(lines[0].ends_with(" came in\n"), "{lines:?}");
    assert!(lines[1].ends_with(": hello\n"), "{lines:?}");
    assert!(lines[2].ends_with(" has left\n"), "{lines:?}");
    drop(listener.stdin.take());
    assert!(listener.wait().unwrap().success());
}

#[test]
fn the_http_client_prints_status_headers_and_text() {
    let server = Server::start("http_server");
    let page = output(
        example("http_client").arg(format!("{}/x?y", server.address)),
        "",
    );
    assert!(page.starts_with("200 OK\n"), "{page}");
    assert!(page.contains("\ncontent-length: 14\n"), "{page}");
    assert!(page.ends_with("\nHello from /x\n\n"), "{page}");
}

#[test]
fn the_web_socket_client_prints_the_answers() {
    let server = Server::start("websocket_server");
    let mut client = example("websocket_client");
    let answers = output(client.arg(&server.address).args(["hello", "world"]), "");
    assert_eq!(answers, "HELLO\nWORLD\n");
}

#[test]
fn ctrl_c_ends_the_count_at_an_await() {
    let mut child = example("ctrl_c").spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap());
    assert_eq!(line(&mut lines), "1\n");
    kill_process(Pid::from_child(&child), Signal::INT).unwrap();
    let mut rest = String::new();
    lines.read_to_string(&mut rest).unwrap();
    let last = rest.lines().last().unwrap();
    let count: u32 = last
        .strip_prefix("stopped after ")
        .unwrap()
        .parse()
        .unwrap();
    assert!(count >= 1);
    assert!(child.wait().unwrap().success());
}

#[test]
fn signals_are_named_until_one_ends_the_program() {
    let mut child = example("unix_signals").spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap());
    let mut expect = |text: &str| {
        let said = line(&mut lines);
        assert!(said.starts_with(text), "{said}");
    };
    expect("waiting for signals as process ");
    for (signal, name) in [
        (Signal::HUP, "Hup"),
        (Signal::USR1, "Usr1"),
        (Signal::TERM, "Term"),
    ] {
        kill_process(Pid::from_child(&child), signal).unwrap();
        expect(name);
    }
    assert!(child.wait().unwrap().success());
}

/// The warnings and errors of the loops that a program has recorded in a folder.
fn alarms(folder: &Path) -> Vec<(String, &'static str)> {
    let mut alarms = Vec::new();
    let mut files = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let (log, _) = file::read(fs::File::open(&path).unwrap()).unwrap();
        let replay = Replay::new(log);
        files += 1;
        let report = Findings::of(&replay, &Limits::default());
        let loud = report
            .all()
            .filter(|finding| finding.severity > Severity::Info);
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        alarms.extend(loud.map(|finding| (name.clone(), finding.rule.id())));
    }
    assert!(files > 0, "nothing is recorded in {}", folder.display());
    alarms
}

#[test]
fn an_example_that_ends_raises_nothing() {
    for name in ["crawler", "greetings", "threads"] {
        let folder = env::temp_dir().join(format!("loopscope-{name}-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let file = folder.join("run.loopscope");
        let mut program = example(name);
        program.env("LOOPSCOPE", format!("record:{}", file.display()));
        output(&mut program, "");
        assert_eq!(alarms(&folder), [], "{name}");
        fs::remove_dir_all(folder).unwrap();
    }
}
