//! Takes what the tree construction of the HTML standard says to build, as a linked arena.
//!
//! Handles carry their element's name, so that asking for it borrows nothing from the arena.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};

use html5ever::interface::{ElementFlags, NodeOrText, QuirksMode, TreeSink};
use html5ever::tendril::StrTendril;
use html5ever::{Attribute, ExpandedName, LocalName, Namespace, QualName};

use super::{AttributeName, Tag};

/// No node.
pub(super) const NONE: u32 = u32::MAX;

pub(super) struct RawNode {
    pub(super) tag: Tag,
    pub(super) text: StrTendril,
    pub(super) attributes: Vec<(AttributeName, StrTendril)>,
    pub(super) parent: u32,
    pub(super) first: u32,
    pub(super) last: u32,
    pub(super) previous: u32,
    pub(super) next: u32,
    depth: u32,
}

#[derive(Clone)]
pub(super) struct Handle {
    id: u32,
    namespace: Namespace,
    local: LocalName,
}

pub(super) struct Sink {
    nodes: RefCell<Vec<RawNode>>,
    /// The deepest nesting so far.
    pub(super) depth: Cell<u32>,
}

/// The document is the first node.
const DOCUMENT: u32 = 0;

impl Sink {
    pub(super) fn new(bytes: usize) -> Self {
        let sink = Self {
            nodes: RefCell::new(Vec::with_capacity(bytes / 16 + 16)),
            depth: Cell::new(0),
        };
        sink.add(Tag::Other, StrTendril::new(), Vec::new());
        sink
    }

    pub(super) fn len(&self) -> usize {
        self.nodes.borrow().len()
    }

    fn add(&self, tag: Tag, text: StrTendril, attributes: Vec<(AttributeName, StrTendril)>) -> u32 {
        let mut nodes = self.nodes.borrow_mut();
        let id = u32::try_from(nodes.len()).expect("the parser stops long before so many nodes");
        nodes.push(RawNode {
            tag,
            text,
            attributes,
            parent: NONE,
            first: NONE,
            last: NONE,
            previous: NONE,
            next: NONE,
            depth: 0,
        });
        id
    }

    /// Puts a node, which has no parent, in front of `next`, or at the end without one.
    fn link(&self, parent: u32, child: u32, next: u32) {
        let mut nodes = self.nodes.borrow_mut();
        let previous = match next {
            NONE => nodes[parent as usize].last,
            next => nodes[next as usize].previous,
        };
        let depth = nodes[parent as usize].depth + 1;
        let node = &mut nodes[child as usize];
        (node.parent, node.previous, node.next, node.depth) = (parent, previous, next, depth);
        match previous {
            NONE => nodes[parent as usize].first = child,
            previous => nodes[previous as usize].next = child,
        }
        match next {
            NONE => nodes[parent as usize].last = child,
            next => nodes[next as usize].previous = child,
        }
        self.depth.set(self.depth.get().max(depth));
    }

    fn unlink(&self, child: u32) {
        let mut nodes = self.nodes.borrow_mut();
        let RawNode {
            parent,
            previous,
            next,
            ..
        } = nodes[child as usize];
        if parent == NONE {
            return;
        }
        match previous {
            NONE => nodes[parent as usize].first = next,
            previous => nodes[previous as usize].next = next,
        }
        match next {
            NONE => nodes[parent as usize].last = previous,
            next => nodes[next as usize].previous = previous,
        }
        let node = &mut nodes[child as usize];
        (node.parent, node.previous, node.next) = (NONE, NONE, NONE);
    }

    /// Inserts before `next`, joining text to text.
    fn insert(&self, parent: u32, next: u32, child: NodeOrText<Handle>) {
        match child {
            NodeOrText::AppendNode(node) => {
                self.unlink(node.id);
                self.link(parent, node.id, next);
            }
            NodeOrText::AppendText(text) => self.insert_text(parent, next, text),
        }
    }

    fn insert_text(&self, parent: u32, next: u32, text: StrTendril) {
        let previous = {
            let nodes = self.nodes.borrow();
            match next {
                NONE => nodes[parent as usize].last,
                next => nodes[next as usize].previous,
            }
        };
        if previous != NONE {
            let neighbour = &mut self.nodes.borrow_mut()[previous as usize];
            if neighbour.tag == Tag::Text {
                neighbour.text.push_tendril(&text);
                return;
            }
        }
        let child = self.add(Tag::Text, text, Vec::new());
        self.link(parent, child, next);
    }

    fn parent_of(&self, node: &Handle) -> u32 {
        self.nodes.borrow()[node.id as usize].parent
    }
}

impl TreeSink for Sink {
    type Handle = Handle;
    type Output = Vec<RawNode>;
    type ElemName<'a> = ExpandedName<'a>;

    fn finish(self) -> Vec<RawNode> {
        self.nodes.into_inner()
    }

    fn parse_error(&self, _message: Cow<'static, str>) {}

    fn get_document(&self) -> Handle {
        Handle {
            id: DOCUMENT,
            namespace: Namespace::default(),
            local: LocalName::default(),
        }
    }

    fn elem_name<'a>(&'a self, target: &'a Handle) -> ExpandedName<'a> {
        ExpandedName {
            ns: &target.namespace,
            local: &target.local,
        }
    }

    fn create_element(
        &self,
        name: QualName,
        attributes: Vec<Attribute>,
        _: ElementFlags,
    ) -> Handle {
        let kept = attributes
            .into_iter()
            .filter_map(|attribute| {
                AttributeName::named(&attribute.name.local).map(|name| (name, attribute.value))
            })
            .collect();
        let id = self.add(Tag::of(&name.local), StrTendril::new(), kept);
        Handle {
            id,
            namespace: name.ns,
            local: name.local,
        }
    }

    fn create_comment(&self, text: StrTendril) -> Handle {
        let id = self.add(Tag::Comment, text, Vec::new());
        Handle {
            id,
            namespace: Namespace::default(),
            local: LocalName::default(),
        }
    }

    fn create_pi(&self, _target: StrTendril, data: StrTendril) -> Handle {
        self.create_comment(data)
    }

    fn append(&self, parent: &Handle, child: NodeOrText<Handle>) {
        self.insert(parent.id, NONE, child);
    }

    fn append_based_on_parent_node(
        &self,
        element: &Handle,
        previous: &Handle,
        child: NodeOrText<Handle>,
    ) {
        if self.parent_of(element) == NONE {
            self.append(previous, child);
        } else {
            self.append_before_sibling(element, child);
        }
    }

    fn append_doctype_to_document(&self, _: StrTendril, _: StrTendril, _: StrTendril) {}

    /// Templates keep their content like any element.
    fn get_template_contents(&self, target: &Handle) -> Handle {
        target.clone()
    }

    fn same_node(&self, one: &Handle, other: &Handle) -> bool {
        one.id == other.id
    }

    fn set_quirks_mode(&self, _mode: QuirksMode) {}

    fn append_before_sibling(&self, sibling: &Handle, child: NodeOrText<Handle>) {
        let parent = self.parent_of(sibling);
        if parent != NONE {
            self.insert(parent, sibling.id, child);
        }
    }

    fn add_attrs_if_missing(&self, _target: &Handle, _attributes: Vec<Attribute>) {}

    fn remove_from_parent(&self, target: &Handle) {
        self.unlink(target.id);
    }

    fn reparent_children(&self, node: &Handle, new_parent: &Handle) {
        loop {
            let child = self.nodes.borrow()[node.id as usize].first;
            if child == NONE {
                return;
            }
            self.unlink(child);
            self.link(new_parent.id, child, NONE);
        }
    }
}
