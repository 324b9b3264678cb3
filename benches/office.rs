//! Issue (sheet, seal, two credentials, self-check, durable commit) and verify, in one process.
#![expect(missing_docs, reason = "criterion's macros make functions without documentation")]
#![expect(clippy::unwrap_used, reason = "a failed helper is a failed benchmark")]

#[path = "../tests/world/desk.rs"]
mod desk;
#[path = "../tests/world/large_file.rs"]
mod large_file;
#[path = "../tests/world/mod.rs"]
mod world;

use std::cell::LazyCell;
use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::time::Duration;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use desk::Desk;
use world::TestOffice;
use yinzheng::base::actor::Actor;
use yinzheng::base::digest::Digest;
use yinzheng::base::limits::Budget;
use yinzheng::base::time::{Clock as _, Timestamp};
use yinzheng::crypto::algorithm::Algorithm;
use yinzheng::crypto::signer::Signer as _;
use yinzheng::crypto::software::SoftwareKey;
use yinzheng::crypto::verify::{self, Form};
use yinzheng::domain::access::Caller;
use yinzheng::domain::sharing::HolderCode;
use yinzheng::domain::trust::{PathCache, TrustSnapshot};
use yinzheng::domain::verify::context::Context;
use yinzheng::domain::verify::pdf::document;
use yinzheng::format::merkle::proof::{self, Nodes};
use yinzheng::format::merkle::tile::HEIGHT;
use yinzheng::format::merkle::{self, Frontier};
use yinzheng::format::x509::Certificate;
use yinzheng::service::issue_command::{Request, Requester};
use yinzheng::service::sharing::{Limits, Query, Subject};
use yinzheng::store::{
    Collection, Disk, EventKind, Memory, OpenOptions, Record, Store as _, Transaction,
};

/// Issues with different names, so that no font subset comes from the cache.
fn issue_next(test: &TestOffice, count: &AtomicUsize) {
    let mut input = world::example("food-operation");
    let count = count.fetch_add(1, Ordering::Relaxed);
    let name = |at: usize| NAMES.chars().nth(at % NAMES.chars().count()).unwrap();
    let operator = format!("示例新区{}{}餐饮管理有限公司", name(count), name(count / 7));
    input["fields"]["operator"] = operator.into();
    let request = Request {
        requester: &Requester::Operator(Actor::LocalOperator),
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
    many(criterion, "issue/disk, 64 at a time", &|| issue_next(&test, &count));
}

/// Wall and CPU time of an act by 64 threads at a time.
fn many(criterion: &mut Criterion, name: &str, act: &(dyn Fn() + Sync)) {
    let rounds_of = |rounds: u64, read: &dyn Fn() -> Duration| {
        let start = read();
        std::thread::scope(|scope| {
            for _ in 0..64 {
                scope.spawn(|| (0..rounds.div_ceil(64)).for_each(|_| act()));
            }
        });
        let whole = u32::try_from(rounds.div_ceil(64) * 64).unwrap();
        read().saturating_sub(start) * u32::try_from(rounds).unwrap() / whole
    };
    #[expect(clippy::disallowed_methods, reason = "this is a benchmark")]
    let begin = std::time::Instant::now();
    criterion.bench_function(&format!("{name}, wall"), |bencher| {
        bencher.iter_custom(|rounds| rounds_of(rounds, &|| begin.elapsed()));
    });
    criterion.bench_function(&format!("{name}, CPU"), |bencher| {
        bencher.iter_custom(|rounds| rounds_of(rounds, &cpu));
    });
}

/// A query after authentication: grant, look-up, reduced credential, journal, signature; and the
/// cost of the journal line alone.
fn query(criterion: &mut Criterion) {
    let memory = || Arc::new(Memory::new().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let (disk, _) = Disk::open(folder.path(), &OpenOptions::default()).unwrap();
    let open = |desk: &Desk, persons: u32| {
        let limits = Limits { queries_a_minute: u32::MAX, misses_an_hour: u32::MAX };
        desk.office.limit_queries(limits);
        let fields = ["name", "address"];
        desk.grant(("social", "residence-permit"), &fields, &[], &["入学登记"]);
        let caller = desk.client("school-desk", "social", &["query:*"], &["入学登记"]);
        for person in 0..persons {
            desk.permit(person, None);
        }
        caller
    };
    let wanted = |person: u32| Query {
        subject: Subject::Holder(HolderCode::parse("111", &desk::citizen(person)).unwrap()),
        kind: "residence-permit".to_owned(),
        purpose: "入学登记".to_owned(),
        item: "2026-000117".to_owned(),
        fields: None,
        consent: None,
    };
    let count = AtomicU32::new(0);
    let ask = |desk: &Desk, caller: &Caller, persons: u32| {
        let person = count.fetch_add(1, Ordering::Relaxed) % persons;
        black_box(desk.office.query(caller, &wanted(person)).unwrap());
    };
    let desk = Desk::new();
    let caller = open(&desk, 20);
    ask(&desk, &caller, 20);
    criterion.bench_function("query/memory", |bencher| {
        bencher.iter(|| ask(&desk, &caller, 20));
    });
    // More than the cache holds: each credential is read and verified again.
    let many_persons = LazyCell::new(|| {
        let desk = Desk::new();
        let caller = open(&desk, 2_500);
        (desk, caller)
    });
    criterion.bench_function("query/memory, a licence not asked for lately", |bencher| {
        let (desk, caller) = &*many_persons;
        bencher.iter(|| ask(desk, caller, 2_500));
    });
    let line = serde_json::to_string(&desk.lines().pop().unwrap()).unwrap();
    let accesses = Memory::new().unwrap();
    criterion.bench_function("query/its line in the journal, memory", |bencher| {
        bencher.iter(|| {
            let key = format!("{:032x}", count.fetch_add(1, Ordering::Relaxed));
            let act = Transaction::new(EventKind::Accessed, caller.actor(), desk.now(), [7; 16]);
            let (room, value) = (Collection::Access, line.clone());
            let entries = vec![Record { room, key, revision: 1, value }];
            let about = vec!["1.2.156.3005.2".to_owned()];
            accesses.commit(Transaction { entries, about, ..act }).unwrap();
        });
    });
    let desk = Desk::over(memory(), Arc::new(disk));
    let caller = open(&desk, 20);
    many(criterion, "query/accesses on disk, 64 at a time", &|| ask(&desk, &caller, 20));
}

/// CPU time of this process on all cores: user and system, in ticks of 10 ms.
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

/// A file of 300 pages signed by pyHanko, and pyHanko's smallest: the cost without pages.
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

/// Time for each byte of a large signed file; `tests/large.rs` measures the memory.
fn verify_large(criterion: &mut Criterion) {
    let test = TestOffice::over(Arc::new(Memory::new().unwrap()));
    let trust = TrustSnapshot::new(vec![test.parts.certificates.root.clone()]);
    let now = test.clock.now();
    let context = Context { trust: &trust, now, cache: None, require_revocation: false };
    let mut group = criterion.benchmark_group("verify/large");
    group.sample_size(10);
    for megabytes in [1, 10, 50] {
        let file = large_file::signed(&test, megabytes << 20);
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

/// The nodes of a log in memory: rows of leaves' hashes, of roots of 256, and so on.
struct Levels(Vec<Vec<Digest>>);

impl Nodes for Levels {
    type Error = std::convert::Infallible;
    fn nodes(
        &self,
        level: u8,
        first: u64,
        count: usize,
    ) -> Result<Vec<Digest>, std::convert::Infallible> {
        let first = usize::try_from(first).unwrap();
        Ok(self.0[usize::from(level)][first..first + count].to_vec())
    }
}

/// Proofs in a log of ten million leaves. `src/store/tiles.rs` reads sixteen nodes with one key, so
/// that a proof on disk takes some hundred further look-ups.
fn log(criterion: &mut Criterion) {
    const LEAVES: u64 = 10_000_000;
    // Built on demand: other benchmarks run without it.
    let tree = LazyCell::new(|| {
        let (mut levels, mut tree) = (vec![Vec::new(); 4], Frontier::default());
        for number in 0..LEAVES {
            let leaf = merkle::leaf(&[&number.to_be_bytes()]);
            tree.push_with(leaf, &mut |height, _, root| {
                if height % HEIGHT == 0 {
                    levels[usize::try_from(height / HEIGHT).unwrap()].push(root);
                }
            });
        }
        (Levels(levels), tree.root())
    });
    let mut index = 0_u64;
    criterion.bench_function("log/inclusion in 10 million", |bencher| {
        let (nodes, _) = &*tree;
        bencher.iter(|| {
            index = (index + 7_654_321) % LEAVES;
            black_box(proof::inclusion(nodes, index, LEAVES).unwrap())
        });
    });
    criterion.bench_function("log/check of inclusion in 10 million", |bencher| {
        let (nodes, root) = &*tree;
        let path = proof::inclusion(nodes, index, LEAVES).unwrap();
        let leaf = merkle::leaf(&[&index.to_be_bytes()]);
        let check = || proof::verify_inclusion(&leaf, index, LEAVES, &path, root);
        bencher.iter(|| check().unwrap());
    });
    criterion.bench_function("log/consistency in 10 million", |bencher| {
        let (nodes, _) = &*tree;
        bencher.iter(|| {
            index = (index + 7_654_321) % LEAVES;
            black_box(proof::consistency(nodes, 1 + index, LEAVES).unwrap())
        });
    });
    let test = TestOffice::over(Arc::new(Memory::new().unwrap()));
    let id = test.issue("food-operation").unwrap().licence.id;
    criterion.bench_function("log/proof file of a small office", |bencher| {
        bencher.iter(|| black_box(test.office.log_proof(id.as_str()).unwrap().to_string()));
    });
}

/// The time that ring needs for one operation on this machine, and for the digest of one document:
/// the lower bound of everything above.
fn floor(criterion: &mut Criterion) {
    let key = SoftwareKey::from_pkcs8(&SoftwareKey::generate().unwrap()).unwrap();
    let signature = key.sign(b"message").unwrap();
    criterion
        .bench_function("floor/sign", |bencher| bencher.iter(|| key.sign(b"message").unwrap()));
    criterion.bench_function("floor/check a signature", |bencher| {
        let algorithm = Algorithm::ES256;
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

/// Characters that occur in names and not in the rest of the page.
const NAMES: &str = "堃旸镕赟頔喆晨曦瑞祥鼎盛恒泰锦绣荣华富贵吉庆";

criterion_group!(benches, floor, issue, query, verify_ours, verify_foreign, verify_large, log);
criterion_main!(benches);
