//! One program for every target, so that the verifier is instrumented and linked once.
//! `FUZZ_TARGET` names the target; the arguments are libFuzzer's.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;

mod targets {
    pub mod access;
    pub mod application;
    pub mod certificate;
    pub mod cms;
    pub mod log_note;
    pub mod ocsp;
    pub mod pdf_filter;
    pub mod pdf_reader;
    pub mod revocation_list;
    pub mod sd_jwt;
    pub mod status_list;
    pub mod strict_json;
    pub mod timestamp;
    pub mod verify;
    pub mod zip;
}

static TARGET: LazyLock<fn(&[u8])> = LazyLock::new(|| {
    let name = std::env::var("FUZZ_TARGET").unwrap_or_default();
    match name.as_str() {
        "access" => targets::access::run,
        "application" => targets::application::run,
        "certificate" => targets::certificate::run,
        "cms" => targets::cms::run,
        "log_note" => targets::log_note::run,
        "ocsp" => targets::ocsp::run,
        "pdf_filter" => targets::pdf_filter::run,
        "pdf_reader" => targets::pdf_reader::run,
        "revocation_list" => targets::revocation_list::run,
        "sd_jwt" => targets::sd_jwt::run,
        "status_list" => targets::status_list::run,
        "strict_json" => targets::strict_json::run,
        "timestamp" => targets::timestamp::run,
        "verify" => targets::verify::run,
        "zip" => targets::zip::run,
        _ => {
            eprintln!("FUZZ_TARGET={name} is no file of fuzz/targets, or not in fuzz/main.rs");
            std::process::exit(64);
        }
    }
});

fuzz_target!(|data: &[u8]| TARGET(data));
