//! Denial of service: clients that send slowly, do not read, or send expensive files. Honest
//! callers are served throughout, memory is bounded and returned, and the service stops on request.
//! Loopback only (attackers use 127.0.0.2 to 127.0.0.5), bounded, ends by itself.
#![expect(clippy::unwrap_used, reason = "a failed helper is a failed test")]
#![expect(clippy::disallowed_methods, reason = "how long honest callers wait is what is asked")]
#![expect(clippy::print_stdout, reason = "the figures are what a reader of the run wants")]

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crate::alone;
use crate::served::Server;
use crate::world::TestOffice;
use yinzheng::store::Memory;

const HONEST: [&str; 2] = ["127.0.0.1", "127.0.0.9"];
const STRANGER: &str = "127.0.0.2";
const STRANGERS: [&str; 4] = [STRANGER, "127.0.0.3", "127.0.0.4", "127.0.0.5"];
/// The most expensive known files, of 9 to 66 KB.
const COSTLY: [&[u8]; 5] = [
    include_bytes!("data/hostile/cert-20Msan.pdf"),
    include_bytes!("data/hostile/objstm-60M.pdf"),
    include_bytes!("data/hostile/meta-quad-1M.pdf"),
    include_bytes!("data/hostile/look-quad-10k-200k.pdf"),
    include_bytes!("data/hostile/hybrid-60x15k.pdf"),
];

#[test]
fn whatever_strangers_do_honest_callers_are_served() {
    let _alone = alone();
    let large =
        crate::large_file::signed(&TestOffice::over(Arc::new(Memory::new().unwrap())), LARGE);
    let mut server = Server::start();
    let place = Target::of(&server);
    let idle = place.memory("VmRSS");
    let calm = honest(&place, || std::thread::sleep(Duration::from_secs(3)));
    println!("nobody else: {calm}, {idle} MB");
    // The machine may be busy: ten times the latency without a flood is allowed.
    let most = Duration::from_secs(1).max(calm.p99 * 10);
    let served = |name: &str, strangers: &dyn Fn()| {
        let began = Instant::now();
        let during = honest(&place, strangers);
        let (now, peak) = (place.memory("VmRSS"), place.memory("VmHWM"));
        println!("{name}, {:?}: {during}, {now} MB, at most {peak} MB", began.elapsed());
        assert!(during.count >= 20, "{name}: {during}");
        assert!(during.p99 <= most, "{name}: {during}");
        assert!(peak <= 600, "{name}: {peak} MB");
    };
    served("256 who trickle or do not read", &|| trickle(&place));
    served("500 of the costliest", &|| {
        let (sent, sent_away) = (AtomicUsize::new(0), AtomicUsize::new(0));
        std::thread::scope(|scope| {
            for _ in 0..48 {
                scope.spawn(|| {
                    while let Some(file) = next(&sent, 500).map(|at| COSTLY[at % COSTLY.len()]) {
                        // They disconnect after a second and start again.
                        if place.upload(STRANGER, file, Duration::from_secs(1)) == Some(503) {
                            sent_away.fetch_add(1, Ordering::Relaxed);
                            std::thread::sleep(Duration::from_millis(200));
                        }
                    }
                });
            }
        });
        let sent_away = sent_away.into_inner();
        println!("{sent_away} were told to come again");
        assert!(sent_away > 0, "nobody flooded");
    });
    served("twelve of the largest, twice", &|| {
        let answered = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for _ in 0..12 {
                scope.spawn(|| {
                    for _ in 0..2 {
                        let answer = place.upload(STRANGER, &large, Duration::from_secs(20));
                        answered.fetch_add(usize::from(answer.is_some()), Ordering::Relaxed);
                    }
                });
            }
        });
        let answered = answered.into_inner();
        assert!(answered > 0, "nobody flooded");
    });
    std::thread::sleep(Duration::from_secs(4));
    let after = place.memory("VmRSS");
    println!("four seconds later: {after} MB");
    assert!(after <= idle + KEPT, "{after} MB after {idle} MB");

    // While all of this goes on.
    let over = AtomicBool::new(false);
    let ended =
        std::thread::scope(|scope| {
            for file in COSTLY.iter().cycle().take(24).copied().chain([large.as_slice()]) {
                scope.spawn(|| {
                    while !over.load(Ordering::Relaxed) {
                        place.upload(STRANGER, file, Duration::from_secs(30));
                        std::thread::sleep(Duration::from_millis(20));
                    }
                });
            }
            let held: Vec<_> = (0..20).filter_map(|_| place.connect(HONEST[1]).ok()).collect();
            for mut stream in &held {
                drop(stream.write_all(
                    b"POST /v1/verify HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n%",
                ));
            }
            std::thread::sleep(Duration::from_secs(1));
            let asked = Instant::now();
            let killed = Command::new("kill").arg(server.child.id().to_string()).status().unwrap();
            assert!(killed.success());
            let ended = loop {
                if server.child.try_wait().unwrap().is_some() {
                    break Some(asked.elapsed());
                }
                if asked.elapsed() > STOP {
                    break None;
                }
                std::thread::sleep(Duration::from_millis(50));
            };
            over.store(true, Ordering::Relaxed);
            ended
        });
    println!("stopped after {ended:?}");
    assert!(ended.is_some(), "it did not stop within {STOP:?}");
}

/// Four of one network, and ten of this machine, of which four fit into memory.
#[test]
fn large_uploads_wait_for_each_other_and_none_is_cut() {
    let _alone = alone();
    let server = Server::start();
    let place = Target::of(&server);
    let mut large = b"%PDF-1.7\n".to_vec();
    large.resize(19_000_000, b' ');
    let all_at_once = |from: &str, count: usize| {
        std::thread::scope(|scope| {
            let upload = || place.upload(from, &large, Duration::from_secs(30));
            let all: Vec<_> = (0..count).map(|_| scope.spawn(upload)).collect();
            all.into_iter().map(|one| one.join().unwrap()).collect::<Vec<_>>()
        })
    };
    for (from, count) in [(STRANGER, 4), (HONEST[0], 10)] {
        let answers = all_at_once(from, count);
        println!("{from}: {answers:?}");
        // Uploads that do not fit in time get 503; the others are answered.
        assert!(answers.iter().all(|one| matches!(one, Some(200 | 503))), "{from}: {answers:?}");
        let served = answers.iter().filter(|one| **one == Some(200)).count();
        assert!(served >= 3, "{from}: {answers:?}");
    }
}

/// They have more sockets than the server accepts, and reconnect as soon as they are closed.
#[test]
fn strangers_who_come_again_keep_nobody_out() {
    let _alone = alone();
    let server = Server::start();
    let place = Target::of(&server);
    let over = AtomicBool::new(false);
    let (came, closed) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let during = std::thread::scope(|scope| {
        for from in STRANGERS.iter().cycle().take(330) {
            let stranger = || {
                while !over.load(Ordering::Relaxed) {
                    std::thread::sleep(Duration::from_millis(50));
                    let Ok(mut stream) = place.connect(from) else { continue };
                    came.fetch_add(1, Ordering::Relaxed);
                    drop(stream.write_all(b"G"));
                    drop(stream.set_read_timeout(Some(Duration::from_secs(5))));
                    let ends = stream.read(&mut [0]);
                    closed.fetch_add(usize::from(!is_timeout(&ends)), Ordering::Relaxed);
                }
            };
            std::thread::Builder::new().stack_size(64 << 10).spawn_scoped(scope, stranger).unwrap();
        }
        std::thread::sleep(Duration::from_secs(1));
        // Each of these fails unless it is answered with 200.
        let during = honest(&place, || std::thread::sleep(Duration::from_secs(5)));
        over.store(true, Ordering::Relaxed);
        during
    });
    let (came, closed) = (came.into_inner(), closed.into_inner());
    println!("{came} came, {closed} were closed: {during}");
    assert!(closed > 0 && came > 256, "the house was never full: {came} came");
    assert!(during.count >= 20, "{during}");
}

fn is_timeout(read: &std::io::Result<usize>) -> bool {
    use std::io::ErrorKind::{TimedOut, WouldBlock};
    read.as_ref().is_err_and(|error| matches!(error.kind(), WouldBlock | TimedOut))
}

/// 256 sockets: half of them send a byte of a body every five seconds, the others request much and
/// read nothing.
fn trickle(place: &Target) {
    let head = b"POST /v1/verify HTTP/1.1\r\nHost: a\r\nContent-Length: 20000000\r\n\r\n%PDF";
    let asks = b"GET /openapi.json HTTP/1.1\r\nHost: a\r\n\r\n".repeat(40);
    let mut sockets: Vec<TcpStream> = Vec::new();
    for at in 0..256 {
        let Ok(mut socket) = place.connect(STRANGER) else { continue };
        socket.set_write_timeout(Some(Duration::from_millis(50))).unwrap();
        // Writing to a refused connection fails.
        drop(socket.write_all(if at % 2 == 0 { head } else { &asks }));
        sockets.push(socket);
    }
    assert!(sockets.len() > 200, "only {} connected", sockets.len());
    for _ in 0..3 {
        std::thread::sleep(Duration::from_secs(5));
        for socket in &mut sockets {
            drop(socket.write_all(b" "));
        }
    }
}

/// The server under attack, and the requests of an honest caller.
struct Target {
    port: u16,
    process: u32,
    small: Vec<u8>,
    code: String,
}

impl Target {
    fn of(server: &Server) -> Self {
        let samples = server.dir().join("samples");
        let small = std::fs::read(samples.join("valid.pdf")).unwrap();
        // The address of the code is a link on the sheet.
        let at = small.windows(3).position(|bytes| bytes == b"/v/").unwrap() + 3;
        let code = String::from_utf8(small[at..at + 16].to_vec()).unwrap();
        Self { port: server.port, process: server.child.id(), small, code }
    }

    fn connect(&self, from: &str) -> std::io::Result<TcpStream> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
        let stream = runtime.block_on(async {
            let socket = tokio::net::TcpSocket::new_v4()?;
            // A small buffer, so that little unread data is in transit.
            socket.set_recv_buffer_size(16 << 10)?;
            socket.bind(SocketAddr::new(from.parse().unwrap(), 0))?;
            socket.connect(SocketAddr::from(([127, 0, 0, 1], self.port))).await?.into_std()
        })?;
        stream.set_nonblocking(false)?;
        Ok(stream)
    }

    /// The status of an answer; `None` without one in this time.
    fn ask(&self, from: &str, request: &[&[u8]], time: Duration) -> Option<u16> {
        let mut stream = self.connect(from).ok()?;
        stream.set_read_timeout(Some(time)).ok()?;
        stream.set_write_timeout(Some(time)).ok()?;
        for part in request {
            // A client that is refused early may still be sending.
            if stream.write_all(part).is_err() {
                break;
            }
        }
        let mut answer = [0; 12];
        stream.read_exact(&mut answer).ok()?;
        std::str::from_utf8(&answer).ok()?.rsplit(' ').next()?.parse().ok()
    }

    fn upload(&self, from: &str, file: &[u8], time: Duration) -> Option<u16> {
        let head = format!(
            "POST /v1/verify HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: {}\r\n\r\n",
            file.len()
        );
        self.ask(from, &[head.as_bytes(), file], time)
    }

    fn get(&self, from: &str, path: &str, time: Duration) -> Option<u16> {
        let head = format!("GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
        self.ask(from, &[head.as_bytes()], time)
    }

    /// A value of `/proc`, in MB.
    fn memory(&self, name: &str) -> usize {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process)).unwrap();
        let line = status.lines().find(|line| line.starts_with(name)).unwrap();
        line.split_whitespace().nth(1).unwrap().parse::<usize>().unwrap() / 1024
    }
}

/// How honest callers were served.
struct Figures {
    count: usize,
    p99: Duration,
    longest: Duration,
}

impl std::fmt::Display for Figures {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { count, p99, longest } = self;
        write!(f, "{count} honest calls, p99 {p99:?}, longest {longest:?}")
    }
}

/// Sequential calls, each over its own connection, while something else is done.
fn honest(place: &Target, meanwhile: impl Fn()) -> Figures {
    let over = AtomicBool::new(false);
    let took = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let guard = Duration::from_secs(20);
            for turn in 0.. {
                if over.load(Ordering::Relaxed) {
                    break;
                }
                let (from, began) = (HONEST[turn % 2], Instant::now());
                let (what, status) = match turn / 2 % 4 {
                    0 => ("readiness", place.get(from, "/readyz", guard)),
                    1 => ("look-up", place.get(from, &format!("/v1/verify/{}", place.code), guard)),
                    2 => ("file", place.upload(from, &place.small, guard)),
                    _ => ("page", place.get(from, "/", guard)),
                };
                assert_eq!(status, Some(200), "{what} from {from}, {:?}", began.elapsed());
                took.lock().unwrap().push(began.elapsed());
                std::thread::sleep(Duration::from_millis(20));
            }
        });
        meanwhile();
        over.store(true, Ordering::Relaxed);
    });
    let mut took = took.into_inner().unwrap();
    took.sort_unstable();
    let (count, longest) = (took.len(), *took.last().unwrap());
    Figures { count, p99: took[count - 1 - count / 100], longest }
}

fn next(sent: &AtomicUsize, all: usize) -> Option<usize> {
    Some(sent.fetch_add(1, Ordering::Relaxed)).filter(|at| *at < all)
}

/// The largest upload, less the multipart framing.
const LARGE: usize = (20 << 20) - (64 << 10);
/// MB that the allocator may keep, a fraction of what all bodies together may take.
const KEPT: usize = 100;
/// The time that a container runtime waits before it kills a process.
const STOP: Duration = Duration::from_secs(10);
