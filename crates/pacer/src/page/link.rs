//! What links of a court say about documents and cases.

use std::sync::LazyLock;

use regex::Regex;

use super::strings::leading_digits;
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

/// The links below an element, in order.
pub(crate) fn links(page: &Page, node: NodeId) -> impl Iterator<Item = NodeId> {
    page.below_of(node, Tag::A)
        .filter(|link| href(page, *link).is_some())
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

/// Sets the fourth character to 0; none if there is none to set.
fn canonical(id: &str) -> Option<String> {
    let (start, flag) = id.char_indices().nth(3)?;
    Some(format!(
        "{}0{}",
        &id[..start],
        &id[start + flag.len_utf8()..]
    ))
}

/// The case that an address names: by name, or as all there is in its query, perhaps after the id
/// of a session.
pub(crate) fn case_id(href: &str) -> Option<String> {
    if let Some(id) = digits_after(href, "caseid=") {
        return Some(id.to_owned());
    }
    let query = query(href)?;
    let has_session = query.contains('L');
    let id = query.rsplit('-').next().filter(|_| has_session);
    Some(id.unwrap_or(query).to_owned()).filter(|id| !id.is_empty())
}

fn digits_after<'a>(text: &'a str, label: &str) -> Option<&'a str> {
    let (_, after) = text.split_once(label)?;
    Some(leading_digits(after)).filter(|digits| !digits.is_empty())
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
