//! The process that clients talk to.

fn main() -> anyhow::Result<()> {
    fetch_runtime::run("gateway", gateway::serve)
}
