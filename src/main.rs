//! The `stead` executable.

use std::process::ExitCode;

// Perf: allocations of many small requests on several threads (benches `view`, `list`).
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    stead::cli::run()
}
