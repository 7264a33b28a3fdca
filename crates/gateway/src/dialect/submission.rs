//! What a client asks for: the fields of a `POST` (`docs/API.md#fields`), decoded.
//!
//! Decoding needs no database: [`ids_named`] says which rows a body names, the caller finds out
//! about them ([`Known`]), and [`decode`] tells all that is wrong at once.

use axum::http::HeaderMap;
use chrono::{DateTime, Days, NaiveDate, Utc};
use fetch_bus::Credentials;
use fetch_model::{Cents, DocketId, DocketOptions, DocumentId, FetchKind, Lane, OnDoubt};
use fetch_store::read::{DocketFacts, DocumentFacts};
use secrecy::SecretString;

use super::{
    FieldErrors, Fields, Here, Refusal, court,
    field::{Decoder, SentId, TextRules, no_such_row},
    misspelt::Names,
};

/// What is known about the rows that a body names, none if there is no such row; and the time.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Known {
    /// About `docket`.
    pub docket: Option<DocketFacts>,
    /// About `recap_document`.
    pub document: Option<DocumentFacts>,
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
    /// What PACER books the cost on.
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
    /// Ours: the most that it may cost; no limit of its own when not sent.
    pub max_cost: Option<Cents>,
}

impl Submission {
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
        let show_parties_and_counsel = self.sent_parties_and_counsel.unwrap_or(true);
        DocketOptions {
            date_start: self.date_start,
            date_end: self.date_end,
            number_start: self.number_start,
            number_end: self.number_end,
            show_parties_and_counsel,
            show_terminated_parties: show_parties_and_counsel
                && self.sent_terminated_parties.unwrap_or(true),
            show_list_of_member_cases: self.sent_list_of_member_cases.unwrap_or(false),
        }
    }
}

/// The rows that a body names, to be looked up before [`decode`]. What is no id is left out.
#[must_use]
pub fn ids_named(fields: &Fields) -> (Option<DocketId>, Option<DocumentId>) {
    let mut decoder = Decoder::new(fields);
    let mut number = |name| match decoder.id(name) {
        Some(SentId::Number(number)) => Some(number),
        _ => None,
    };
    (
        number("docket").map(DocketId),
        number("recap_document").map(DocumentId),
    )
}

/// The fields of a request. Ours come last.
pub const FIELDS: Names = Names {
    read: &[
        "request_type",
        "court",
        "docket",
        "docket_number",
        "pacer_case_id",
        "recap_document",
        "de_date_start",
        "de_date_end",
        "de_number_start",
        "de_number_end",
        "show_parties_and_counsel",
        "show_terminated_parties",
        "show_list_of_member_cases",
        "pacer_username",
        "pacer_password",
        "client_code",
        "otp_code",
        "skip_if_unchanged",
        "on_doubt",
        "lane",
        "not_before",
        "max_cost_cents",
    ],
    // What the contract shows and does not read; what browsers add to a form.
    ignored: &[
        "id",
        "user",
        "status",
        "message",
        "date_created",
        "date_modified",
        "date_completed",
        "csrfmiddlewaretoken",
    ],
};

/// The fields of a login that asks for nothing. Those of a request may be sent along.
pub const LOGIN_FIELDS: Names = Names {
    read: &[
        "pacer_username",
        "pacer_password",
        "client_code",
        "otp_code",
    ],
    ignored: FIELDS.ignored,
};

/// Fields that keep money from being spent. In a query nobody would read them.
const GUARDS: Names = Names {
    read: &[
        "max_cost_cents",
        "on_doubt",
        "skip_if_unchanged",
        "not_before",
        "lane",
    ],
    ignored: &["format"],
};

/// Checks the query of a call that sends fields: parameters are never read as such, and what was meant
/// as a guard must not be lost there.
///
/// # Errors
/// 400 when one is a guard, or nearly one.
pub fn check_query(here: &Here) -> Result<HeaderMap, Refusal> {
    let mut errors = FieldErrors::default();
    let guards = here.parameters.iter().map(|(name, _)| name);
    for name in guards.filter(|name| GUARDS.read.contains(&name.as_str())) {
        let text = "Send this in the body: parameters of the query are not read.";
        errors.add(name, text);
    }
    if !errors.is_empty() {
        return Err(Refusal::Fields(errors));
    }
    GUARDS.check_query(here)
}

const REQUEST_TYPES: [i16; 3] = [1, 2, 3];
const REQUIRED: TextRules = TextRules {
    required: true,
    may_be_blank: false,
    max_length: None,
};
/// Whatever it is, it is not looked at.
const UNUSED: TextRules = TextRules {
    required: false,
    may_be_blank: true,
    max_length: None,
};
const OPTIONAL: TextRules = TextRules {
    required: false,
    may_be_blank: false,
    max_length: None,
};

/// PACER takes client codes of 32 characters.
const CLIENT_CODE: TextRules = TextRules {
    max_length: Some(32),
    ..OPTIONAL
};
/// Six digits, or a backup code, which nobody has described.
const OTP_CODE: TextRules = TextRules {
    max_length: Some(64),
    ..OPTIONAL
};

/// Nothing is put off for longer.
const NOT_BEFORE_DAYS: u64 = 90;

fn may_be_blank(max_length: usize) -> TextRules {
    TextRules {
        required: false,
        may_be_blank: true,
        max_length: Some(max_length),
    }
}

/// Decodes a body.
///
/// # Errors
/// All that is wrong with its fields, in the order of their declaration.
pub fn decode(fields: &Fields, known: &Known) -> Result<Submission, FieldErrors> {
    decode_with(fields, known, REQUIRED)
}

/// Decodes a body that asks for a price: nobody is logged in for that, so no login is needed.
///
/// # Errors
/// As for [`decode`].
pub fn decode_for_quote(fields: &Fields, known: &Known) -> Result<Submission, FieldErrors> {
    decode_with(fields, known, UNUSED)
}

/// Decodes a body that logs an account in and asks for nothing.
///
/// # Errors
/// As for [`decode`].
pub fn decode_login(fields: &Fields) -> Result<Credentials, FieldErrors> {
    let mut decoder = Decoder::new(fields);
    let username = decoder.text("pacer_username", REQUIRED);
    let password = decoder.text("pacer_password", REQUIRED);
    let client_code = decode_client_code(&mut decoder);
    let otp_code = decoder.text("otp_code", OTP_CODE).map(SecretString::from);
    let mut errors = decoder.into_errors();
    LOGIN_FIELDS.check(fields.names(), &mut errors);
    match (username, password) {
        (Some(username), Some(password)) if errors.is_empty() => Ok(Credentials {
            username: username.into(),
            password: password.into(),
            client_code: client_code.unwrap_or_default(),
            otp_code,
        }),
        _ => Err(errors),
    }
}

fn decode_with(
    fields: &Fields,
    known: &Known,
    login: TextRules,
) -> Result<Submission, FieldErrors> {
    let mut decoder = Decoder::new(fields);
    let court = decode_court(&mut decoder);
    let docket = decode_id(&mut decoder, "docket", known.docket.is_some()).map(DocketId);
    let document =
        decode_id(&mut decoder, "recap_document", known.document.is_some()).map(DocumentId);
    let or_none = |text: Option<String>| text.or((!login.required).then(String::new));
    let pacer_username = or_none(decoder.text("pacer_username", login));
    let pacer_password = or_none(decoder.text("pacer_password", login)).map(SecretString::from);
    let client_code = decode_client_code(&mut decoder);
    let request_type = decoder.choice("request_type", &REQUEST_TYPES, true);
    let pacer_case_id = decoder
        .text("pacer_case_id", may_be_blank(100))
        .unwrap_or_default();
    let docket_number = decoder
        .text("docket_number", may_be_blank(50))
        .unwrap_or_default();
    let date_start = decoder.date("de_date_start");
    let date_end = decoder.date("de_date_end");
    let number_start = decoder.integer("de_number_start");
    let number_end = decoder.integer("de_number_end");
    let sent_parties_and_counsel = decoder.boolean("show_parties_and_counsel");
    let sent_terminated_parties = decoder.boolean("show_terminated_parties");
    let sent_list_of_member_cases = decoder.boolean("show_list_of_member_cases");
    let otp_code = decoder.text("otp_code", OTP_CODE).map(SecretString::from);
    let skip_if_unchanged = decoder.boolean("skip_if_unchanged").unwrap_or(false);
    let on_doubt = decoder
        .word("on_doubt", &["stop", "once_more"])
        .map(OnDoubt::from_word);
    let lane = decoder
        .word("lane", &["interactive", "bulk"])
        .map(|word| match word {
            "bulk" => Lane::Bulk,
            _ => Lane::Interactive,
        });
    let not_before = decode_not_before(&mut decoder, known.now);
    let max_cost = decode_max_cost(&mut decoder);
    let kind = request_type.and_then(FetchKind::from_number);

    let mut errors = decoder.into_errors();
    FIELDS.check(fields.names(), &mut errors);
    match (kind, pacer_username, pacer_password) {
        (Some(kind), Some(pacer_username), Some(pacer_password)) if errors.is_empty() => {
            Ok(Submission {
                kind,
                court,
                docket,
                document,
                pacer_case_id,
                docket_number,
                date_start,
                date_end,
                number_start,
                number_end,
                sent_parties_and_counsel,
                sent_terminated_parties,
                sent_list_of_member_cases,
                pacer_username,
                pacer_password,
                client_code,
                otp_code,
                skip_if_unchanged,
                on_doubt,
                lane,
                not_before,
                max_cost,
            })
        }
        _ => Err(errors),
    }
}

fn decode_max_cost(decoder: &mut Decoder<'_>) -> Option<Cents> {
    let cents = decoder.integer("max_cost_cents")?;
    if cents < 0 {
        let message = "Ensure this value is greater than or equal to 0.";
        decoder.refuse("max_cost_cents", message);
    }
    Some(Cents(cents))
}

/// It becomes a cookie, so what would end the cookie is no part of it.
fn decode_client_code(decoder: &mut Decoder<'_>) -> Option<String> {
    let code = decoder.text("client_code", CLIENT_CODE)?;
    let fits = |byte: u8| byte.is_ascii_graphic() && byte != b',' && byte != b';';
    if !code.bytes().all(fits) {
        let message = "A client code of PACER has no spaces, commas, semicolons or accents.";
        decoder.refuse("client_code", message);
    }
    Some(code)
}

/// A time that has passed means now.
fn decode_not_before(decoder: &mut Decoder<'_>, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let at = decoder.instant("not_before")?;
    let latest = now.checked_add_days(Days::new(NOT_BEFORE_DAYS));
    if latest.is_some_and(|latest| at > latest) {
        let message = format!("Ensure this time is at most {NOT_BEFORE_DAYS} days ahead.");
        decoder.refuse("not_before", message);
    }
    Some(at)
}

fn decode_court(decoder: &mut Decoder<'_>) -> Option<String> {
    let id = decoder.word_id("court")?;
    if !court::may_be_named(&id) {
        decoder.refuse("court", no_such_row(&id));
    }
    Some(id)
}

fn decode_id(decoder: &mut Decoder<'_>, name: &str, exists: bool) -> Option<i64> {
    match decoder.id(name)? {
        SentId::Number(number) if exists => Some(number),
        other => {
            decoder.refuse(name, no_such_row(&other.to_string()));
            None
        }
    }
}
