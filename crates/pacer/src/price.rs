//! What things cost, in whole cents, by the Electronic Public Access Fee Schedule.
//!
//! These are rules, not receipts: once a court has said what it took, believe the court.

/// Price of a page.
pub const PAGE_CENTS: u32 = 10;
/// Most that a single document or case report costs: thirty pages.
pub const CAP_CENTS: u32 = 300;
/// Price of the recording of a hearing.
pub const AUDIO_CENTS: u32 = 240;
/// Bytes of text that count as one page of an HTML report.
pub const HTML_PAGE_BYTES: u64 = 4_320;
/// A quarter that stays at or below this is not billed at all. It is a threshold and not a
/// discount: one cent more, and all of it is due.
pub const QUARTER_WAIVER_CENTS: u64 = 3_000;

/// What is bought, as far as the price depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Item {
    /// A filed document other than a transcript.
    Document,
    /// Docket, history, claims register or creditor list of one case.
    CaseReport,
    /// The transcript of a proceeding, which has no cap.
    Transcript,
    /// A search or a report that is not about one case: no cap, and never less than a page.
    Search,
    /// A recording; pages do not matter.
    Audio,
    /// Case-number lookups, case queries by id, option forms, attachment menus, price pages,
    /// opinions and first looks from a notice.
    Free,
}

/// What an item of that many pages costs.
pub fn cents(item: Item, pages: u32) -> u32 {
    let by_page = pages.saturating_mul(PAGE_CENTS);
    match item {
        Item::Document | Item::CaseReport => by_page.min(CAP_CENTS),
        Item::Transcript => by_page,
        Item::Search => by_page.max(PAGE_CENTS),
        Item::Audio => AUDIO_CENTS,
        Item::Free => 0,
    }
}

/// The most an item can cost while its pages are not known; none where nothing bounds it.
pub fn upper_bound_cents(item: Item) -> Option<u32> {
    match item {
        Item::Document | Item::CaseReport => Some(CAP_CENTS),
        Item::Audio => Some(AUDIO_CENTS),
        Item::Free => Some(0),
        Item::Transcript | Item::Search => None,
    }
}

/// What a document came to whose pages were counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counted {
    /// The price, in cents.
    pub cents: u32,
    /// The pages that are paid for, which may be fewer than it has.
    pub pages: u32,
}

/// What a document of that many pages costs, and how many of them are paid for.
pub fn by_pages(item: Item, pages: u32) -> Counted {
    let pages_paid = match item {
        Item::Document | Item::CaseReport => pages.min(CAP_CENTS / PAGE_CENTS),
        Item::Transcript | Item::Search | Item::Audio | Item::Free => pages,
    };
    Counted {
        cents: cents(item, pages),
        pages: pages_paid,
    }
}

impl Item {
    /// The name under which a bill waits for the pages of such an item to be counted; none where
    /// pages do not matter or are counted at once.
    pub fn awaited_name(self) -> Option<&'static str> {
        match self {
            Item::Document => Some("document"),
            Item::Transcript => Some("transcript"),
            Item::CaseReport | Item::Search | Item::Audio | Item::Free => None,
        }
    }

    /// The item of a name of [`Item::awaited_name`].
    pub fn of_awaited_name(name: &str) -> Option<Item> {
        [Item::Document, Item::Transcript]
            .into_iter()
            .find(|item| item.awaited_name() == Some(name))
    }
}

/// Pages of an HTML report whose extracted text has so many bytes; at least one.
pub fn html_pages(text_bytes: u64) -> u32 {
    u32::try_from(text_bytes.div_ceil(HTML_PAGE_BYTES).max(1)).unwrap_or(u32::MAX)
}

/// What an account owes for a quarter in which it used so much.
pub fn quarter_due_cents(used_cents: u64) -> u64 {
    if used_cents <= QUARTER_WAIVER_CENTS {
        0
    } else {
        used_cents
    }
}

/// What a document is, by how its menu or price page describes it.
pub fn item_of_description(description: &str) -> Item {
    let description = description.to_ascii_lowercase();
    if description.contains("transcript") {
        Item::Transcript
    } else if description.starts_with("audio") {
        Item::Audio
    } else {
        Item::Document
    }
}

/// Words that may stand before the name of an opinion.
const BEFORE_OPINION: [&str; 7] = [
    "memorandum",
    "per",
    "curiam",
    "published",
    "unpublished",
    "slip",
    "written",
];

/// Whether the text of an entry says, with its first words, that it is a written opinion of the
/// court: the fee schedule gives those away. It is no proof that the court marked it as one, so a
/// price page goes before it, and no limit should count on it.
pub fn is_opinion(docket_text: &str) -> bool {
    let words = docket_text
        .split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_ascii_lowercase);
    let mut words = words.skip_while(|word| BEFORE_OPINION.contains(&word.as_str()));
    // A letter with somebody's opinion is a filing like any other.
    words.next().is_some_and(|word| word == "opinion")
        && words.next().is_none_or(|word| word != "letter")
}

/// What the main document of an entry is if it came without a price, by the text of the entry.
pub fn item_of_unpriced(docket_text: &str) -> Item {
    match is_opinion(docket_text) {
        true => Item::Free,
        false => item_of_description(docket_text),
    }
}

/// Reads an amount as receipts print it: `3.00`, `$3.00`, `1,203.50`. None if it is no amount.
pub fn parse_cents(amount: &str) -> Option<u32> {
    let amount = amount.trim().trim_start_matches('$').replace(',', "");
    let (dollars, cents) = amount.split_once('.').unwrap_or((&amount, "0"));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if amount.is_empty() || cents.is_empty() || cents.len() > 2 {
        return None;
    }
    if !digits(dollars) || !digits(cents) {
        return None;
    }
    let dollars: u32 = if dollars.is_empty() {
        0
    } else {
        dollars.parse().ok()?
    };
    let cents: u32 = format!("{cents:0<2}").parse().ok()?;
    dollars.checked_mul(100)?.checked_add(cents)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thirty_pages_are_paid_unless_it_is_a_transcript() {
        let check = |item, pages, cents, paid| {
            let expected = Counted { cents, pages: paid };
            assert_eq!(by_pages(item, pages), expected);
        };
        check(Item::Document, 4, 40, 4);
        check(Item::Document, 45, 300, 30);
        check(Item::Transcript, 45, 450, 45);
        check(Item::Audio, 1, 240, 1);
    }

    #[test]
    fn what_is_priced_by_pages_is_found_by_its_name() {
        for item in [Item::Document, Item::Transcript] {
            let name = item.awaited_name().unwrap();
            assert_eq!(Item::of_awaited_name(name), Some(item));
        }
        assert_eq!(Item::of_awaited_name("audio"), None);
    }
}
