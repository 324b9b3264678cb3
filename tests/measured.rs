//! The tests that count what their process holds or what the machine does for them: one at a time,
//! and nobody else's work in the same process.

mod flood;
#[path = "world/forge.rs"]
mod forge;
mod large;
#[path = "world/large_file.rs"]
mod large_file;
mod scaling;
mod served;
mod world;

use std::sync::{Mutex, MutexGuard, PoisonError};

use peak_alloc::PeakAlloc;

#[global_allocator]
static ALLOCATED: PeakAlloc = PeakAlloc;

/// Held while something is measured.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}
