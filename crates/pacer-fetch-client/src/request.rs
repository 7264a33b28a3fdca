//! What to buy, and the request for it.

use std::collections::BTreeMap;

use bytes::Bytes;
use chrono::{DateTime, NaiveDate, Utc};
use fetch_model::{
    FetchKind, Lane, OnDoubt, PublicStatus,
    fields::{Field, FieldId},
};
use serde::{Deserialize, Deserializer, de::Error as _};
use serde_json::{Map, Value};

use crate::{Account, body};

/// A new request. Whatever is not set has the API's default, as in JSON: parties and counsel are bought with a
/// docket.
#[derive(Debug, Clone, PartialEq)]
pub struct NewRequest(BTreeMap<&'static str, Value>);

impl NewRequest {
    /// A docket by its number, as people write it, in a court by CourtListener's id of it.
    #[must_use]
    pub fn docket(court: &str, docket_number: &str) -> NewRequest {
        NewRequest::of(FetchKind::Docket)
            .set(FieldId::Court, court)
            .set(FieldId::DocketNumber, docket_number)
    }

    /// A docket by the court's own id of the case.
    #[must_use]
    pub fn case(court: &str, pacer_case_id: &str) -> NewRequest {
        NewRequest::of(FetchKind::Docket)
            .set(FieldId::Court, court)
            .set(FieldId::PacerCaseId, pacer_case_id)
    }

    /// A stored docket, to bring it up to date.
    #[must_use]
    pub fn update(docket: i64) -> NewRequest {
        NewRequest::of(FetchKind::Docket).set(FieldId::Docket, docket)
    }

    /// The file of a document that a stored docket names.
    #[must_use]
    pub fn document(recap_document: i64) -> NewRequest {
        NewRequest::of(FetchKind::Pdf).set(FieldId::RecapDocument, recap_document)
    }

    /// The menu of the attachments of a document's entry. It costs nothing.
    #[must_use]
    pub fn attachments(recap_document: i64) -> NewRequest {
        NewRequest::of(FetchKind::Attachments).set(FieldId::RecapDocument, recap_document)
    }

    /// Fields as somebody wrote them. The service reads numbers and truth values from text. Those of the
    /// login are left out: an [`Account`] has them.
    #[must_use]
    pub fn of_fields<'f>(
        fields: impl IntoIterator<Item = (&'static Field, &'f str)>,
    ) -> NewRequest {
        let fields = fields.into_iter();
        NewRequest(
            fields
                .filter(|(field, _)| !field.is_of_login)
                .map(|(field, value)| (field.name, Value::from(value)))
                .collect(),
        )
    }

    fn of(kind: FetchKind) -> NewRequest {
        NewRequest(BTreeMap::new()).set(FieldId::RequestType, kind.number())
    }

    fn set(mut self, field: FieldId, value: impl Into<Value>) -> NewRequest {
        self.0.insert(field.name(), value.into());
        self
    }

    /// Only entries filed on or after this day.
    #[must_use]
    pub fn filed_from(self, day: NaiveDate) -> NewRequest {
        self.set(FieldId::DeDateStart, day.to_string())
    }

    /// Only entries filed on or before this day.
    #[must_use]
    pub fn filed_until(self, day: NaiveDate) -> NewRequest {
        self.set(FieldId::DeDateEnd, day.to_string())
    }

    /// Whether parties and their counsel are bought with a docket.
    #[must_use]
    pub fn with_parties(self, wanted: bool) -> NewRequest {
        self.set(FieldId::ShowPartiesAndCounsel, wanted)
    }

    /// The most that it may cost, in cents.
    #[must_use]
    pub fn max_cost_cents(self, cents: u32) -> NewRequest {
        self.set(FieldId::MaxCostCents, cents)
    }

    /// Does not buy a stored docket again if nothing was filed since.
    #[must_use]
    pub fn skip_if_unchanged(self) -> NewRequest {
        self.set(FieldId::SkipIfUnchanged, true)
    }

    /// What to do when the answer to a purchase was lost.
    #[must_use]
    pub fn on_doubt(self, rule: OnDoubt) -> NewRequest {
        self.set(FieldId::OnDoubt, rule.as_str())
    }

    /// Whether somebody is waiting for it.
    #[must_use]
    pub fn lane(self, lane: Lane) -> NewRequest {
        self.set(FieldId::Lane, lane.as_str())
    }

    /// Do not start before this time.
    #[must_use]
    pub fn not_before(self, at: DateTime<Utc>) -> NewRequest {
        self.set(FieldId::NotBefore, at.to_rfc3339())
    }

    /// As the body of a call, which is wiped when it has been sent.
    pub(crate) fn body(&self, account: Option<&Account>) -> Bytes {
        let mut fields: Map<String, Value> = Map::new();
        for (name, value) in &self.0 {
            fields.insert((*name).to_owned(), value.clone());
        }
        let login: Vec<(&str, &str)> = account.into_iter().flat_map(Account::fields).collect();
        body::json(&fields, &login)
    }
}

/// A request, as the service returns it.
#[derive(Debug, Clone, Deserialize)]
pub struct Request {
    /// Its number.
    pub id: i64,
    /// Where it stands.
    #[serde(deserialize_with = "status")]
    pub status: PublicStatus,
    /// Details about the status, for people.
    pub message: String,
    /// The stored docket: as asked for, or as bought.
    pub docket: Option<i64>,
    /// The stored document.
    pub recap_document: Option<i64>,
    /// The court as it was sent.
    pub court: Option<String>,
    /// The docket number as it was sent, or empty.
    pub docket_number: String,
    /// When it was accepted.
    pub date_created: DateTime<Utc>,
    /// When it last changed.
    pub date_modified: DateTime<Utc>,
    /// When it succeeded.
    pub date_completed: Option<DateTime<Utc>>,
}

impl Request {
    /// Whether nothing more will happen to it.
    #[must_use]
    pub fn is_final(&self) -> bool {
        self.status.is_final()
    }

    /// Whether it succeeded.
    #[must_use]
    pub fn succeeded(&self) -> bool {
        self.status == PublicStatus::Successful
    }
}

fn status<'de, D: Deserializer<'de>>(deserializer: D) -> Result<PublicStatus, D::Error> {
    let number = i16::deserialize(deserializer)?;
    PublicStatus::from_number(number)
        .ok_or_else(|| D::Error::custom(format!("{number} is not a request status")))
}

/// What a request would cost.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Quote {
    /// The most it will cost, in cents; `None` if there is no upper limit.
    pub at_most_cents: Option<i32>,
    /// Whether it will cost exactly that.
    pub exact: bool,
    /// What it is made of.
    pub steps: Vec<QuoteStep>,
    /// Whether it would be accepted now, as far as money goes.
    pub fits: bool,
    /// What would be reserved for it, in cents.
    pub reserve_cents: Option<i32>,
    /// The limit that it exceeds, in words.
    pub refusal: Option<String>,
}

/// One thing that a request asks a court for.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct QuoteStep {
    /// What it is.
    pub step: String,
    /// The most it will cost, in cents; `None` if there is no upper limit.
    pub at_most_cents: Option<i32>,
    /// Whether it will cost exactly that.
    pub exact: bool,
    /// The rule of PACER's fee schedule.
    pub rule: String,
}

/// A login that bought nothing.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Session {
    /// When the session stops being used; `None` if unknown.
    pub session_ends: Option<DateTime<Utc>>,
    /// From then on a login opens a new session.
    pub renewed_from: Option<DateTime<Utc>>,
    /// Requests that waited for the login and now continue.
    pub taken_up: i64,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn sent(request: &NewRequest, account: Option<&Account>) -> Value {
        serde_json::from_slice(&request.body(account)).unwrap()
    }

    #[test]
    fn a_request_says_what_was_said_and_nothing_else() {
        let request = NewRequest::docket("okwd", "5:16-cv-00432");
        let plain = json!({"request_type": 1, "court": "okwd", "docket_number": "5:16-cv-00432"});
        assert_eq!(sent(&request, None), plain);
        let request = NewRequest::document(7)
            .max_cost_cents(300)
            .lane(Lane::Bulk)
            .on_doubt(OnDoubt::Stop);
        assert_eq!(
            sent(&request, None),
            json!({"request_type": 2, "recap_document": 7, "max_cost_cents": 300, "lane": "bulk",
                   "on_doubt": "stop"})
        );
        assert_eq!(sent(&NewRequest::of_fields([]), None), json!({}));
    }

    #[test]
    fn the_login_is_sent_as_it_is() {
        let mut account = Account::new("ann", "\"\\ \u{1} {}}");
        account.client_code = Some("m-1".to_owned());
        let sent = sent(&NewRequest::attachments(7), Some(&account));
        assert_eq!(
            sent,
            json!({"request_type": 3, "recap_document": 7, "pacer_username": "ann",
                   "pacer_password": "\"\\ \u{1} {}}", "client_code": "m-1"})
        );
    }

    #[test]
    fn a_request_is_read_as_the_service_writes_it() {
        let told = json!({
            "id": 1, "court": "okwd", "docket": null, "recap_document": null,
            "date_created": "2026-11-20T09:15:02.114380-08:00", "date_modified": "2026-11-20T17:15:03Z",
            "date_completed": null, "status": 5, "request_type": 1, "message": "Trying again.",
            "pacer_case_id": "", "docket_number": "5:16-cv-00432", "de_date_start": null,
        });
        let request: Request = serde_json::from_value(told.clone()).unwrap();
        assert_eq!(request.status, PublicStatus::QueuedForRetry);
        assert!(!request.is_final() && !request.succeeded());
        let mut unknown = told;
        unknown["status"] = json!(9);
        assert!(serde_json::from_value::<Request>(unknown).is_err());
    }
}
