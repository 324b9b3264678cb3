//! A large file costs as much as its size: the work does not grow faster, and the memory has a
//! bound. Alone in its program, so that nobody else's memory is counted.
#![expect(clippy::print_stdout, reason = "the figures are what a reader of the run wants")]

#[path = "world/large.rs"]
mod large;
mod world;

use std::sync::Arc;

use peak_alloc::PeakAlloc;
use world::TestOffice;
use yinzheng::base::limits::Budget;
use yinzheng::base::time::Clock as _;
use yinzheng::domain::trust::TrustSnapshot;
use yinzheng::domain::verify::credential::Context;
use yinzheng::domain::verify::document;
use yinzheng::store::Memory;

#[global_allocator]
static ALLOCATED: PeakAlloc = PeakAlloc;

#[test]
fn memory_is_bounded_and_work_is_linear() {
    let test = TestOffice::over(Arc::new(Memory::new().unwrap()));
    let trust = TrustSnapshot::new(vec![test.parts.certificates.root.clone()]);
    let now = test.clock.now();
    let context = Context { trust: &trust, now, cache: None, require_revocation: false };
    let mut spent = Vec::new();
    for megabytes in [1, 10, 50] {
        let file = large::signed(&test, megabytes << 20);
        let before = ALLOCATED.current_usage() - file.len();
        ALLOCATED.reset_peak_usage();
        let mut budget = Budget::default();
        let found = document::authenticate(&file, &context, &mut budget);
        let peak = ALLOCATED.peak_usage() - before;
        assert!(found.is_genuine(), "{:?}", found.findings);
        println!("{megabytes} MB: {peak} bytes of memory, the file among them");
        assert!(peak <= 3 * file.len() + (32 << 20), "{megabytes} MB took {peak} bytes");
        let whole = Budget::default();
        // Bytes are looked at as often as the file has them; everything else is counted in pieces.
        assert!(whole.read_bytes - budget.read_bytes <= 2 * file.len());
        spent.push([
            whole.objects - budget.objects,
            whole.steps - budget.steps,
            whole.signature_checks - budget.signature_checks,
            whole.inflated_bytes - budget.inflated_bytes,
        ]);
    }
    assert_eq!(spent[0], spent[1]);
    assert_eq!(spent[0], spent[2]);
}
