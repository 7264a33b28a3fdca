//! XML as courts and archives write it, read on through whatever is broken.
//!
//! An end tag closes the innermost element of its name, and none if there is none; elements that
//! never end, end with the one around. A `<` that starts no tag and a reference to nothing that we
//! know stay as they are. Declarations are skipped, so that no page can define an entity. Nothing
//! fails or recurses.

use std::borrow::Cow;

use super::clean::{is_forbidden, printable_letter};

/// How many open elements an end tag is compared with: more than any feed or archive has.
const MOST_OPEN: usize = 256;

/// An element of a document.
pub(crate) type ElementId = usize;

/// The element around all others, which has no name.
pub(crate) const ROOT: ElementId = 0;

/// A document: its elements, in order. Comments and processing instructions are left out.
pub(crate) struct Document<'a> {
    elements: Vec<Element<'a>>,
}

struct Element<'a> {
    name: &'a str,
    /// All attributes, as written.
    attributes: &'a str,
    /// The first element that is not below.
    end: ElementId,
    text: FirstText<'a>,
}

/// The first text node of an element.
struct FirstText<'a> {
    text: Cow<'a, str>,
    /// Whether something that is no text came after it.
    is_over: bool,
}

/// What a document is made of.
enum Token<'a> {
    /// Characters with references.
    Text(&'a str),
    /// Characters as they are.
    Data(&'a str),
    Start {
        name: &'a str,
        attributes: &'a str,
        is_empty: bool,
    },
    End(&'a str),
    /// What means nothing, but ends a text.
    Other,
}

impl<'a> Document<'a> {
    /// Reads a document.
    pub(crate) fn parse(text: &'a str) -> Self {
        let mut document = Self {
            elements: vec![Element::new("", "")],
        };
        let mut open = vec![ROOT];
        let mut rest = text;
        while let Some((token, after)) = next_token(rest) {
            document.add(token, &mut open);
            rest = after;
        }
        document.close(&mut open, 0);
        document
    }

    fn add(&mut self, token: Token<'a>, open: &mut Vec<ElementId>) {
        let current = &mut self.elements[*open.last().expect("the root stays open")];
        match token {
            Token::Text(text) => current.text.add(decoded(text)),
            Token::Data(text) => current.text.add(Cow::Borrowed(text)),
            Token::Other => current.text.end(),
            Token::Start {
                name,
                attributes,
                is_empty,
            } => {
                current.text.end();
                let id = self.elements.len();
                self.elements.push(Element::new(name, attributes));
                if is_empty {
                    self.elements[id].end = id + 1;
                } else {
                    open.push(id);
                }
            }
            Token::End(name) => {
                let innermost = &open[open.len().saturating_sub(MOST_OPEN).max(1)..];
                let above = innermost
                    .iter()
                    .rev()
                    .position(|id| self.elements[*id].name == name);
                if let Some(above) = above {
                    self.close(open, open.len() - 1 - above);
                }
            }
        }
    }

    /// Closes what is open, down to the given place.
    fn close(&mut self, open: &mut Vec<ElementId>, place: usize) {
        for id in open.drain(place..) {
            self.elements[id].end = self.elements.len();
        }
    }

    /// All elements of that name that are below, at any depth, in order.
    pub(crate) fn below(&self, element: ElementId, name: &str) -> impl Iterator<Item = ElementId> {
        (element + 1..self.elements[element].end).filter(move |id| self.elements[*id].name == name)
    }

    /// The children of that name.
    pub(crate) fn children(
        &self,
        element: ElementId,
        name: &str,
    ) -> impl Iterator<Item = ElementId> {
        let end = self.elements[element].end;
        let mut next = element + 1;
        std::iter::from_fn(move || {
            let child = next;
            (child < end).then(|| {
                next = self.elements[child].end;
                child
            })
        })
        .filter(move |id| self.elements[*id].name == name)
    }

    /// The first text node, decoded; empty if there is none.
    pub(crate) fn text(&self, element: ElementId) -> &str {
        &self.elements[element].text.text
    }

    /// The text of the first child of that name; none if there is no such child.
    pub(crate) fn text_of(&self, element: ElementId, name: &str) -> Option<&str> {
        self.children(element, name)
            .next()
            .map(|child| self.text(child))
    }

    /// The value of an attribute, decoded.
    pub(crate) fn attribute(&self, element: ElementId, name: &str) -> Option<Cow<'a, str>> {
        let mut rest = self.elements[element].attributes;
        while let Some((found, value, after)) = next_attribute(rest) {
            if found == name {
                return Some(decoded(value));
            }
            rest = after;
        }
        None
    }
}

impl<'a> Element<'a> {
    fn new(name: &'a str, attributes: &'a str) -> Self {
        Self {
            name,
            attributes,
            end: 0,
            text: FirstText {
                text: Cow::Borrowed(""),
                is_over: false,
            },
        }
    }
}

impl<'a> FirstText<'a> {
    fn add(&mut self, text: Cow<'a, str>) {
        if self.is_over {
            return;
        }
        if self.text.is_empty() {
            self.text = text;
        } else {
            self.text.to_mut().push_str(&text);
        }
    }

    fn end(&mut self) {
        self.is_over |= !self.text.is_empty();
    }
}

/// Cuts off what comes first. None at the end, which is also where something never ends.
fn next_token(text: &str) -> Option<(Token<'_>, &str)> {
    let Some(markup) = text.strip_prefix('<') else {
        let end = text.find('<').unwrap_or(text.len());
        return (end > 0).then(|| (Token::Text(&text[..end]), &text[end..]));
    };
    if let Some(data) = markup.strip_prefix("![CDATA[") {
        let (data, after) = data.split_once("]]>").unwrap_or((data, ""));
        return Some((Token::Data(data), after));
    }
    if let Some(comment) = markup.strip_prefix("!--") {
        return other(comment.split_once("-->"));
    }
    if let Some(instruction) = markup.strip_prefix('?') {
        return other(instruction.split_once("?>"));
    }
    if let Some(declaration) = markup.strip_prefix('!') {
        return other(declaration_end(declaration));
    }
    if let Some(name) = markup.strip_prefix('/') {
        let end = name.find(['<', '>'])?;
        let after = name[end..].strip_prefix('>').unwrap_or(&name[end..]);
        return Some((Token::End(name[..end].trim()), after));
    }
    if markup.starts_with(is_name_start) {
        return start_tag(markup);
    }
    // No tag starts here, so it is text up to the next one that might.
    let end = markup.find('<').map_or(text.len(), |end| end + 1);
    Some((Token::Text(&text[..end]), &text[end..]))
}

fn other<'a>(cut: Option<(&'a str, &'a str)>) -> Option<(Token<'a>, &'a str)> {
    cut.map(|(_, after)| (Token::Other, after))
}

/// A declaration ends at the first `>`, or after the declarations in brackets inside it.
fn declaration_end(text: &str) -> Option<(&str, &str)> {
    let end = text.find(['[', '>'])?;
    let (before, after) = text.split_at(end);
    match after.strip_prefix('>') {
        Some(after) => Some((before, after)),
        None => after
            .match_indices(']')
            .find_map(|(end, _)| after[end + 1..].trim_start().strip_prefix('>'))
            .map(|after| (before, after)),
    }
}

fn is_name_start(letter: char) -> bool {
    letter.is_alphabetic() || matches!(letter, '_' | ':')
}

fn start_tag(markup: &str) -> Option<(Token<'_>, &str)> {
    let end = tag_end(markup)?;
    let (tag, after) = markup.split_at(end);
    let after = after.strip_prefix('>').unwrap_or(after);
    let (tag, is_empty) = match tag.strip_suffix('/') {
        Some(tag) => (tag, true),
        None => (tag, false),
    };
    let name_end = tag.find(char::is_whitespace).unwrap_or(tag.len());
    let (name, attributes) = tag.split_at(name_end);
    let token = Token::Start {
        name,
        attributes,
        is_empty,
    };
    Some((token, after))
}

/// Where a tag ends: at a `>` outside quotes, or before the next tag, since values have no `<`.
fn tag_end(text: &str) -> Option<usize> {
    let mut quote = None;
    for (place, byte) in text.bytes().enumerate() {
        match (byte, quote) {
            (b'<', _) | (b'>', None) => return Some(place),
            (b'"' | b'\'', None) => quote = Some(byte),
            (_, Some(open)) if byte == open => quote = None,
            _ => {}
        }
    }
    None
}

/// Name, value as written, and what is left of the attributes.
fn next_attribute(text: &str) -> Option<(&str, &str, &str)> {
    let (name, after) = text.split_once('=')?;
    // What has no value is passed over.
    let name = name.split_whitespace().next_back().unwrap_or_default();
    let after = after.trim_start();
    let quote = after
        .chars()
        .next()
        .filter(|quote| matches!(quote, '"' | '\''));
    let (value, after) = match quote {
        Some(quote) => after[1..].split_once(quote).unwrap_or((&after[1..], "")),
        None => after.split_once(char::is_whitespace).unwrap_or((after, "")),
    };
    Some((name, value, after))
}

/// Replaces references by what they stand for.
fn decoded(text: &str) -> Cow<'_, str> {
    let Some(first) = text.find('&') else {
        return Cow::Borrowed(text);
    };
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    let mut next = Some(first);
    while let Some(start) = next {
        out.push_str(&rest[..start]);
        rest = &rest[start..];
        let (letter, length) = reference(rest).unwrap_or(('&', 1));
        out.push(letter);
        rest = &rest[length..];
        next = rest.find('&');
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// The character that the reference at the start stands for, and its length.
fn reference(text: &str) -> Option<(char, usize)> {
    /// Longer than any reference that stands for something, but for padding with zeros.
    const MOST: usize = 16;
    let end = text.bytes().take(MOST).position(|byte| byte == b';')?;
    let letter = match &text[1..end] {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        number => numbered(number.strip_prefix('#')?)?,
    };
    Some((letter, end + 1))
}

fn numbered(number: &str) -> Option<char> {
    let (digits, radix) = match number.strip_prefix(['x', 'X']) {
        Some(digits) => (digits, 16),
        None => (number, 10),
    };
    // A sign is no digit.
    let digits = digits.strip_prefix('+').map_or(digits, |_| "");
    let code = u32::from_str_radix(digits, radix).ok()?;
    char::from_u32(code)
        .filter(|letter| !is_forbidden(*letter))
        .and_then(printable_letter)
}
