//! What a client asks for: the fields of a `POST` (`docs/API.md#fields`), decoded.
//!
//! Decoding needs no database: [`ids_named`] says which rows a body names, the caller finds out
//! about them ([`ReferencedRows`]), and [`decode`] tells all that is wrong at once.

use axum::http::HeaderMap;
use chrono::{DateTime, NaiveDate, Utc};
use fetch_bus::Credentials;
use fetch_library::read::{DocketFacts, DocumentFacts};
use fetch_model::{
    Cents, DocketId, DocketOptions, DocumentId, FetchKind, Lane, OnDoubt,
    address::EntryNumbers,
    fields::{FieldId, Group, count, names},
};
use secrecy::SecretString;

use super::{
    ApiError, FieldErrors, RequestUrl, Source, court,
    field::{Decoder, SentId, id_of_elsewhere, no_such_row},
    misspelt::Names,
};

/// What is known about the rows that a body names, none if there is no such row; and the time.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReferencedRows {
    /// About `docket`.
    pub docket: Option<DocketFacts>,
    /// About `recap_document`.
    pub document: Option<DocumentFacts>,
    /// Where ids begin here, if one that is named has no row.
    pub first_id: Option<i64>,
    /// What time it is.
    pub now: DateTime<Utc>,
}

/// What a client asks for, each field right by itself.
#[derive(Debug, Clone)]
pub struct Submission {
    /// What to fetch.
    pub kind: FetchKind,
    /// The court as sent.
    pub court: Option<String>,
    /// The docket as sent.
    pub docket: Option<DocketId>,
    /// The document as sent.
    pub document: Option<DocumentId>,
    /// The case id, or empty.
    pub pacer_case_id: String,
    /// The docket number, or empty.
    pub docket_number: String,
    /// Only entries filed on or after.
    pub date_start: Option<NaiveDate>,
    /// Only entries filed on or before.
    pub date_end: Option<NaiveDate>,
    /// Only entries numbered at or above.
    pub number_start: Option<i32>,
    /// Only entries numbered at or below.
    pub number_end: Option<i32>,
    /// `show_parties_and_counsel` as sent; an unticked box of a form is `false`.
    pub sent_parties_and_counsel: Option<bool>,
    /// `show_terminated_parties` as sent.
    pub sent_terminated_parties: Option<bool>,
    /// `show_list_of_member_cases` as sent.
    pub sent_list_of_member_cases: Option<bool>,
    /// The PACER login.
    pub pacer_username: String,
    /// Its password.
    pub pacer_password: SecretString,
    /// PACER's billing label for the charge.
    pub client_code: Option<String>,
    /// Ours: the one-time code of a login with two factors.
    pub otp_code: Option<SecretString>,
    /// Ours: a docket that is held is not bought again while nothing was filed since.
    pub skip_if_unchanged: bool,
    /// Ours: what to do in doubt about money; the service's default when not sent.
    pub on_doubt: Option<OnDoubt>,
    /// Ours: interactive or bulk; interactive when not sent.
    pub lane: Option<Lane>,
    /// Ours: not to be begun earlier.
    pub not_before: Option<DateTime<Utc>>,
    /// Ours: the most the request may cost, in cents; no limit of its own when not sent.
    pub max_cost: Option<Cents>,
    /// Ours: what names a document, or a docket, in the words of people.
    pub address: SentAddress,
}

/// How people name a document, as it was sent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SentAddress {
    /// What was pasted, or empty.
    pub url: String,
    /// The court's id of the document, or empty.
    pub pacer_doc_id: String,
    /// The number of the entry, or several.
    pub entry_number: Option<EntryNumbers>,
    /// The number of the attachment.
    pub attachment_number: Option<i32>,
    /// All attachments as well.
    pub attachments: bool,
}

impl Submission {
    /// Whether an address is looked at: where a row of ours, or a case, was named, that decides.
    #[must_use]
    pub fn needs_address(&self) -> bool {
        match self.kind {
            FetchKind::Docket => {
                self.docket.is_none()
                    && self.docket_number.is_empty()
                    && self.pacer_case_id.is_empty()
            }
            FetchKind::Pdf | FetchKind::Attachments => self.document.is_none(),
        }
    }

    /// The login that it came with.
    #[must_use]
    pub fn credentials(&self) -> Credentials {
        Credentials {
            username: self.pacer_username.clone().into(),
            password: self.pacer_password.clone(),
            client_code: self.client_code.clone().unwrap_or_default(),
            otp_code: self.otp_code.clone(),
        }
    }

    /// The options of the docket report, with the defaults of what was not sent: parties and
    /// terminated parties are shown, member cases are not.
    ///
    /// Terminated parties without parties cannot be had. A body that says no to parties and
    /// nothing about terminated ones means no parties at all.
    #[must_use]
    pub fn options(&self) -> DocketOptions {
        let or_default =
            |sent: Option<bool>, id: FieldId| sent.unwrap_or(id.field().default_truth());
        let show_parties_and_counsel = or_default(
            self.sent_parties_and_counsel,
            FieldId::ShowPartiesAndCounsel,
        );
        DocketOptions {
            date_start: self.date_start,
            date_end: self.date_end,
            number_start: self.number_start,
            number_end: self.number_end,
            show_parties_and_counsel,
            show_terminated_parties: show_parties_and_counsel
                && or_default(self.sent_terminated_parties, FieldId::ShowTerminatedParties),
            show_list_of_member_cases: or_default(
                self.sent_list_of_member_cases,
                FieldId::ShowListOfMemberCases,
            ),
        }
    }

    /// The same for a docket that nobody has asked for, but that is fetched on the way to a document: no more of it is
    /// bought than was named.
    #[must_use]
    pub fn options_on_the_way(&self) -> DocketOptions {
        let is_sent = |sent: Option<bool>| sent == Some(true);
        DocketOptions {
            show_parties_and_counsel: is_sent(self.sent_parties_and_counsel),
            show_terminated_parties: is_sent(self.sent_terminated_parties),
            show_list_of_member_cases: is_sent(self.sent_list_of_member_cases),
            ..self.options()
        }
    }
}

/// The rows that a body names, to be looked up before [`decode`]. What is no id is left out.
#[must_use]
pub fn ids_named(source: &dyn Source) -> (Option<DocketId>, Option<DocumentId>) {
    let mut decoder = Decoder::new(source);
    let mut number = |field| match decoder.id(field) {
        Some(SentId::Number(number)) => Some(number),
        _ => None,
    };
    (
        number(FieldId::Docket).map(DocketId),
        number(FieldId::RecapDocument).map(DocumentId),
    )
}

/// The fields of a request.
pub const FIELDS: Names = Names {
    read: &names::<{ count(Group::Read) }>(Group::Read),
    ignored: &IGNORED,
};

/// Fields that are looked at only where neither a row nor a case was named.
const OF_ADDRESSES: [&str; 5] = [
    FieldId::Url.name(),
    FieldId::PacerDocId.name(),
    FieldId::EntryNumber.name(),
    FieldId::AttachmentNumber.name(),
    FieldId::Attachments.name(),
];

/// The fields of a login that asks for nothing. Those of a request may be sent along.
pub const LOGIN_FIELDS: Names = Names {
    read: &names::<{ count(Group::Login) }>(Group::Login),
    ignored: &IGNORED,
};

/// Fields that keep money from being spent. In a query nobody would read them.
const GUARDS: Names = Names {
    read: &names::<{ count(Group::Guards) }>(Group::Guards),
    ignored: &["format"],
};

/// What the contract shows and does not read; what browsers add to a form.
const IGNORED: [&str; count(Group::Shown) + 2] = {
    let shown = names::<{ count(Group::Shown) }>(Group::Shown);
    let mut all = ["user"; count(Group::Shown) + 2];
    let mut place = 0;
    while place < shown.len() {
        all[place] = shown[place];
        place += 1;
    }
    all[place] = "csrfmiddlewaretoken";
    all
};

/// Checks the query of a call that sends fields: parameters are never read as such, and what was meant
/// as a guard must not be lost there.
///
/// # Errors
/// 400 when one is a guard, or nearly one.
pub fn check_query(here: &RequestUrl) -> Result<HeaderMap, ApiError> {
    let mut errors = FieldErrors::default();
    let guards = here.parameters.iter().map(|(name, _)| name);
    for name in guards.filter(|name| GUARDS.read.contains(&name.as_str())) {
        let text = "Send this in the request body: query parameters are ignored here.";
        errors.add(name, text);
    }
    if !errors.is_empty() {
        return Err(ApiError::Fields(errors));
    }
    GUARDS.check_query(here)
}

/// Decodes a request.
///
/// # Errors
/// All that is wrong with its fields, in the order of the table.
pub fn decode(source: &dyn Source, known: &ReferencedRows) -> Result<Submission, FieldErrors> {
    decode_with(Decoder::new(source), source, known)
}

/// Decodes a request for a price: nobody is logged in for that, so no login is needed.
///
/// # Errors
/// As for [`decode`].
pub fn decode_for_quote(
    source: &dyn Source,
    known: &ReferencedRows,
) -> Result<Submission, FieldErrors> {
    decode_with(Decoder::without_login(source), source, known)
}

/// Decodes a login that asks for nothing.
///
/// # Errors
/// As for [`decode`].
pub fn decode_login(source: &dyn Source) -> Result<Credentials, FieldErrors> {
    let mut decoder = Decoder::new(source);
    let username = decoder.text(FieldId::PacerUsername);
    let password = decoder.secret(FieldId::PacerPassword);
    let client_code = decoder.text(FieldId::ClientCode);
    let otp_code = decoder.secret(FieldId::OtpCode);
    let mut errors = decoder.into_errors();
    LOGIN_FIELDS.check(source.names(), &mut errors);
    match (username, password) {
        (Some(username), Some(password)) if errors.is_empty() => Ok(Credentials {
            username: username.into(),
            password,
            client_code: client_code.unwrap_or_default(),
            otp_code,
        }),
        _ => Err(errors),
    }
}

fn decode_with(
    mut decoder: Decoder<'_>,
    source: &dyn Source,
    known: &ReferencedRows,
) -> Result<Submission, FieldErrors> {
    let court = decode_court(&mut decoder);
    let docket = decode_id(
        &mut decoder,
        FieldId::Docket,
        known.docket.is_some(),
        known.first_id,
    );
    let document = decode_id(
        &mut decoder,
        FieldId::RecapDocument,
        known.document.is_some(),
        known.first_id,
    );
    // What is needed and missing is an error already; then the rest is decoded for its errors only.
    let pacer_username = decoder.text(FieldId::PacerUsername).unwrap_or_default();
    let pacer_password = decoder.secret(FieldId::PacerPassword).unwrap_or_default();
    let client_code = decoder.text(FieldId::ClientCode);
    let kind = decoder.choice(FieldId::RequestType);
    let kind = kind.and_then(|number| FetchKind::from_number(i16::try_from(number).ok()?));
    let mut submission = Submission {
        kind: kind.unwrap_or(FetchKind::Docket),
        court,
        docket: docket.map(DocketId),
        document: document.map(DocumentId),
        pacer_username,
        pacer_password,
        client_code,
        pacer_case_id: decoder.text(FieldId::PacerCaseId).unwrap_or_default(),
        docket_number: decoder.text(FieldId::DocketNumber).unwrap_or_default(),
        date_start: decoder.date(FieldId::DeDateStart),
        date_end: decoder.date(FieldId::DeDateEnd),
        number_start: decoder.integer(FieldId::DeNumberStart),
        number_end: decoder.integer(FieldId::DeNumberEnd),
        sent_parties_and_counsel: decoder.truth(FieldId::ShowPartiesAndCounsel),
        sent_terminated_parties: decoder.truth(FieldId::ShowTerminatedParties),
        sent_list_of_member_cases: decoder.truth(FieldId::ShowListOfMemberCases),
        otp_code: decoder.secret(FieldId::OtpCode),
        skip_if_unchanged: decoder.truth(FieldId::SkipIfUnchanged).unwrap_or_default(),
        on_doubt: decoder.word(FieldId::OnDoubt).map(OnDoubt::from_word),
        lane: decoder.word(FieldId::Lane).and_then(Lane::from_word),
        not_before: decoder.instant(FieldId::NotBefore, known.now),
        max_cost: decoder.integer(FieldId::MaxCostCents).map(Cents),
        address: SentAddress::default(),
    };
    // What an older client sends beside a row or a case changes nothing: not even whether it is the same as before.
    // A name that resembles one of these (`uri`) is as harmless there.
    let unread = match submission.needs_address() {
        true => {
            submission.address = decode_address(&mut decoder);
            &[][..]
        }
        false => &OF_ADDRESSES,
    };
    let mut errors = decoder.into_errors();
    FIELDS.check_but(unread, source.names(), &mut errors);
    match errors.is_empty() {
        true => Ok(submission),
        false => Err(errors),
    }
}

fn decode_address(decoder: &mut Decoder<'_>) -> SentAddress {
    SentAddress {
        url: decoder.text(FieldId::Url).unwrap_or_default(),
        pacer_doc_id: decoder.text(FieldId::PacerDocId).unwrap_or_default(),
        entry_number: decoder.numbers(FieldId::EntryNumber),
        attachment_number: decoder.integer(FieldId::AttachmentNumber),
        attachments: decoder.word(FieldId::Attachments).is_some(),
    }
}

fn decode_court(decoder: &mut Decoder<'_>) -> Option<String> {
    let id = decoder.word_id(FieldId::Court)?;
    if !court::may_be_named(&id) {
        decoder.refuse(FieldId::Court, no_such_row(&id));
    }
    Some(id)
}

fn decode_id(
    decoder: &mut Decoder<'_>,
    field: FieldId,
    exists: bool,
    first: Option<i64>,
) -> Option<i64> {
    match (decoder.id(field)?, first) {
        (SentId::Number(number), _) if exists => Some(number),
        (SentId::Number(number), Some(first)) if number < first => {
            decoder.refuse(field, id_of_elsewhere(number, first));
            None
        }
        (other, _) => {
            decoder.refuse(field, no_such_row(&other.to_string()));
            None
        }
    }
}
