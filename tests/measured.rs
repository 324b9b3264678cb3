//! The tests that measure the memory of their process or the work of the machine: one at a time, in
//! a process of their own.

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

/// Held during a measurement.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}
