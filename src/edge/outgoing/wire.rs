//! A connection that ends in time, whatever the other side does.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream, ToSocketAddrs as _};
use std::sync::mpsc;
use std::time::{Duration, Instant};

/// How long something may still take.
#[derive(Clone, Copy, Debug)]
pub struct Stopwatch {
    began: Instant,
    most: Duration,
}

impl Stopwatch {
    /// Starts now.
    pub fn start(most: Duration) -> Self {
        #[expect(clippy::disallowed_methods, reason = "this is the edge, and a bound on its time")]
        let began = Instant::now();
        Self { began, most }
    }

    /// How long it has run.
    pub fn elapsed(&self) -> Duration {
        self.began.elapsed()
    }

    /// What is left; an error when nothing is.
    fn left(&self) -> io::Result<Duration> {
        let left = self.most.saturating_sub(self.elapsed());
        if left.is_zero() { Err(io::ErrorKind::TimedOut.into()) } else { Ok(left) }
    }
}

/// The addresses of a name. The system's look-up knows no time-out, so another thread waits for it:
/// no more of them are left behind than requests are allowed.
pub fn look_up(name: &str, port: u16, watch: &Stopwatch) -> io::Result<Vec<SocketAddr>> {
    let (answer, wait) = mpsc::channel();
    let name = name.to_owned();
    drop(std::thread::spawn(move || {
        let found = (name.as_str(), port).to_socket_addrs().map(Iterator::collect);
        // Nobody waits any more when it took too long.
        drop(answer.send(found));
    }));
    wait.recv_timeout(watch.left()?).map_err(|_| io::ErrorKind::TimedOut)?
}

/// A connection to the first of the addresses that takes it.
pub fn connect(addresses: &[SocketAddr], watch: &Stopwatch) -> io::Result<Wire> {
    let mut last = io::Error::from(io::ErrorKind::NotFound);
    for address in addresses.iter().take(ADDRESSES) {
        match TcpStream::connect_timeout(address, watch.left()?) {
            Ok(stream) => return Ok(Wire { stream, watch: *watch }),
            Err(error) => last = error,
        }
    }
    Err(last)
}

/// An open connection: each read and write ends when the time is over.
#[derive(Debug)]
pub struct Wire {
    stream: TcpStream,
    watch: Stopwatch,
}

impl Read for Wire {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            self.stream.set_read_timeout(Some(self.watch.left()?))?;
            match self.stream.read(buffer) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                read => return read,
            }
        }
    }
}

impl Write for Wire {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.stream.set_write_timeout(Some(self.watch.left()?))?;
        self.stream.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.flush()
    }
}

/// How many addresses of one name are tried.
const ADDRESSES: usize = 4;
