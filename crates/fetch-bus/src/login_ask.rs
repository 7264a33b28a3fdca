//! The gateway's side of a login: one question and one answer, over core messaging and never over a
//! stream.

use std::{
    pin::pin,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use async_nats::{StatusCode, Subscriber};
use fetch_model::UserId;
use futures_util::{
    StreamExt,
    future::{Either, select},
};
use prost::Message;
use tokio::{
    sync::watch,
    time::{self, Instant},
};
use tracing::{debug, warn};

use crate::{
    Bus, Credentials, Error, LoginOutcome, LoginSharedKey,
    credentials::{LoginBox, LoginPublicKey},
    error::OrUnavailable,
    login::{not_running, outcome_of},
    shared_key::Purpose,
    streams, subject, trace,
    wire::{self, login_reply::Outcome},
};

/// PACER gets sixty seconds, there may be a login of the same account before this one, and a
/// one-time code may have to be waited for.
const LOGIN_LIMIT: Duration = Duration::from_secs(150);

/// A question or an answer that passes a server may be lost with it, so it is asked again: at once when
/// the connection was lost, here or there, otherwise after this. Whoever is answered twice was logged in
/// once: the second finds the session of the first.
const ASK_AGAIN_AFTER: Duration = Duration::from_secs(3);

/// So many questions are asked soon one after the other: for as long as servers may take to choose a
/// leader. After that it is PACER that takes its time, and every question costs login a little.
const ASKED_SOON: usize = 5;
const ASK_AGAIN_LATER: Duration = Duration::from_secs(10);

/// How long the login service, or the server, may be away, as when this process or that service is
/// on its way to another server.
const AWAY_LIMIT: Duration = Duration::from_secs(2);

/// How long to wait before asking again meanwhile.
const PAUSE: Duration = Duration::from_millis(100);

/// The bucket's only entry.
pub(crate) const CURRENT_KEY: &str = "current";

/// Has the login service log accounts in.
#[derive(Debug, Clone)]
pub struct Logins {
    bus: Bus,
    shared: LoginSharedKey,
    /// The login service's public key as last seen.
    key: Arc<Mutex<Option<LoginPublicKey>>>,
    /// Changes when a replica of the login service may have lost what it was asked.
    lost: watch::Receiver<u64>,
}

impl Bus {
    /// Logins by the service that has the same `shared` key. Within a runtime.
    #[must_use]
    pub fn logins(&self, shared: LoginSharedKey) -> Logins {
        let (counter, lost) = watch::channel(0);
        tokio::spawn(count_losses(self.clone(), counter));
        Logins {
            bus: self.clone(),
            shared,
            key: Arc::default(),
            lost,
        }
    }
}

/// For as long as somebody wants to know.
async fn count_losses(bus: Bus, counter: watch::Sender<u64>) {
    let Ok(mut heard) = bus.client.subscribe(subject::LOGIN_AGAIN).await else {
        return;
    };
    loop {
        tokio::select! {
            () = counter.closed() => return,
            said = heard.next() => match said {
                Some(_) => counter.send_modify(|count| *count += 1),
                None => return,
            },
        }
    }
}

/// One login's questions, and where all of them are answered: each under a name of its own, since login
/// may answer once under each.
struct Conversation {
    inbox: String,
    answers: Subscriber,
    /// The tags of what was asked.
    asked: Vec<Vec<u8>>,
    /// Changes when our connection was lost and is there again.
    connections: watch::Receiver<u64>,
    /// Changes when one of the login service's was.
    lost: watch::Receiver<u64>,
}

/// What came back.
enum Heard {
    Outcome(LoginOutcome),
    /// The box is for a key that the service does not have any more.
    UnknownKey,
    /// The service is away.
    Nobody,
    /// Nothing, for so long that something may have been lost.
    Nothing,
}

impl Logins {
    /// Has the login service log an account in, on behalf of `user`. Takes as long as PACER does,
    /// up to 150 s. Credentials are sealed here and opened only there.
    ///
    /// # Errors
    /// When the message server cannot be used. A login service that is away is an outcome.
    pub async fn log_in(
        &self,
        user: UserId,
        credentials: Credentials,
    ) -> Result<LoginOutcome, Error> {
        self.until_connected().await?;
        let inbox = self.bus.client.new_inbox();
        let answers = self.bus.client.subscribe(format!("{inbox}.*")).await;
        let mut conversation = Conversation {
            answers: answers.or_unavailable("subscribe")?,
            inbox,
            asked: Vec::new(),
            connections: self.bus.connections.clone(),
            lost: self.lost.clone(),
        };
        conversation.connections.mark_unchanged();
        conversation.lost.mark_unchanged();
        let deadline = Instant::now() + LOGIN_LIMIT;
        let mut away_since = None;
        let mut fresh = false;
        while Instant::now() < deadline {
            let heard = match self.login_key(fresh).await? {
                Some(key) => {
                    let content = LoginBox::new(user, credentials.clone());
                    self.ask(&mut conversation, &key, content).await?;
                    self.listen(&mut conversation).await?
                }
                None => Heard::Nobody,
            };
            match heard {
                Heard::Outcome(outcome) => return Ok(outcome),
                Heard::UnknownKey if !fresh => {
                    debug!("the login service has a new key");
                    fresh = true;
                }
                Heard::Nothing => debug!("a login is asked for again"),
                // A key that is new and not known is another replica's: they do not share theirs.
                Heard::Nobody | Heard::UnknownKey => {
                    let since = *away_since.get_or_insert_with(Instant::now);
                    if since.elapsed() > AWAY_LIMIT {
                        break;
                    }
                    time::sleep(PAUSE).await;
                }
            }
        }
        warn!("the login service did not answer");
        Ok(not_running())
    }

    /// A connection that is lost is soon another one, where there are several servers.
    async fn until_connected(&self) -> Result<(), Error> {
        let deadline = Instant::now() + AWAY_LIMIT;
        loop {
            match self.bus.connected() {
                Err(_) if Instant::now() < deadline => time::sleep(PAUSE).await,
                result => return result,
            }
        }
    }

    async fn ask(
        &self,
        conversation: &mut Conversation,
        key: &LoginPublicKey,
        content: LoginBox,
    ) -> Result<(), Error> {
        let (key_id, sealed) = (key.id(), key.seal(content)?);
        let tag = self.shared.tag(Purpose::Request, &[&key_id, &sealed]);
        let reply_to = format!("{}.{}", conversation.inbox, conversation.asked.len());
        conversation.asked.push(tag.clone());
        let request = wire::LoginRequest {
            sealed,
            key_id,
            tag,
        };
        self.bus
            .client
            .publish_with_reply_and_headers(
                subject::LOGIN,
                reply_to,
                trace::headers(None),
                request.encode_to_vec().into(),
            )
            .await
            .or_unavailable("send a login to the login service")
    }

    /// The first answer that is the login service's, to whichever of the questions.
    async fn listen(&self, conversation: &mut Conversation) -> Result<Heard, Error> {
        let patience = match conversation.asked.len() {
            0..=ASKED_SOON => ASK_AGAIN_AFTER,
            _ => ASK_AGAIN_LATER,
        };
        let until = Instant::now() + patience;
        loop {
            let heard = tokio::select! {
                biased;
                heard = conversation.answers.next() => heard,
                // Fails only when nobody counts any more, and then waiting is all that is left.
                Ok(()) = conversation.connections.changed() => return Ok(Heard::Nothing),
                Ok(()) = conversation.lost.changed() => return Ok(Heard::Nothing),
                () = time::sleep_until(until) => return Ok(Heard::Nothing),
            };
            let answer = heard.ok_or(Error::Disconnected)?;
            if answer.status == Some(StatusCode::NO_RESPONDERS) {
                return Ok(Heard::Nobody);
            }
            match self.read(conversation, &answer.payload) {
                Some(Outcome::UnknownKey(_)) => return Ok(Heard::UnknownKey),
                Some(outcome) => return Ok(Heard::Outcome(outcome_of(outcome))),
                None => {
                    warn!("ignored an answer to a login that did not come from the login service")
                }
            }
        }
    }

    fn read(&self, conversation: &Conversation, payload: &[u8]) -> Option<Outcome> {
        let tagged = wire::TaggedLoginReply::decode(payload).ok()?;
        let is_answer_to = |asked: &Vec<u8>| {
            let parts: [&[u8]; 2] = [asked, &tagged.reply];
            self.shared.fits(Purpose::Reply, &parts, &tagged.tag)
        };
        if !conversation.asked.iter().any(is_answer_to) {
            return None;
        }
        wire::LoginReply::decode(tagged.reply.as_slice())
            .ok()?
            .outcome
    }

    /// The public key of the login service: as last seen, from its bucket, or from itself. One that
    /// the login service has not tagged is no key, wherever it lies.
    async fn login_key(&self, fresh: bool) -> Result<Option<LoginPublicKey>, Error> {
        let known = self
            .key
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        if !fresh && known.is_some() {
            return Ok(known);
        }
        // Either may have to wait for servers that choose a leader, or be lost with one.
        let key = match fresh {
            true => self.told_key().await,
            false => first_of(self.published_key(), self.told_key()).await,
        };
        self.key
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone_from(&key);
        Ok(key)
    }

    async fn published_key(&self) -> Option<LoginPublicKey> {
        let bucket = self.bus.bucket(streams::LOGIN_KEYS);
        let entry = bucket.last(CURRENT_KEY).await.ok()??;
        self.authentic(&entry.value)
    }

    async fn told_key(&self) -> Option<LoginPublicKey> {
        let asked = self.bus.client.request(subject::LOGIN_KEY, "".into());
        self.authentic(&asked.await.ok()?.payload)
    }

    fn authentic(&self, bytes: &[u8]) -> Option<LoginPublicKey> {
        let key = wire::LoginKey::decode(bytes)
            .ok()
            .filter(|key| self.shared.fits(Purpose::Key, &[&key.public_key], &key.tag))
            .and_then(|key| LoginPublicKey::from_bytes(&key.public_key).ok());
        if key.is_none() {
            warn!(
                "ignored a public key that the login service did not make; is \
                 PACER_FETCH_LOGIN_SHARED_KEY the same for both?"
            );
        }
        key
    }
}

/// What the first of two has who has anything.
async fn first_of<T>(
    one: impl Future<Output = Option<T>>,
    other: impl Future<Output = Option<T>>,
) -> Option<T> {
    let (one, other) = (pin!(one), pin!(other));
    match select(one, other).await {
        Either::Left((Some(found), _)) | Either::Right((Some(found), _)) => Some(found),
        Either::Left((None, other)) => other.await,
        Either::Right((None, one)) => one.await,
    }
}
