//! Whether a page is one that only a logged-in user sees.

use std::sync::LazyLock;

use regex::bytes::Regex;

use super::PageError;

static SURE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"(?-u)<case number=|<request number=|id="caseid"|Cost: |<message.*(?:Cannot find|Case Under Seal)"#)
        .expect("pattern is tested")
});
static LOGGED_OUT: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?-u)text.*Not logged in").expect("pattern is tested"));
static LIKELY: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r"(?-u)/cgi-bin/login\.pl\?logout|InvalidUserLogin\.jsp|Download Confirmation",
        r"|Documents are attached to this filing|The requested document cannot be displayed",
    ))
    .expect("pattern is tested")
});

/// Looks for evidence *for* a session; a page without any counts as logged out. Pages exist that
/// have none although the session is fine, so tell what kind of page it is first.
pub fn is_logged_in(page: &[u8]) -> bool {
    if SURE.is_match(page) {
        !LOGGED_OUT.is_match(page)
    } else {
        LIKELY.is_match(page)
    }
}

/// The same, in the shape that all kinds of page have.
pub fn parse(page: &[u8], _court: &str) -> Result<bool, PageError> {
    Ok(is_logged_in(page))
}
