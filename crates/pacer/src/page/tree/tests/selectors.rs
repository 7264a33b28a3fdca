//! What scraper's selectors find on a page, beside what our tree says of it.

#[path = "../../../../../testkit/src/extra.rs"]
mod extra;

use std::fs;
use std::path::{Path, PathBuf};

use scraper::{ElementRef, Html, HtmlTreeSink, Node, Selector};

use super::*;
use crate::page::clean;

/// An element, as our tree and as selectors have it.
type Named = (Tag, &'static str);

/// The elements that rules ask for most.
const TAGS: [Named; 20] = [
    (Tag::A, "a"),
    (Tag::B, "b"),
    (Tag::Br, "br"),
    (Tag::Center, "center"),
    (Tag::Div, "div"),
    (Tag::Font, "font"),
    (Tag::Form, "form"),
    (Tag::H2, "h2"),
    (Tag::H3, "h3"),
    (Tag::I, "i"),
    (Tag::Input, "input"),
    (Tag::P, "p"),
    (Tag::Script, "script"),
    (Tag::Span, "span"),
    (Tag::Strong, "strong"),
    (Tag::Table, "table"),
    (Tag::Td, "td"),
    (Tag::Th, "th"),
    (Tag::Tr, "tr"),
    (Tag::U, "u"),
];

/// Elements in elements: `table td`.
const INSIDE: [(Named, Named); 8] = [
    ((Tag::Table, "table"), (Tag::Td, "td")),
    ((Tag::Td, "td"), (Tag::Table, "table")),
    ((Tag::Tr, "tr"), (Tag::A, "a")),
    ((Tag::Center, "center"), (Tag::Font, "font")),
    ((Tag::B, "b"), (Tag::U, "u")),
    ((Tag::I, "i"), (Tag::B, "b")),
    ((Tag::P, "p"), (Tag::Font, "font")),
    ((Tag::Form, "form"), (Tag::Input, "input")),
];

/// Attributes of elements: `a[href]`.
const ATTRIBUTES: [(Tag, AttributeName, &str, &str); 9] = [
    (Tag::A, AttributeName::Href, "a", "href"),
    (Tag::A, AttributeName::Onclick, "a", "onclick"),
    (Tag::Div, AttributeName::Id, "div", "id"),
    (Tag::Font, AttributeName::Face, "font", "face"),
    (Tag::Font, AttributeName::Size, "font", "size"),
    (Tag::Form, AttributeName::Action, "form", "action"),
    (Tag::Input, AttributeName::Name, "input", "name"),
    (Tag::Input, AttributeName::Value, "input", "value"),
    (Tag::Tr, AttributeName::Class, "tr", "class"),
];

/// The first selector that finds something else than our tree has, with both.
pub(super) fn difference(html: &str) -> Option<String> {
    let page = Page::build(html, Scripts::Keep).ok()?;
    let html = parser(HtmlTreeSink::new(Html::new_fragment())).one(html);
    let mut compared = Vec::new();
    for (tag, name) in TAGS {
        let ours = page.all_of(tag).map(|node| page.text(node).to_owned());
        compared.push((
            name.to_owned(),
            ours.collect::<Vec<_>>(),
            texts(&html, name),
        ));
    }
    for ((outer, around), (inner, name)) in INSIDE {
        let is_inside = |node: &NodeId| page.ancestors(*node).any(|above| page.is(above, outer));
        let ours = page.all_of(inner).filter(is_inside);
        let ours = ours.map(|node| page.text(node).to_owned()).collect();
        let selector = format!("{around} {name}");
        let theirs = texts(&html, &selector);
        compared.push((selector, ours, theirs));
    }
    for (tag, attribute, element, name) in ATTRIBUTES {
        let ours = page
            .all_of(tag)
            .filter_map(|node| page.attribute(node, attribute));
        let ours = ours.map(str::to_owned).collect();
        let selector = format!("{element}[{name}]");
        let theirs = select(&html, &selector)
            .iter()
            .filter_map(|found| found.attr(name))
            .map(str::to_owned)
            .collect();
        compared.push((selector, ours, theirs));
    }
    compared
        .into_iter()
        .find(|(_, ours, theirs)| ours != theirs)
        .map(|(selector, ours, theirs)| format!("{selector}: {ours:?} and {theirs:?}"))
}

/// What a selector finds, in the order of the page.
fn select<'a>(html: &'a Html, selector: &str) -> Vec<ElementRef<'a>> {
    let selector = Selector::parse(selector).expect("selectors are plain");
    html.root_element().select(&selector).collect()
}

/// The texts of what a selector finds. Styles are no text in our tree.
fn texts(html: &Html, selector: &str) -> Vec<String> {
    let is_style = |node: &Node| {
        node.as_element()
            .is_some_and(|found| found.name() == "style")
    };
    let text = |element: &ElementRef<'_>| {
        let nodes = element.descendants().filter_map(|node| {
            let is_kept = !node.parent().is_some_and(|around| is_style(around.value()));
            node.value().as_text().filter(|_| is_kept)
        });
        nodes.map(|text| &**text).collect::<String>()
    };
    select(html, selector).iter().map(text).collect()
}

#[test]
fn selectors_find_what_is_there() {
    let page = "<table><tr class=x><td>a<style>no</style><a href='?b'>c</a></td></tr></table><p>d";
    let html = parser(HtmlTreeSink::new(Html::new_fragment())).one(page);
    assert_eq!(texts(&html, "tr td"), ["ac"]);
    assert_eq!(texts(&html, "p"), ["d"]);
    assert_eq!(select(&html, "a[href]")[0].attr("href"), Some("?b"));
    assert_eq!(difference(page), None);
}

/// The pages of a folder and of those below.
fn pages(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("the folder can be listed") {
        let path = entry.expect("the folder can be listed").path();
        if path.is_dir() {
            pages(&path, found);
        } else if path.extension().is_some_and(|suffix| suffix == "html") {
            found.push(path);
        }
    }
}

/// Longer ones show nothing new, and take long without optimisation.
const LONGEST_PAGE: usize = 300_000;

#[test]
fn selectors_find_the_same_on_saved_pages() {
    let mut found = Vec::new();
    pages(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures"),
        &mut found,
    );
    assert!(found.len() > 100, "{} fixtures", found.len());
    if let Some(corpus) = extra::extra("corpus") {
        pages(&corpus, &mut found);
    }
    for path in found {
        let page = fs::read(&path).expect("pages can be read");
        if page.len() <= LONGEST_PAGE {
            let html = clean::html(&page);
            assert_eq!(difference(&normalised(&html)), None, "{path:?}");
        }
    }
}
