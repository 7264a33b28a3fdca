//! Which pages are meant.

use std::{
    collections::{HashMap, HashSet},
    fmt,
    str::FromStr,
};

use chrono::{DateTime, Utc};
use fetch_ledger::kept::KeptPage;
use fetch_model::{CaptureId, Failure, FetchKind, State};
use fetch_queue::EndedRequest;

use crate::{case::kind_of, reading::name_now};

/// Which pages are read again, and how.
#[derive(Debug, Clone, Default)]
pub struct Choice {
    /// Kinds of what was fetched. Texts of documents are recognised again if [`FetchKind::Pdf`] is
    /// among them.
    pub kinds: Vec<FetchKind>,
    /// Of this court only (CourtListener's id).
    pub court: Option<String>,
    /// This one only.
    pub capture: Option<CaptureId>,
    /// That came at this time or later.
    pub since: Option<DateTime<Utc>>,
    /// That came before this time.
    pub before: Option<DateTime<Utc>>,
    /// On which a request failed.
    pub failure: Option<WhichFailure>,
    /// Every page, and not the latest of each thing alone.
    pub all: bool,
    /// At most so many, the latest left out; [`Totals::next`](crate::Totals::next) is where to go on.
    pub limit: Option<usize>,
    /// None before this place, nor at it.
    pub after: Option<Place>,
    /// Nothing is written.
    pub dry_run: bool,
}

/// How far pages were read, court by court.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The court (CourtListener's id).
    pub court: String,
    /// The last page of it that was read.
    pub capture: CaptureId,
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}", self.court, self.capture)
    }
}

impl FromStr for Place {
    type Err = String;

    fn from_str(text: &str) -> Result<Place, String> {
        let place = text.split_once(':').and_then(|(court, capture)| {
            Some(Place {
                court: court.to_owned(),
                capture: CaptureId(capture.parse().ok()?),
            })
        });
        place.ok_or_else(|| "must be a court and a capture number, such as nysd:120".to_owned())
    }
}

/// Failures that a page is chosen for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WhichFailure {
    /// Whatever the page was not understood as.
    Any,
    /// The one with this code, such as `docket_not_recognised`.
    Code(String),
}

impl FromStr for WhichFailure {
    type Err = String;

    fn from_str(text: &str) -> Result<WhichFailure, String> {
        match text {
            "any" => Ok(WhichFailure::Any),
            code if Failure::CODES_ABOUT_A_PAGE.contains(&code) => {
                Ok(WhichFailure::Code(code.to_owned()))
            }
            other => Err(format!(
                "{other:?} is not a failure code of a page; use any, or one of {}",
                Failure::CODES_ABOUT_A_PAGE.join(", ")
            )),
        }
    }
}

impl Choice {
    /// Whether a kind of thing is meant.
    #[must_use]
    pub fn wants(&self, kind: FetchKind) -> bool {
        self.kinds.contains(&kind)
    }

    /// Whether dockets or menus are meant.
    #[must_use]
    pub fn wants_pages(&self) -> bool {
        self.wants(FetchKind::Docket) || self.wants(FetchKind::Attachments)
    }

    /// Whether a page is after the place at which this goes on.
    pub(crate) fn is_after(&self, court: &str, page: CaptureId) -> bool {
        self.after
            .as_ref()
            .is_none_or(|after| (court, page) > (after.court.as_str(), after.capture))
    }

    /// Whether a page of that time fits.
    pub(crate) fn has_time_of(&self, came: DateTime<Utc>) -> bool {
        self.since.is_none_or(|since| came >= since)
            && self.before.is_none_or(|before| came < before)
    }

    /// The pages of a case that are meant. Without `all`, of each thing the latest, and those on which
    /// a request failed that may be mended.
    pub(crate) fn among(
        &self,
        court: &str,
        pages: &[&KeptPage],
        ended: &HashMap<CaptureId, Vec<&EndedRequest>>,
    ) -> HashSet<CaptureId> {
        let on = |page: &KeptPage| ended.get(&page.id).map_or(&[][..], Vec::as_slice);
        let fitting: Vec<&KeptPage> = pages
            .iter()
            .copied()
            .filter(|page| !page.is_forgotten && self.has_time_of(page.date_created))
            .filter(|page| self.capture.is_none_or(|only| only == page.id))
            .filter(|page| self.wants(kind_of(page)))
            .filter(|page| {
                let of = |wanted| on(page).iter().any(|request| has(request, wanted));
                self.failure.as_ref().is_none_or(of)
            })
            .collect();
        if self.all {
            return fitting.iter().map(|page| page.id).collect();
        }
        let mut latest: HashMap<(&str, bool), CaptureId> = HashMap::new();
        for page in fitting.iter().rev() {
            // What nobody knew when it came is a report or menu as well, and a later one is there.
            let name = name_now(court, page);
            let is_named = |name: &String| latest.contains_key(&(name.as_str(), false));
            if name.as_ref().is_some_and(is_named) {
                continue;
            }
            // One that was billed in vain does not stand for those that were not.
            let key = (page.item_key.as_str(), page.in_vain);
            latest.entry(key).or_insert(page.id);
        }
        let failed = fitting
            .iter()
            .filter(|page| on(page).iter().any(|it| is_mendable(it)));
        latest
            .values()
            .copied()
            .chain(failed.map(|page| page.id))
            .collect()
    }
}

/// Whether a request failed by what a page was taken for.
pub(crate) fn is_mendable(request: &EndedRequest) -> bool {
    request.state == State::Failed
        && request
            .failure
            .as_ref()
            .is_some_and(Failure::is_about_the_page)
}

fn has(request: &EndedRequest, wanted: &WhichFailure) -> bool {
    is_mendable(request)
        && match wanted {
            WhichFailure::Any => true,
            WhichFailure::Code(code) => request
                .failure
                .as_ref()
                .is_some_and(|it| codes_of(it).contains(code)),
        }
}

/// The code of a failure, and of what came last before a doubt about money.
fn codes_of(failure: &Failure) -> Vec<String> {
    let own = serde_json::to_value(failure).ok();
    let own = own.and_then(|failure| failure["code"].as_str().map(str::to_owned));
    let mut codes: Vec<String> = own.into_iter().collect();
    if let Failure::MoneyInDoubt { after: Some(after) } = failure {
        codes.extend(codes_of(after));
    }
    codes
}
