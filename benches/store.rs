//! How the store grows: fills one with licences of the size of real ones, and prints what each
//! costs and what a start costs then.
//!
//! `cargo bench --bench store -- COUNT`; without a count, 20,000.
#![expect(clippy::unwrap_used, reason = "a failed helper is a failed benchmark")]
#![expect(clippy::print_stdout, reason = "the figures are what this is for")]
#![expect(clippy::disallowed_methods, reason = "this is a benchmark")]
#![expect(clippy::cast_precision_loss, reason = "three digits are shown")]

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use yinzheng::base::actor::Actor;
use yinzheng::base::digest::Digest;
use yinzheng::base::time::Timestamp;
use yinzheng::store::{Disk, DocumentKind, EventKind, OpenOptions, Store as _, Transaction, audit};

/// A sequence that no one guesses, the same in each run.
struct Noise(u64);

impl Noise {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn bytes(&mut self, count: usize) -> Vec<u8> {
        std::iter::repeat_with(|| self.next().to_le_bytes()).flatten().take(count).collect()
    }
}

/// A licence like the model office's: a page of 59 KB of which 39 KB are those of every other, a
/// credential of 4.5 KB, a record of 2 KB.
fn licence(number: u64, shared: &[u8], noise: &mut Noise) -> Transaction {
    let id = format!("{number:08x}-0000-4000-8000-{:012x}", noise.next() & 0xffff_ffff_ffff);
    let mut page = shared.to_vec();
    for part in 1..=30 {
        page.splice(part * 1200..part * 1200, noise.bytes(650));
    }
    let mut credential = shared[..4200].to_vec();
    credential.extend(noise.bytes(330));
    let list = u32::try_from(number / (1 << 19)).unwrap() + 1;
    let entry = |noise: &mut Noise| u32::try_from(noise.next() % (1 << 20)).unwrap();
    let digest = |noise: &mut Noise| Digest::of(&[&noise.next().to_le_bytes()]);
    Transaction {
        licence: Some((
            id.clone(),
            format!("{{\"id\":\"{id}\",\"values\":\"{}\"}}", "示例".repeat(330)),
        )),
        documents: vec![
            (DocumentKind::SealedPdf, page),
            (DocumentKind::HolderCredential, credential),
        ],
        layout: Some("food-operation/market".to_owned()),
        code: Some(digest(noise)),
        number: Some(("food-operation".to_owned(), format!("JY2519999{number:08}"))),
        drawn: vec![("number/food-operation".to_owned(), number)],
        idempotency: Some(("market-web".to_owned(), id.clone(), digest(noise))),
        status: vec![(list, entry(noise), 0), (list, entry(noise), 0)],
        marks: vec![(digest(noise).to_hex(), id)],
        ..Transaction::new(EventKind::Issued, Actor::LocalOperator, Timestamp::EPOCH, [7; 16])
    }
}

fn size_of(folder: &Path) -> u64 {
    std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| {
            let entry = entry.unwrap();
            let data = entry.metadata().unwrap();
            if data.is_dir() { size_of(&entry.path()) } else { data.len() }
        })
        .sum()
}

/// A figure of the process in kilobytes.
fn memory(name: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with(name)).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

fn seconds(start: Instant) -> f64 {
    start.elapsed().as_secs_f64()
}

/// Opens a store and says what that took.
fn open_alone(folder: &Path) {
    let start = Instant::now();
    let (disk, _) = Disk::open(folder, &OpenOptions::default()).unwrap();
    let (took, used) = (seconds(start), cpu());
    println!("start: {took:.3} s, {used:.3} s of CPU, {} MB", memory("VmRSS:") / 1024);
    drop(disk);
}

/// Seconds of CPU of this process.
fn cpu() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<_> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
    [11, 12].map(|at| fields[at].parse::<f64>().unwrap() / 100.0).iter().sum()
}

const OPEN: &str = "--open";

fn main() {
    let arguments: Vec<_> = std::env::args().collect();
    if let Some(at) = arguments.iter().position(|one| one == OPEN) {
        return open_alone(Path::new(&arguments[at + 1]));
    }
    let given = std::env::args().skip(1).find_map(|one| one.parse().ok());
    let count: u64 = given.unwrap_or(20_000);
    let folder = tempfile::tempdir_in(".").unwrap();
    let open = |reindex| {
        let start = Instant::now();
        let options = OpenOptions { reindex, ..OpenOptions::default() };
        let (disk, _) = Disk::open(folder.path(), &options).unwrap();
        (disk, seconds(start))
    };
    let (disk, _) = open(false);
    let shared = Noise(3).bytes(39_000);
    disk.reserve("number/food-operation", count + 1, Timestamp::EPOCH).unwrap();
    println!("licences   acts/s  CPU µs  journal KB  index KB  memory MB");
    let steps = 5;
    let (mut start, mut used) = (Instant::now(), cpu());
    for step in 0..steps {
        std::thread::scope(|scope| {
            let disk = &disk;
            let shared = &shared;
            for thread in 0..32_u64 {
                scope.spawn(move || {
                    let mut noise = Noise(thread + 1 + step * 32);
                    noise.bytes(99);
                    let range = step * count / steps..(step + 1) * count / steps;
                    for number in range.filter(|number| number % 32 == thread) {
                        while disk.commit(licence(number, shared, &mut noise)).is_err() {
                            std::thread::sleep(Duration::from_millis(1));
                        }
                    }
                });
            }
        });
        let done = (step + 1) * count / steps;
        println!(
            "{done:>8} {:>8.0} {:>7.0} {:>11.1} {:>9.2} {:>10}",
            (count / steps) as f64 / seconds(start),
            (cpu() - used) * 1e6 / (count / steps) as f64,
            size_of(&folder.path().join("journal")) as f64 / 1024.0 / done as f64,
            size_of(&folder.path().join("index")) as f64 / 1024.0 / done as f64,
            memory("VmRSS:") / 1024,
        );
        (start, used) = (Instant::now(), cpu());
    }
    let extent = disk.extent();
    drop(disk);
    println!(
        "index on disk after closing: {:.2} KB a licence",
        size_of(&folder.path().join("index")) as f64 / 1024.0 / count as f64
    );
    // In a process of its own, which has no memory of the filling.
    let itself = std::env::current_exe().unwrap();
    for _ in 0..2 {
        Command::new(&itself).arg(OPEN).arg(folder.path()).status().unwrap();
    }
    let (disk, _) = open(false);
    let mut noise = Noise(77);
    let start = Instant::now();
    for _ in 0..2000 {
        let number = noise.next() % count;
        let found = disk.reader().by_number("food-operation", &format!("JY2519999{number:08}"));
        disk.reader().licence(&found.unwrap().unwrap()).unwrap().unwrap();
    }
    println!("look-up by number: {:.1} µs", seconds(start) * 1e6 / 2000.0);
    let start = Instant::now();
    audit(&folder.path().join("journal"), &extent, &mut |_| {}).unwrap();
    println!("check: {:.1} µs a licence", seconds(start) * 1e6 / count as f64);
    drop(disk);
    let (disk, took) = open(true);
    println!("reindex: {:.1} µs a licence", took * 1e6 / count as f64);
    drop(disk);
}
