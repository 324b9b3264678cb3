//! A connection with a time limit that holds whatever the other side does.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream, ToSocketAddrs as _};
use std::sync::mpsc;
use std::time::{Duration, Instant};

/// Remaining time of an operation.
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

    /// Time since the start.
    pub fn elapsed(&self) -> Duration {
        self.began.elapsed()
    }

    /// Whether the time has passed.
    pub fn is_over(&self) -> bool {
        self.elapsed() >= self.most
    }

    /// The remaining time; an error when there is none.
    fn left(&self) -> io::Result<Duration> {
        let left = self.most.saturating_sub(self.elapsed());
        if left.is_zero() { Err(io::ErrorKind::TimedOut.into()) } else { Ok(left) }
    }
}

/// Resolves a name to its addresses.
///
/// The system's resolver has no time-out, so another thread waits for it. One that took too long is
/// abandoned and ends when the resolver gives up, by its own bounds some half a minute; until then
/// a next request may begin another.
pub fn look_up(name: &str, port: u16, watch: &Stopwatch) -> io::Result<Vec<SocketAddr>> {
    let (answer, wait) = mpsc::channel();
    let name = name.to_owned();
    let look = move || {
        let found = (name.as_str(), port).to_socket_addrs().map(Iterator::collect);
        // After the time limit nobody waits any more.
        drop(answer.send(found));
    };
    // The system's error then, that it would block, is also that of a slow server.
    let no_thread = |error| io::Error::other(format!("no thread to look up the name: {error}"));
    drop(std::thread::Builder::new().name("look-up".to_owned()).spawn(look).map_err(no_thread)?);
    wait.recv_timeout(watch.left()?).map_err(|_| io::ErrorKind::TimedOut)?
}

/// Connects to the first address that accepts. Each has its share of the time: one that is silent
/// leaves the others theirs.
pub fn connect(addresses: &[SocketAddr], watch: &Stopwatch) -> io::Result<Wire> {
    let stream = first_of(addresses, watch, TcpStream::connect_timeout)?;
    Ok(Wire { stream, watch: *watch })
}

fn first_of<T>(
    addresses: &[SocketAddr],
    watch: &Stopwatch,
    mut connect: impl FnMut(&SocketAddr, Duration) -> io::Result<T>,
) -> io::Result<T> {
    let mut last = io::Error::from(io::ErrorKind::NotFound);
    let tried = addresses.iter().take(ADDRESSES);
    for (address, remaining) in tried.clone().zip((1..=tried.len()).rev()) {
        let share = watch.left()? / u32::try_from(remaining).unwrap_or(u32::MAX);
        match connect(address, share) {
            Ok(stream) => return Ok(stream),
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

/// Most addresses of one name that are tried.
const ADDRESSES: usize = 4;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_address_has_its_share_of_the_time() {
        let hour = Duration::from_hours(1);
        let watch = Stopwatch::start(hour);
        let address = |port: u16| SocketAddr::from(([127, 0, 0, 1], port));
        let tried = |count: u16| {
            let mut shares = Vec::new();
            let all: Vec<_> = (1..=count).map(address).collect();
            let found: io::Result<()> = first_of(&all, &watch, |_, share| {
                shares.push(share);
                Err(io::ErrorKind::TimedOut.into())
            });
            assert_eq!(found.unwrap_err().kind(), io::ErrorKind::TimedOut);
            shares
        };
        for (count, parts) in [(1, &[1][..]), (2, &[2, 1]), (6, &[4, 3, 2, 1])] {
            let shares = tried(count);
            assert_eq!(shares.len(), parts.len());
            for (share, part) in shares.iter().zip(parts) {
                assert!(!share.is_zero() && *share <= hour / *part, "{count}: {shares:?}");
            }
        }
        let second = [address(1), address(2), address(3)];
        let take = |one: &SocketAddr, _| match one.port() {
            2 => Ok(2),
            _ => Err(io::ErrorKind::TimedOut.into()),
        };
        assert_eq!(first_of(&second, &watch, take).unwrap(), 2);
        let over = Stopwatch::start(Duration::ZERO);
        assert!(over.is_over() && first_of(&second, &over, take).is_err());
        assert!(first_of(&[], &watch, take).is_err());
    }
}
