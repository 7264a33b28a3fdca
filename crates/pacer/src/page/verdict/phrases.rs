//! Looks for phrases in pages whose white space is unreliable.

use std::sync::LazyLock;

use regex::bytes::{Regex, RegexSet};

/// What a court's own server says, with whatever status, when it has waited for too long.
pub(super) const SERVER_TIMEOUT: &str =
    "Server timeout waiting for the HTTP request from the client.";

/// A table of phrases, each with what it means. White space matches any white space; a `*`
/// between words matches anything in the line.
pub(super) struct Phrases<M: 'static> {
    set: RegexSet,
    meanings: Vec<M>,
}

impl<M: Copy> Phrases<M> {
    /// Compiles a table. The first row that is found in a page decides.
    pub(super) fn new(rows: &[(&str, M)]) -> Self {
        let patterns = rows.iter().map(|(phrase, _)| {
            let words: Vec<String> = phrase.split(' ').map(regex::escape).collect();
            format!("(?-u){}", words.join(r"\s+").replace(r"\{any\}", ".*"))
        });
        Self {
            set: RegexSet::new(patterns).expect("phrases are tested"),
            meanings: rows.iter().map(|(_, meaning)| *meaning).collect(),
        }
    }

    /// What the page says, by the first row of the table that it matches.
    pub(super) fn find(&self, page: &[u8]) -> Option<M> {
        self.set
            .matches(page)
            .into_iter()
            .next()
            .map(|row| self.meanings[row])
    }
}

/// Whether the body is XML where a page was expected, which usually means that the court blocks
/// us.
pub(super) fn is_xml(page: &[u8]) -> bool {
    static XML: LazyLock<Regex> = LazyLock::new(|| {
        // With its declaration, or by an element that no page begins with.
        Regex::new(
            r"(?i-u)^(?:\xef\xbb\xbf)?\s*<(?:\?xml|(?:response|errors?|results?|request)[\s>/])",
        )
        .expect("pattern is tested")
    });
    static HTML: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"(?i-u)<html|<!doctype html").expect("pattern is tested"));
    XML.is_match(page) && !HTML.is_match(page)
}
