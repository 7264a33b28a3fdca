//! What ACMS remembers: who is on the way in, who is in, what is being put together.

use std::collections::HashMap;
use std::sync::Mutex;

use chrono::{TimeDelta, Utc};
use data_encoding::{BASE64, BASE64URL_NOPAD};
use rand::RngExt;
use serde_json::{Value, json};

use crate::session::new_token;
use crate::world::acms::guid;

/// Answers to a question about an order before it is done: `Pending`, `Running`.
const POLLS_BEFORE_DONE: u32 = 2;
/// How long a token for the JSON says that it lives. The session ends it before.
const BEARER_LIFE: TimeDelta = TimeDelta::hours(1);

/// What all sites of ACMS remember together.
#[derive(Default)]
pub(crate) struct Acms {
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    /// By the request that a court sends along.
    asked: HashMap<String, Asked>,
    /// By what the identity provider answered.
    vouched: HashMap<String, Vouched>,
    /// By cookie.
    sessions: HashMap<String, Session>,
    /// By id.
    orders: HashMap<String, Order>,
    /// By the GUID of the file. Taken out by who fetches it.
    files: HashMap<String, Merge>,
}

/// A court wants to know who somebody is.
#[derive(Clone)]
struct Asked {
    court: &'static str,
    relay: String,
}

/// The identity provider said so, for one use.
struct Vouched {
    asked: Asked,
    /// The token of the central sign-on.
    sign_on: String,
}

/// Somebody is in, at one court.
#[derive(Debug, Clone)]
pub(super) struct Session {
    /// The court.
    pub court: &'static str,
    /// The token of the central sign-on that it rests on.
    pub sign_on: String,
    /// What the cookies say together.
    pub cookie: String,
    /// The token for the court's JSON.
    pub bearer: String,
}

/// Documents to be handed over as one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Merge {
    /// The court.
    pub court: &'static str,
    /// Their serials.
    pub serials: Vec<u64>,
    /// With the court's line at the top of each page.
    pub stamped: bool,
}

struct Order {
    merge: Merge,
    /// The word that its address ends in.
    code: String,
    polls: u32,
    file: String,
}

/// How far an order is.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Progress {
    /// Not begun.
    Pending,
    /// Begun.
    Running,
    /// Done: the GUID of the file.
    Completed(String),
}

impl Acms {
    /// A court asks who somebody is: the request and the state that come back.
    pub(super) fn ask(&self, court: &'static str) -> (String, String) {
        let (request, relay) = (new_token(), guid_by_chance());
        let asked = Asked {
            court,
            relay: relay.clone(),
        };
        self.lock().asked.insert(request.clone(), asked);
        (request, relay)
    }

    /// The identity provider vouches for somebody: the court, and what to show there.
    pub(super) fn vouch(
        &self,
        request: &str,
        relay: &str,
        sign_on: &str,
    ) -> Option<(&'static str, String)> {
        let mut inner = self.lock();
        let asked = inner.asked.get(request)?.clone();
        if asked.relay != relay {
            return None;
        }
        let response = BASE64.encode(new_token().as_bytes());
        let court = asked.court;
        let sign_on = sign_on.to_owned();
        let vouched = Vouched { asked, sign_on };
        inner.vouched.insert(response.clone(), vouched);
        Some((court, response))
    }

    /// The token of the sign-on that a court may believe in, once.
    pub(super) fn believe(&self, court: &str, relay: &str, response: &str) -> Option<String> {
        let vouched = self.lock().vouched.remove(response)?;
        let fits = vouched.asked.court == court && vouched.asked.relay == relay;
        fits.then_some(vouched.sign_on)
    }

    /// Lets somebody in at a court.
    pub(super) fn open(&self, court: &'static str, sign_on: String) -> Session {
        let session = Session {
            court,
            sign_on,
            cookie: new_token(),
            bearer: new_bearer(),
        };
        let mut inner = self.lock();
        inner
            .sessions
            .insert(session.cookie.clone(), session.clone());
        session
    }

    /// Who shows this cookie at that court.
    pub(super) fn by_cookie(&self, court: &str, cookie: &str) -> Option<Session> {
        let session = self.lock().sessions.get(cookie)?.clone();
        (session.court == court).then_some(session)
    }

    /// Who shows this token at that court.
    pub(super) fn by_bearer(&self, court: &str, bearer: &str) -> Option<Session> {
        let inner = self.lock();
        let mut at_court = inner.sessions.values().filter(|own| own.court == court);
        at_court.find(|session| session.bearer == bearer).cloned()
    }

    /// Takes an order: its id and the word without which nobody may ask about it.
    pub(super) fn order(&self, merge: Merge) -> (String, String) {
        let (id, code) = (guid_by_chance(), new_token());
        let order = Order {
            merge,
            code: code.clone(),
            polls: 0,
            file: guid_by_chance(),
        };
        self.lock().orders.insert(id.clone(), order);
        (id, code)
    }

    /// How far an order is, which it is only asked so often before it is done.
    pub(super) fn poll(&self, court: &str, id: &str, code: &str) -> Option<Progress> {
        let mut inner = self.lock();
        let order = inner.orders.get_mut(id)?;
        if order.merge.court != court || order.code != code {
            return None;
        }
        order.polls += 1;
        if order.polls <= POLLS_BEFORE_DONE {
            return Some(match order.polls {
                1 => Progress::Pending,
                _ => Progress::Running,
            });
        }
        let (file, merge) = (order.file.clone(), order.merge.clone());
        // Only the first time, or asking again would bring back what was fetched.
        if order.polls == POLLS_BEFORE_DONE + 1 {
            inner.files.insert(file.clone(), merge);
        }
        Some(Progress::Completed(file))
    }

    /// The documents of a file, for who fetches it first.
    pub(super) fn take_file(&self, court: &str, file: &str) -> Option<Merge> {
        let mut inner = self.lock();
        if inner.files.get(file)?.court != court {
            return None;
        }
        inner.files.remove(file)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Inner> {
        self.inner
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

fn guid_by_chance() -> String {
    let mut generator = rand::rng();
    guid(generator.random(), generator.random())
}

/// A token in the form of the real ones, of which scripts read when it ends. Nobody checks its
/// signature here: it is known as a whole.
fn new_bearer() -> String {
    let part = |claims: Value| BASE64URL_NOPAD.encode(claims.to_string().as_bytes());
    let ends = Utc::now() + BEARER_LIFE;
    let claims = json!({
        "jti": new_token(),
        "exp": ends.timestamp(),
        "showDocClaims": {"CSOId": "4242", "exemptFlag": false},
    });
    format!("{}.{}.x", part(json!({"alg": "none"})), part(claims))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_is_done_at_the_third_question_and_fetched_once() {
        let acms = Acms::default();
        let merge = Merge {
            court: "ca9",
            serials: vec![1, 2],
            stamped: true,
        };
        let (id, code) = acms.order(merge.clone());
        assert_eq!(acms.poll("ca9", &id, "guess"), None);
        assert_eq!(acms.poll("ca2", &id, &code), None);
        assert_eq!(acms.poll("ca9", &id, &code), Some(Progress::Pending));
        assert_eq!(acms.poll("ca9", &id, &code), Some(Progress::Running));
        let Some(Progress::Completed(file)) = acms.poll("ca9", &id, &code) else {
            panic!("it should be done");
        };
        assert_eq!(acms.take_file("ca2", &file), None);
        assert_eq!(acms.take_file("ca9", &file), Some(merge));
        assert_eq!(
            acms.poll("ca9", &id, &code),
            Some(Progress::Completed(file.clone()))
        );
        assert_eq!(acms.take_file("ca9", &file), None);
    }

    #[test]
    fn what_was_vouched_for_is_believed_once_and_where_it_was_asked() {
        let acms = Acms::default();
        let (request, relay) = acms.ask("ca9");
        assert!(acms.vouch(&request, "other", "token").is_none());
        let (court, response) = acms.vouch(&request, &relay, "token").unwrap();
        assert_eq!(court, "ca9");
        let believed = acms.believe("ca9", &relay, &response);
        assert_eq!(believed.as_deref(), Some("token"));
        assert_eq!(acms.believe("ca9", &relay, &response), None);
        let (_, response) = acms.vouch(&request, &relay, "token").unwrap();
        assert_eq!(acms.believe("ca2", &relay, &response), None);
    }
}
