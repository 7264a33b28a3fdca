//! What several documents cost: each as far as anything is known of it.

use fetch_control::Control;
use pacer::{
    court::Court,
    quote::{Quote, Sheet, Wanted},
};

use super::{Price, UNSEEN_CENTS};
use crate::{
    api::Api,
    dialect::{Object, moment, submission::Submission},
    locate::SetWay,
};

/// The price of several documents, and of what is fetched before they are known.
pub(super) async fn price(
    control: &Control,
    submission: &Submission,
    way: &SetWay,
    court: &str,
) -> Result<Price, fetch_db::Error> {
    let (set, stored) = (&way.set, &way.stored);
    let first = way.needs_docket().then(|| {
        let case_known = !set.pacer_case_id.is_empty() || way.docket.is_some();
        Quote::of(Wanted::Docket {
            appellate: Court::by_cl_id(court).is_some_and(Court::is_appellate),
            case_known,
        })
    });
    let mut last = Quote { steps: Vec::new() };
    for _ in 0..way.menus() {
        last = last.then(Quote::of(Wanted::Menu));
    }
    for document in stored.wanted(set.attachments) {
        if !document.can_be_asked_for && !document.is_available {
            continue;
        }
        last = last.then(match control.document_for_price(document.id).await? {
            Some(known) if !known.is_held => Quote::of(Wanted::Document(Sheet {
                description: &known.description,
                entry: &known.entry,
                pages: known.pages,
            })),
            _ => Quote::of(Wanted::Held),
        });
    }
    for _ in 0..way.unseen() {
        last = last.then(unseen(UNSEEN_CENTS));
    }
    if set.attachments {
        let rest = rest_of(submission, first.as_ref(), &last);
        last = last.then(unseen(rest));
    }
    Ok(Price { first, last })
}

/// A document that nobody has seen.
fn unseen(allowed: u32) -> Quote {
    Quote::of(Wanted::Unseen { allowed })
}

/// How many attachments there are nobody knows: they may cost what the limit leaves.
fn rest_of(submission: &Submission, first: Option<&Quote>, last: &Quote) -> u32 {
    let limit = submission
        .max_cost
        .and_then(|limit| u32::try_from(limit.0).ok());
    let before = first.and_then(Quote::at_most_cents).unwrap_or_default();
    let known = last.at_most_cents().unwrap_or_default();
    limit
        .unwrap_or_default()
        .saturating_sub(before.saturating_add(known))
}

/// How numbers of entries were understood, and what is stored of them: the keys of an address.
pub(super) fn described(way: &SetWay, api: &Api) -> Object {
    let docket = way.docket.as_ref();
    let number = docket.and_then(|docket| docket.docket_number.as_deref());
    let as_of = docket.map(|docket| moment::write(docket.date_modified, api.time_zone));
    let document = match way.set.attachments {
        true => format!("{} and all attachments", way.set),
        false => way.set.to_string(),
    };
    Object::new()
        .with("court", way.set.court.as_str())
        .with("docket_number", number.unwrap_or(&way.set.docket_number))
        .with("document", document)
        .with("docket", docket.map(|docket| docket.id.0))
        .with("docket_modified", as_of)
        .with("recap_document", None::<i64>)
        .with("fetched_first", way.fetched_first())
}
