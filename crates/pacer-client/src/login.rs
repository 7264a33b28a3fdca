//! PACER's central sign-on.

use std::time::Instant;

use bytes::Bytes;
use pacer::sign_on::{self, Refusal, SignOn, Warning};
use reqwest::{
    Response, StatusCode,
    header::{ACCEPT, CONTENT_TYPE},
};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use tracing::debug;
use url::Url;
use zeroize::{Zeroize, Zeroizing};

use crate::{Body, Courts, LoginError};

/// Its answers are a few hundred bytes.
const MAX_ANSWER_BYTES: u64 = 1 << 20;

/// What the sign-on said. It answers 200 whether it accepts or not.
#[derive(Debug)]
pub enum LoginAnswer {
    /// Accepted.
    LoggedIn {
        /// The token, for [`crate::CourtSession::new`].
        token: SecretString,
        /// What it said beside its yes: a client code is wanted, the account may not search.
        warning: Option<LoginWarning>,
    },
    /// Not accepted.
    Refused {
        /// What that means.
        meaning: Refusal,
        /// Its code; empty if it gave none.
        code: String,
        /// Its own words; may be empty.
        text: String,
    },
}

/// A warning of the sign-on at a successful login.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoginWarning {
    /// What that means.
    pub meaning: Warning,
    /// Its own words.
    pub text: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Question<'a> {
    login_id: &'a str,
    password: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    client_code: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    otp_code: Option<&'a str>,
    /// Filers must say that they know the rules of redaction; for others it means nothing.
    redact_flag: &'static str,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Verdict {
    #[serde(default, rename = "nextGenCSO")]
    token: Option<String>,
    #[serde(default)]
    login_result: Option<String>,
    #[serde(default)]
    error_description: Option<String>,
}

impl Courts {
    /// Asks the sign-on for a session, once. `client_code` is empty if there is none.
    ///
    /// # Errors
    /// When it gave neither a yes nor a no; see [`LoginError`].
    pub async fn log_in(
        &self,
        username: &str,
        password: &SecretString,
        client_code: &str,
        otp_code: Option<&SecretString>,
    ) -> Result<LoginAnswer, LoginError> {
        let question = Question {
            login_id: username,
            password: password.expose_secret(),
            client_code,
            otp_code: otp_code.map(ExposeSecret::expose_secret),
            redact_flag: "1",
        };
        let started = Instant::now();
        let response = self.ask(body_of(&question)).await?;
        let status = response.status();
        debug!(status = status.as_u16(), "the sign-on answered");
        if status != StatusCode::OK {
            let reason = status.canonical_reason().unwrap_or("Unknown");
            return Err(LoginError::Status {
                status: status.as_u16(),
                reason,
            });
        }
        let body = Body::of(response, MAX_ANSWER_BYTES, started).map_err(unreachable)?;
        let body = body.rest(Bytes::new(), MAX_ANSWER_BYTES).await;
        let body = body.map_err(unreachable)?;
        let verdict: Verdict = serde_json::from_slice(&body).map_err(|_| LoginError::Garbled)?;
        Ok(verdict.into_answer())
    }

    async fn ask(&self, body: Bytes) -> Result<Response, LoginError> {
        let url: Url = format!(
            "{}/services/cso-auth",
            self.cso.as_str().trim_end_matches('/')
        )
        .parse()
        .map_err(unreachable)?;
        self.client
            .post(url)
            .timeout(self.config.login_timeout)
            .header(CONTENT_TYPE, "application/json")
            .header(ACCEPT, "application/json")
            .body(body)
            .send()
            .await
            .map_err(|error| unreachable(error.without_url()))
    }
}

/// The bytes are wiped when the last part of them has been sent.
fn body_of(question: &Question<'_>) -> Bytes {
    // Room enough from the start: a buffer that grows leaves copies behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(4096));
    serde_json::to_writer(&mut *bytes, question).expect("plain texts can always be written");
    Bytes::from_owner(bytes)
}

fn unreachable(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> LoginError {
    LoginError::Unreachable {
        source: source.into(),
    }
}

impl Verdict {
    fn into_answer(self) -> LoginAnswer {
        let code = self.login_result.unwrap_or_default();
        let text = self.error_description.unwrap_or_default().trim().to_owned();
        let mut token = self.token.unwrap_or_default();
        match sign_on::answer(&code, !token.is_empty(), &text) {
            SignOn::LoggedIn(warning) => LoginAnswer::LoggedIn {
                token: SecretString::from(token),
                warning: warning.map(|meaning| LoginWarning { meaning, text }),
            },
            SignOn::Refused(meaning) => {
                token.zeroize();
                LoginAnswer::Refused {
                    meaning,
                    code,
                    text,
                }
            }
        }
    }
}
