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

static MATTER: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?i)^\s*(?:in\s*-?\s*re|(?:in\s+)?the\s+matter(?:\s+of)?|matter\s+of)\b\s*(:?\s*$)?",
    )
    .expect("pattern is tested")
});

/// Whether a heading, `IN RE:`, says that what follows is no party but the matter itself.
pub(crate) fn heads_matter(heading: &str) -> bool {
    MATTER
        .captures(heading)
        .is_some_and(|found| found.get(1).is_some())
}

/// A heading that begins the name of a matter, `IN RE APPLICATION OF:`, without its colon.
pub(crate) fn begun_matter(heading: &str) -> Option<&str> {
    static BEGUN: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
            r"(?i)^\s*((?:in\s*-?\s*re|(?:in\s+the\s+)?matter\s+of)\b.*\b(?:of|for))\s*:?\s*$",
        )
        .expect("pattern is tested")
    });
    Some(BEGUN.captures(heading)?.get(1)?.as_str())
}

/// Whether a name says itself that it is one of a matter.
pub(crate) fn heads_matter_at_start(name: &str) -> bool {
    MATTER.is_match(name)
}

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
