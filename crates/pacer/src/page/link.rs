//! What links of a court say about documents and cases.

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

/// The case, where an address has a name for it.
pub(crate) static CASE_ID_PARAMETER: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?i)[?&]caseid=([0-9]+)").expect("pattern is tested"));

/// The case that an address names: by its parameter, or as the whole query of a link to a case,
/// `DktRpt.pl?56120` or `iquery.pl?625371913403797-L_9999_1-0-663150`.
pub(crate) fn case_id(href: &str) -> Option<String> {
    if let Some(found) = CASE_ID_PARAMETER.captures(href) {
        return Some(found[1].to_owned());
    }
    let (_, query) = href.split('#').next()?.split_once('?')?;
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
