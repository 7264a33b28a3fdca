//! Logging in: one question and one answer, over core messaging and never over a stream.

use std::{
    future::Future,
    panic::AssertUnwindSafe,
    sync::{Arc, PoisonError},
    time::Duration,
};

use async_nats::{
    client::RequestErrorKind,
    service::{Request, ServiceExt, endpoint::Endpoint},
};
use fetch_model::UserId;
use futures_util::{FutureExt, StreamExt};
use prost::Message;
use tokio::time;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tracing::{Instrument, debug, info, info_span, warn};

use crate::{
    Bus, Credentials, Error, LoginKeyPair, SealedSession, SessionDeath,
    credentials::LoginPublicKey,
    error::OrUnavailable,
    streams, subject, trace,
    wire::{self, login_reply::Outcome},
};

/// PACER gets sixty seconds, there may be a login of the same account before this one, and a
/// one-time code may have to be waited for.
const LOGIN_LIMIT: Duration = Duration::from_secs(150);

/// The bucket's only entry.
const CURRENT_KEY: &str = "current";

/// How often the login service looks whether its public key is still there.
const LOOK_AFTER_KEY_EVERY: Duration = Duration::from_secs(10);

/// How a login ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LoginOutcome {
    /// PACER accepted.
    LoggedIn {
        /// Where the sealed session lies: for the row.
        session_key: String,
        /// Whom PACER bills: for the row.
        account_digest: String,
        /// What PACER said beside its yes, if anything.
        warning: Option<LoginWarning>,
    },
    /// There is no session, and trying the same again at once will not help.
    Refused {
        /// Why.
        kind: RefusalKind,
        /// For the caller of the API, without `PacerLoginException: `.
        text: String,
    },
    /// PACER or the login service could not be reached; it may work later.
    Unreachable {
        /// For the caller of the API.
        text: String,
    },
}

/// What PACER said beside its yes to a login.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoginWarning {
    /// What it means.
    pub kind: WarningKind,
    /// PACER's own words.
    pub text: String,
}

/// What PACER's warning means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum WarningKind {
    /// Anything that does not keep the account from searching.
    Other,
    /// Without a client code, PACER answers no search.
    ClientCodeRequired,
    /// PACER answers no search of this account.
    AccountDisabled,
}

/// Why a login was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RefusalKind {
    /// Wrong username, password or one-time code.
    Credentials,
    /// PACER gave no session, although it did not call the credentials wrong.
    NoSession,
    /// PACER's login site answered with an HTTP error. It may work later.
    SiteDown,
    /// One more login now would be too many for this account. It will work later.
    TooManyLogins,
    /// A filer has to confirm the notice on redaction.
    Redaction,
    /// PACER has disabled the account.
    AccountDisabled,
}

/// What the login service does.
pub trait LoginHandler: Send + Sync + 'static {
    /// Logs an account in on behalf of `user`, or lends the session there is.
    fn log_in(
        &self,
        user: UserId,
        credentials: Credentials,
    ) -> impl Future<Output = LoginOutcome> + Send;

    /// The session under `key`, if it is remembered here.
    fn lend(&self, key: &str) -> impl Future<Output = Option<SealedSession>> + Send;

    /// A session is dead.
    fn forget(&self, death: &SessionDeath) -> impl Future<Output = ()> + Send;
}

impl Bus {
    /// Has the login service log an account in, on behalf of `user`. Takes as long as PACER does,
    /// up to 150 s. Credentials are sealed here and opened only there.
    ///
    /// # Errors
    /// When the message server cannot be used. A login service that is away is an outcome.
    pub async fn login(
        &self,
        user: UserId,
        credentials: Credentials,
    ) -> Result<LoginOutcome, Error> {
        self.connected()?;
        for fresh in [false, true] {
            let Some(key) = self.login_key(fresh).await? else {
                return Ok(not_running());
            };
            let request = wire::LoginRequest {
                user_id: user.0,
                key_id: key.id(),
                sealed_credentials: key.seal(credentials.clone())?,
            };
            match self.ask_login(&request).await? {
                Some(outcome) => return Ok(outcome),
                None => debug!("the login service has a new key"),
            }
        }
        Ok(not_running())
    }

    /// `None` when the service does not have the key that was sealed with.
    async fn ask_login(&self, request: &wire::LoginRequest) -> Result<Option<LoginOutcome>, Error> {
        let question = async_nats::Request::new()
            .payload(request.encode_to_vec().into())
            .headers(trace::headers(None))
            .timeout(Some(LOGIN_LIMIT));
        let reply = match self.client.send_request(subject::LOGIN, question).await {
            Ok(reply) => reply,
            Err(error) => {
                return match error.kind() {
                    RequestErrorKind::NoResponders | RequestErrorKind::TimedOut => {
                        warn!(
                            error = &error as &dyn std::error::Error,
                            "no answer to a login"
                        );
                        Ok(Some(not_running()))
                    }
                    _ => Err(error).or_unavailable("pass a login on"),
                };
            }
        };
        let malformed = Error::Malformed {
            what: "the answer to a login",
        };
        let Ok(reply) = wire::LoginReply::decode(reply.payload) else {
            return Err(malformed);
        };
        match reply.outcome {
            Some(Outcome::UnknownKey(_)) => Ok(None),
            Some(outcome) => Ok(Some(outcome_of(outcome))),
            None => Err(malformed),
        }
    }

    /// The public key of the login service: as last seen, from its bucket, or from itself.
    async fn login_key(&self, fresh: bool) -> Result<Option<LoginPublicKey>, Error> {
        let known = self
            .login_key
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        if !fresh && known.is_some() {
            return Ok(known);
        }
        let bytes = match fresh {
            true => None,
            false => self.published_key().await,
        };
        let bytes = match bytes {
            Some(bytes) => bytes,
            None => match self.client.request(subject::LOGIN_KEY, "".into()).await {
                Ok(message) => message.payload,
                Err(_) => return Ok(None),
            },
        };
        let key = LoginPublicKey::from_bytes(&bytes)?;
        *self
            .login_key
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = Some(key.clone());
        Ok(Some(key))
    }

    async fn published_key(&self) -> Option<bytes::Bytes> {
        let bucket = streams::open_bucket(self, streams::LOGIN_KEYS).await.ok()?;
        bucket.get(CURRENT_KEY).await.ok()?
    }

    /// Answers logins until `shutdown`, then finishes those under way. Replicas share the work;
    /// all of them must have the same `keys`.
    ///
    /// # Errors
    /// When the message server cannot be used.
    pub async fn serve_login<H: LoginHandler>(
        &self,
        keys: LoginKeyPair,
        handler: Arc<H>,
        shutdown: CancellationToken,
    ) -> Result<(), Error> {
        let service = self
            .client
            .service_builder()
            .description("logs accounts in to PACER")
            .queue_group("login")
            .start("login", env!("CARGO_PKG_VERSION"))
            .await
            .or_unavailable("register the login service")?;
        let endpoint = async |name: &str, subject: &str| -> Result<Endpoint, Error> {
            let adding = service.endpoint_builder().name(name).add(subject);
            adding.await.or_unavailable("register the login service")
        };
        let mut logins = endpoint("login", subject::LOGIN).await?;
        let mut key_questions = endpoint("key", subject::LOGIN_KEY).await?;
        let mut lends = self
            .client
            .subscribe(subject::SESSION_LEND)
            .await
            .or_unavailable("listen")?;
        let mut deaths = self
            .client
            .subscribe(subject::SESSION_FORGET)
            .await
            .or_unavailable("listen")?;
        let public = keys.public().clone();
        let mut look_after_key = time::interval(LOOK_AFTER_KEY_EVERY);
        look_after_key.set_missed_tick_behavior(time::MissedTickBehavior::Delay);
        let under_way = TaskTracker::new();
        info!("answering logins");
        loop {
            tokio::select! {
                biased;
                () = shutdown.cancelled() => break,
                Some(death) = deaths.next() => {
                    if let Some(death) = SessionDeath::decode(&death.payload) {
                        handler.forget(&death).await;
                    }
                }
                Some(request) = logins.next() => {
                    under_way.spawn(answer_login(request, keys.clone(), handler.clone()));
                }
                Some(question) = key_questions.next() => {
                    log_lost(question.respond(Ok(public.to_bytes().into())).await);
                }
                Some(question) = lends.next() => {
                    under_way.spawn(lend(self.clone(), question, handler.clone()));
                }
                _ = look_after_key.tick() => self.publish_key(&public).await,
                else => return Err(Error::Disconnected),
            }
        }
        log_lost(service.stop().await);
        under_way.close();
        under_way.wait().await;
        Ok(())
    }

    /// Puts the key where callers look first, unless it is there.
    async fn publish_key(&self, key: &LoginPublicKey) {
        if self.connected().is_err()
            || self.published_key().await.as_deref() == Some(&*key.to_bytes())
        {
            return;
        }
        let Ok(bucket) = streams::open_bucket(self, streams::LOGIN_KEYS).await else {
            return;
        };
        if let Err(error) = bucket.put(CURRENT_KEY, key.to_bytes().into()).await {
            let error = &error as &dyn std::error::Error;
            warn!(
                error,
                "the public key could not be published; callers will ask for it"
            );
        }
    }
}

async fn answer_login<H: LoginHandler>(request: Request, keys: LoginKeyPair, handler: Arc<H>) {
    let span = info_span!("login");
    trace::continue_trace(&span, request.message.headers.as_ref());
    let outcome = log_in(&request.message.payload, &keys, &*handler)
        .instrument(span)
        .await;
    let reply = wire::LoginReply {
        outcome: Some(outcome),
    };
    log_lost(request.respond(Ok(reply.encode_to_vec().into())).await);
}

async fn log_in<H: LoginHandler>(payload: &[u8], keys: &LoginKeyPair, handler: &H) -> Outcome {
    let Ok(request) = wire::LoginRequest::decode(payload) else {
        warn!("a login of another version was turned away");
        return reply_of(not_running());
    };
    if request.key_id != keys.public().id() {
        return Outcome::UnknownKey(wire::login_reply::UnknownKey {});
    }
    let Ok(credentials) = keys.open(&request.sealed_credentials) else {
        return Outcome::UnknownKey(wire::login_reply::UnknownKey {});
    };
    let logging_in = handler.log_in(UserId(request.user_id), credentials);
    let outcome = AssertUnwindSafe(logging_in).catch_unwind().await;
    reply_of(outcome.unwrap_or_else(|_payload| not_running()))
}

/// Who does not remember the session keeps silent, so that another replica's answer counts.
async fn lend<H: LoginHandler>(bus: Bus, question: async_nats::Message, handler: Arc<H>) {
    let (Some(inbox), Ok(key)) = (question.reply, str::from_utf8(&question.payload)) else {
        return;
    };
    if let Some(sealed) = handler.lend(key).await {
        log_lost(bus.client.publish(inbox, sealed.into_bytes()).await);
    }
}

fn log_lost<T, E: std::fmt::Display>(result: Result<T, E>) {
    if let Err(error) = result {
        warn!(error = error.to_string(), "an answer was lost");
    }
}

fn not_running() -> LoginOutcome {
    let text = "The login service did not answer. Please try again in a minute.".to_owned();
    LoginOutcome::Unreachable { text }
}

fn reply_of(outcome: LoginOutcome) -> Outcome {
    use wire::login_reply::{LoggedIn, Unreachable};

    match outcome {
        LoginOutcome::LoggedIn {
            session_key,
            account_digest,
            warning,
        } => {
            let (warning, kind) = warning_to_wire(warning);
            Outcome::LoggedIn(LoggedIn {
                session_key,
                account_digest,
                warning,
                warning_kind: kind.into(),
            })
        }
        LoginOutcome::Refused { kind, text } => Outcome::Refused(refused_to_wire(kind, text)),
        LoginOutcome::Unreachable { text } => Outcome::Unreachable(Unreachable { text }),
    }
}

fn outcome_of(outcome: Outcome) -> LoginOutcome {
    match outcome {
        Outcome::LoggedIn(yes) => LoginOutcome::LoggedIn {
            warning: warning_of(yes.warning_kind(), yes.warning.clone()),
            session_key: yes.session_key,
            account_digest: yes.account_digest,
        },
        Outcome::Refused(no) => {
            let (kind, text) = refused_of(no);
            LoginOutcome::Refused { kind, text }
        }
        Outcome::Unreachable(away) => LoginOutcome::Unreachable { text: away.text },
        Outcome::UnknownKey(_) => not_running(),
    }
}

pub(crate) fn refused_to_wire(kind: RefusalKind, text: String) -> wire::login_reply::Refused {
    let kind = match kind {
        RefusalKind::Credentials => wire::RefusalKind::Credentials,
        RefusalKind::NoSession => wire::RefusalKind::NoSession,
        RefusalKind::SiteDown => wire::RefusalKind::SiteDown,
        RefusalKind::TooManyLogins => wire::RefusalKind::TooManyLogins,
        RefusalKind::Redaction => wire::RefusalKind::Redaction,
        RefusalKind::AccountDisabled => wire::RefusalKind::AccountDisabled,
    };
    wire::login_reply::Refused {
        kind: kind.into(),
        text,
    }
}

pub(crate) fn refused_of(no: wire::login_reply::Refused) -> (RefusalKind, String) {
    let kind = match no.kind() {
        wire::RefusalKind::Credentials => RefusalKind::Credentials,
        wire::RefusalKind::SiteDown => RefusalKind::SiteDown,
        wire::RefusalKind::TooManyLogins => RefusalKind::TooManyLogins,
        wire::RefusalKind::Redaction => RefusalKind::Redaction,
        wire::RefusalKind::AccountDisabled => RefusalKind::AccountDisabled,
        wire::RefusalKind::NoSession | wire::RefusalKind::Unspecified => RefusalKind::NoSession,
    };
    (kind, no.text)
}

/// The words, empty if there are none, and their meaning.
pub(crate) fn warning_to_wire(warning: Option<LoginWarning>) -> (String, wire::WarningKind) {
    let Some(LoginWarning { kind, text }) = warning else {
        return (String::new(), wire::WarningKind::Unspecified);
    };
    let kind = match kind {
        WarningKind::Other => wire::WarningKind::Other,
        WarningKind::ClientCodeRequired => wire::WarningKind::ClientCodeRequired,
        WarningKind::AccountDisabled => wire::WarningKind::AccountDisabled,
    };
    (text, kind)
}

pub(crate) fn warning_of(kind: wire::WarningKind, text: String) -> Option<LoginWarning> {
    let kind = match kind {
        wire::WarningKind::Unspecified if text.is_empty() => return None,
        wire::WarningKind::Unspecified | wire::WarningKind::Other => WarningKind::Other,
        wire::WarningKind::ClientCodeRequired => WarningKind::ClientCodeRequired,
        wire::WarningKind::AccountDisabled => WarningKind::AccountDisabled,
    };
    Some(LoginWarning { kind, text })
}
