//! `Idempotency-Key`: how a caller says that a request is the same as an earlier one.
//!
//! What is compared are the decoded fields that decide what is bought and who pays, so the same
//! request as a form and as JSON is the same. The password and the one-time code are no part of
//! it. What is kept is an HMAC with the caller's key, which is not kept itself: whoever reads the
//! table learns neither key nor PACER username.

use axum::http::{HeaderMap, StatusCode};
use fetch_model::{
    Cents, DocketOptions, FetchKind, Lane,
    fields::{FIELDS, Kind},
};
use fetch_queue::repeats::Mark;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::dialect::{
    ApiError, Sent, Source,
    submission::{SentAddress, Submission},
};

/// The header, in small letters.
pub(crate) const IDEMPOTENCY_KEY: &str = "idempotency-key";

/// Says of an answer that it is about an earlier request: a header, or metadata.
pub(crate) const REPLAYED: &str = "idempotent-replayed";

/// The longest key.
const LONGEST: usize = 255;

/// A caller's own name for one request.
#[derive(Clone, PartialEq, Eq)]
pub struct IdempotencyKey(String);

// Callers may put anything into it.
impl std::fmt::Debug for IdempotencyKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("IdempotencyKey")
    }
}

impl IdempotencyKey {
    /// Takes a key as it was sent.
    ///
    /// # Errors
    /// 400 when it is not 1 to 255 printable ASCII characters.
    pub fn new(key: &[u8]) -> Result<IdempotencyKey, ApiError> {
        let printable = key.iter().all(|byte| (b' '..=b'~').contains(byte));
        match std::str::from_utf8(key) {
            Ok(key) if printable && (1..=LONGEST).contains(&key.len()) => {
                Ok(IdempotencyKey(key.to_owned()))
            }
            _ => Err(ApiError::detail(
                StatusCode::BAD_REQUEST,
                format!(
                    "An Idempotency-Key must have 1 to {LONGEST} printable ASCII characters. A \
                     UUID works well."
                ),
            )),
        }
    }

    /// The key in the headers of a call, if there is one.
    ///
    /// # Errors
    /// 400 when there are several, or it is none.
    pub fn of_headers(headers: &HeaderMap) -> Result<Option<IdempotencyKey>, ApiError> {
        let mut sent = headers.get_all(IDEMPOTENCY_KEY).iter();
        match (sent.next(), sent.next()) {
            (None, _) => Ok(None),
            (Some(key), None) => IdempotencyKey::new(key.as_bytes()).map(Some),
            (Some(_), Some(_)) => Err(ApiError::detail(
                StatusCode::BAD_REQUEST,
                "Send one Idempotency-Key, not several.",
            )),
        }
    }

    /// What is kept of this key and of what came with it.
    pub(crate) fn mark(&self, submission: &Submission) -> Mark {
        let mut body = self.digest();
        body.update(meaning(submission).to_string().as_bytes());
        self.with(body)
    }

    /// The same of many requests, with the limit for all of them. What stands in each counts as it was sent: what
    /// its rows were then may have changed since.
    pub(crate) fn mark_of_batch(
        &self,
        limit: Option<Cents>,
        lines: impl Iterator<Item = Option<Box<dyn Source>>>,
    ) -> Mark {
        let mut body = self.digest();
        body.update(
            json!(["batch", limit.map(|cents| cents.0)])
                .to_string()
                .as_bytes(),
        );
        for line in lines {
            body.update(
                json!(line.map(|fields| said(&*fields)))
                    .to_string()
                    .as_bytes(),
            );
        }
        self.with(body)
    }

    fn digest(&self) -> Hmac<Sha256> {
        Hmac::new_from_slice(self.0.as_bytes()).expect("a key of any length will do")
    }

    fn with(&self, body: Hmac<Sha256>) -> Mark {
        let mut key = Sha256::new_with_prefix("pacer-fetch idempotency key\0");
        key.update(&self.0);
        Mark {
            key: key.finalize().into(),
            body: body.finalize().into_bytes().into(),
        }
    }
}

/// What was sent for the fields of a request, but for what is never kept, not even as a digest. Null says as much as
/// nothing.
fn said(source: &dyn Source) -> Vec<(&'static str, String)> {
    let fields = FIELDS
        .iter()
        .filter(|field| field.is_read() && !matches!(field.kind, Kind::Secret { .. }));
    fields
        .filter_map(|field| match source.get(field.id) {
            Sent::Absent | Sent::Blank | Sent::Null => None,
            sent => Some((field.name, sent.display())),
        })
        .collect()
}

/// What is bought, how, and who pays. Whatever means the same is written the same.
fn meaning(submission: &Submission) -> serde_json::Value {
    let Submission {
        kind,
        court,
        docket,
        document,
        pacer_case_id,
        docket_number,
        // Part of the options.
        date_start: _,
        date_end: _,
        number_start: _,
        number_end: _,
        sent_parties_and_counsel: _,
        sent_terminated_parties: _,
        sent_list_of_member_cases: _,
        pacer_username,
        // Never, not even as a digest.
        pacer_password: _,
        client_code,
        // It is another one each time.
        otp_code: _,
        skip_if_unchanged,
        on_doubt,
        lane,
        not_before,
        max_cost,
        address,
    } = submission;
    // The options are those of a docket report. Beside anything else they are not looked at, and
    // a form cannot help sending them: an unticked box is a no.
    let options = (*kind == FetchKind::Docket).then(|| written(&submission.options()));
    let mut meaning = vec![
        json!(kind.number()),
        json!(court),
        json!(docket.map(|id| id.0)),
        json!(document.map(|id| id.0)),
        json!(pacer_case_id),
        json!(docket_number),
        json!(options),
        json!(pacer_username),
        json!(client_code.as_deref().unwrap_or_default()),
        json!(skip_if_unchanged),
        json!(on_doubt.map(|rule| rule.as_str())),
        json!(lane.unwrap_or(Lane::Interactive) as i16),
        json!(not_before.map(|at| at.timestamp_micros())),
        json!(max_cost.map(|cents| cents.0)),
    ];
    // What came without an address is written as it was before there were any.
    if *address != SentAddress::default() {
        let SentAddress {
            url,
            pacer_doc_id,
            entry_number,
            attachment_number,
            attachments,
        } = address;
        // A single one is written as it was before there could be several.
        let entry_number = entry_number.as_ref().map(|numbers| match numbers.single() {
            Some(number) => json!(number),
            None => json!(numbers.to_string()),
        });
        // The docket may have to be fetched first.
        let options =
            (*kind != FetchKind::Docket).then(|| written(&submission.options_on_the_way()));
        meaning.push(json!([
            url,
            pacer_doc_id,
            entry_number,
            attachment_number,
            options
        ]));
        if *attachments {
            meaning.push(json!("attachments"));
        }
    }
    meaning.into()
}

fn written(options: &DocketOptions) -> serde_json::Value {
    json!([
        options.date_start,
        options.date_end,
        options.number_start,
        options.number_end,
        options.show_parties_and_counsel,
        options.show_terminated_parties,
        options.show_list_of_member_cases,
    ])
}

/// The key stands for another request.
pub(crate) fn another_body() -> ApiError {
    ApiError::detail(
        StatusCode::UNPROCESSABLE_ENTITY,
        "This Idempotency-Key was used for a different request in the last 24 hours. Use a new key \
         for a new request. Nothing was accepted.",
    )
}

/// The key is being used at this moment, and what becomes of it cannot be seen yet.
pub(crate) fn being_accepted() -> ApiError {
    ApiError::detail(
        StatusCode::CONFLICT,
        "A request with this Idempotency-Key is being processed right now. Send it again in a few \
         seconds.",
    )
}

#[cfg(test)]
mod tests {
    use fetch_library::read::DocumentFacts;

    use super::*;
    use crate::dialect::{
        Form, Json,
        submission::{ReferencedRows, decode},
    };

    fn key(text: &str) -> IdempotencyKey {
        IdempotencyKey::new(text.as_bytes()).unwrap()
    }

    fn known() -> ReferencedRows {
        ReferencedRows {
            now: "2026-11-29T00:00:00Z".parse().unwrap(),
            ..ReferencedRows::default()
        }
    }

    fn json_body(body: serde_json::Value) -> Submission {
        let fields = Json::parse(body.to_string().as_bytes()).unwrap();
        decode(&fields, &known()).unwrap()
    }

    fn form_body(pairs: &[(&str, &str)]) -> Submission {
        let pairs = pairs
            .iter()
            .map(|&(name, value)| (name.to_owned(), value.to_owned()));
        decode(&Form::new(pairs), &known()).unwrap()
    }

    #[test]
    fn keys_are_printable_and_not_too_long() {
        for good in [
            "x",
            "8e03978e-40d5-43dd-bc93-6894a57f9324",
            "\"a b\"",
            &"k".repeat(255),
        ] {
            assert!(IdempotencyKey::new(good.as_bytes()).is_ok(), "{good}");
        }
        for bad in ["", "\t", "ä", "a\nb", "\u{7f}", &"k".repeat(256)] {
            let refusal = IdempotencyKey::new(bad.as_bytes()).unwrap_err();
            assert_eq!(refusal.status(), StatusCode::BAD_REQUEST, "{bad:?}");
        }
        let mut headers = HeaderMap::new();
        assert_eq!(IdempotencyKey::of_headers(&headers).unwrap(), None);
        headers.append(IDEMPOTENCY_KEY, "one".parse().unwrap());
        assert!(IdempotencyKey::of_headers(&headers).unwrap().is_some());
        headers.append(IDEMPOTENCY_KEY, "two".parse().unwrap());
        assert!(IdempotencyKey::of_headers(&headers).is_err());
    }

    #[test]
    fn a_form_and_json_that_mean_the_same_are_the_same() {
        let form = form_body(&[
            ("request_type", "1"),
            ("court", "cand"),
            ("docket_number", " 3:20-cv-00001 "),
            ("pacer_username", "ann"),
            ("pacer_password", "one"),
            ("de_number_start", "7"),
            ("not_before", "2026-11-29T10:00:00+02:00"),
            ("show_parties_and_counsel", "on"),
        ]);
        let json = json_body(json!({
            "request_type": 1, "court": "cand", "docket_number": "3:20-cv-00001",
            "pacer_username": "ann", "pacer_password": "two", "otp_code": "123456",
            "de_number_start": 7, "not_before": "2026-11-29T08:00:00Z", "lane": "interactive",
            "show_parties_and_counsel": true, "show_terminated_parties": false,
        }));
        assert_eq!(key("k").mark(&form), key("k").mark(&json));
    }

    #[test]
    fn options_count_where_a_docket_is_bought_and_nowhere_else() {
        let asked = |kind: i64, boxes: bool| {
            let mark = key("k").mark(&json_body(json!({
                "request_type": kind, "court": "cand", "pacer_case_id": "1",
                "pacer_username": "ann", "pacer_password": "x", "show_parties_and_counsel": boxes,
            })));
            mark.body
        };
        assert_ne!(asked(1, true), asked(1, false));
        assert_eq!(asked(2, true), asked(2, false));
    }

    #[test]
    fn options_count_where_a_docket_may_come_first() {
        let asked = |boxes: bool| {
            let mark = key("k").mark(&json_body(json!({
                "request_type": 2, "court": "cand", "pacer_case_id": "1", "entry_number": 4,
                "pacer_username": "ann", "pacer_password": "x", "show_parties_and_counsel": boxes,
            })));
            mark.body
        };
        assert_ne!(asked(true), asked(false));
    }

    #[test]
    fn what_is_sent_beside_a_row_or_a_case_makes_no_other_request() {
        let decoded = |body: &serde_json::Value| {
            let fields = Json::parse(body.to_string().as_bytes()).unwrap();
            let stored = DocumentFacts {
                court: "cand".to_owned(),
                is_available: false,
            };
            let known = ReferencedRows {
                document: Some(stored),
                ..known()
            };
            decode(&fields, &known).unwrap()
        };
        let login = json!({"pacer_username": "ann", "pacer_password": "x"});
        for plain in [
            json!({"request_type": 2, "recap_document": 4}),
            json!({"request_type": 3, "recap_document": 4}),
            json!({"request_type": 1, "court": "cand", "pacer_case_id": "1"}),
        ] {
            let mut plain = plain;
            merge(&mut plain, &login);
            let mut more = plain.clone();
            let stray = json!({"url": "nonsense", "pacer_doc_id": "1", "entry_number": 0,
                               "attachment_number": 0});
            merge(&mut more, &stray);
            let (plain, more) = (decoded(&plain), decoded(&more));
            assert_eq!(key("k").mark(&plain), key("k").mark(&more));
        }
    }

    fn merge(body: &mut serde_json::Value, more: &serde_json::Value) {
        let more = more.as_object().unwrap().clone();
        body.as_object_mut().unwrap().extend(more);
    }

    #[test]
    fn every_field_that_decides_makes_another_request() {
        let plain = json!({
            "request_type": 1, "court": "cand", "docket_number": "3:20-cv-00001",
            "pacer_username": "ann", "pacer_password": "x",
        });
        let mark = |changes: &[(&str, serde_json::Value)]| {
            let mut body = plain.clone();
            for (name, value) in changes {
                body[*name] = value.clone();
            }
            key("k").mark(&json_body(body))
        };
        let first = mark(&[]);
        for (name, value) in [
            ("request_type", json!(2)),
            ("court", json!("nysd")),
            ("docket_number", json!("3:20-cv-00002")),
            ("pacer_case_id", json!("1")),
            ("de_date_start", json!("2020-01-01")),
            ("de_date_end", json!("2020-01-01")),
            ("de_number_start", json!(1)),
            ("de_number_end", json!(1)),
            ("show_parties_and_counsel", json!(false)),
            ("show_terminated_parties", json!(false)),
            ("show_list_of_member_cases", json!(true)),
            ("pacer_username", json!("ben")),
            ("client_code", json!("matter")),
            ("skip_if_unchanged", json!(true)),
            ("on_doubt", json!("stop")),
            ("lane", json!("bulk")),
            ("not_before", json!("2026-11-29T08:00:00Z")),
            ("max_cost_cents", json!(1)),
        ] {
            let other = mark(&[(name, value)]);
            assert_eq!(other.key, first.key);
            assert_ne!(other.body, first.body, "{name}");
        }
        for (name, value) in [("pacer_password", "y"), ("otp_code", "1")] {
            assert_eq!(mark(&[(name, json!(value))]), first, "{name}");
        }
    }

    #[test]
    fn what_is_kept_depends_on_the_key_throughout() {
        let submission = json_body(json!({
            "request_type": 1, "court": "cand", "pacer_case_id": "1",
            "pacer_username": "ann", "pacer_password": "x",
        }));
        let (one, two) = (key("1").mark(&submission), key("2").mark(&submission));
        assert_ne!(one.key, two.key);
        assert_ne!(one.body, two.body);
    }
}
