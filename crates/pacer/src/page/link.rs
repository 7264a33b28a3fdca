//! What links of a court say about documents and cases.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::Regex;

use super::document_number::is_number;
use super::tree::{AttributeName, NodeId, Page, Tag};

/// The address of a link. One with a scheme other than those of the web does not count.
pub(crate) fn href(page: &Page, node: NodeId) -> Option<&str> {
    let href = page.attribute(node, AttributeName::Href)?;
    let scheme = href
        .trim_start()
        .split_once(':')
        .map_or("", |(scheme, _)| scheme);
    let is_scheme = !scheme.is_empty() && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let is_web = ["http", "https"]
        .iter()
        .any(|web| scheme.eq_ignore_ascii_case(web));
    (!is_scheme || is_web).then_some(href)
}

/// The links below an element, in order, without those to notices: who files with an account sees
/// one beside each document, and it leads to no document.
pub(crate) fn links(page: &Page, node: NodeId) -> impl Iterator<Item = NodeId> {
    page.below_of(node, Tag::A)
        .filter(|link| href(page, *link).is_some_and(|href| !is_notice(href)))
}

/// Whether an address is that of the notice of a filing, `DisplayReceipt.pl?230820,8`.
fn is_notice(href: &str) -> bool {
    const SCRIPTS: [&str; 4] = ["displayreceipt", "receipt.pl", "shownotice", "nefview"];
    let path = href.split('?').next().unwrap_or_default();
    let script = path.rsplit('/').next().unwrap_or_default();
    // Most links lead to a document, whose address ends in its number.
    if script.bytes().all(|byte| byte.is_ascii_digit()) {
        return false;
    }
    let script = script.to_ascii_lowercase();
    SCRIPTS.iter().any(|name| script.contains(name))
}

/// Whether an element is a link to a notice.
pub(crate) fn is_notice_link(page: &Page, node: NodeId) -> bool {
    page.is(node, Tag::A) && href(page, node).is_some_and(is_notice)
}

/// Whether an element is a link that belongs to no document and shows no number: its words say
/// nothing about the document beside it.
fn is_other_link(page: &Page, node: NodeId) -> bool {
    if !page.is(node, Tag::A) {
        return false;
    }
    let address = page
        .attribute(node, AttributeName::Href)
        .unwrap_or_default();
    is_notice(address) || (!address.contains("doc") && !is_number(page.text(node).trim()))
}

/// The links below an element whose words are no part of a document's number.
pub(crate) fn other_links(page: &Page, node: NodeId) -> Vec<NodeId> {
    page.below_of(node, Tag::A)
        .filter(|link| is_other_link(page, *link))
        .collect()
}

/// The text of an element, without that of links to notices and the like.
pub(crate) fn text_without_other_links(page: &Page, node: NodeId) -> Cow<'_, str> {
    let others = other_links(page, node);
    if others.is_empty() {
        return Cow::Borrowed(page.text(node));
    }
    let texts = page.below_of(node, Tag::Text).filter(|text| {
        let is_inside = |link: &NodeId| (*link..page.end(*link)).contains(text);
        !others.iter().any(is_inside)
    });
    Cow::Owned(texts.map(|text| page.text(text)).collect())
}

/// The document that an address names, in canonical form: the fourth character is 0. None for
/// one that names no document.
pub(crate) fn document_id(href: &str) -> Option<String> {
    if href.contains("show_case_doc") {
        return None;
    }
    let href = href.split('#').next().unwrap_or_default();
    let path = href.split('?').next().unwrap_or_default();
    let last = path.rsplit('/').next().unwrap_or_default().trim();
    canonical(last)
}

/// Sets the fourth character to 0; none for what is no number of at least four digits. juriscraper
/// makes ids of the names of scripts too, and the corpus has them.
fn canonical(id: &str) -> Option<String> {
    if !is_number(id) && !id.ends_with(".pl") {
        return None;
    }
    let (start, flag) = id.char_indices().nth(3)?;
    Some(format!(
        "{}0{}",
        &id[..start],
        &id[start + flag.len_utf8()..]
    ))
}

/// The case, where an address has a name for it.
pub(crate) static CASE_ID_PARAMETER: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?i)[?&]caseid=([0-9]+)").expect("pattern is tested"));

/// The case that an address names: by name, or as the whole query of a link to a case,
/// `DktRpt.pl?56120` or `iquery.pl?625371913403797-L_9999_1-0-663150`.
pub(crate) fn case_id(href: &str) -> Option<String> {
    if let Some(id) = digits_after(href, "caseid=") {
        return Some(id.to_owned());
    }
    let query = query(href)?;
    let id = match query.contains('L') {
        true => query.rsplit('-').next().unwrap_or_default(),
        false => query,
    };
    Some(id.trim().to_owned()).filter(|id| is_number(id))
}

/// What a link's script passes on to the download form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DownloadCall {
    /// The case.
    pub(crate) case_id: Option<String>,
    /// The entry's internal number.
    pub(crate) sequence_number: Option<String>,
}

static CALL: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"goDLS\(([^)]*)\)").expect("pattern is tested"));

/// Reads `goDLS('/doc1/01712427473','56121','69',…)`.
pub(crate) fn download_call(onclick: &str) -> Option<DownloadCall> {
    let found = CALL.captures(onclick)?;
    let mut arguments = found.get(1)?.as_str().split(',').map(|argument| {
        let text = argument.trim().trim_matches(['\'', '"']);
        Some(text.to_owned()).filter(|text| !text.is_empty())
    });
    arguments.next()?;
    let case_id = arguments.next()?;
    let sequence_number = arguments.next()?;
    Some(DownloadCall {
        case_id,
        sequence_number,
    })
}

/// The download call of a link.
pub(crate) fn call_of(page: &Page, link: NodeId) -> Option<DownloadCall> {
    download_call(page.attribute(link, AttributeName::Onclick)?)
}

/// A value that the query of an address names.
pub(crate) fn query_value(href: &str, name: &str) -> Option<String> {
    query(href)?
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .find(|(found, value)| *found == name && !value.is_empty())
        .map(|(_, value)| value.to_owned())
}

fn query(href: &str) -> Option<&str> {
    let href = href.split('#').next().unwrap_or_default();
    href.split_once('?').map(|(_, query)| query)
}

/// An address as a browser would open it from a page of the court, without its fragment.
pub(crate) fn absolute(href: &str, court: &str) -> String {
    let href = href.trim();
    let href = href.split('#').next().unwrap_or_default();
    let (site, mut path) = match href.split_once("://") {
        Some((scheme, rest)) if !scheme.contains(['/', '?']) => {
            let path = rest.find(['/', '?']).unwrap_or(rest.len());
            let start = scheme.len() + "://".len();
            (href[..start + path].to_owned(), &rest[path..])
        }
        _ => (format!("https://ecf.{court}.uscourts.gov"), href),
    };
    while let Some(rest) = path
        .strip_prefix("/..")
        .filter(|rest| rest.starts_with('/'))
    {
        path = rest;
    }
    let slash = if path.is_empty() || path.starts_with(['/', '?']) {
        ""
    } else {
        "/"
    };
    format!("{site}{slash}{path}")
}

/// The digits after the first `name` that has some.
pub(crate) fn digits_after<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    run_after(text, name, |letter| letter.is_ascii_digit())
}

/// The word after the first `name` that has one.
pub(crate) fn word_after<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    run_after(text, name, |letter| {
        letter.is_alphanumeric() || letter == '_'
    })
}

fn run_after<'a>(text: &'a str, name: &str, belongs: fn(char) -> bool) -> Option<&'a str> {
    text.match_indices(name)
        .map(|(start, _)| {
            let rest = &text[start + name.len()..];
            let end = rest.find(|letter| !belongs(letter));
            &rest[..end.unwrap_or(rest.len())]
        })
        .find(|run| !run.is_empty())
}
