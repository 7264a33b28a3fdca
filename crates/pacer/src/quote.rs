//! What a request will cost at most, step by step, told before anything is asked of a court.
//!
//! Of a document whose pages are known the price is known. The length of a docket is told by its
//! receipt alone, so of a docket only the cap is. A transcript has no cap, so of one of unknown
//! length nothing is known until the court shows its price.

use crate::price::{self, Item};

/// What is requested, as far as the price depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted<'a> {
    /// The docket of a case.
    Docket {
        /// In a court on appellate software, where there is no free lookup.
        appellate: bool,
        /// Whether the court's own id of the case is known, so that no lookup is needed.
        case_known: bool,
    },
    /// A document.
    Document(Sheet<'a>),
    /// A document of which nothing is known yet, within what may be spent on it, in cents.
    Unseen {
        /// The most it may cost.
        allowed: u32,
    },
    /// The menu of an entry's attachments.
    Menu,
    /// Something that is held already and is not bought again.
    Held,
}

/// What is known about a document before its price page is seen.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sheet<'a> {
    /// What the menu or the docket calls the document itself.
    pub description: &'a str,
    /// What the docket says about its entry.
    pub entry: &'a str,
    /// Its pages, if a menu has told them.
    pub pages: Option<u32>,
}

/// What is asked of the court on the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum What {
    /// Which case has a number.
    CaseLookup,
    /// The docket report.
    DocketReport,
    /// The price of a document, shown before it is charged.
    PricePage,
    /// The document.
    Document,
    /// The menu of an entry's attachments.
    Menu,
    /// Nothing: it is held already.
    Held,
}

impl What {
    /// The word for it in answers.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            What::CaseLookup => "case_lookup",
            What::DocketReport => "docket_report",
            What::PricePage => "price_page",
            What::Document => "document",
            What::Menu => "attachment_page",
            What::Held => "held",
        }
    }
}

/// One request to the court, and its price.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// What is asked.
    pub what: What,
    /// The most it can cost; `None` if there is no upper limit.
    pub at_most_cents: Option<u32>,
    /// Whether it costs exactly that.
    pub exact: bool,
    /// The rule, for people.
    pub rule: &'static str,
}

/// The price of a request, as far as it can be told beforehand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quote {
    /// The steps, in their order.
    pub steps: Vec<Step>,
}

impl Quote {
    /// What is wanted, priced by the rules.
    #[must_use]
    pub fn of(wanted: Wanted<'_>) -> Quote {
        let steps = match wanted {
            Wanted::Held => vec![free(What::Held, HELD)],
            Wanted::Menu => vec![free(What::Menu, MENU)],
            Wanted::Unseen { allowed } => vec![
                free(What::PricePage, PRICE_PAGE),
                Step {
                    what: What::Document,
                    at_most_cents: Some(allowed),
                    exact: false,
                    rule: UNSEEN,
                },
            ],
            Wanted::Document(sheet) => vec![free(What::PricePage, PRICE_PAGE), document(sheet)],
            Wanted::Docket {
                appellate: true, ..
            } => vec![report(APPELLATE)],
            Wanted::Docket {
                case_known: true, ..
            } => vec![report(REPORT)],
            Wanted::Docket { .. } => vec![free(What::CaseLookup, LOOKUP), report(REPORT)],
        };
        Quote { steps }
    }

    /// The steps of several requests, one after the other.
    #[must_use]
    pub fn then(mut self, next: Quote) -> Quote {
        self.steps.extend(next.steps);
        self
    }

    /// The most that all steps cost together; none where nothing bounds one of them.
    #[must_use]
    pub fn at_most_cents(&self) -> Option<u32> {
        self.steps.iter().try_fold(0_u32, |sum, step| {
            Some(sum.saturating_add(step.at_most_cents?))
        })
    }

    /// Whether they cost just that.
    #[must_use]
    pub fn is_exact(&self) -> bool {
        self.steps.iter().all(|step| step.exact)
    }

    /// Whether the court shows the price before it charges anything.
    #[must_use]
    pub fn is_priced_first(&self) -> bool {
        self.steps.iter().any(|step| step.what == What::PricePage)
    }
}

const HELD: &str = "held already; it is not bought again";
const MENU: &str = "attachment menus are free";
const PRICE_PAGE: &str = "the court shows the price before it charges";
const LOOKUP: &str = "finding a case by its number is free";
const REPORT: &str = "10 cents a page of 4,320 bytes, 30 pages at most; only the receipt tells";
const APPELLATE: &str = "10 cents a page of 4,320 bytes, 30 pages at most; only the receipt tells. \
    A number that no case has costs one page";
const DOCUMENT: &str = "10 cents a page, 30 pages at most";
const UNSEEN: &str = "10 cents a page; not bought if all steps would come to more than is quoted";
const MAY_BE_OPINION: &str = "10 cents a page, 30 pages at most; nothing if it is an opinion";
const TRANSCRIPT: &str = "10 cents a page; transcripts have no limit";
const MAY_BE_TRANSCRIPT: &str =
    "10 cents a page, 30 pages at most unless it is a transcript, which has no limit";
const AUDIO: &str = "a recording costs $2.40";

fn free(what: What, rule: &'static str) -> Step {
    Step {
        what,
        at_most_cents: Some(0),
        exact: true,
        rule,
    }
}

fn report(rule: &'static str) -> Step {
    Step {
        what: What::DocketReport,
        at_most_cents: price::upper_bound_cents(Item::CaseReport),
        exact: false,
        rule,
    }
}

fn document(sheet: Sheet<'_>) -> Step {
    let by_itself = price::item_of_description(sheet.description);
    let by_entry = price::item_of_description(sheet.entry);
    let step = |at_most_cents, exact, rule| Step {
        what: What::Document,
        at_most_cents,
        exact,
        rule,
    };
    let may_be_free = may_be_opinion(sheet.description) || may_be_opinion(sheet.entry);
    // An entry may speak of a transcript without being one: then it costs the less.
    let is_transcript = by_itself == Item::Transcript || by_entry == Item::Transcript;
    match (is_transcript, sheet.pages) {
        (true, None) => step(None, false, TRANSCRIPT),
        (true, Some(pages)) => {
            let cents = price::cents(Item::Transcript, pages);
            let certain = by_itself == Item::Transcript || cents <= price::CAP_CENTS;
            let rule = match by_itself {
                Item::Transcript => TRANSCRIPT,
                _ => MAY_BE_TRANSCRIPT,
            };
            step(Some(cents), certain && !may_be_free, rule)
        }
        // A recording has a price of its own, if it is one: the entry's other documents are not.
        _ if by_itself == Item::Audio => {
            step(price::upper_bound_cents(Item::Audio), !may_be_free, AUDIO)
        }
        (false, None) => step(price::upper_bound_cents(Item::Document), false, DOCUMENT),
        (false, Some(pages)) if by_entry == Item::Audio => step(
            Some(price::cents(Item::Document, pages).max(price::AUDIO_CENTS)),
            false,
            AUDIO,
        ),
        (false, Some(pages)) => step(
            Some(price::cents(Item::Document, pages)),
            !may_be_free,
            if may_be_free {
                MAY_BE_OPINION
            } else {
                DOCUMENT
            },
        ),
    }
}

/// Judges' opinions are free, and only the price page tells which of their papers is one.
fn may_be_opinion(description: &str) -> bool {
    let description = description.to_ascii_lowercase();
    [
        "opinion",
        "order",
        "memorandum",
        "judgment",
        "decision",
        "finding",
    ]
    .iter()
    .any(|word| description.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sheet<'a>(description: &'a str, entry: &'a str, pages: Option<u32>) -> Wanted<'a> {
        Wanted::Document(Sheet {
            description,
            entry,
            pages,
        })
    }

    /// The fee schedule, written out by hand: what is wanted, the most it costs, whether just that.
    #[test]
    fn every_rule_of_the_fee_schedule_has_its_price() {
        let docket = |appellate, case_known| Wanted::Docket {
            appellate,
            case_known,
        };
        let rows = [
            (docket(false, true), Some(300), false),
            (docket(false, false), Some(300), false),
            (docket(true, false), Some(300), false),
            (Wanted::Menu, Some(0), true),
            (Wanted::Held, Some(0), true),
            (sheet("Exhibit A", "COMPLAINT", Some(1)), Some(10), true),
            (sheet("", "COMPLAINT", Some(29)), Some(290), true),
            (sheet("", "COMPLAINT", Some(30)), Some(300), true),
            (sheet("", "COMPLAINT", Some(31)), Some(300), true),
            (sheet("", "COMPLAINT", Some(4_000)), Some(300), true),
            (sheet("", "COMPLAINT", None), Some(300), false),
            (sheet("Transcript", "", Some(40)), Some(400), true),
            (sheet("Transcript", "", Some(400)), Some(4_000), true),
            (sheet("Transcript", "", None), None, false),
            (sheet("", "TRANSCRIPT of proceedings", None), None, false),
            (
                sheet("", "MOTION for a transcript", Some(3)),
                Some(30),
                true,
            ),
            (
                sheet("", "MOTION for a transcript", Some(31)),
                Some(310),
                false,
            ),
            (sheet("Audio File", "", None), Some(240), true),
            (sheet("Audio File", "AUDIO", Some(90)), Some(240), true),
            (sheet("", "AUDIO of the hearing", Some(1)), Some(240), false),
            (
                sheet("", "AUDIO of the hearing", Some(40)),
                Some(300),
                false,
            ),
            (sheet("", "AUDIO of the hearing", None), Some(300), false),
            (sheet("", "OPINION", Some(12)), Some(120), false),
        ];
        for (wanted, at_most, exact) in rows {
            let quote = Quote::of(wanted);
            assert_eq!(quote.at_most_cents(), at_most, "{wanted:?}");
            assert_eq!(quote.is_exact(), exact, "{wanted:?}");
        }
    }

    #[test]
    fn paid_and_free_steps_are_told_apart() {
        let quote = Quote::of(Wanted::Docket {
            appellate: false,
            case_known: false,
        });
        let told: Vec<_> = quote
            .steps
            .iter()
            .map(|step| (step.what.as_str(), step.at_most_cents))
            .collect();
        assert_eq!(
            told,
            [("case_lookup", Some(0)), ("docket_report", Some(300))]
        );
        assert!(!quote.is_priced_first());
        assert!(Quote::of(sheet("", "", None)).is_priced_first());
    }
}
