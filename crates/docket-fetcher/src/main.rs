//! The process that buys dockets and attachment menus.

fn main() -> anyhow::Result<()> {
    fetch_runtime::run("docket-fetcher", docket_fetcher::serve)
}
