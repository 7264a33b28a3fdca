//! What is said in the end: in plain words, what came and what did not.

use fetch_library::sets::SetDocument;
use fetch_model::{
    Cents, Failure, FetchId, FetchKind, State, address::DocumentSet, budget::LimitExceeded,
};
use fetch_queue::plans::SetStep;

use super::Known;

/// So many are named: the steps tell of all of them.
const NAMED: usize = 20;

/// Failures of a menu that say that there is none.
const NO_ATTACHMENTS: [&str; 2] = ["sole_document", "no_menu"];

/// Why a document was not asked for that its own limit has kept from it.
const BEYOND_LIMIT: &str = "it does not fit under max_cost_cents";

/// The same where it is the limit of its user.
const BEYOND_QUARTER: &str = "your budget for this quarter has no room for it";

/// How a request for several documents ends.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Summary {
    /// How many of the documents are stored now.
    pub came: usize,
    /// What is said of it.
    pub said: String,
    /// A step that failed, if one did.
    pub failed: Option<FetchId>,
    /// What the cheapest of those would have cost that the limit has kept from being asked for.
    pub needs: Option<Cents>,
    /// What it ends with if nothing came, and nothing failed.
    pub nothing: Failure,
}

/// The docket tells of none of these.
pub(super) fn nothing_on_docket(set: &DocumentSet) -> Failure {
    Failure::NotOnDocket {
        what: set.to_string(),
        several: Vec::new(),
    }
}

impl Known {
    /// What came and what did not, `needs` being what the cheapest would cost of those that were not asked for.
    pub(super) fn summary(&self, needs: Option<Cents>) -> Summary {
        self.summed_up(needs, BEYOND_LIMIT)
    }

    /// The same where the quarter of its user has no room for those that are left, `before` having been spent on it.
    pub(super) fn without_room(&self, shortfall: LimitExceeded, before: Cents) -> Summary {
        let mut summary = self.summed_up(None, BEYOND_QUARTER);
        summary.said += &format!(" Of what was to be fetched next: {shortfall}");
        summary.nothing = Failure::OverBudget { shortfall, before };
        summary
    }

    fn summed_up(&self, needs: Option<Cents>, not_asked: &str) -> Summary {
        let wanted = self.stored.wanted(self.set.attachments);
        let came = wanted.iter().filter(|it| it.is_available).count();
        let fetched = self.steps_of(FetchKind::Pdf);
        let fetched = fetched.filter(|step| step.state == State::Done).count();
        let mut missed = Vec::new();
        for document in wanted.iter().filter(|it| !it.is_available) {
            missed.push(self.why_missed(document, not_asked));
        }
        missed.extend(self.menus_missed());
        let without = self.entries_without_document();
        let mut said = format!(
            "{came} of {} documents of {} are stored; {fetched} of them were fetched now.",
            wanted.len(),
            self.set
        );
        if !missed.is_empty() {
            said += &format!(" Not fetched: {}.", listed(&missed));
        }
        if !without.is_empty() {
            said += &format!(" The docket has no document for {}.", listed(&without));
        }
        let mut steps = self.steps.iter();
        Summary {
            came,
            said,
            failed: steps
                .rfind(|step| step.state == State::Failed && step.kind == FetchKind::Pdf.number())
                .map(|step| step.step),
            needs,
            nothing: nothing_on_docket(&self.set),
        }
    }

    fn why_missed(&self, document: &SetDocument, not_asked: &str) -> String {
        let step = self.step_for(FetchKind::Pdf, document.id);
        let why = match step {
            Some(step) => reason(step),
            None if !document.can_be_asked_for => "the court offers no document".to_owned(),
            None => not_asked.to_owned(),
        };
        format!("{document} ({why})")
    }

    fn menus_missed(&self) -> Vec<String> {
        let failed = self.steps_of(FetchKind::Attachments).filter(|step| {
            let code = step.failure.as_deref().unwrap_or_default();
            step.state != State::Done && !NO_ATTACHMENTS.contains(&code)
        });
        let of = |step: &SetStep| {
            let mut documents = self.stored.documents.iter();
            let document = documents.find(|it| Some(it.id) == step.document)?;
            let (entry, why) = (document.entry, reason(step));
            Some(format!("the attachments of entry {entry} ({why})"))
        };
        failed.filter_map(of).collect()
    }

    /// Numbers of which nothing is stored that could be fetched.
    fn entries_without_document(&self) -> Vec<String> {
        let has = |entry: i32| {
            let mut documents = self.stored.documents.iter();
            documents.any(|it| it.entry == entry)
        };
        let numbers = self.set.entries.iter().filter(|entry| !has(*entry));
        numbers.map(|entry| format!("entry {entry}")).collect()
    }
}

fn reason(step: &SetStep) -> String {
    let said = step.message.trim_end_matches('.');
    format!("{said}, request {}", step.step)
}

/// As many as people read, and how many there are besides.
fn listed(all: &[String]) -> String {
    let named = all[..all.len().min(NAMED)].join("; ");
    match all.len().checked_sub(NAMED) {
        Some(more) if more > 0 => format!("{named}; and {more} more, see the steps"),
        _ => named,
    }
}
