//! Lays the linked arena out in document order.

use super::sink::{NONE, RawNode};
use super::{Node, Page, Scripts, Tag};

/// Lays out the fragment's content below a root of our own.
pub(super) fn flatten(raw: &mut [RawNode], scripts: Scripts) -> Page {
    let bytes = raw.iter().map(|node| node.text.len()).sum();
    let mut page = Page {
        nodes: Vec::with_capacity(raw.len() + 1),
        attributes: Vec::new(),
        text: String::with_capacity(bytes),
        comments: Vec::new(),
    };
    let mut open = 0;
    push(&mut page, Tag::Other, 0);
    // The document's only child is the root of the fragment.
    let mut current = match raw[0].first {
        NONE => NONE,
        root => raw[root as usize].first,
    };
    let mut open_raw = raw[0].first;
    while current != NONE {
        let node = &mut raw[current as usize];
        let next = node.next;
        match node.tag {
            Tag::Style => {}
            Tag::Script if scripts == Scripts::Drop => {}
            Tag::Text => append_text(&mut page, open, &node.text),
            Tag::Comment => {
                let id = push(&mut page, Tag::Comment, open);
                page.comments.push((id, std::mem::take(&mut node.text)));
            }
            Tag::Transparent => {
                if node.first != NONE {
                    (open_raw, current) = (current, node.first);
                    continue;
                }
            }
            tag => {
                let id = push(&mut page, tag, open);
                for attribute in std::mem::take(&mut node.attributes) {
                    page.attributes.push(attribute);
                }
                page.nodes[id as usize].attributes.1 = small(page.attributes.len());
                if node.first != NONE {
                    (open, open_raw, current) = (id, current, node.first);
                    continue;
                }
                page.nodes[id as usize].end = id + 1;
            }
        }
        current = next;
        while current == NONE && open_raw != raw[0].first {
            if raw[open_raw as usize].tag != Tag::Transparent {
                page.nodes[open as usize].end = small(page.nodes.len());
                open = page.nodes[open as usize].parent;
            }
            current = raw[open_raw as usize].next;
            open_raw = raw[open_raw as usize].parent;
        }
    }
    page.nodes[0].end = small(page.nodes.len());
    push(&mut page, Tag::Other, 0);
    page
}

fn push(page: &mut Page, tag: Tag, parent: u32) -> u32 {
    let id = small(page.nodes.len());
    let attributes = small(page.attributes.len());
    page.nodes.push(Node {
        tag,
        parent,
        end: id + 1,
        text: small(page.text.len()),
        attributes: (attributes, attributes),
    });
    id
}

fn append_text(page: &mut Page, parent: u32, text: &str) {
    let joins = page
        .nodes
        .last()
        .is_some_and(|last| last.tag == Tag::Text && last.parent == parent);
    if !joins {
        push(page, Tag::Text, parent);
    }
    page.text.push_str(text);
}

pub(super) fn small(length: usize) -> u32 {
    u32::try_from(length).expect("pages are shorter than four gigabytes")
}
