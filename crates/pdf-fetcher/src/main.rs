//! The process that buys documents.

fn main() -> anyhow::Result<()> {
    fetch_runtime::run("pdf-fetcher", pdf_fetcher::serve)
}
