//! The tree of a page, laid out in the order of the page.
//!
//! Nodes are numbered in document order and know where their content ends, so that "below" is a
//! range of numbers. All text is in one buffer in the same order, so that the text of an element
//! is a slice. Nothing recurses, however deeply a page nests.

mod flatten;
mod reference;
mod sink;
#[cfg(test)]
mod tests;
mod tokenizer;

use std::borrow::Cow;
use std::ops::Range;

use html5ever::interface::{TreeSink, create_element};
use html5ever::tendril::StrTendril;
use html5ever::tree_builder::{TreeBuilder, TreeBuilderOpts};
use html5ever::{LocalName, QualName, local_name, ns};
use memchr::{memchr, memmem};
use regex::Regex;

use super::PageError;
use flatten::small;
use sink::Sink;
use tokenizer::Tokenizer;

/// A node of a page.
pub(crate) type NodeId = u32;

/// Deeper than any page of a court, and shallow enough to stay fast.
const MAX_DEPTH: u32 = 2_000;

macro_rules! tags {
    ($($tag:ident = $name:tt),* $(,)?) => {
        /// What a node is, as far as any kind of page asks.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Tag {
            /// A run of characters between tags or comments.
            Text,
            /// A comment, which is never text but ends it.
            Comment,
            /// An element that no rule names.
            Other,
            /// An element that stands for its content, which is its parent's.
            Transparent,
            $(#[doc = concat!("`", $name, "`")] $tag,)*
        }

        impl Tag {
            fn of(name: &LocalName) -> Self {
                match *name {
                    $(local_name!($name) => Self::$tag,)*
                    _ if is_transparent(name) => Self::Transparent,
                    _ => Self::Other,
                }
            }
        }
    };
}

tags! {
    A = "a", B = "b", Br = "br", Center = "center", Div = "div", Font = "font", Form = "form",
    H2 = "h2", H3 = "h3", I = "i", Iframe = "iframe", Input = "input", P = "p", Script = "script",
    Span = "span", Strong = "strong", Style = "style", Table = "table", Tbody = "tbody",
    Td = "td", Th = "th", Tr = "tr", U = "u",
}

/// Elements without meaning of their own, such as `nobr`, `label` and those that mail programs
/// invent, interrupt neither text nor what is a child of what.
fn is_transparent(name: &str) -> bool {
    const KEPT: &[&str] = &[
        "abbr",
        "acronym",
        "area",
        "article",
        "aside",
        "bdi",
        "bdo",
        "blockquote",
        "caption",
        "cite",
        "code",
        "col",
        "colgroup",
        "data",
        "dd",
        "del",
        "details",
        "dfn",
        "dl",
        "dt",
        "em",
        "figcaption",
        "figure",
        "footer",
        "h1",
        "h4",
        "h5",
        "h6",
        "header",
        "hgroup",
        "hr",
        "img",
        "ins",
        "kbd",
        "li",
        "map",
        "mark",
        "nav",
        "ol",
        "pre",
        "q",
        "rp",
        "rt",
        "rtc",
        "ruby",
        "s",
        "samp",
        "small",
        "strike",
        "sub",
        "summary",
        "sup",
        "thead",
        "time",
        "tt",
        "ul",
        "var",
        "wbr",
    ];
    KEPT.binary_search(&name).is_err()
}

macro_rules! attributes {
    ($($attribute:ident = $name:tt),* $(,)?) => {
        /// The attributes that rules ask for; others are dropped.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum AttributeName {
            $(#[doc = concat!("`", $name, "`")] $attribute,)*
        }

        impl AttributeName {
            fn named(name: &str) -> Option<Self> {
                match name {
                    $($name => Some(Self::$attribute),)*
                    _ => None,
                }
            }
        }
    };
}

attributes! {
    Action = "action", Class = "class", Face = "face", Href = "href", Id = "id", Name = "name",
    Onclick = "onclick", Onsubmit = "onsubmit", Size = "size", Src = "src", Type = "type",
    Value = "value",
}

/// What becomes of scripts and styles.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scripts {
    /// They go, and the text on both sides of one becomes one text node.
    Drop,
    /// Scripts stay, for pages that keep their ids in them.
    Keep,
}

/// Line ends are line feeds, and NUL is nothing.
fn normalised(html: &str) -> Cow<'_, str> {
    let mut html = Cow::Borrowed(html);
    if memchr(b'\r', html.as_bytes()).is_some() {
        html = Cow::Owned(html.replace("\r\n", "\n").replace('\r', "\n"));
    }
    if memchr(b'\0', html.as_bytes()).is_some() {
        html = Cow::Owned(html.replace('\0', ""));
    }
    html
}

/// A page is read as by a browser without scripts.
fn options() -> TreeBuilderOpts {
    TreeBuilderOpts {
        scripting_enabled: false,
        ..TreeBuilderOpts::default()
    }
}

/// Builds the content of a `div`.
fn tree_builder(bytes: usize) -> TreeBuilder<<Sink as TreeSink>::Handle, Sink> {
    let sink = Sink::new(bytes);
    let name = QualName::new(None, ns!(html), local_name!("div"));
    let context = create_element(&sink, name, Vec::new());
    TreeBuilder::new_for_fragment(sink, context, None, options())
}

#[derive(Debug, PartialEq, Eq)]
struct Node {
    tag: Tag,
    parent: NodeId,
    /// The first node that is not below.
    end: NodeId,
    /// Where the text below begins.
    text: u32,
    attributes: (u32, u32),
}

/// A page as a tree. The root is node 0.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Page {
    /// One more than there are, so that the text of the last has an end.
    nodes: Vec<Node>,
    attributes: Vec<(AttributeName, StrTendril)>,
    text: String,
    /// What comments say, in order.
    comments: Vec<(NodeId, StrTendril)>,
}

impl Page {
    /// Builds the tree of a fragment inside a `div`, in no-quirks mode.
    pub(crate) fn parse(html: &str) -> Result<Self, PageError> {
        Self::build(html, Scripts::Drop)
    }

    /// The same, but scripts stay, with their content as text.
    pub(crate) fn parse_with_scripts(html: &str) -> Result<Self, PageError> {
        Self::build(html, Scripts::Keep)
    }

    fn build(html: &str, scripts: Scripts) -> Result<Self, PageError> {
        let html = normalised(html);
        let most_nodes = html.len() + 1_000;
        let builder = tree_builder(html.len());
        let is_too_much = |sink: &Sink| sink.depth.get() > MAX_DEPTH || sink.len() > most_nodes;
        if !Tokenizer::new(&html, &builder).run(is_too_much) {
            return Err(PageError::TooDeep);
        }
        Ok(flatten::flatten(&mut builder.sink.finish(), scripts))
    }

    /// All nodes.
    pub(crate) fn all(&self) -> Range<NodeId> {
        0..self.nodes[0].end
    }

    /// All nodes below, at any depth, in order.
    pub(crate) fn below(&self, node: NodeId) -> Range<NodeId> {
        node + 1..self.end(node)
    }

    /// The first node after all that is below.
    pub(crate) fn end(&self, node: NodeId) -> NodeId {
        self.nodes[node as usize].end
    }

    pub(crate) fn tag(&self, node: NodeId) -> Tag {
        self.nodes[node as usize].tag
    }

    pub(crate) fn is(&self, node: NodeId, tag: Tag) -> bool {
        self.tag(node) == tag
    }

    /// The root is its own parent.
    pub(crate) fn parent(&self, node: NodeId) -> NodeId {
        self.nodes[node as usize].parent
    }

    /// The elements around, innermost first, without the root.
    pub(crate) fn ancestors(&self, node: NodeId) -> impl Iterator<Item = NodeId> {
        let mut current = node;
        std::iter::from_fn(move || {
            current = self.parent(current);
            (current != 0).then_some(current)
        })
    }

    pub(crate) fn children(&self, node: NodeId) -> impl Iterator<Item = NodeId> {
        let end = self.end(node);
        let mut next = node + 1;
        std::iter::from_fn(move || {
            let child = next;
            (child < end).then(|| {
                next = self.end(child);
                child
            })
        })
    }

    pub(crate) fn children_of(&self, node: NodeId, tag: Tag) -> impl Iterator<Item = NodeId> {
        self.children(node)
            .filter(move |child| self.is(*child, tag))
    }

    pub(crate) fn below_of(&self, node: NodeId, tag: Tag) -> impl Iterator<Item = NodeId> {
        self.below(node).filter(move |found| self.is(*found, tag))
    }

    pub(crate) fn all_of(&self, tag: Tag) -> impl Iterator<Item = NodeId> {
        self.all().filter(move |found| self.is(*found, tag))
    }

    /// The siblings that follow.
    pub(crate) fn after(&self, node: NodeId) -> impl Iterator<Item = NodeId> {
        let end = self.end(self.parent(node));
        let mut next = if node == 0 { end } else { self.end(node) };
        std::iter::from_fn(move || {
            let sibling = next;
            (sibling < end).then(|| {
                next = self.end(sibling);
                sibling
            })
        })
    }

    /// All text below, joined with nothing; of a text node, itself.
    pub(crate) fn text(&self, node: NodeId) -> &str {
        self.text_of(&(node..self.end(node)))
    }

    /// The text of nodes that follow each other.
    pub(crate) fn text_of(&self, nodes: &Range<NodeId>) -> &str {
        let start = self.nodes[nodes.start as usize].text as usize;
        let end = self.nodes[nodes.end as usize].text as usize;
        &self.text[start..end]
    }

    pub(crate) fn attribute(&self, node: NodeId, name: AttributeName) -> Option<&str> {
        let (start, end) = self.nodes[node as usize].attributes;
        self.attributes[start as usize..end as usize]
            .iter()
            .find(|(found, _)| *found == name)
            .map(|(_, value)| &**value)
    }

    /// The first comment that contains `words`. Courts mark sections of a page with comments.
    pub(crate) fn comment_with(&self, words: &str) -> Option<NodeId> {
        self.comments
            .iter()
            .find(|(_, comment)| comment.contains(words))
            .map(|(node, _)| *node)
    }

    /// The text nodes below that hold `pattern`, of the whole page.
    pub(crate) fn text_nodes_with(&self, words: &str) -> Vec<NodeId> {
        let mut found: Vec<NodeId> = memmem::find_iter(self.text.as_bytes(), words)
            .filter_map(|start| self.text_node_with(start..start + words.len()))
            .collect();
        found.dedup();
        found
    }

    /// Matches of a pattern that are inside a text node, of the whole page.
    pub(crate) fn matches<'a>(
        &'a self,
        pattern: &'a Regex,
    ) -> impl Iterator<Item = (NodeId, &'a str)> {
        pattern.find_iter(&self.text).filter_map(|found| {
            let node = self.text_node_with(found.range())?;
            Some((node, found.as_str()))
        })
    }

    /// The text node that these bytes of the text are in; none if they are in more than one.
    fn text_node_with(&self, bytes: Range<usize>) -> Option<NodeId> {
        let start = small(bytes.start);
        // Of the nodes that begin at or before it, the last is the text node it is in.
        let after = self.nodes.partition_point(|node| node.text <= start);
        let end = self.nodes[after].text as usize;
        let is_inside = self.nodes[after - 1].tag == Tag::Text && bytes.end <= end;
        is_inside.then(|| small(after - 1))
    }

    /// The text from the beginning of one node to that of a later one.
    pub(crate) fn text_between(&self, from: NodeId, to: NodeId) -> &str {
        let start = self.nodes[from as usize].text as usize;
        let end = self.nodes[to as usize].text as usize;
        &self.text[start..end]
    }

    /// Where words stand in the text. To ask many elements for the same words, find them once.
    pub(crate) fn spots(&self, words: &str) -> Spots {
        Spots {
            starts: memmem::find_iter(self.text.as_bytes(), words)
                .map(small)
                .collect(),
            length: small(words.len()),
        }
    }

    /// Whether the text of an element contains the words.
    pub(crate) fn holds(&self, node: NodeId, spots: &Spots) -> bool {
        let start = self.nodes[node as usize].text;
        let end = self.nodes[self.end(node) as usize].text;
        let first = spots.starts.partition_point(|spot| *spot < start);
        spots
            .starts
            .get(first)
            .is_some_and(|spot| spot + spots.length <= end)
    }

    /// Whether any row has a child element; a page without one is no report.
    pub(crate) fn has_row_with_child(&self) -> bool {
        self.all_of(Tag::Tr).any(|row| {
            self.children(row)
                .any(|child| !matches!(self.tag(child), Tag::Text | Tag::Comment))
        })
    }
}

/// Where some words stand in the text of a page, whatever nodes they stretch over.
pub(crate) struct Spots {
    starts: Vec<u32>,
    length: u32,
}

impl Spots {
    /// Whether the page does not have the words.
    pub(crate) fn is_empty(&self) -> bool {
        self.starts.is_empty()
    }
}

/// Whether any of the sorted nodes is below.
pub(crate) fn any_below(page: &Page, node: NodeId, sorted: &[NodeId]) -> bool {
    let first = sorted.partition_point(|found| *found <= node);
    sorted
        .get(first)
        .is_some_and(|found| *found < page.end(node))
}
