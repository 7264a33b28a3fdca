//! Cuts a page into tokens, as the HTML standard says, and hands them to its tree construction.
//!
//! `html5ever` has a tokenizer of its own, made for input that arrives in pieces. A page is here
//! as a whole, so tokens can be slices of it, and what no rule asks for need not be copied: this
//! is twice as fast for the whole of reading. A test holds that both build the same trees.

use std::borrow::Cow;

use html5ever::interface::TreeSink;
use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::RawKind;
use html5ever::tokenizer::{Doctype, Tag, TagKind, Token, TokenSink, TokenSinkResult};
use html5ever::tree_builder::TreeBuilder;
use html5ever::{Attribute, LocalName, QualName, local_name, ns};
use memchr::{memchr, memchr_iter, memchr2, memmem};

use super::AttributeName;
use super::reference::{self, Place};
use super::sink::Sink;

type Builder = TreeBuilder<<Sink as TreeSink>::Handle, Sink>;

/// Where in a page the next token begins.
pub(super) struct Tokenizer<'a> {
    text: &'a str,
    bytes: &'a [u8],
    /// The same text, so that tokens can share it.
    shared: StrTendril,
    at: usize,
    builder: &'a Builder,
}

/// How deep a script is in comments that hide it from old browsers.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Hidden {
    No,
    /// In a comment.
    Once,
    /// In a script element in a comment.
    Twice,
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b'\t' | b'\n' | b'\x0c' | b' ')
}

fn ends_name(byte: u8) -> bool {
    is_space(byte) || matches!(byte, b'/' | b'>')
}

impl<'a> Tokenizer<'a> {
    /// `text` has only line feeds as line ends, and no NUL.
    pub(super) fn new(text: &'a str, builder: &'a Builder) -> Self {
        Self {
            text,
            bytes: text.as_bytes(),
            shared: StrTendril::from(text),
            at: 0,
            builder,
        }
    }

    /// Hands over all tokens, or those up to where `is_too_much` says so. False in that case.
    pub(super) fn run(mut self, is_too_much: impl Fn(&Sink) -> bool) -> bool {
        while self.at < self.bytes.len() {
            let start = self.at;
            self.at = memchr2(b'<', b'&', &self.bytes[start..])
                .map_or(self.bytes.len(), |offset| start + offset);
            self.send_text(start, self.at);
            match self.bytes.get(self.at) {
                Some(b'&') => self.read_reference(),
                Some(_) => self.read_markup(),
                None => break,
            }
            if is_too_much(&self.builder.sink) {
                return false;
            }
        }
        let _ = self.builder.process_token(Token::EOFToken, 1);
        self.builder.end();
        true
    }

    fn slice(&self, start: usize, end: usize) -> StrTendril {
        // A page is shorter than four gigabytes, or no tendril could hold it.
        self.shared.subtendril(start as u32, (end - start) as u32)
    }

    fn send(&self, token: Token) -> TokenSinkResult<<Sink as TreeSink>::Handle> {
        self.builder.process_token(token, 1)
    }

    fn send_text(&self, start: usize, end: usize) {
        if start < end {
            let _ = self.send(Token::CharacterTokens(self.slice(start, end)));
        }
    }

    fn send_comment(&self, start: usize, end: usize) {
        let _ = self.send(Token::CommentToken(self.slice(start, end)));
    }

    fn read_reference(&mut self) {
        let Some(found) = reference::read(&self.text[self.at..], Place::Text) else {
            self.send_text(self.at, self.at + 1);
            self.at += 1;
            return;
        };
        let mut letters = StrTendril::from_char(found.first);
        if let Some(second) = found.second {
            letters.push_char(second);
        }
        let _ = self.send(Token::CharacterTokens(letters));
        self.at += found.length;
    }

    fn read_markup(&mut self) {
        let start = self.at;
        match self.bytes.get(start + 1) {
            Some(byte) if byte.is_ascii_alphabetic() => self.read_tag(TagKind::StartTag, start + 1),
            Some(b'!') => self.read_declaration(start + 2),
            Some(b'?') => self.read_bogus_comment(start + 1),
            Some(b'/') => match self.bytes.get(start + 2) {
                Some(byte) if byte.is_ascii_alphabetic() => {
                    self.read_tag(TagKind::EndTag, start + 2);
                }
                Some(b'>') => self.at = start + 3,
                Some(_) => self.read_bogus_comment(start + 2),
                None => self.read_as_text(start + 2),
            },
            _ => self.read_as_text(start + 1),
        }
    }

    fn read_as_text(&mut self, end: usize) {
        self.send_text(self.at, end);
        self.at = end;
    }

    /// The end of what `is_end` does not stop, or of the page.
    fn until(&self, from: usize, is_end: impl Fn(u8) -> bool) -> usize {
        self.bytes[from..]
            .iter()
            .position(|byte| is_end(*byte))
            .map_or(self.bytes.len(), |offset| from + offset)
    }

    /// A tag that does not end before the page does is none.
    fn read_tag(&mut self, kind: TagKind, start: usize) {
        let name_end = self.until(start, ends_name);
        let name = LocalName::from(lower_case(&self.text[start..name_end]));
        self.at = name_end;
        let keeps_all = needs_all_attributes(&name);
        let mut attrs = Vec::new();
        let self_closing = loop {
            match self.bytes.get(self.at) {
                None => return,
                Some(b'>') => break false,
                Some(b'/') if self.bytes.get(self.at + 1) == Some(&b'>') => {
                    self.at += 1;
                    break true;
                }
                Some(byte) if *byte == b'/' || is_space(*byte) => self.at += 1,
                Some(_) => self.read_attribute(keeps_all, &mut attrs),
            }
        };
        self.at += 1;
        if kind == TagKind::EndTag {
            attrs.clear();
        }
        let result = self.send(Token::TagToken(Tag {
            kind,
            name: name.clone(),
            self_closing,
            attrs,
            had_duplicate_attributes: false,
        }));
        match result {
            TokenSinkResult::Plaintext => self.read_as_text(self.bytes.len()),
            TokenSinkResult::RawData(kind) => self.read_raw(kind, &name),
            TokenSinkResult::Continue
            | TokenSinkResult::Script(_)
            | TokenSinkResult::EncodingIndicator(_) => {}
        }
    }

    /// Goes to the end of an attribute, and keeps it if it can matter.
    fn read_attribute(&mut self, keeps_all: bool, attributes: &mut Vec<Attribute>) {
        let start = self.at;
        // A name may begin with what ends others.
        let name_end = self.until(start + 1, |byte| ends_name(byte) || byte == b'=');
        let name = lower_case(&self.text[start..name_end]);
        let after = self.until(name_end, |byte| !is_space(byte));
        let value = if self.bytes.get(after) == Some(&b'=') {
            self.value_after(after + 1)
        } else {
            self.at = name_end;
            0..0
        };
        if !keeps_all && AttributeName::named(&name).is_none() {
            return;
        }
        let name = LocalName::from(name);
        if attributes.iter().any(|found| found.name.local == name) {
            return;
        }
        attributes.push(Attribute {
            name: QualName::new(None, ns!(), name),
            value: self.decoded(value.start, value.end),
        });
    }

    /// Where the value is, without its quotes; goes to its end.
    fn value_after(&mut self, equals: usize) -> std::ops::Range<usize> {
        let start = self.until(equals, |byte| !is_space(byte));
        match self.bytes.get(start) {
            Some(quote @ (b'"' | b'\'')) => {
                let begin = start + 1;
                let end = memchr(*quote, &self.bytes[begin..])
                    .map_or(self.bytes.len(), |offset| begin + offset);
                self.at = (end + 1).min(self.bytes.len());
                begin..end
            }
            _ => {
                self.at = self.until(start, |byte| is_space(byte) || byte == b'>');
                start..self.at
            }
        }
    }

    fn decoded(&self, start: usize, end: usize) -> StrTendril {
        let mut rest = &self.text[start..end];
        if memchr(b'&', rest.as_bytes()).is_none() {
            return self.slice(start, end);
        }
        let mut value = StrTendril::new();
        while let Some(at) = memchr(b'&', rest.as_bytes()) {
            value.push_slice(&rest[..at]);
            rest = &rest[at..];
            match reference::read(rest, Place::Attribute) {
                Some(found) => {
                    value.push_char(found.first);
                    found
                        .second
                        .into_iter()
                        .for_each(|letter| value.push_char(letter));
                    rest = &rest[found.length..];
                }
                None => {
                    value.push_char('&');
                    rest = &rest[1..];
                }
            }
        }
        value.push_slice(rest);
        value
    }

    /// What follows `<!`.
    fn read_declaration(&mut self, start: usize) {
        let rest = &self.bytes[start..];
        if rest.starts_with(b"--") {
            self.read_comment(start + 2);
        } else if starts_with_word(rest, b"doctype") {
            let _ = self.send(Token::DoctypeToken(Doctype::default()));
            self.at = self.after_angle(start);
        } else if rest.starts_with(b"[CDATA[")
            && self
                .builder
                .adjusted_current_node_present_but_not_in_html_namespace()
        {
            let begin = start + b"[CDATA[".len();
            let end = memmem::find(&self.bytes[begin..], b"]]>").map(|offset| begin + offset);
            self.send_text(begin, end.unwrap_or(self.bytes.len()));
            self.at = end.map_or(self.bytes.len(), |end| end + 3);
        } else {
            self.read_bogus_comment(start);
        }
    }

    /// Just after the next `>`.
    fn after_angle(&self, from: usize) -> usize {
        memchr(b'>', &self.bytes[from..]).map_or(self.bytes.len(), |offset| from + offset + 1)
    }

    fn read_bogus_comment(&mut self, start: usize) {
        let end =
            memchr(b'>', &self.bytes[start..]).map_or(self.bytes.len(), |offset| start + offset);
        self.send_comment(start, end);
        self.at = (end + 1).min(self.bytes.len());
    }

    fn read_comment(&mut self, start: usize) {
        let rest = &self.bytes[start..];
        for (closing, length) in [(&b">"[..], 1), (&b"->"[..], 2)] {
            if rest.starts_with(closing) {
                self.send_comment(start, start);
                self.at = start + length;
                return;
            }
        }
        for angle in memchr_iter(b'>', rest) {
            let before = &self.text[start..start + angle];
            let content = before.strip_suffix("--").or(before.strip_suffix("--!"));
            if let Some(content) = content {
                self.send_comment(start, start + content.len());
                self.at = start + angle + 1;
                return;
            }
        }
        let open = &self.text[start..];
        let content = ["--!", "--", "-"]
            .iter()
            .find_map(|ending| open.strip_suffix(ending))
            .unwrap_or(open);
        self.send_comment(start, start + content.len());
        self.at = self.bytes.len();
    }

    /// The content of an element in which tags mean nothing, up to its end tag.
    fn read_raw(&mut self, kind: RawKind, name: &LocalName) {
        let end = match kind {
            RawKind::ScriptData | RawKind::ScriptDataEscaped(_) => self.end_of_script(),
            RawKind::Rcdata | RawKind::Rawtext => self.end_of_raw(name),
        };
        let text_end = end.unwrap_or(self.bytes.len());
        if kind == RawKind::Rcdata {
            while let Some(offset) = memchr(b'&', &self.bytes[self.at..text_end]) {
                self.send_text(self.at, self.at + offset);
                self.at += offset;
                self.read_reference();
            }
        }
        self.send_text(self.at, text_end);
        self.at = text_end;
        if end.is_some() {
            self.read_tag(TagKind::EndTag, text_end + 2);
        }
    }

    /// Whether an element's name stands here, and a name ends there.
    fn has_name(&self, at: usize, name: &[u8]) -> bool {
        starts_with_word(&self.bytes[at.min(self.bytes.len())..], name)
            && self
                .bytes
                .get(at + name.len())
                .copied()
                .is_some_and(ends_name)
    }

    fn is_end_tag(&self, at: usize, name: &[u8]) -> bool {
        self.bytes[at..].starts_with(b"</") && self.has_name(at + 2, name)
    }

    fn end_of_raw(&self, name: &LocalName) -> Option<usize> {
        memchr_iter(b'<', &self.bytes[self.at..])
            .map(|offset| self.at + offset)
            .find(|at| self.is_end_tag(*at, name.as_bytes()))
    }

    fn end_of_script(&self) -> Option<usize> {
        const SCRIPT: &[u8] = b"script";
        let mut hidden = Hidden::No;
        let mut at = self.at;
        while let Some(offset) = memchr2(b'<', b'-', &self.bytes[at..]) {
            at += offset;
            let rest = &self.bytes[at..];
            let is_end = self.is_end_tag(at, SCRIPT);
            match hidden {
                Hidden::No | Hidden::Once if is_end => return Some(at),
                // Its own dashes may end the comment.
                Hidden::No if rest.starts_with(b"<!--") => {
                    hidden = Hidden::Once;
                    at += 1;
                }
                Hidden::Once | Hidden::Twice if rest.starts_with(b"-->") => hidden = Hidden::No,
                Hidden::Once if rest.starts_with(b"<") && self.has_name(at + 1, SCRIPT) => {
                    hidden = Hidden::Twice;
                }
                Hidden::Twice if is_end => hidden = Hidden::Once,
                _ => {}
            }
            at += 1;
        }
        None
    }
}

fn starts_with_word(bytes: &[u8], word: &[u8]) -> bool {
    bytes
        .get(..word.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(word))
}

fn lower_case(name: &str) -> Cow<'_, str> {
    if name.bytes().any(|byte| byte.is_ascii_uppercase()) {
        Cow::Owned(name.to_ascii_lowercase())
    } else {
        Cow::Borrowed(name)
    }
}

/// Of elements that are reopened, the tree construction compares all attributes; of one of
/// MathML, it looks at one that pages have no use for.
fn needs_all_attributes(name: &LocalName) -> bool {
    matches!(
        *name,
        local_name!("a")
            | local_name!("annotation-xml")
            | local_name!("b")
            | local_name!("big")
            | local_name!("code")
            | local_name!("em")
            | local_name!("font")
            | local_name!("i")
            | local_name!("nobr")
            | local_name!("s")
            | local_name!("small")
            | local_name!("strike")
            | local_name!("strong")
            | local_name!("tt")
            | local_name!("u")
    )
}
