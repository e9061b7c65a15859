//! The `stead` executable.

use std::process::ExitCode;

// Perf: requests allocate often, in small pieces, on several threads at once.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    stead::cli::run()
}
