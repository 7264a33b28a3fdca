//! The docket text of an HTML notice, which follows the table of its case.

use super::Form;
use crate::page::PageError;
use crate::page::selection::holding;
use crate::page::strings::clean;
use crate::page::tree::{AttributeName, NodeId, Page, Tag};

/// The font of docket texts.
const FACE: &str = "arial,helvetica";
/// The text node at which an appellate docket text ends.
const END: &str = "Notice will be electronically mailed to:";

/// The docket texts of a page. Neighbouring cases often share one.
pub(super) struct DocketTexts<'a> {
    page: &'a Page,
    form: Form,
    /// What introduces them, in order.
    labels: Vec<NodeId>,
    /// All elements in their font, in order.
    fonts: Vec<NodeId>,
    last: Option<(NodeId, String)>,
}

impl<'a> DocketTexts<'a> {
    pub(super) fn find(page: &'a Page, form: Form) -> Self {
        Self {
            page,
            form,
            labels: holding(page, Tag::Strong, "Docket Text:"),
            fonts: page
                .all_of(Tag::Font)
                .filter(|font| page.attribute(*font, AttributeName::Face) == Some(FACE))
                .collect(),
            last: None,
        }
    }

    /// The first docket text after a table.
    pub(super) fn after_table(&mut self, table: NodeId) -> Result<String, PageError> {
        const MISSING: PageError = PageError::Missing("docket text");
        let end = self.page.end(table);
        let first = self.labels.partition_point(|label| *label < end);
        let label = *self.labels.get(first).ok_or(MISSING)?;
        let text = match self.last.take() {
            Some((last, text)) if last == label => text,
            _ => self.read(label),
        };
        if text.is_empty() {
            return Err(MISSING);
        }
        self.last = Some((label, text.clone()));
        Ok(text)
    }

    fn read(&self, label: NodeId) -> String {
        let paragraph = self.page.parent(label);
        match self.form {
            Form::Appellate => clean(after_label(self.page, label)),
            _ if self.page.is(paragraph, Tag::P) => self.in_paragraph(paragraph),
            _ => String::new(),
        }
    }

    /// The first place that has text, from what courts write to what forwarding programs make of
    /// it, and what follows the paragraph if the text itself ended it.
    fn in_paragraph(&self, paragraph: NodeId) -> String {
        let page = self.page;
        let places = [
            in_first(page, paragraph, Tag::Font, Tag::B),
            in_first(page, paragraph, Tag::B, Tag::Span),
            page.children_of(paragraph, Tag::Text).collect(),
            self.fonts_in(paragraph),
        ];
        let text = places
            .into_iter()
            .map(|nodes| joined(page, nodes))
            .find(|text| !clean(text).is_empty())
            .unwrap_or_default();
        clean(&(text + &self.rest(paragraph)))
    }

    /// A paragraph or a list in the docket text ends the paragraph around it, and browsers then go on
    /// in the same font. So text in that font that follows belongs to it, up to any other text.
    fn rest(&self, paragraph: NodeId) -> String {
        let page = self.page;
        let first = self
            .fonts
            .partition_point(|font| *font < page.end(paragraph));
        let mut fonts = self.fonts[first..].iter().peekable();
        let mut end = 0;
        // A text that is known to be the next after a table.
        let mut goes_on = 0;
        let mut rest = String::new();
        for node in page.end(paragraph)..page.all().end {
            if fonts.next_if_eq(&&node).is_some() {
                end = end.max(page.end(node));
            }
            match page.tag(node) {
                Tag::Text if node < end => rest.push_str(page.text(node)),
                Tag::Text if page.text(node).trim().is_empty() => {}
                Tag::Text => break,
                // Browsers do not go on in the cells of a table, but after it.
                Tag::Table if node >= end => {
                    if page.end(node) > goes_on {
                        match self.goes_on_after(node) {
                            Some(text) => goes_on = text,
                            None => break,
                        }
                    }
                    end = page.end(node);
                }
                Tag::A | Tag::B | Tag::Font | Tag::I | Tag::Span | Tag::Strong | Tag::U => {}
                _ => rest.push(' '),
            }
        }
        rest
    }

    /// The first text after a node, if it is in the font of docket texts.
    fn goes_on_after(&self, node: NodeId) -> Option<NodeId> {
        let page = self.page;
        let start = page.end(node);
        let first = self.fonts.partition_point(|font| *font < start);
        let text = (start..page.all().end)
            .filter(|node| page.is(*node, Tag::Text))
            .find(|text| !page.text(*text).trim().is_empty())?;
        let font = *self.fonts.get(first)?;
        (font < text && text < page.end(font)).then_some(text)
    }

    /// Fonts that are children.
    fn fonts_in(&self, paragraph: NodeId) -> Vec<NodeId> {
        let (start, end) = (paragraph, self.page.end(paragraph));
        let first = self.fonts.partition_point(|font| *font <= start);
        self.fonts[first..]
            .iter()
            .copied()
            .take_while(|font| *font < end)
            .filter(|font| self.page.parent(*font) == paragraph)
            .collect()
    }
}

/// Whether a text node begins what follows an appellate docket text.
fn ends(text: &str) -> bool {
    text == END
        || text.starts_with("The following document(s) are associated with this transaction")
}

fn after_label(page: &Page, label: NodeId) -> &str {
    let start = page.end(label);
    let all = page.all().end;
    let end = (start..all)
        .find(|node| page.is(*node, Tag::Text) && ends(page.text(*node).trim()))
        .unwrap_or(all);
    page.text_between(start, end)
}

/// The `inner` children of the first `outer` child.
fn in_first(page: &Page, node: NodeId, outer: Tag, inner: Tag) -> Vec<NodeId> {
    page.children_of(node, outer)
        .next()
        .map_or_else(Vec::new, |first| page.children_of(first, inner).collect())
}

fn joined(page: &Page, nodes: Vec<NodeId>) -> String {
    nodes.into_iter().map(|node| page.text(node)).collect()
}
