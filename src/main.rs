//! The binary: everything is in the library.

use std::process::ExitCode;

/// It gives memory back. The machine's own keeps what each thread once had: 19 MiB for a password, of hundreds of threads.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    convene::cli::main()
}
