//! Forms that a court asks to be sent before it gives what was asked for.

use std::sync::LazyLock;

use regex::Regex;

use crate::page::tree::{AttributeName, NodeId, Page, Tag};

/// A form to post as it is, once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FollowUp {
    /// Where to, as the page has it: perhaps relative to the page.
    pub action: String,
    /// The fields to send, which may be none.
    pub fields: Vec<(String, String)>,
}

static CALL: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"goDLS\(([^)]*)\)").expect("pattern is tested"));

/// Names of the arguments of `goDLS` after the address, in their order.
const CALL_FIELDS: [&str; 6] = [
    "caseid",
    "de_seq_num",
    "got_receipt",
    "pdf_header",
    "pdf_toggle_possible",
    "magic_num",
];

/// The first form that posts to an address with `part` in it.
pub(super) fn find(page: &Page, part: &str) -> Option<FollowUp> {
    page.all_of(Tag::Form).find_map(|form| {
        let action = page.attribute(form, AttributeName::Action)?;
        action.contains(part).then(|| FollowUp {
            action: action.to_owned(),
            fields: fields(page, form),
        })
    })
}

/// What the form sends: the arguments of its script, or its hidden fields.
fn fields(page: &Page, form: NodeId) -> Vec<(String, String)> {
    let script = page
        .attribute(form, AttributeName::Onsubmit)
        .unwrap_or_default();
    if let Some(call) = CALL.captures(script) {
        return call[1]
            .split(',')
            .skip(1)
            .map(|argument| argument.trim().trim_matches(['\'', '"']))
            .zip(CALL_FIELDS)
            .filter(|(value, _)| !value.is_empty())
            .map(|(value, name)| (name.to_owned(), value.to_owned()))
            .collect();
    }
    page.below_of(form, Tag::Input)
        .filter(|input| {
            page.attribute(*input, AttributeName::Type)
                .is_some_and(|kind| kind.eq_ignore_ascii_case("hidden"))
        })
        .filter_map(|input| {
            let name = page.attribute(input, AttributeName::Name)?;
            let value = page
                .attribute(input, AttributeName::Value)
                .unwrap_or_default();
            Some((name.to_owned(), value.to_owned()))
        })
        .collect()
}
