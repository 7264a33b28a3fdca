//! The login service's side of a login.

use std::{panic::AssertUnwindSafe, sync::Arc, time::Duration};

use async_nats::Message;
use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use futures_util::{FutureExt, StreamExt};
use opentelemetry::{KeyValue, global, metrics::Counter};
use prost::Message as _;
use tokio::time;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tracing::{Instrument, debug, info, info_span, warn};

use crate::{
    Bus, DeadSession, Error, LoginHandler, LoginKeyPair, LoginOutcome, LoginSharedKey, OpenLogin,
    credentials::LoginBox,
    error::OrUnavailable,
    login::{not_running, reply_of},
    login_ask::CURRENT_KEY,
    nonces::Nonces,
    shared_key::Purpose,
    streams, subject, trace,
    wire::{self, login_reply::Outcome},
};

/// Replicas share the questions under this name.
const QUEUE: &str = "login";

/// How long a question may be on its way to a replica that takes no more.
pub(crate) const LAST_WORD: Duration = Duration::from_millis(500);

/// How often the login service looks whether its public key is still there.
const LOOK_AFTER_KEY_EVERY: Duration = Duration::from_secs(10);

/// A box that is older was recorded. So is, for all one knows, one from so far ahead: it would be
/// good for longer than its nonce is remembered.
const BOX_LIFE: TimeDelta = TimeDelta::seconds(60);

/// What login answers with.
struct Desk<H> {
    bus: Bus,
    keys: LoginKeyPair,
    shared: LoginSharedKey,
    handler: Arc<H>,
    nonces: Nonces,
    turned_away: Counter<u64>,
}

/// Why a box is not served.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unserved {
    /// It was made more than a minute ago, or is not made yet.
    NotOfNow,
    /// It came before.
    Seen,
}

impl Bus {
    /// Answers logins until `shutdown`, then finishes those under way. Replicas share the work;
    /// all of them must have the same `keys`, and gateways the same `shared` key.
    ///
    /// # Errors
    /// When the message server cannot be used.
    pub async fn serve_login<H: LoginHandler>(
        &self,
        keys: LoginKeyPair,
        shared: LoginSharedKey,
        handler: Arc<H>,
        shutdown: CancellationToken,
    ) -> Result<(), Error> {
        let client = &self.client;
        let queue = |subject: &'static str| client.queue_subscribe(subject, QUEUE.to_owned());
        let mut logins = queue(subject::LOGIN).await.or_unavailable("listen")?;
        let mut key_questions = queue(subject::LOGIN_KEY).await.or_unavailable("listen")?;
        let lends = client.subscribe(subject::SESSION_LEND).await;
        let mut lends = lends.or_unavailable("listen")?;
        let deaths = client.subscribe(subject::SESSION_FORGET).await;
        let mut deaths = deaths.or_unavailable("listen")?;
        let opened = client.subscribe(subject::LOGIN_OPENED).await;
        let mut opened = opened.or_unavailable("listen")?;
        let key = published(&keys, &shared);
        let desk = Arc::new(Desk {
            bus: self.clone(),
            keys,
            shared,
            handler,
            nonces: Nonces::kept_by(self),
            turned_away: turned_away(),
        });
        let mut connections = self.connections.clone();
        connections.mark_unchanged();
        let mut look_after_key = time::interval(LOOK_AFTER_KEY_EVERY);
        look_after_key.set_missed_tick_behavior(time::MissedTickBehavior::Delay);
        let under_way = TaskTracker::new();
        info!("answering logins");
        loop {
            tokio::select! {
                biased;
                () = shutdown.cancelled() => break,
                Some(death) = deaths.next() => {
                    under_way.spawn(desk.clone().forget(death));
                }
                Some(told) = opened.next() => {
                    under_way.spawn(desk.clone().learn(told));
                }
                Some(request) = logins.next() => {
                    under_way.spawn(desk.clone().answer(request));
                }
                Some(question) = key_questions.next() => {
                    desk.respond(question, key.clone()).await;
                }
                Some(question) = lends.next() => {
                    under_way.spawn(desk.clone().lend(question));
                }
                // What was asked by way of the connection before cannot be answered by this one.
                Ok(()) = connections.changed() => {
                    log_lost(self.client.publish(subject::LOGIN_AGAIN, Bytes::new()).await);
                }
                _ = look_after_key.tick() => self.publish_key(&key).await,
                else => return Err(Error::Disconnected),
            }
        }
        // The rest is for the other replicas; what is on its way here is not.
        log_lost(logins.drain().await);
        while let Ok(Some(request)) = time::timeout(LAST_WORD, logins.next()).await {
            under_way.spawn(desk.clone().answer(request));
        }
        under_way.close();
        under_way.wait().await;
        Ok(())
    }

    /// Puts the key where callers look first, unless it is there.
    async fn publish_key(&self, key: &Bytes) {
        if self.connected().is_err() {
            return;
        }
        let bucket = self.bucket(streams::LOGIN_KEYS);
        let there = bucket.last(CURRENT_KEY).await;
        if there.is_ok_and(|entry| entry.is_some_and(|entry| entry.value == key)) {
            return;
        }
        if let Err(error) = bucket.put(CURRENT_KEY, key.clone()).await {
            let error = &error as &dyn std::error::Error;
            warn!(
                error,
                "could not publish the public key; gateways will ask for it"
            );
        }
    }
}

impl<H: LoginHandler> Desk<H> {
    async fn answer(self: Arc<Self>, request: Message) {
        let Ok(asked) = wire::LoginRequest::decode(request.payload.clone()) else {
            self.note_turned_away("unreadable");
            return warn!("rejected a login of another version");
        };
        let parts: [&[u8]; 2] = [&asked.key_id, &asked.sealed];
        if !self.shared.fits(Purpose::Request, &parts, &asked.tag) {
            self.note_turned_away("of_no_gateway");
            return warn!(
                "rejected a login that no gateway sealed; is PACER_FETCH_LOGIN_SHARED_KEY the same \
                 for both?"
            );
        }
        let span = info_span!("login");
        trace::continue_trace(&span, request.headers.as_ref());
        let outcome = self.log_in(&asked).instrument(span).await;
        let reply = wire::LoginReply {
            outcome: Some(outcome),
        };
        let reply = reply.encode_to_vec();
        let tag = self.shared.tag(Purpose::Reply, &[&asked.tag, &reply]);
        let tagged = wire::TaggedLoginReply { reply, tag };
        self.respond(request, tagged.encode_to_vec().into()).await;
    }

    async fn log_in(&self, asked: &wire::LoginRequest) -> Outcome {
        if asked.key_id != self.keys.public().id() {
            return Outcome::UnknownKey(wire::login_reply::UnknownKey {});
        }
        let Ok(content) = self.keys.open(&asked.sealed) else {
            return Outcome::UnknownKey(wire::login_reply::UnknownKey {});
        };
        let served = async {
            if let Err(unserved) = self.admit(&content).await? {
                self.note_turned_away(match unserved {
                    Unserved::NotOfNow => "not_of_now",
                    Unserved::Seen => "seen_before",
                });
                warn!(?unserved, "rejected a login");
                return Ok(not_good_any_more(unserved));
            }
            let logging_in = self.handler.log_in(content.user, content.credentials);
            let outcome = AssertUnwindSafe(logging_in).catch_unwind().await;
            Ok(outcome.unwrap_or_else(|_payload| not_running()))
        };
        reply_of(served.await.unwrap_or_else(|error: Error| {
            let error = &error as &dyn std::error::Error;
            warn!(
                error,
                "it is not known whether a login was sent before; nobody was logged in"
            );
            not_running()
        }))
    }

    fn note_turned_away(&self, why: &'static str) {
        self.turned_away.add(1, &[KeyValue::new("why", why)]);
    }

    /// A recorded box is good for a minute at most, and once.
    async fn admit(&self, content: &LoginBox) -> Result<Result<(), Unserved>, Error> {
        if !is_of_now(content.at, Utc::now()) {
            return Ok(Err(Unserved::NotOfNow));
        }
        Ok(match self.nonces.is_new(&content.nonce).await? {
            true => Ok(()),
            false => Err(Unserved::Seen),
        })
    }

    /// Who does not remember the session keeps silent, so that another replica's answer counts.
    async fn lend(self: Arc<Self>, question: Message) {
        let Ok(key) = str::from_utf8(&question.payload) else {
            return debug!("a session was asked for by no name");
        };
        let Some(sealed) = self.handler.lend(key).await else {
            return;
        };
        let sealed = sealed.into_bytes();
        let bucket = self.bus.bucket(streams::SESSIONS);
        if let Err(error) = bucket.put(key, sealed.clone()).await {
            let error = &error as &dyn std::error::Error;
            debug!(error, "a session is lent but could not be kept");
        }
        self.respond(question, sealed).await;
    }

    async fn learn(self: Arc<Self>, told: Message) {
        if let Some((login, open)) = OpenLogin::of_news(&told.payload) {
            self.handler.learn(login, open).await;
        }
    }

    async fn forget(self: Arc<Self>, told: Message) {
        if let Some(death) = DeadSession::decode(&told.payload) {
            self.handler.forget(&death).await;
            self.respond(told, Bytes::new()).await;
        }
    }

    async fn respond(&self, question: Message, answer: Bytes) {
        match question.reply {
            Some(inbox) if is_inbox(&inbox) => {
                log_lost(self.bus.client.publish(inbox, answer).await);
            }
            Some(_) => warn!("ignored a login with a reply subject that is not allowed"),
            None => {}
        }
    }
}

fn turned_away() -> Counter<u64> {
    let meter = global::meter("pacer-fetch");
    let counter = meter.u64_counter("pacer_fetch_logins_turned_away");
    counter
        .with_description("Logins that were rejected unread, by reason")
        .build()
}

/// The key as everybody may see it, and only gateways believe it.
fn published(keys: &LoginKeyPair, shared: &LoginSharedKey) -> Bytes {
    let public_key = keys.public().to_bytes();
    let tag = shared.tag(Purpose::Key, &[&public_key]);
    wire::LoginKey { public_key, tag }.encode_to_vec().into()
}

/// Whether somebody may want an answer there: in an inbox, or at what a server puts in the place of
/// one for those in another account. Whoever asks chooses the subject, and the answer is published
/// with the rights of whoever gives it.
pub(crate) fn is_inbox(subject: &str) -> bool {
    ["_R_.", "_INBOX.", "_INBOX_"]
        .iter()
        .any(|prefix| subject.starts_with(prefix))
}

fn is_of_now(at: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    (now - at).abs() <= BOX_LIFE
}

fn not_good_any_more(unserved: Unserved) -> LoginOutcome {
    let text = match unserved {
        Unserved::NotOfNow => {
            "The clocks of the gateway and the login service differ by more than a minute. Please \
             tell the operator of this service."
        }
        Unserved::Seen => "This login was already processed. Please try again.",
    };
    LoginOutcome::Unreachable {
        text: text.to_owned(),
    }
}

pub(crate) fn log_lost<T, E: std::fmt::Display>(result: Result<T, E>) {
    if let Err(error) = result {
        warn!(error = error.to_string(), "could not send an answer");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_box_is_good_for_a_minute_by_either_clock() {
        let now = Utc::now();
        for (seconds, good) in [
            (0, true),
            (60, true),
            (61, false),
            (-60, true),
            (-61, false),
        ] {
            assert_eq!(is_of_now(now - TimeDelta::seconds(seconds), now), good);
        }
    }
}
