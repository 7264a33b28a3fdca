//! Whether a docket that was bought before is the same still, as far as a free page can tell.
//!
//! The summary of a case names the day of its last filing. If that day is over since before the
//! docket was bought, and the docket that we hold reaches to it, then nothing was filed since. It
//! does not tell of words that were changed, of parties that came or went without a filing, nor of
//! entries that were made since with a day before the last one that we hold.

use chrono::NaiveDate;
use chrono_tz::Tz;
use fetch_ledger::captures::Capture;
use fetch_model::{AttemptError, DocketOptions, Failure, item_key};
use pacer::{
    flow::FreeFlow,
    ids::PacerCaseId,
    page::{case_query, docket as docket_page},
};

use crate::{Conversation, PurchaseResult, purchase::Item};

/// A docket that is held, and why it was not bought again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnchangedDocket {
    /// When it was bought, in the court's zone.
    pub bought: NaiveDate,
    /// The day of the last filing.
    pub last_filing: NaiveDate,
}

impl UnchangedDocket {
    /// What the client is told.
    #[must_use]
    pub fn message(&self) -> String {
        let UnchangedDocket {
            bought,
            last_filing,
        } = self;
        format!(
            "{} Nothing was bought: the docket was last bought on {bought}, and the court reports \
             the last filing on {last_filing}.",
            Failure::SUCCESS
        )
    }
}

/// A docket that is held and is the same still. The court is not asked for that while what will do
/// anyhow is there or on its way.
pub(crate) async fn not_changed(
    conversation: &Conversation<'_>,
    case: &PacerCaseId,
    item: &Item,
) -> Result<Option<(PurchaseResult, UnchangedDocket)>, AttemptError> {
    if conversation.is_held(item).await? {
        return Ok(None);
    }
    conversation.wait_for_other_buyer(item).await?;
    held(conversation, case).await
}

/// The docket that is held, if the request allows to do with it and the court says that it is the
/// same still.
async fn held(
    conversation: &Conversation<'_>,
    case: &PacerCaseId,
) -> Result<Option<(PurchaseResult, UnchangedDocket)>, AttemptError> {
    let asked = &conversation.attempt.request.spec;
    if !asked.skip_if_unchanged {
        return Ok(None);
    }
    let keys = keys_that_contain(conversation, case).await?;
    let stores = &conversation.purchases.stores;
    let Some(capture) = stores.ledger.newest_bought(&keys).await? else {
        return Ok(None);
    };
    let body = stores.db.blobs.get(&capture.sha256).await?;
    let (Some(bought), Some(newest)) = (
        day_at(conversation, &capture),
        newest_entry(conversation, &body),
    ) else {
        return Ok(None);
    };
    let Some(last_filing) = last_filing(conversation, case).await? else {
        return Ok(None);
    };
    let unchanged = last_filing < bought && last_filing <= newest;
    let detail = format!(
        "last filing {last_filing}; bought {bought}, with entries up to {newest}: {}",
        if unchanged {
            "unchanged"
        } else {
            "perhaps changed"
        }
    );
    conversation.attempt.step("compared", &detail).await?;
    if !unchanged {
        return Ok(None);
    }
    let why = "nothing was filed since the last purchase; nothing is bought";
    let held = conversation.take(capture, why).await?;
    let unchanged = UnchangedDocket {
        bought,
        last_filing,
    };
    Ok(Some((held, unchanged)))
}

/// The names of what contains all that is asked for. All entries from a day on are in what was bought from an earlier
/// day on as well.
async fn keys_that_contain(
    conversation: &Conversation<'_>,
    case: &PacerCaseId,
) -> Result<Vec<String>, AttemptError> {
    let asked = &conversation.attempt.request.spec;
    let court = &asked.target_court;
    let mut keys: Vec<String> = that_contain(&asked.options)
        .iter()
        .map(|options| item_key::docket(court, case.as_str(), options))
        .collect();
    if let Some(day) = asked.options.date_start {
        let ledger = &conversation.purchases.stores.ledger;
        let bought = ledger.reports_bought(court, case.as_str()).await?;
        let contain =
            |key: &String| item_key::part_since(key, day).is_some_and(|part| keys.contains(&part));
        let earlier: Vec<String> = bought.into_iter().filter(contain).collect();
        keys.extend(earlier);
    }
    Ok(keys)
}

/// Options under which all that is asked for comes too, and perhaps more. A part of a docket, by days or numbers,
/// contains only itself, as far as these tell.
fn that_contain(asked: &DocketOptions) -> Vec<DocketOptions> {
    let or_more = |wanted: bool| {
        if wanted {
            vec![true]
        } else {
            vec![false, true]
        }
    };
    let mut all = Vec::new();
    for parties in or_more(asked.show_parties_and_counsel) {
        for terminated in or_more(asked.show_terminated_parties) {
            for members in or_more(asked.show_list_of_member_cases) {
                all.push(DocketOptions {
                    show_parties_and_counsel: parties,
                    show_terminated_parties: terminated,
                    show_list_of_member_cases: members,
                    ..asked.clone()
                });
            }
        }
    }
    all
}

/// The day on which bytes came, in the court's zone; none where that is not known.
fn day_at(conversation: &Conversation<'_>, capture: &Capture) -> Option<NaiveDate> {
    let zone: Tz = conversation.court.timezone.as_deref()?.parse().ok()?;
    Some(capture.date_created.with_timezone(&zone).date_naive())
}

/// The day of the newest entry of a docket.
fn newest_entry(conversation: &Conversation<'_>, page: &[u8]) -> Option<NaiveDate> {
    let docket = docket_page::parse(page, conversation.court.id.as_str());
    let entries = docket.ok().flatten()?.docket_entries;
    entries.iter().filter_map(|entry| entry.date_filed).max()
}

/// What the court's summary of the case says, which costs nothing.
async fn last_filing(
    conversation: &Conversation<'_>,
    case: &PacerCaseId,
) -> Result<Option<NaiveDate>, AttemptError> {
    let response = conversation.ask(FreeFlow::case_query(case)).await?;
    let court = conversation.court.id.as_str();
    let summary = case_query::parse(&response.body, court).ok().flatten();
    Ok(summary.and_then(|summary| summary.date_last_filing.flatten()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_docket_with_parties_contains_the_one_without() {
        let plain = DocketOptions::default();
        let with_parties = DocketOptions {
            show_parties_and_counsel: true,
            ..plain.clone()
        };
        assert!(that_contain(&plain).contains(&with_parties));
        assert!(!that_contain(&with_parties).contains(&plain));
    }
}
