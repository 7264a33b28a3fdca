//! The cookies of one login.

use std::{
    collections::HashMap,
    fmt,
    sync::{Mutex, PoisonError},
};

use cookie_store::CookieStore;
use reqwest::header::{HeaderMap, HeaderValue, SET_COOKIE};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

/// What a request says about prices, beside what the account's owner has set at PACER.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Preference {
    /// Nothing.
    Accounts,
    /// To be shown the price before anything is charged (the cookie `PacerPref`).
    PricesShown,
}

/// A login in use: PACER's token, and what each court has added for itself.
///
/// The token is sent as the cookies `NextGenCSO` and, for courts that still run the older
/// software, `PacerSession`; the client code as `PacerClientCode`. What one court sets is never
/// shown to another.
pub struct CourtSession {
    token: SecretString,
    client_code: String,
    jars: Mutex<HashMap<String, CookieStore>>,
}

impl fmt::Debug for CourtSession {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("CourtSession(secret)")
    }
}

impl CourtSession {
    /// A session with this token. The client code is empty if there is none.
    #[must_use]
    pub fn new(token: SecretString, client_code: String) -> CourtSession {
        CourtSession {
            token,
            client_code,
            jars: Mutex::default(),
        }
    }

    /// The `Cookie` header for a request to `court`, or `None` if the token cannot be a cookie.
    pub(crate) fn cookies(
        &self,
        court: &str,
        url: &Url,
        preference: Preference,
    ) -> Option<HeaderValue> {
        let token = self.token.expose_secret();
        let mut own = vec![("NextGenCSO", token), ("PacerSession", token)];
        if !self.client_code.is_empty() {
            own.push(("PacerClientCode", &self.client_code));
        }
        if preference == Preference::PricesShown {
            own.push(("PacerPref", "receipt=Y"));
        }
        let jars = self.jars.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(jar) = jars.get(court) {
            // A court that withdraws our token tells us by its login page, not by a cookie.
            let theirs = jar.get_request_values(url);
            let theirs = theirs.filter(|(name, _)| {
                let wished = preference == Preference::PricesShown && *name == "PacerPref";
                !is_ours(name) && !wished
            });
            own.extend(theirs);
        }
        let pairs: Vec<String> = own
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let mut header = HeaderValue::from_str(&pairs.join("; ")).ok()?;
        header.set_sensitive(true);
        Some(header)
    }

    /// Forgets the cookies of a court, so that it sees a new visitor.
    pub fn forget_court(&self, court: &str) {
        let mut jars = self.jars.lock().unwrap_or_else(PoisonError::into_inner);
        jars.remove(court);
    }

    /// Keeps what the court set.
    pub(crate) fn keep(&self, court: &str, url: &Url, headers: &HeaderMap) {
        let mut jars = self.jars.lock().unwrap_or_else(PoisonError::into_inner);
        for line in headers
            .get_all(SET_COOKIE)
            .iter()
            .filter_map(|line| line.to_str().ok())
        {
            let jar = jars.entry(court.to_owned()).or_default();
            // One by one: the store's own way for several logs their values. What a court may not
            // set, such as a cookie of another host, is left out.
            let _ = jar.parse(line, url);
        }
    }
}

fn is_ours(name: &str) -> bool {
    ["NextGenCSO", "PacerSession", "PacerClientCode"].contains(&name)
}
