//! Logging in without a request: what waits for a login of the account continues.
//!
//! Nothing is bought and nothing queued. The way to PACER is that of a request, with the same limits on
//! what may be tried.

use axum::{
    Extension,
    extract::{Request, State},
    http::HeaderValue,
    response::{IntoResponse, Response},
};
use fetch_bus::{LoginWarning, RefusalKind, SessionLife, WarningKind, wire};
use fetch_queue::LoggedIn;
use tracing::{info, warn};

use crate::{
    api::Api,
    dialect::{ApiError, Caller, Object, RequestUrl, Source, auth, body, moment, submission},
    grpc::timestamp,
    openapi::{Answer, Described, LOGIN, Operation, Shape, key, tag},
    submit::{Intake, LOGIN_WARNING, told::WARNING},
};

pub(crate) const TOLD: Operation = Operation::post(
    "recap_fetch_login",
    tag::REQUESTS,
    "Log in without buying anything",
)
.about("Your requests that wait for a login with this account and client code continue.")
.takes(LOGIN)
.answers(&[Answer::ok("PACER has a session.", Shape::Object(&LOGGED_IN)).headers(&[WARNING])]);

pub(crate) const WAITING: Operation = Operation::get(
    "recap_fetch_waiting",
    tag::REQUESTS,
    "How many requests wait for a login",
)
.answers(&[Answer::ok("Their number.", Shape::Object(&WAITING_SHOWN))]);

const LOGGED_IN: Described = Described {
    name: "LoggedIn",
    about: "What a login gave.",
    keys: &[
        key("session_ends", Shape::Instant)
            .or_null()
            .means("When the session stops being used."),
        key("renewed_from", Shape::Instant)
            .or_null()
            .means("From then on a login opens a new session; before, it uses this one."),
        key("taken_up", Shape::Integer).means("How many requests continue."),
    ],
};

const WAITING_SHOWN: Described = Described {
    name: "WaitingForLogin",
    about: "How many of your requests wait for a login.",
    keys: &[key("waiting", Shape::Integer)],
};

/// What a login gave.
#[derive(Debug, Clone)]
pub(crate) struct Login {
    /// Where the session lies.
    pub session_key: String,
    /// The account that PACER bills.
    pub account_digest: String,
    /// PACER's billing label.
    pub client_code: String,
    /// How long the session lives, if that is known.
    pub life: Option<SessionLife>,
    /// PACER's warning at the successful login, if any.
    pub warning: Option<LoginWarning>,
}

/// The result of a login without a request.
#[derive(Debug, Clone, PartialEq)]
pub struct Done {
    /// How long the session lives, if that is known.
    pub life: Option<SessionLife>,
    /// Requests that waited for it and now continue.
    pub taken_up: u64,
    /// PACER's warning at the successful login, if any.
    pub warning: Option<String>,
}

impl Intake {
    /// Logs an account in, or finds its session, and resumes what waits for that.
    ///
    /// # Errors
    /// The answer of the contract, as for a request.
    pub async fn log_in_only(
        &self,
        caller: &Caller,
        fields: &dyn Source,
    ) -> Result<Done, ApiError> {
        let credentials = submission::decode_login(fields)?;
        // Nothing is written here that would tell whether the token still opens anything.
        auth::look_anew(&self.api, caller).await?;
        let login = self.log_in(caller, credentials).await?;
        // PACER may have taken its time.
        auth::look_anew(&self.api, caller).await?;
        if login.is_disabled() {
            let said = login.warning.map(|warning| warning.text);
            return Err(disabled(&said.unwrap_or_default()));
        }
        let taken_up = self.take_up(caller, &login).await?;
        Ok(Done {
            life: login.life,
            taken_up,
            warning: login.warning.map(|warning| warning.text),
        })
    }

    /// Lets go on what waits for this login of this caller.
    async fn take_up(&self, caller: &Caller, login: &Login) -> Result<u64, fetch_db::Error> {
        let taken_up = self.api.control.queue.take_up(LoggedIn {
            user: caller.id(),
            token: caller.0.token,
            session_key: &login.session_key,
            account_digest: &login.account_digest,
            client_code: &login.client_code,
        });
        let taken_up = taken_up.await?;
        if taken_up > 0 {
            info!(
                user.id = caller.id().0,
                taken_up, "requests that waited for a login continue"
            );
        }
        Ok(taken_up)
    }

    /// The same beside something else, which is not undone if it fails: the next login does it.
    pub(crate) async fn take_up_beside(&self, caller: &Caller, login: &Login) {
        if login.is_disabled() {
            return;
        }
        if let Err(error) = self.take_up(caller, login).await {
            let error = &error as &dyn std::error::Error;
            warn!(
                error,
                "could not resume the requests that wait for a login; the next login will"
            );
        }
    }
}

impl Login {
    /// PACER gave a session, and sells nothing for it.
    fn is_disabled(&self) -> bool {
        let warning = self.warning.as_ref();
        warning.is_some_and(|warning| warning.kind == WarningKind::AccountDisabled)
    }
}

/// PACER said yes, and sells nothing to the account.
pub(crate) fn disabled(said: &str) -> ApiError {
    ApiError::Login {
        why: word(RefusalKind::AccountDisabled),
        text: format!(
            "PacerLoginException: PACER has disabled this account; only the PACER Service Center \
             can help. Nothing was bought. PACER says: {said}"
        ),
        seconds: None,
    }
}

/// Why nobody was logged in, for programs.
pub(crate) fn word(kind: RefusalKind) -> &'static str {
    match kind {
        RefusalKind::Credentials => "credentials",
        RefusalKind::NoSession => "no_session",
        RefusalKind::SiteDown => "site_down",
        RefusalKind::TooManyLogins => "too_many_logins",
        RefusalKind::Redaction => "redaction",
        RefusalKind::AccountDisabled => "account_disabled",
    }
}

/// `POST …/recap-fetch/login/`.
pub async fn post(
    State(api): State<Api>,
    Extension(intake): Extension<Intake>,
    caller: Caller,
    here: RequestUrl,
    request: Request,
) -> Result<Response, ApiError> {
    let mut ignored = submission::check_query(&here)?;
    let fields = body::read(request, api.body_limits()).await?;
    let done = intake.log_in_only(&caller, &*fields).await?;
    let at =
        |at: fn(SessionLife) -> _| done.life.map(|life| moment::write(at(life), api.time_zone));
    let object = Object::new()
        .with("session_ends", at(|life| life.ends))
        .with("renewed_from", at(|life| life.renewed_from))
        .with("taken_up", i64::try_from(done.taken_up).unwrap_or(i64::MAX));
    submission::LOGIN_FIELDS.tell_ignored(fields.names(), &mut ignored);
    let mut response = (ignored, object).into_response();
    let warning = done.warning;
    if let Some(warning) = warning.and_then(|text| HeaderValue::from_str(&text).ok()) {
        response.headers_mut().insert(LOGIN_WARNING, warning);
    }
    Ok(response)
}

/// `GET …/recap-fetch/login/`: how many requests of the caller wait for a login.
pub async fn get(State(api): State<Api>, caller: Caller) -> Result<Object, ApiError> {
    let waiting = api.control.queue.waiting_for_login(caller.id()).await?;
    Ok(Object::new().with("waiting", waiting))
}

/// The answer over gRPC.
pub(crate) fn response(done: &Done) -> tonic::Response<wire::LogInReply> {
    let mut response = tonic::Response::new(wire::LogInReply {
        session_ends: done.life.map(|life| timestamp(life.ends)),
        renewed_from: done.life.map(|life| timestamp(life.renewed_from)),
        taken_up: i64::try_from(done.taken_up).unwrap_or(i64::MAX),
    });
    let warning = done.warning.as_deref().and_then(|text| text.parse().ok());
    if let Some(warning) = warning {
        response.metadata_mut().insert(LOGIN_WARNING, warning);
    }
    response
}
