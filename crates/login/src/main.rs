//! The process that logs accounts in to PACER.

fn main() -> anyhow::Result<()> {
    fetch_runtime::run("login", login::serve)
}
