//! Prints `docs/FAILURES.md`.

use std::io::Write;

fn main() -> std::io::Result<()> {
    std::io::stdout().write_all(fetch_model::failures_page::failures_page().as_bytes())
}
