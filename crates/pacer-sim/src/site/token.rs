//! What a court remembers between two pages: page tokens and documents put aside.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex};

use rand::RngExt;

use super::fields::Fields;

/// The token that courts accept in place of one of their own.
pub(super) const WILDCARD: &str = "1-L_1_0-1";

/// More than so many are never remembered; all are forgotten then.
const MOST: usize = 50_000;

/// A page token that somebody posts to.
pub(super) enum PageToken {
    /// First submit: the fields are in the request.
    First,
    /// Second submit after the large-docket choice, with the fields of the first.
    Second(Fields),
    /// Charges are accepted, for the fields of the first submit.
    Accepted(Fields),
    /// Charges were accepted before.
    AcceptedAgain,
    /// Not one of ours.
    Unknown,
}

enum Pending {
    Form,
    Large(Fields),
    Charges(Option<Fields>),
    Case(u64),
}

/// A document that was paid for and waits at a temporary address.
#[derive(Clone)]
pub(super) struct PutAside {
    pub court: String,
    pub serial: u64,
    pub stamped: bool,
    /// No session is needed to fetch it.
    pub anonymous: bool,
}

/// A page token whose answer is under way, until dropped.
pub(super) struct Busy {
    token: String,
    tokens: Arc<Mutex<HashSet<String>>>,
}

impl Drop for Busy {
    fn drop(&mut self) {
        lock(&self.tokens).remove(&self.token);
    }
}

/// Tokens that are good.
#[derive(Default)]
pub(crate) struct Tokens {
    pages: Mutex<HashMap<String, Pending>>,
    /// Tokens whose answer is under way.
    busy: Arc<Mutex<HashSet<String>>>,
    documents: Mutex<HashMap<String, PutAside>>,
}

impl Tokens {
    /// Begins an answer to a form; none if one to the same form is under way. The wildcard
    /// belongs to nobody, so that it is never busy.
    pub(super) fn begin(&self, token: &str) -> Option<Busy> {
        let free = token == WILDCARD || lock(&self.busy).insert(token.to_owned());
        free.then(|| Busy {
            token: token.to_owned(),
            tokens: self.busy.clone(),
        })
    }

    /// A token for the option form.
    pub fn form(&self) -> String {
        self.issue("L_1_0-1", Pending::Form)
    }

    /// A token for the large-docket choice.
    pub(super) fn large(&self, fields: Fields) -> String {
        self.issue("L_1_1-1", Pending::Large(fields))
    }

    /// A token for accepting the charges, once.
    pub(super) fn charges(&self, fields: Fields) -> String {
        self.issue("L_9999_2-1", Pending::Charges(Some(fields)))
    }

    fn issue(&self, tail: &str, pending: Pending) -> String {
        let digits: u64 = rand::rng().random_range(100_000_000_000_000..1_000_000_000_000_000);
        let token = format!("{digits}-{tail}");
        keep(&self.pages, token.clone(), pending);
        token
    }

    /// What a token stands for. Accepting charges uses it up.
    pub(super) fn read(&self, token: &str) -> PageToken {
        if token == WILDCARD {
            return PageToken::First;
        }
        match lock(&self.pages).get_mut(token) {
            Some(Pending::Form) => PageToken::First,
            Some(Pending::Large(fields)) => PageToken::Second(fields.clone()),
            Some(Pending::Charges(fields)) => fields
                .take()
                .map_or(PageToken::AcceptedAgain, PageToken::Accepted),
            Some(Pending::Case(_)) | None => PageToken::Unknown,
        }
    }

    /// A token for a form that is about one case and does not name it again.
    pub(super) fn case(&self, case_id: u64) -> String {
        self.issue("L_1_0-1", Pending::Case(case_id))
    }

    /// The case such a form is about.
    pub(super) fn case_of(&self, token: &str) -> Option<u64> {
        match lock(&self.pages).get(token) {
            Some(Pending::Case(case_id)) => Some(*case_id),
            _ => None,
        }
    }

    /// Puts a document aside and says under which name.
    pub(super) fn put_aside(&self, document: PutAside) -> String {
        let digits: u64 = rand::rng().random_range(100_000_000_000..1_000_000_000_000);
        let name = format!("{digits}-0--{}.pdf", document.serial);
        keep(&self.documents, name.clone(), document);
        name
    }

    /// The document under that name.
    pub(super) fn fetch(&self, name: &str) -> Option<PutAside> {
        lock(&self.documents).get(name).cloned()
    }
}

fn keep<T>(map: &Mutex<HashMap<String, T>>, key: String, value: T) {
    let mut map = lock(map);
    if map.len() >= MOST {
        map.clear();
    }
    map.insert(key, value);
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}
