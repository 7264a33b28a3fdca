//! Who got a notice.

use std::collections::HashSet;
use std::sync::LazyLock;

use regex::Regex;

use super::{Case, Recipient};
use crate::page::selection::{after_any, holding};
use crate::page::strings::clean;
use crate::page::tree::{NodeId, Page, Tag};

const MAILED: &str = "Notice has been electronically mailed to";
const TO_BE_MAILED: &str = "Notice will be electronically mailed to";

/// The recipients that an HTML notice lists after its headings.
pub(super) fn in_html(page: &Page, appellate: bool, cases: &[Case]) -> Vec<Recipient> {
    let list = if appellate {
        List::find(page, Tag::Strong, TO_BE_MAILED).map(|list| list.own_texts(page))
    } else {
        [MAILED, TO_BE_MAILED]
            .into_iter()
            .find_map(|words| List::find(page, Tag::B, words))
            .map(|list| list.text(page))
    };
    list.map_or_else(Vec::new, |list| read(&list, cases))
}

/// What follows the headings of a list.
struct List {
    first_heading: NodeId,
    /// The siblings after each heading, each once.
    siblings: Vec<NodeId>,
}

impl List {
    /// None if no text follows.
    fn find(page: &Page, tag: Tag, words: &str) -> Option<Self> {
        let headings = holding(page, tag, words);
        let siblings = after_any(page, &headings);
        let has_text = siblings.iter().any(|node| page.is(*node, Tag::Text));
        has_text.then(|| Self {
            first_heading: headings[0],
            siblings,
        })
    }

    fn own_texts(&self, page: &Page) -> String {
        let texts: Vec<&str> = self
            .siblings
            .iter()
            .filter(|node| page.is(**node, Tag::Text))
            .map(|node| page.text(*node))
            .collect();
        texts.join(" ")
    }

    /// Forwarding programs make links of addresses, which are then not in the list's own text.
    fn text(&self, page: &Page) -> String {
        match self.siblings.iter().any(|node| page.is(*node, Tag::A)) {
            true => page.text(page.parent(self.first_heading)).to_owned(),
            false => self.own_texts(page),
        }
    }
}

static SPACES: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\s{2,}|\t").expect("pattern is tested"));
static COMMA: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\s,").expect("pattern is tested"));

fn read(list: &str, cases: &[Case]) -> Vec<Recipient> {
    let list = list.replace('\n', "");
    let list = SPACES.replace_all(&list, " ");
    let list = COMMA.replace_all(&list, "");
    let list = list.rsplit("mailed to:").next().unwrap_or_default();
    let list = &list[..end(list, cases)];
    group(list.trim().split(' ').filter(|word| !word.is_empty()))
}

/// The next heading, which has the number of a case.
fn end(list: &str, cases: &[Case]) -> usize {
    let numbers: HashSet<&str> = cases
        .iter()
        .filter_map(|case| case.docket_number.as_deref())
        .filter(|number| !number.is_empty())
        .collect();
    let ends = numbers.into_iter().filter_map(|number| list.find(number));
    ends.min().unwrap_or(list.len())
}

/// Words up to the first address are a name; the first word after addresses begins the next.
fn group<'a>(words: impl Iterator<Item = &'a str>) -> Vec<Recipient> {
    let mut recipients: Vec<Recipient> = Vec::new();
    let mut name: Vec<&str> = Vec::new();
    let mut after_address = false;
    for word in words {
        if !word.contains('@') {
            name.push(word);
            after_address = false;
            continue;
        }
        if !after_address {
            recipients.push(Recipient {
                name: std::mem::take(&mut name).join(" "),
                email_addresses: Vec::new(),
            });
        }
        if let Some(recipient) = recipients.last_mut() {
            recipient.email_addresses.push(word.replace(',', ""));
        }
        after_address = true;
    }
    recipients
}

/// The recipients of a notice of plain text: a line with a name, then one with addresses.
pub(super) fn in_plain_text(text: &str) -> Vec<Recipient> {
    const HEADING: &str = "Notice has been electronically mailed to:";
    let Some((_, list)) = text.split_once(HEADING) else {
        return Vec::new();
    };
    let mut recipients = Vec::new();
    let mut before = "";
    for line in list.lines() {
        if line.contains("Notice will be delivered") {
            break;
        }
        if line.contains('@') {
            recipients.push(Recipient {
                name: clean(before),
                email_addresses: addresses(line),
            });
        }
        before = line;
    }
    recipients
}

fn addresses(line: &str) -> Vec<String> {
    line.split(',')
        .map(clean)
        .filter(|address| !address.is_empty())
        .collect()
}
