//! Where the name of a case stands in the header of a page.

use std::sync::LazyLock;

use regex::Regex;

/// What a case is called when nothing else helps.
pub(crate) const UNKNOWN: &str = "Unknown Case Title";

static PATTERNS: LazyLock<[Regex; 5]> = LazyLock::new(|| {
    [
        r"(?:Case title:\s+)?(.*\bvs?\.?\s.*)",
        r"(?i)(?:Case title:\s+)?(.*\bvs?\.?\s.*)",
        r"(?i)Case title:\s+(.*)",
        r"(?i)\b(In re:?\s+.*)",
        r"(?i)\b(In the matter\s+.*)",
    ]
    .map(|pattern| Regex::new(pattern).expect("pattern is tested"))
});

/// What the patterns capture, of those that match from the first letter on.
pub(crate) fn starts(text: &str) -> impl Iterator<Item = &str> {
    PATTERNS
        .iter()
        .filter_map(|pattern| pattern.captures(text))
        .filter(|found| found.get_match().start() == 0)
        .filter_map(|found| found.get(1))
        .map(|name| name.as_str())
}

/// Finds the name in the header of a docket, with roles and all.
pub(crate) fn find(header: &str) -> Option<&str> {
    PATTERNS
        .iter()
        .find_map(|pattern| pattern.captures(header))
        .and_then(|found| found.get(1))
        .map(|name| name.as_str())
}
