//! Reads pages again that are kept, by the readers of this version, and merges what they say: a page
//! that was not understood, or wrongly, is mended without being bought again
//! ([why so](../../../docs/adr/0040-read-again.md)).
//!
//! Nothing here can buy: this crate has no way to a court and none to a session. Start reading at
//! [`run`]; `choice` is which pages are meant, `case` and `kin` which belong together, `again` what is
//! done with those of a case, `diff` what that changes.

mod again;
mod case;
mod choice;
mod diff;
mod files;
mod kin;
mod reading;
mod report;
pub mod rereading;

use std::collections::BTreeSet;

use fetch_control::Control;
use fetch_db::Error;
use fetch_model::{
    CaptureId, FetchKind,
    item_key::{Item, ItemKey},
};

pub use choice::{Choice, Place, WhichFailure};
pub use diff::{DocketDiff, FieldDiff, RowDiff, RowsDiff};
pub use report::{CaseReport, Finding, PageFound, RequestMended, Totals};

/// Reads the chosen pages again, case by case, and tells `listener` of each.
///
/// Each case is one transaction: whoever stops this in the middle has some cases read and the others
/// as they were, and running it again changes nothing of the former.
///
/// # Errors
/// When the database cannot answer. What was told of before stays done.
pub async fn run(
    control: &Control,
    choice: &Choice,
    listener: &mut impl Listener,
) -> Result<Totals, Error> {
    let mut totals = Totals::default();
    let mut left = choice.limit.unwrap_or(usize::MAX);
    for court in courts(control, choice).await? {
        if left == 0 {
            break;
        }
        if choice.wants_pages() {
            let (cases, last) = case::of_court(control, &court, choice, &mut left).await?;
            go_on_after(&mut totals, &court, last, left);
            listener.begins(&court, cases.len());
            for case in cases {
                let report = again::read_again(control, case, choice.dry_run).await?;
                totals.add(&report);
                listener.read(&report);
            }
        }
        if choice.wants(FetchKind::Pdf) {
            let report = files::read_again(control, &court, choice, &mut left).await?;
            let last = report.pages.last().map(|page| page.capture);
            go_on_after(&mut totals, &court, last, left);
            totals.add(&report);
            listener.read(&report);
        }
    }
    Ok(totals)
}

/// Notes where the next run goes on, if nothing is left of the limit.
fn go_on_after(totals: &mut Totals, court: &str, last: Option<CaptureId>, left: usize) {
    if let Some(capture) = last.filter(|_| left == 0) {
        let court = court.to_owned();
        totals.next = Some(Place { court, capture }.to_string());
    }
}

/// Hears how far it is.
pub trait Listener {
    /// So many cases of a court are looked at now.
    fn begins(&mut self, court: &str, cases: usize);

    /// A case was read.
    fn read(&mut self, report: &CaseReport);
}

async fn courts(control: &Control, choice: &Choice) -> Result<Vec<String>, Error> {
    if let Some(court) = &choice.court {
        return Ok(vec![court.clone()]);
    }
    let mut courts = BTreeSet::new();
    if choice.wants_pages() {
        courts.extend(control.ledger.courts_with_pages().await?);
    }
    if choice.wants(FetchKind::Pdf) {
        courts.extend(control.ledger.courts_with_files().await?);
    }
    // All pages of those before were read.
    let after = choice.after.as_ref().map_or("", |after| &after.court);
    courts.retain(|court| court.as_str() >= after);
    Ok(courts.into_iter().collect())
}

/// The choice of a single capture: what it is tells where it is from and which kind.
///
/// # Errors
/// When the database cannot answer. None if nothing is kept under this number.
pub async fn single(control: &Control, capture: CaptureId) -> Result<Option<Choice>, Error> {
    let Some(kept) = control.ledger.kept_bytes(capture).await? else {
        return Ok(None);
    };
    let kinds = match ItemKey::read(&kept.item_key).item {
        Item::Document => vec![FetchKind::Pdf],
        Item::Docket { .. } | Item::Menu | Item::Unrecognised | Item::Unknown => {
            FetchKind::ALL.to_vec()
        }
    };
    Ok(Some(Choice {
        kinds,
        court: Some(kept.court),
        capture: Some(capture),
        ..Choice::default()
    }))
}
