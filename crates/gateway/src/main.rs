//! The process that clients talk to.

use std::alloc::System;

use zeroizing_alloc::ZeroAlloc;

/// Passwords come through here, and every library on their way makes copies: of TLS, of HTTP, of
/// forms and JSON. Whatever is freed is wiped first.
#[global_allocator]
static WIPING: ZeroAlloc<System> = ZeroAlloc(System);

fn main() -> anyhow::Result<()> {
    fetch_runtime::run("gateway", gateway::serve)
}
