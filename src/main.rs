//! Arguments in, exit code out.

use std::process::ExitCode;

/// glibc keeps freed memory in an arena for each thread that freed it: after a flood of large
/// uploads the process would stay as large as it was.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    yinzheng::edge::cli::run()
}
