// Included twice by `same_as_smol.rs`: `rt` is smol or loopscope.

use std::{net, os::{fd::AsFd, unix::net as unix}, sync::Arc, time::Duration};

use rt::{
    Async, Timer, Unblock, block_on, fs,
    future,
    io::{self, AsyncBufReadExt, AsyncReadExt, AsyncSeekExt, AsyncWriteExt, BufReader},
    net::{SocketAddr, TcpListener, TcpStream, UdpSocket, resolve, unix::{UnixDatagram, UnixListener, UnixStream}},
    process::{Command, Stdio},
    spawn,
    stream::StreamExt,
};

pub(super) const ALL: &[crate::same_as_smol::Program] = &[
    ("tcp", tcp),
    ("tcp: the rest", tcp_rest),
    ("tcp: a shared stream", tcp_shared),
    ("udp", udp),
    ("unix", unix_sockets),
    ("Async: tcp", async_tcp),
    ("Async: udp and unix", async_packets),
    ("Async: anything", async_anything),
    ("conversions", conversions),
    ("resolve", resolving),
    ("fs", files),
    ("process", processes),
    ("Unblock", unblocked),
    ("io", in_memory),
];

fn tcp() -> String {
    block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let server = spawn(async move {
            let (mut stream, peer) = listener.accept().await.unwrap();
            let mut buffer = [0; 5];
            stream.read_exact(&mut buffer).await.unwrap();
            stream.write_all(&buffer).await.unwrap();
            stream.close().await.unwrap();
            peer
        });
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(b"hello").await.unwrap();
        let mut back = String::new();
        stream.read_to_string(&mut back).await.unwrap();
        let peer = server.await;
        format!("{back} {}", peer == stream.local_addr().unwrap())
    })
}

fn tcp_rest() -> String {
    block_on(async {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        listener.set_ttl(9).unwrap();
        let address = listener.local_addr().unwrap();
        let server = spawn(async move {
            let mut incoming = listener.incoming();
            let stream = incoming.next().await.unwrap().unwrap();
            io::copy(stream.clone(), stream).await.unwrap()
        });
        let mut around = TcpStream::connect(address).await.unwrap();
        around.write_all(b"around").await.unwrap();
        around.shutdown(net::Shutdown::Write).unwrap();
        let copied = server.await;
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let stream = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (mut accepted, _) = listener.accept().await.unwrap();
        stream.set_nodelay(true).unwrap();
        stream.set_ttl(7).unwrap();
        let mut clone = stream.clone();
        accepted.write_all(b"peeked").await.unwrap();
        let mut buffer = [0; 6];
        let peeked = stream.peek(&mut buffer).await.unwrap();
        clone.read_exact(&mut buffer).await.unwrap();
        stream.shutdown(net::Shutdown::Both).unwrap();
        let end = clone.read(&mut buffer).await.unwrap();
        format!(
            "{peeked} {:?} {end} {} {} {}",
            std::str::from_utf8(&buffer),
            stream.nodelay().unwrap(),
            stream.ttl().unwrap(),
            copied
        )
    })
}

fn tcp_shared() -> String {
    fn is_shareable<T: Send + Sync + Unpin + 'static>(_: &T) {}
    block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let stream = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        is_shareable(&stream);
        is_shareable(&listener);
        let (reader, mut writer) = io::split(stream);
        let (mut peer, _) = listener.accept().await.unwrap();
        writer.write_all(b"line one\nline two\n").await.unwrap();
        peer.write_all(b"back\n").await.unwrap();
        let mut lines = BufReader::new(peer).lines();
        let mut answer = String::new();
        BufReader::new(reader).read_line(&mut answer).await.unwrap();
        format!("{:?} {:?} {answer:?}", lines.next().await.unwrap().unwrap(), lines.next().await.unwrap().unwrap())
    })
}

fn udp() -> String {
    block_on(async {
        let one = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let other = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let address: SocketAddr = other.local_addr().unwrap();
        one.send_to(b"first", address).await.unwrap();
        let mut buffer = [0; 16];
        let (peeked, _) = other.peek_from(&mut buffer).await.unwrap();
        let (got, from) = other.recv_from(&mut buffer).await.unwrap();
        one.connect(address).await.unwrap();
        one.set_broadcast(true).unwrap();
        let sent = one.send(b"second").await.unwrap();
        let second = other.recv(&mut buffer).await.unwrap();
        let clone = other.clone();
        format!("{peeked} {got} {} {sent} {second} {}", from == one.local_addr().unwrap(), clone.ttl().is_ok())
    })
}

fn unix_sockets() -> String {
    let directory = std::env::temp_dir().join(format!("surface-{}-{}", std::process::id(), module_path!().replace(':', "")));
    std::fs::create_dir_all(&directory).unwrap();
    let (path, other) = (directory.join("stream"), directory.join("packets"));
    let said = block_on(async {
        let listener = UnixListener::bind(&path).unwrap();
        let mut stream = UnixStream::connect(&path).await.unwrap();
        let (mut accepted, _) = listener.accept().await.unwrap();
        stream.write_all(b"unix").await.unwrap();
        stream.shutdown(net::Shutdown::Write).unwrap();
        let mut got = String::new();
        accepted.read_to_string(&mut got).await.unwrap();
        let next = spawn({
            let path = path.clone();
            async move { UnixStream::connect(path).await.is_ok() }
        });
        let came = listener.incoming().next().await.unwrap().is_ok();
        let (mut a, mut b) = UnixStream::pair().unwrap();
        a.write_all(b"pair").await.unwrap();
        let mut four = [0; 4];
        b.read_exact(&mut four).await.unwrap();
        let receiver = UnixDatagram::bind(&other).unwrap();
        UnixDatagram::unbound().unwrap().send_to(b"packet", &other).await.unwrap();
        let mut buffer = [0; 16];
        let (bytes, _) = receiver.recv_from(&mut buffer).await.unwrap();
        let (c, d) = UnixDatagram::pair().unwrap();
        c.send(b"abc").await.unwrap();
        format!("{got} {} {came} {four:?} {bytes} {}", next.await, d.recv(&mut buffer).await.unwrap())
    });
    std::fs::remove_dir_all(&directory).unwrap();
    said
}

fn async_tcp() -> String {
    block_on(async {
        let listener = Async::<net::TcpListener>::bind(([127, 0, 0, 1], 0)).unwrap();
        let address = listener.get_ref().local_addr().unwrap();
        let server = spawn(async move {
            let (stream, _) = listener.accept().await.unwrap();
            let stream = Arc::new(stream);
            io::copy(&*stream, &mut &*stream).await.unwrap()
        });
        let stream = Async::<net::TcpStream>::connect(address).await.unwrap();
        stream.writable().await.unwrap();
        (&stream).write_all(b"around").await.unwrap();
        stream.readable().await.unwrap();
        let mut buffer = [0; 6];
        let peeked = stream.peek(&mut buffer).await.unwrap();
        (&stream).read_exact(&mut buffer).await.unwrap();
        stream.get_ref().shutdown(net::Shutdown::Write).unwrap();
        let with = stream.read_with(|mut stream| std::io::Read::read(&mut stream, &mut [0; 8])).await;
        format!("{} {peeked} {:?} {with:?}", server.await, std::str::from_utf8(&buffer))
    })
}

fn async_packets() -> String {
    block_on(async {
        let one = Async::<net::UdpSocket>::bind(([127, 0, 0, 1], 0)).unwrap();
        let other = Async::<net::UdpSocket>::bind(([127, 0, 0, 1], 0)).unwrap();
        one.send_to(b"abc", other.get_ref().local_addr().unwrap()).await.unwrap();
        let mut buffer = [0; 8];
        let (bytes, _) = other.recv_from(&mut buffer).await.unwrap();
        let (mut a, b) = Async::<unix::UnixStream>::pair().unwrap();
        a.write_all(b"unix").await.unwrap();
        let mut four = [0; 4];
        (&b).read_exact(&mut four).await.unwrap();
        let (c, d) = Async::<unix::UnixDatagram>::pair().unwrap();
        c.send(b"x").await.unwrap();
        format!("{bytes} {four:?} {}", d.recv(&mut buffer).await.unwrap())
    })
}

fn async_anything() -> String {
    block_on(async {
        let (reader, writer) = std::io::pipe().unwrap();
        let (mut reader, mut writer) = (Async::new(reader).unwrap(), Async::new(writer).unwrap());
        let waiting = future::or(
            async {
                reader.readable().await.unwrap();
                "readable"
            },
            async {
                Timer::after(Duration::from_millis(5)).await;
                "empty"
            },
        )
        .await;
        writer.write_all(b"through the pipe").await.unwrap();
        drop(writer.into_inner().unwrap());
        let mut got = String::new();
        reader.read_to_string(&mut got).await.unwrap();
        let owned = Arc::new(reader).readable_owned().await.is_ok();
        let (_reader, writer) = std::io::pipe().unwrap();
        let writable = Arc::new(Async::new(writer).unwrap()).writable_owned().await.is_ok();
        format!("{waiting} {got} {owned} {writable}")
    })
}

fn conversions() -> String {
    block_on(async {
        let std_listener = net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = std_listener.local_addr().unwrap();
        let listener = TcpListener::try_from(std_listener).unwrap();
        let stream: TcpStream = Async::<net::TcpStream>::connect(address).await.unwrap().into();
        let (accepted, _) = listener.accept().await.unwrap();
        let descriptor = accepted.as_fd().try_clone_to_owned().unwrap();
        let again = Async::<net::TcpStream>::try_from(descriptor).unwrap();
        let same = again.as_ref().peer_addr().unwrap() == stream.local_addr().unwrap();
        format!("{same} {:?}", again.into_inner().is_ok())
    })
}

fn resolving() -> String {
    block_on(async { format!("{:?}", resolve("127.0.0.1:80").await.unwrap()) })
}

fn files() -> String {
    let path = std::env::temp_dir().join(format!("surface-{}-{}.txt", std::process::id(), module_path!().replace(':', "")));
    block_on(async {
        fs::write(&path, "hello\nfile\n").await.unwrap();
        let mut file = fs::OpenOptions::new().append(true).read(true).open(&path).await.unwrap();
        file.write_all(b"end\n").await.unwrap();
        file.flush().await.unwrap();
        file.seek(io::SeekFrom::Start(6)).await.unwrap();
        let mut rest = String::new();
        file.read_to_string(&mut rest).await.unwrap();
        let length = fs::metadata(&path).await.unwrap().len();
        fs::remove_file(&path).await.unwrap();
        format!("{rest:?} {length} {}", fs::read(&path).await.is_err())
    })
}

fn processes() -> String {
    block_on(async {
        let output = Command::new("echo").arg("a process").output().await.unwrap();
        let mut child = Command::new("cat")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdin = child.stdin.take().unwrap();
        stdin.write_all(b"through cat").await.unwrap();
        drop(stdin);
        let mut said = String::new();
        child.stdout.take().unwrap().read_to_string(&mut said).await.unwrap();
        let status = child.status().await.unwrap();
        format!("{:?} {said} {}", String::from_utf8(output.stdout), status.success())
    })
}

fn unblocked() -> String {
    block_on(async {
        let mut reader = Unblock::new(std::io::Cursor::new(b"from a thread".to_vec()));
        let mut got = String::new();
        reader.read_to_string(&mut got).await.unwrap();
        let position = reader.with_mut(|cursor| cursor.position()).await;
        let items: Vec<u8> = Unblock::with_capacity(2, 0..4u8).collect().await;
        let mut writer = Unblock::new(Vec::new());
        writer.write_all(b"written").await.unwrap();
        writer.flush().await.unwrap();
        format!("{got} {position} {items:?} {:?}", writer.into_inner().await)
    })
}

fn in_memory() -> String {
    block_on(async {
        let lines: Vec<String> = BufReader::new(io::Cursor::new("a\nb\n"))
            .lines()
            .map(|line| line.unwrap())
            .collect()
            .await;
        let mut out = Vec::new();
        let copied = io::copy(io::Cursor::new("xyz"), &mut out).await.unwrap();
        format!("{lines:?} {copied}")
    })
}
