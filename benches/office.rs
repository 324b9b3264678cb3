//! Issue (sheet, seal, two credentials, self-check, durable commit) and verify, in one process.
#![expect(missing_docs, reason = "criterion's macros make functions without documentation")]
#![expect(clippy::unwrap_used, reason = "a failed helper is a failed benchmark")]

#[path = "../tests/world/large.rs"]
mod large;
#[path = "../tests/world/mod.rs"]
mod world;

use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use world::TestOffice;
use yinzheng::base::actor::Actor;
use yinzheng::base::digest::Digest;
use yinzheng::base::limits::Budget;
use yinzheng::base::time::{Clock as _, Timestamp};
use yinzheng::crypto::algorithm::Algorithm;
use yinzheng::crypto::signer::Signer as _;
use yinzheng::crypto::software::SoftwareKey;
use yinzheng::crypto::verify::{self, Form};
use yinzheng::domain::trust::{PathCache, TrustSnapshot};
use yinzheng::domain::verify::credential::Context;
use yinzheng::domain::verify::document;
use yinzheng::format::x509::Certificate;
use yinzheng::service::issue::Request;
use yinzheng::store::{Disk, Memory, OpenOptions};

/// Issues with names that differ, so that no font subset is one that was made before.
fn issue_next(test: &TestOffice, count: &AtomicUsize) {
    let mut input = world::example("food-operation");
    let count = count.fetch_add(1, Ordering::Relaxed);
    let name = |at: usize| NAMES.chars().nth(at % NAMES.chars().count()).unwrap();
    let operator = format!("示例新区{}{}餐饮管理有限公司", name(count), name(count / 7));
    input["fields"]["operator"] = operator.into();
    let request = Request {
        actor: &Actor::LocalOperator,
        kind: "food-operation",
        input: &input,
        idempotency: None,
    };
    black_box(test.office.issue(&request).unwrap());
}

fn issue(criterion: &mut Criterion) {
    let count = AtomicUsize::new(0);
    let test = TestOffice::over(Arc::new(Memory::new().unwrap()));
    criterion.bench_function("issue/memory", |bencher| bencher.iter(|| issue_next(&test, &count)));
    let folder = tempfile::tempdir().unwrap();
    let (disk, _) = Disk::open(folder.path(), &OpenOptions::default()).unwrap();
    let test = TestOffice::over(Arc::new(disk));
    let rounds_of = |rounds: u64, read: &dyn Fn() -> Duration| {
        let start = read();
        std::thread::scope(|scope| {
            for _ in 0..64 {
                scope.spawn(|| (0..rounds.div_ceil(64)).for_each(|_| issue_next(&test, &count)));
            }
        });
        let whole = u32::try_from(rounds.div_ceil(64) * 64).unwrap();
        read().saturating_sub(start) * u32::try_from(rounds).unwrap() / whole
    };
    #[expect(clippy::disallowed_methods, reason = "this is a benchmark")]
    let begin = std::time::Instant::now();
    criterion.bench_function("issue/disk, 64 at a time, wall", |bencher| {
        bencher.iter_custom(|rounds| rounds_of(rounds, &|| begin.elapsed()));
    });
    criterion.bench_function("issue/disk, 64 at a time, CPU", |bencher| {
        bencher.iter_custom(|rounds| rounds_of(rounds, &cpu));
    });
}

/// What this process took of all cores: user and system time, in ticks of 10 ms.
fn cpu() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let after = stat.rsplit(')').next().unwrap();
    let ticks = |at: usize| after.split_whitespace().nth(at).unwrap().parse::<u64>().unwrap();
    Duration::from_millis((ticks(11) + ticks(12)) * 10)
}

fn verify_ours(criterion: &mut Criterion) {
    let test = TestOffice::over(Arc::new(Memory::new().unwrap()));
    let pdf = test.issue("food-operation").unwrap().pdf;
    let trust = TrustSnapshot::new(vec![test.parts.certificates.root.clone()]);
    let cache = PathCache::default();
    for (name, cache) in [("verify/cold", None), ("verify/chain cached", Some(&cache))] {
        let now = test.clock.now();
        let context = Context { trust: &trust, now, cache, require_revocation: false };
        criterion.bench_function(name, |bencher| {
            bencher.iter(|| {
                let found = document::authenticate(&pdf, &context, &mut Budget::default());
                assert!(black_box(found).is_genuine());
            });
        });
    }
}

/// A file of 300 pages that pyHanko signed, and the smallest of pyHanko's: what is left when no page
/// is read.
fn verify_foreign(criterion: &mut Criterion) {
    let read = |name: &str| std::fs::read(format!("tests/data/foreign/{name}")).unwrap();
    let roots = String::from_utf8(read("root.pem")).unwrap();
    let trust = TrustSnapshot::new(Certificate::from_pem(&roots).unwrap());
    let now = Timestamp::parse("2026-07-01T00:00:00Z").unwrap();
    let context = Context { trust: &trust, now, cache: None, require_revocation: false };
    for name in ["pages-300.pdf", "pyhanko-table.pdf"] {
        let file = read(name);
        criterion.bench_function(&format!("verify/foreign {name}"), |bencher| {
            bencher.iter(|| {
                let found = document::authenticate(&file, &context, &mut Budget::default());
                assert!(black_box(found).is_genuine());
            });
        });
    }
}

/// Time for each byte of a signed file of a stranger's size; `tests/large.rs` has the memory.
fn verify_large(criterion: &mut Criterion) {
    let test = TestOffice::over(Arc::new(Memory::new().unwrap()));
    let trust = TrustSnapshot::new(vec![test.parts.certificates.root.clone()]);
    let now = test.clock.now();
    let context = Context { trust: &trust, now, cache: None, require_revocation: false };
    let mut group = criterion.benchmark_group("verify/large");
    group.sample_size(10);
    for megabytes in [1, 10, 50] {
        let file = large::signed(&test, megabytes << 20);
        group.throughput(Throughput::Bytes(u64::try_from(file.len()).unwrap()));
        group.bench_function(format!("{megabytes} MB"), |bencher| {
            bencher.iter(|| {
                let found = document::authenticate(&file, &context, &mut Budget::default());
                assert!(black_box(found).is_genuine());
            });
        });
    }
    group.finish();
}

/// What ring needs for one operation here, and for the digest of one document: the floor of
/// everything above.
fn floor(criterion: &mut Criterion) {
    let key = SoftwareKey::from_pkcs8(&SoftwareKey::generate().unwrap()).unwrap();
    let signature = key.sign(b"message").unwrap();
    criterion
        .bench_function("floor/sign", |bencher| bencher.iter(|| key.sign(b"message").unwrap()));
    criterion.bench_function("floor/check a signature", |bencher| {
        let algorithm = Algorithm::EcdsaP256Sha256;
        let check = || {
            let bytes = signature.as_fixed();
            verify::verify(algorithm, Form::Fixed, key.public_key(), b"message", bytes)
        };
        bencher.iter(|| check().unwrap());
    });
    let document = vec![7; 60_000];
    criterion.bench_function("floor/digest of 60 KB", |bencher| {
        bencher.iter(|| Digest::of(&[&document]));
    });
}

/// Characters that names have and the rest of the page has not.
const NAMES: &str = "堃旸镕赟頔喆晨曦瑞祥鼎盛恒泰锦绣荣华富贵吉庆";

criterion_group!(benches, floor, issue, verify_ours, verify_foreign, verify_large);
criterion_main!(benches);
