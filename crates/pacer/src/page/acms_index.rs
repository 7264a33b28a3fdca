//! The page of a case in ACMS (`/Home/IndexContent`): what its script holds about the case, and
//! what the site's JSON is asked with.
//!
//! The script assigns one object to `showDocViewModel`. Its strings may hold whatever ends a
//! statement, so it is read as JSON, and not up to the next `};`.

use std::fmt;
use std::sync::LazyLock;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use regex::bytes::Regex;
use serde::{Deserialize, Serialize};

use super::PageError;
use super::acms::CaseDetails;
use super::acms_docket::{AcmsEntry, Entry, read_entry};

/// What the page of a case says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AcmsIndex {
    /// The court, as given to [`parse`].
    pub court_id: String,
    /// The case, a GUID.
    pub pacer_case_id: Option<String>,
    /// The number of the appeal.
    pub docket_number: Option<String>,
    /// The name of the case, as printed.
    pub case_name: Option<String>,
    /// Where the site's JSON is asked for.
    pub base_api_url: Option<String>,
    /// What it is asked with. Not part of the JSON that is printed of a page.
    #[serde(skip)]
    pub token: AcmsToken,
    /// When the token ends, by its own `exp`.
    pub token_expires: Option<DateTime<Utc>>,
    /// The account by the number that is sent as `csoId`.
    pub cso_id: Option<String>,
    /// Whether the account pays nothing.
    pub is_exempt: Option<bool>,
    /// Entries in the order of the page.
    pub docket_entries: Vec<AcmsEntry>,
}

/// The bearer token of a page. Whoever has it is logged in, so it is printed nowhere.
#[derive(Clone, PartialEq, Eq, Default, Deserialize)]
pub struct AcmsToken(String);

impl AcmsToken {
    /// The token itself, for the header of a request.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for AcmsToken {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("AcmsToken")
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ViewModel {
    auth_token_result: TokenResult,
    base_api_url: Option<String>,
    case_number: Option<String>,
    #[serde(default)]
    case_details: Vec<CaseDetails>,
    #[serde(default)]
    docket_entries: Vec<Entry>,
}

#[derive(Deserialize)]
struct TokenResult {
    token: AcmsToken,
}

/// What a token says of itself.
#[derive(Default, Deserialize)]
struct Claims {
    exp: Option<i64>,
    #[serde(rename = "showDocClaims")]
    account: Option<Account>,
}

#[derive(Deserialize)]
struct Account {
    #[serde(rename = "CSOId")]
    cso_id: Option<String>,
    #[serde(rename = "exemptFlag")]
    is_exempt: Option<bool>,
}

static ASSIGNED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?-u)\b(?:window\s*\.|var\s|let\s|const\s)\s*showDocViewModel\s*=\s*")
        .expect("pattern is tested")
});

/// Reads the page of a case. `Ok(None)` for a page that holds no case.
///
/// # Errors
/// [`PageError::Bad`] if what the script holds is not understood.
pub fn parse(page: &[u8], court: &str) -> Result<Option<AcmsIndex>, PageError> {
    let Some(assigned) = ASSIGNED.find(page) else {
        return Ok(None);
    };
    let mut values =
        serde_json::Deserializer::from_slice(&page[assigned.end()..]).into_iter::<ViewModel>();
    let Some(Ok(model)) = values.next() else {
        return Err(PageError::Bad("view model of ACMS"));
    };
    let token = model.auth_token_result.token;
    let claims = claims(&token).ok_or(PageError::Bad("token of ACMS"))?;
    let account = claims.account;
    let case = model.case_details.into_iter().next();
    let entries = model.docket_entries.into_iter();
    Ok(Some(AcmsIndex {
        court_id: court.to_owned(),
        docket_number: model
            .case_number
            .or_else(|| case.as_ref()?.case_number.clone()),
        case_name: case.as_ref().and_then(|case| case.name.clone()),
        pacer_case_id: case.and_then(|case| case.case_id),
        base_api_url: model.base_api_url,
        token_expires: claims
            .exp
            .and_then(|seconds| DateTime::from_timestamp(seconds, 0)),
        is_exempt: account.as_ref().and_then(|account| account.is_exempt),
        cso_id: account.and_then(|account| account.cso_id),
        docket_entries: entries.map(read_entry).collect::<Result<_, _>>()?,
        token,
    }))
}

/// The claims in the middle of a JWT. Its signature is for the site to check.
fn claims(token: &AcmsToken) -> Option<Claims> {
    let claims = token.0.split('.').nth(1)?;
    let claims = BASE64_URL_SAFE_NO_PAD
        .decode(claims.trim_end_matches('='))
        .ok()?;
    serde_json::from_slice(&claims).ok()
}
