//! The fields of a message of gRPC, as [`Source`] of a request: what JSON can say of them, it says too.

use std::{borrow::Cow, fmt};

use chrono::{DateTime, SecondsFormat};
use fetch_bus::wire::{self, LogInRequest, SubmitRequest};
use fetch_model::fields::FieldId;
use prost_types::Timestamp;
use zeroize::Zeroize;

use crate::dialect::{Sent, Source};

/// A message that asks for something, or logs an account in.
pub(crate) struct Message(SubmitRequest);

impl Message {
    /// What a client calls this attempt to submit.
    pub(crate) fn idempotency_key(&self) -> Option<&str> {
        self.0.idempotency_key.as_deref()
    }
}

impl From<SubmitRequest> for Message {
    fn from(message: SubmitRequest) -> Message {
        Message(message)
    }
}

impl From<LogInRequest> for Message {
    fn from(login: LogInRequest) -> Message {
        Message(SubmitRequest {
            pacer_username: login.pacer_username,
            pacer_password: login.pacer_password,
            client_code: login.client_code,
            otp_code: login.otp_code,
            ..SubmitRequest::default()
        })
    }
}

impl fmt::Debug for Message {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

impl Drop for Message {
    fn drop(&mut self) {
        // Any field may hold what was meant for the one with the password.
        let message = &mut self.0;
        message.pacer_username.zeroize();
        message.pacer_password.zeroize();
        for text in [
            &mut message.client_code,
            &mut message.otp_code,
            &mut message.court,
            &mut message.pacer_case_id,
            &mut message.docket_number,
            &mut message.idempotency_key,
            &mut message.url,
            &mut message.pacer_doc_id,
            &mut message.entry_numbers,
            &mut message.attachments,
        ] {
            text.zeroize();
        }
        if let Some(options) = &mut message.options {
            options.de_date_start.zeroize();
            options.de_date_end.zeroize();
        }
    }
}

impl Source for Message {
    fn get(&self, field: FieldId) -> Sent<'_> {
        let message = &self.0;
        let options = message.options.as_ref();
        match field {
            FieldId::Court => optional(message.court.as_ref()),
            FieldId::Docket => number(message.docket),
            FieldId::RecapDocument => number(message.recap_document),
            FieldId::PacerUsername => required(&message.pacer_username),
            FieldId::PacerPassword => required(&message.pacer_password),
            FieldId::ClientCode => optional(message.client_code.as_ref()),
            FieldId::RequestType => number(Some(message.request_type).filter(|kind| *kind != 0)),
            FieldId::PacerCaseId => optional(message.pacer_case_id.as_ref()),
            FieldId::DocketNumber => optional(message.docket_number.as_ref()),
            FieldId::DeDateStart => optional(options.and_then(|all| all.de_date_start.as_ref())),
            FieldId::DeDateEnd => optional(options.and_then(|all| all.de_date_end.as_ref())),
            FieldId::DeNumberStart => number(options.and_then(|all| all.de_number_start)),
            FieldId::DeNumberEnd => number(options.and_then(|all| all.de_number_end)),
            FieldId::ShowPartiesAndCounsel => {
                truth(options.and_then(|all| all.show_parties_and_counsel))
            }
            FieldId::ShowTerminatedParties => {
                truth(options.and_then(|all| all.show_terminated_parties))
            }
            FieldId::ShowListOfMemberCases => {
                truth(options.and_then(|all| all.show_list_of_member_cases))
            }
            FieldId::OtpCode => optional(message.otp_code.as_ref()),
            FieldId::SkipIfUnchanged => truth(message.skip_if_unchanged),
            FieldId::OnDoubt => on_doubt(message.on_doubt),
            FieldId::Lane => lane(message.lane),
            FieldId::NotBefore => message.not_before.as_ref().map_or(Sent::Absent, instant),
            FieldId::MaxCostCents => number(message.max_cost_cents),
            FieldId::Url => optional(message.url.as_ref()),
            FieldId::PacerDocId => optional(message.pacer_doc_id.as_ref()),
            FieldId::EntryNumber => match message.entry_numbers.as_ref() {
                Some(several) => optional(Some(several)),
                None => number(message.entry_number),
            },
            FieldId::Attachments => optional(message.attachments.as_ref()),
            FieldId::AttachmentNumber => number(message.attachment_number),
            FieldId::Id
            | FieldId::DateCreated
            | FieldId::DateModified
            | FieldId::DateCompleted
            | FieldId::Status
            | FieldId::Message => Sent::Absent,
        }
    }

    fn named(&self, _: &str) -> Sent<'_> {
        Sent::Absent
    }

    fn names(&self) -> Vec<&str> {
        Vec::new()
    }
}

/// Where a message has the field that the table calls so.
pub(crate) fn path_of(field: &str) -> String {
    match field.starts_with("de_") || field.starts_with("show_") {
        true => format!("options.{field}"),
        false => field.to_owned(),
    }
}

fn text(text: &str) -> Sent<'_> {
    Sent::Text(Cow::Borrowed(text))
}

fn optional(sent: Option<&String>) -> Sent<'_> {
    sent.map_or(Sent::Absent, |sent| text(sent))
}

/// A message cannot leave it out, so empty means not sent.
fn required(sent: &str) -> Sent<'_> {
    Some(sent)
        .filter(|sent| !sent.is_empty())
        .map_or(Sent::Absent, text)
}

fn number(sent: Option<impl Into<serde_json::Number>>) -> Sent<'static> {
    sent.map_or(Sent::Absent, |number| Sent::Number(number.into()))
}

fn truth(sent: Option<bool>) -> Sent<'static> {
    sent.map_or(Sent::Absent, Sent::Truth)
}

/// A number that names no lane is refused as what it is, like a word that names none.
fn lane(lane: i32) -> Sent<'static> {
    match wire::Lane::try_from(lane) {
        Ok(wire::Lane::Unspecified) => Sent::Absent,
        Ok(wire::Lane::Interactive) => text(fetch_model::Lane::Interactive.as_str()),
        Ok(wire::Lane::Bulk) => text(fetch_model::Lane::Bulk.as_str()),
        Err(_) => Sent::Text(lane.to_string().into()),
    }
}

/// As [`lane`].
fn on_doubt(rule: i32) -> Sent<'static> {
    match wire::OnDoubt::try_from(rule) {
        Ok(wire::OnDoubt::Unspecified) => Sent::Absent,
        Ok(wire::OnDoubt::Stop) => text(fetch_model::OnDoubt::Stop.as_str()),
        Ok(wire::OnDoubt::OnceMore) => text(fetch_model::OnDoubt::OnceMore.as_str()),
        Err(_) => Sent::Text(rule.to_string().into()),
    }
}

/// A time that is none is refused as a text that is none.
fn instant(at: &Timestamp) -> Sent<'static> {
    let nanos = u32::try_from(at.nanos).ok();
    let time = nanos.and_then(|nanos| DateTime::from_timestamp(at.seconds, nanos));
    let text = match time {
        Some(time) => time.to_rfc3339_opts(SecondsFormat::Micros, true),
        None => format!("{} s {} ns", at.seconds, at.nanos),
    };
    Sent::Text(text.into())
}

#[cfg(test)]
mod tests {
    use fetch_model::{
        OnDoubt,
        fields::{Group, count, names},
    };
    use prost::Message as _;
    use prost_types::FileDescriptorSet;
    use secrecy::ExposeSecret;

    use super::*;
    use crate::dialect::submission::{ReferencedRows, decode, decode_login};

    fn message() -> SubmitRequest {
        SubmitRequest {
            request_type: 1,
            pacer_username: "ann".to_owned(),
            pacer_password: "hunter2".to_owned(),
            court: Some("okwd".to_owned()),
            docket_number: Some("5:16-cv-00432".to_owned()),
            ..SubmitRequest::default()
        }
    }

    fn refused(message: SubmitRequest) -> String {
        let known = ReferencedRows::default();
        let errors = decode(&Message::from(message), &known).unwrap_err();
        serde_json::to_string(&errors.into_object()).unwrap()
    }

    /// The names of a message's fields.
    fn described(message: &str) -> Vec<String> {
        let all = FileDescriptorSet::decode(wire::FILE_DESCRIPTOR_SET).unwrap();
        let mut messages = all.file.into_iter().flat_map(|file| file.message_type);
        let found = messages.find(|found| found.name() == message).unwrap();
        found
            .field
            .iter()
            .map(|field| field.name().to_owned())
            .collect()
    }

    #[test]
    fn the_table_and_the_interface_name_the_same_fields() {
        let mut sent = described("SubmitRequest");
        sent.extend(described("DocketOptions"));
        sent.retain(|name| name != "options" && name != "idempotency_key");
        // It was a number before it could be several, and stays one.
        sent.retain(|name| name != "entry_numbers");
        sent.sort_unstable();
        let mut table = names::<{ count(Group::Read) }>(Group::Read);
        table.sort_unstable();
        assert_eq!(sent, table);
        let mut sent = described("LogInRequest");
        sent.sort_unstable();
        let mut table = names::<{ count(Group::Login) }>(Group::Login);
        table.sort_unstable();
        assert_eq!(sent, table);
    }

    #[test]
    fn the_entry_is_a_number_or_several_as_text() {
        let one = SubmitRequest {
            entry_number: Some(5),
            ..message()
        };
        let several = SubmitRequest {
            entry_numbers: Some("1,5,9-12".to_owned()),
            ..one.clone()
        };
        let entry = |message| {
            let message = Message::from(message);
            message.get(FieldId::EntryNumber).display()
        };
        assert_eq!(entry(one), "5");
        assert_eq!(entry(several), "1,5,9-12");
    }

    #[test]
    fn a_field_is_named_by_its_place_in_the_message() {
        for field in described("DocketOptions") {
            assert_eq!(path_of(&field), format!("options.{field}"));
        }
        for field in described("SubmitRequest") {
            assert_eq!(path_of(&field), field);
        }
    }

    #[test]
    fn a_message_is_decoded_as_json_of_the_same_meaning() {
        let sent = SubmitRequest {
            on_doubt: wire::OnDoubt::Stop.into(),
            max_cost_cents: Some(120),
            ..message()
        };
        let submission = decode(&Message::from(sent), &ReferencedRows::default()).unwrap();
        assert_eq!(submission.pacer_password.expose_secret(), "hunter2");
        assert_eq!(submission.on_doubt, Some(OnDoubt::Stop));
        assert_eq!(submission.lane, None);
        let options = submission.options();
        assert!(options.show_parties_and_counsel, "as absent in JSON");
        assert!(options.show_terminated_parties);
    }

    #[test]
    fn what_a_message_cannot_leave_out_is_absent_when_it_is_empty() {
        assert_eq!(
            refused(SubmitRequest::default()),
            r#"{"pacer_username":["This field is required."],"pacer_password":["This field is required."],"request_type":["This field is required."]}"#
        );
        let errors = decode_login(&Message::from(LogInRequest::default())).unwrap_err();
        assert_eq!(
            serde_json::to_string(&errors.into_object()).unwrap(),
            r#"{"pacer_username":["This field is required."],"pacer_password":["This field is required."]}"#
        );
    }

    #[test]
    fn numbers_that_mean_nothing_are_refused_by_the_name_of_their_field() {
        let sent = SubmitRequest {
            lane: 7,
            on_doubt: 9,
            not_before: Some(Timestamp {
                seconds: 1,
                nanos: -1,
            }),
            ..message()
        };
        let errors = refused(sent);
        assert!(
            errors.contains(r#""lane":["\"7\" is not a valid choice."]"#),
            "{errors}"
        );
        assert!(
            errors.contains(r#""on_doubt":["\"9\" is not a valid choice."]"#),
            "{errors}"
        );
        assert!(
            errors.contains(r#""not_before":["Datetime has wrong format."#),
            "{errors}"
        );
    }

    #[test]
    fn a_message_is_never_printed_with_its_login() {
        let printed = format!("{:?}", Message::from(message()));
        assert!(!printed.contains("hunter2"), "{printed}");
        assert!(!printed.contains("ann"), "{printed}");
    }
}
