//! The request as clients see it: `docs/API.md#the-request-object`.

use chrono::NaiveDate;
use chrono_tz::Tz;
use fetch_model::{FetchRequest, PublicStatus};

use super::{Object, moment};

/// Renders a request. The same object answers a `POST`, a `GET`, a list and a webhook.
#[must_use]
pub fn fetch_request(request: &FetchRequest, zone: Tz) -> Object {
    let asked = &request.spec;
    let status = request.public_status();
    // The contract dates success only: of a failure clients see no time of completion.
    let completed = request
        .date_completed
        .filter(|_| status == PublicStatus::Successful);
    Object::new()
        .with("id", request.id.0)
        .with("court", asked.court.clone())
        .with("docket", asked.docket.map(|id| id.0))
        .with("recap_document", asked.document.map(|id| id.0))
        .with("date_created", moment::write(request.date_created, zone))
        .with("date_modified", moment::write(request.date_modified, zone))
        .with(
            "date_completed",
            completed.map(|at| moment::write(at, zone)),
        )
        .with("status", i16::from(status))
        .with("request_type", asked.kind.number())
        .with("message", request.message.as_str())
        .with("pacer_case_id", asked.pacer_case_id.as_str())
        .with("docket_number", asked.docket_number.as_str())
        .with("de_date_start", date(asked.options.date_start))
        .with("de_date_end", date(asked.options.date_end))
        .with("de_number_start", asked.options.number_start)
        .with("de_number_end", asked.options.number_end)
        .with(
            "show_parties_and_counsel",
            asked.options.show_parties_and_counsel,
        )
        .with(
            "show_terminated_parties",
            asked.options.show_terminated_parties,
        )
        .with(
            "show_list_of_member_cases",
            asked.options.show_list_of_member_cases,
        )
}

/// A day, or null.
#[must_use]
pub fn date(date: Option<NaiveDate>) -> Option<String> {
    date.map(|date| date.format("%Y-%m-%d").to_string())
}
