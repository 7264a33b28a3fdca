//! Looks for phrases in pages whose white space is unreliable.

use std::sync::LazyLock;

use regex::bytes::{Regex, RegexSet};

use super::table::{Answer, AnswerTo};

/// Where a page may say something that tells which answer it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Where a docket should be. Entries may quote it, so it counts only for a page that has none.
    InsteadOfDocket,
    /// On a page that is no docket: a docket may quote it.
    NoDocket,
    /// On a page of an appellate court that is no docket.
    Appeal,
    /// Where a document, its price or the menu of its entry should be.
    Document,
    /// On a page in place of the answer to a free question.
    Anywhere,
}

/// What a page says when it is an answer. White space matches any white space; an `{any}` between
/// words matches anything in the line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sign {
    /// Words that only this answer has.
    Says(&'static str, &'static [Place]),
    /// Words that other answers may have in a sentence: they count where nothing else is said.
    Mentions(&'static str, &'static [Place]),
}

impl Place {
    const ALL: [Place; 5] = [
        Place::InsteadOfDocket,
        Place::NoDocket,
        Place::Appeal,
        Place::Document,
        Place::Anywhere,
    ];

    /// The phrases that tell an answer here, those that tell the most first.
    fn phrases(self) -> Phrases<Answer> {
        let mut rows = Vec::new();
        for answer in Answer::ALL {
            for sign in answer.row().told_by {
                if sign.places().contains(&self) {
                    rows.push((sign.rank(answer), sign.phrase(), answer));
                }
            }
        }
        // What tells the same keeps the order of the table.
        rows.sort_by_key(|(rank, ..)| *rank);
        let rows: Vec<_> = rows
            .into_iter()
            .map(|(_, phrase, answer)| (phrase, answer))
            .collect();
        Phrases::new(&rows)
    }
}

impl Sign {
    /// What the page says.
    pub fn phrase(&self) -> &'static str {
        match self {
            Sign::Says(phrase, _) | Sign::Mentions(phrase, _) => phrase,
        }
    }

    /// Where it counts.
    pub fn places(&self) -> &'static [Place] {
        match self {
            Sign::Says(_, places) | Sign::Mentions(_, places) => places,
        }
    }

    /// What was asked for says more than what may come to anything.
    fn rank(self, answer: Answer) -> u8 {
        match self {
            Sign::Says(..) if answer.row().asked != AnswerTo::Anything => 0,
            Sign::Says(..) => 1,
            Sign::Mentions(..) => 2,
        }
    }
}

static TOLD: LazyLock<[Phrases<Answer>; 5]> = LazyLock::new(|| Place::ALL.map(Place::phrases));

/// The answer that a page says it is; none if it says nothing that is known. Ask only after it proved
/// to be nothing that was asked for.
pub(super) fn told(place: Place, page: &[u8]) -> Option<Answer> {
    TOLD[place as usize].find(page)
}

/// A table of phrases as of [`Sign`], each with what it means.
pub(super) struct Phrases<M: 'static> {
    set: RegexSet,
    meanings: Vec<M>,
}

impl<M: Copy> Phrases<M> {
    /// Compiles a table. The first row that is found in a page decides.
    pub(super) fn new(rows: &[(&str, M)]) -> Self {
        let patterns = rows.iter().map(|(phrase, _)| {
            let words: Vec<String> = phrase.split(' ').map(regex::escape).collect();
            format!("(?-u){}", words.join(r"\s+").replace(r"\{any\}", ".*"))
        });
        Self {
            set: RegexSet::new(patterns).expect("phrases are tested"),
            meanings: rows.iter().map(|(_, meaning)| *meaning).collect(),
        }
    }

    /// What the page says, by the first row of the table that it matches.
    pub(super) fn find(&self, page: &[u8]) -> Option<M> {
        self.set
            .matches(page)
            .into_iter()
            .next()
            .map(|row| self.meanings[row])
    }
}

/// Whether the body is XML where a page was expected, which usually means that the court blocks
/// us.
pub(super) fn is_xml(page: &[u8]) -> bool {
    static XML: LazyLock<Regex> = LazyLock::new(|| {
        // With its declaration, or by an element that no page begins with.
        Regex::new(
            r"(?i-u)^(?:\xef\xbb\xbf)?\s*<(?:\?xml|(?:response|errors?|results?|request)[\s>/])",
        )
        .expect("pattern is tested")
    });
    static HTML: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"(?i-u)<html|<!doctype html").expect("pattern is tested"));
    XML.is_match(page) && !HTML.is_match(page)
}
