//! Issue (sheet, seal, two credentials, self-check, durable commit) and verify, in one process.
#![expect(missing_docs, reason = "criterion's macros make functions without documentation")]
#![expect(clippy::unwrap_used, reason = "a failed helper is a failed benchmark")]

#[path = "../tests/world/mod.rs"]
mod world;

use std::hint::black_box;
use std::sync::Arc;

use criterion::{Criterion, criterion_group, criterion_main};
use world::TestOffice;
use yinzheng::base::limits::Budget;
use yinzheng::base::time::Clock as _;
use yinzheng::domain::trust::{PathCache, TrustSnapshot};
use yinzheng::domain::verify::credential::Context;
use yinzheng::domain::verify::document;
use yinzheng::store::{Disk, Memory, OpenOptions};

fn issue(criterion: &mut Criterion) {
    let test = TestOffice::over(Arc::new(Memory::new().unwrap()));
    criterion.bench_function("issue/memory", |bencher| {
        bencher.iter(|| black_box(test.issue("food-operation").unwrap()));
    });
    let folder = tempfile::tempdir().unwrap();
    let (disk, _) = Disk::open(folder.path(), &OpenOptions::default()).unwrap();
    let test = TestOffice::over(Arc::new(disk));
    criterion.bench_function("issue/disk, 64 at a time", |bencher| {
        bencher.iter_custom(|rounds| {
            #[expect(clippy::disallowed_methods, reason = "this is a benchmark")]
            let start = std::time::Instant::now();
            for _ in 0..rounds.div_ceil(64) {
                std::thread::scope(|scope| {
                    for _ in 0..64 {
                        scope.spawn(|| test.issue("food-operation").unwrap());
                    }
                });
            }
            let whole = u32::try_from(rounds.div_ceil(64) * 64).unwrap();
            start.elapsed() * u32::try_from(rounds).unwrap() / whole
        });
    });
}

fn verify(criterion: &mut Criterion) {
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

criterion_group!(benches, issue, verify);
criterion_main!(benches);
