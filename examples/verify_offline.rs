//! Verifies a file with a root and a status list, and no network:
//! `cargo run --example verify_offline -- root.pem status.jwt valid.pdf`

use std::error::Error;
use std::fs;
use std::time::{SystemTime, UNIX_EPOCH};

use yinzheng::verify::{Timestamp, Verifier};

#[expect(clippy::print_stdout, reason = "this is what the program is for")]
fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [root, status, file] = arguments.as_slice() else {
        return Err("usage: verify_offline ROOT.pem STATUS.jwt FILE".into());
    };
    #[expect(clippy::disallowed_methods, reason = "a program of its own reads its own clock")]
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
    let now = Timestamp::from_unix(i64::try_from(seconds)?).ok_or("a clock beyond the calendar")?;
    let mut verifier = Verifier::with_roots(&fs::read_to_string(root)?)?;
    verifier.add_status_list(&fs::read_to_string(status)?, now)?;
    let report = verifier.verify(file, &fs::read(file)?, now);
    println!("{}\n{}", report.headline.zh, report.headline.en);
    std::process::exit(i32::from(report.verdict.exit_code()));
}
