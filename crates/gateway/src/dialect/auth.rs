//! Who calls: an API token in the `Authorization` header, in one of three spellings.

use axum::{
    extract::FromRequestParts,
    http::{Extensions, HeaderMap, header::AUTHORIZATION, request::Parts},
};
use base64::{
    Engine,
    alphabet::STANDARD,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use fetch_ledger::tokens::Holder;
use fetch_model::UserId;
use sha2::{Digest, Sha256};

use super::ApiError;
use crate::api::Api;

/// The account that calls. As an argument of a handler it refuses anonymous callers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller(pub Holder);

impl Caller {
    /// The account's number.
    #[must_use]
    pub fn id(&self) -> UserId {
        self.0.user.id
    }

    /// Whether the token opens only what changes nothing and costs nothing.
    #[must_use]
    pub fn reads_only(&self) -> bool {
        self.0.read_only
    }
}

impl FromRequestParts<Api> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Caller, ApiError> {
        // The gate has looked already on every route that has one.
        if let Some(caller) = parts.extensions.get::<Caller>() {
            return Ok(caller.clone());
        }
        authenticate(&parts.headers, &parts.extensions, api)
            .await?
            .ok_or_else(nothing_sent)
    }
}

/// The answer to a caller without credentials that are recognised.
#[must_use]
pub fn nothing_sent() -> ApiError {
    refuse("Authentication credentials were not provided.")
}

const INVALID: &str = "Invalid token.";

/// A token as it was sent, and how.
#[derive(Clone, PartialEq, Eq)]
enum Credential {
    Token(String),
    Bearer(String),
    Basic { password: String },
}

/// Identifies the caller; `None` if no credentials were sent, or none that are recognised.
///
/// # Errors
/// 401 with the contract's sentence for what was sent but is not right, and 429 when too much of that
/// came from there.
pub async fn authenticate(
    headers: &HeaderMap,
    extensions: &Extensions,
    api: &Api,
) -> Result<Option<Caller>, ApiError> {
    let Some(credential) = read(headers)? else {
        return Ok(None);
    };
    let (token, wrong) = match &credential {
        Credential::Token(token) => (token, INVALID),
        Credential::Bearer(token) => (token, "Invalid or expired bearer token."),
        Credential::Basic { password } => (password, "Invalid username/password."),
    };
    let digest = hash(token);
    let holder = api.guard.holder(&api.control, &digest, headers, extensions);
    active(holder.await?, wrong).map(|holder| Some(Caller(holder)))
}

/// Looks again at a caller who was let in a while ago, and whose stream is open. That nobody can be
/// asked at present ends nothing: what is written or shown later needs the database, too.
///
/// # Errors
/// 401 when the token was revoked or has ended, or its account was closed.
pub(crate) async fn look_again(api: &Api, caller: &Caller) -> Result<(), ApiError> {
    match look(api, caller).await {
        Err(refusal @ ApiError::Unauthenticated(_)) => Err(refusal),
        _ => Ok(()),
    }
}

/// Asks the database about a caller, whatever is remembered of the token.
///
/// # Errors
/// 401 when the token was revoked or has ended, or its account was closed; 503 when the database does
/// not answer.
pub(crate) async fn look_anew(api: &Api, caller: &Caller) -> Result<(), ApiError> {
    api.guard.tokens.forget(&caller.0.digest).await;
    look(api, caller).await
}

async fn look(api: &Api, caller: &Caller) -> Result<(), ApiError> {
    let holder = api.guard.tokens.holder(&api.control, &caller.0.digest);
    active(holder.await?, INVALID).map(drop)
}

/// Why nothing is written for a caller who was let in a while ago, as the store has said.
pub(crate) async fn shut_out(api: &Api, caller: &Caller) -> ApiError {
    let looked = look_anew(api, caller).await;
    looked.err().unwrap_or_else(|| refuse(INVALID))
}

fn active(holder: Option<Holder>, wrong: &str) -> Result<Holder, ApiError> {
    match holder {
        None => Err(refuse(wrong)),
        Some(holder) if !holder.user.is_active => Err(refuse("User inactive or deleted.")),
        Some(holder) => Ok(holder),
    }
}

/// What is stored of a token.
#[must_use]
pub fn hash(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

fn refuse(text: &str) -> ApiError {
    ApiError::Unauthenticated(text.to_owned())
}

fn read(headers: &HeaderMap) -> Result<Option<Credential>, ApiError> {
    let Some(value) = headers.get(AUTHORIZATION) else {
        return Ok(None);
    };
    let text = String::from_utf8_lossy(value.as_bytes());
    let mut words = text.split_ascii_whitespace();
    let scheme = words.next().unwrap_or_default().to_ascii_lowercase();
    let words: Vec<&str> = words.collect();
    match (scheme.as_str(), words.as_slice()) {
        ("token", []) => Err(refuse("Invalid token header. No credentials provided.")),
        ("token", [token]) => Ok(Some(Credential::Token((*token).to_owned()))),
        ("token", _) => Err(refuse(
            "Invalid token header. Token string should not contain spaces.",
        )),
        ("bearer", [token]) => Ok(Some(Credential::Bearer((*token).to_owned()))),
        ("bearer", _) => Err(refuse("Invalid or expired bearer token.")),
        ("basic", []) => Err(refuse("Invalid basic header. No credentials provided.")),
        ("basic", [pair]) => read_basic(pair).map(Some),
        ("basic", _) => Err(refuse(
            "Invalid basic header. Credentials string should not contain spaces.",
        )),
        _ => Ok(None),
    }
}

/// Accounts have no password: any name goes, with an API token as the password.
fn read_basic(pair: &str) -> Result<Credential, ApiError> {
    let lenient =
        GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    let bytes = GeneralPurpose::new(&STANDARD, lenient).decode(pair).ok();
    let text = bytes
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .ok_or_else(|| refuse("Invalid basic header. Credentials not correctly base64 encoded."))?;
    let password = text.split_once(':').map_or("", |(_, password)| password);
    Ok(Credential::Basic {
        password: password.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(header: &str) -> Result<Option<Credential>, String> {
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, header.parse().unwrap());
        read(&headers).map_err(|refusal| match refusal {
            ApiError::Unauthenticated(text) => text,
            other => panic!("{other:?}"),
        })
    }

    fn token(text: &str) -> Result<Option<Credential>, String> {
        Ok(Some(Credential::Token(text.to_owned())))
    }

    #[test]
    fn tokens_are_read_whatever_the_case_of_the_word() {
        assert!(answer("Token abc") == token("abc"));
        assert!(answer("tOKEN   abc ") == token("abc"));
        assert!(answer("abc") == Ok(None), "a bare key is not recognised");
        assert!(answer("Digest abc") == Ok(None));
        assert!(read(&HeaderMap::new()) == Ok(None));
    }

    #[test]
    fn malformed_headers_have_sentences_of_their_own() {
        for (header, sentence) in [
            ("Token", "Invalid token header. No credentials provided."),
            (
                "Token a b",
                "Invalid token header. Token string should not contain spaces.",
            ),
            ("Bearer", "Invalid or expired bearer token."),
            ("Basic", "Invalid basic header. No credentials provided."),
            (
                "Basic a b",
                "Invalid basic header. Credentials string should not contain spaces.",
            ),
            (
                "Basic ===",
                "Invalid basic header. Credentials not correctly base64 encoded.",
            ),
        ] {
            assert!(answer(header) == Err(sentence.to_owned()), "{header}");
        }
    }

    #[test]
    fn basic_takes_the_token_as_the_password() {
        let password = Credential::Basic {
            password: "tok:en".into(),
        };
        // `anyone:tok:en`
        assert!(answer("Basic YW55b25lOnRvazplbg==") == Ok(Some(password.clone())));
        assert!(answer("Basic YW55b25lOnRvazplbg") == Ok(Some(password)));
    }
}
