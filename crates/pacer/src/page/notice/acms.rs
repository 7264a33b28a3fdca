//! Notices of ACMS, which have no table.

use super::html::{date_filed, own_text};
use super::{Case, Form, Links, NoticeEntry, raw_name};
use crate::page::PageError;
use crate::page::docket_number::DocketNumberParts;
use crate::page::link::{href, links};
use crate::page::selection::{after_any, holding, innermost, is_blank};
use crate::page::strings::clean;
use crate::page::tree::{Page, Tag};

/// Reads the only case.
pub(super) fn read(page: &Page, court: &str) -> Result<Case, PageError> {
    let text = docket_text(page).ok_or(PageError::Missing("docket text"))?;
    let links = Links {
        case: None,
        document: document_link(page),
    };
    Ok(Case {
        raw_name: raw_name(name(page)),
        number_texts: Vec::new(),
        docket_number: number(page),
        docket_number_parts: DocketNumberParts::default(),
        entry: NoticeEntry::of(Form::Acms, court, date_filed(page)?, text, &links),
    })
}

fn name(page: &Page) -> Option<&str> {
    let label = *holding(page, Tag::Strong, "Case Name:").first()?;
    let span = page.after(label).find(|node| page.is(*node, Tag::Span))?;
    own_text(page, span)
}

fn number(page: &Page) -> Option<String> {
    let label = *holding(page, Tag::Strong, "Case Number:").first()?;
    let link = links(page, page.parent(label)).next()?;
    Some(page.text(link).to_owned())
}

fn document_link(page: &Page) -> Option<&str> {
    let labels = holding(page, Tag::B, "Document:");
    after_any(page, &labels)
        .into_iter()
        .filter(|node| page.is(*node, Tag::A))
        .find_map(|link| href(page, link))
}

fn docket_text(page: &Page) -> Option<String> {
    let label = page
        .all_of(Tag::Strong)
        .find(|label| page.text(*label).trim() == "Docket Text:")?;
    let block = innermost(page, label, Tag::Div)?;
    page.after(block)
        .filter(|node| page.is(*node, Tag::Div))
        .find(|node| !is_blank(page, *node))
        .map(|node| clean(page.text(node)))
        .filter(|text| !text.is_empty())
}
