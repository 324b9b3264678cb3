//! The cost of a large file is proportional to its size, and its memory is bounded.
#![expect(clippy::print_stdout, reason = "the figures are what a reader of the run wants")]

use std::sync::Arc;

use crate::world::TestOffice;
use crate::{ALLOCATED, alone};
use axum::body::Body;
use axum::http::Request;
use hyper::service::Service as _;
use hyper_util::service::TowerToHyperService;
use yinzheng::base::limits::Budget;
use yinzheng::base::time::Clock as _;
use yinzheng::domain::trust::TrustSnapshot;
use yinzheng::domain::verify::context::Context;
use yinzheng::domain::verify::pdf::document;
use yinzheng::edge::http::router;
use yinzheng::store::Memory;

#[test]
fn memory_is_bounded_and_work_is_linear() {
    let _alone = alone();
    let test = TestOffice::over(Arc::new(Memory::new().unwrap()));
    let trust = TrustSnapshot::new(vec![test.parts.certificates.root.clone()]);
    let now = test.clock.now();
    let context = Context { trust: &trust, now, cache: None, require_revocation: false };
    let mut spent = Vec::new();
    for megabytes in [1, 10, 50] {
        let file = crate::large_file::signed(&test, megabytes << 20);
        let before = ALLOCATED.current_usage() - file.len();
        ALLOCATED.reset_peak_usage();
        let mut budget = Budget::default();
        let found = document::authenticate(&file, &context, &mut budget);
        let peak = ALLOCATED.peak_usage() - before;
        assert!(found.is_genuine(), "{:?}", found.findings);
        println!("{megabytes} MB: {peak} bytes of memory, the file among them");
        assert!(peak <= 3 * file.len() + (32 << 20), "{megabytes} MB took {peak} bytes");
        let whole = Budget::default();
        // Bytes are read at most twice; everything else is counted in objects.
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

/// The largest envelope of a share platform, full of values instead of a file: the sender is not
/// authenticated yet.
#[test]
fn a_body_full_of_values_is_refused_before_it_fills_the_memory() {
    let _alone = alone();
    let test = TestOffice::over(Arc::new(Memory::new().unwrap()));
    let service = TowerToHyperService::new(router(Arc::new(test.office)));
    let mut body = br#"{"head":{},"data":{"content":["#.to_vec();
    body.resize(28_000_000 / 2 * 2, b'1');
    for comma in body.iter_mut().skip(31).step_by(2) {
        *comma = b',';
    }
    body.extend_from_slice(b"1]}}");
    let request = Request::post("/share/v1/verifyFile").header("dpop", "x");
    let request = request.header("content-type", "application/json");
    let request = request.body(Body::from(body)).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let before = ALLOCATED.current_usage();
    ALLOCATED.reset_peak_usage();
    let answer = runtime.block_on(service.call(request)).unwrap();
    let peak = ALLOCATED.peak_usage() - before;
    println!("28 MB of values: {peak} bytes of memory beside them");
    assert!(peak <= 4 << 20, "{peak} bytes");
    let bytes = runtime.block_on(axum::body::to_bytes(answer.into_body(), 1 << 20)).unwrap();
    let said: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
    assert_eq!(
        (&said["head"]["status"], &said["head"]["code"]),
        (&901.into(), &"bad_request".into())
    );
}
