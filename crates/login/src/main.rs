//! The process that logs accounts in to PACER.

use std::alloc::System;

use zeroizing_alloc::ZeroAlloc;

/// Passwords come through here, and every library on their way makes copies. Whatever is freed is
/// wiped first.
#[global_allocator]
static WIPING: ZeroAlloc<System> = ZeroAlloc(System);

fn main() -> anyhow::Result<()> {
    fetch_runtime::run("login", login::serve)
}
