//! The PACER login that pays.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};

/// A PACER account. The password is sent to the service, which uses it once and never stores it.
#[derive(Clone)]
pub struct Account {
    /// The login.
    pub username: String,
    /// Its password.
    pub password: SecretString,
    /// PACER's billing label, if the account uses such codes.
    pub client_code: Option<String>,
    /// The current one-time code of an account with two factors.
    pub otp_code: Option<SecretString>,
}

impl Account {
    /// An account without client code and second factor.
    #[must_use]
    pub fn new(username: &str, password: &str) -> Account {
        Account {
            username: username.to_owned(),
            password: password.into(),
            client_code: None,
            otp_code: None,
        }
    }

    /// The account that the simulated PACER has for demonstrations. It opens nothing else.
    #[must_use]
    pub fn demo() -> Account {
        Account::new("demo", "not-a-real-password")
    }

    /// The fields of a request that it stands for.
    pub(crate) fn fields(&self) -> impl Iterator<Item = (&str, &str)> {
        let fields = [
            ("pacer_username", Some(self.username.as_str())),
            ("pacer_password", Some(self.password.expose_secret())),
            ("client_code", self.client_code.as_deref()),
            (
                "otp_code",
                self.otp_code.as_ref().map(ExposeSecret::expose_secret),
            ),
        ];
        fields
            .into_iter()
            .filter_map(|(name, value)| Some((name, value?)))
    }
}

impl fmt::Debug for Account {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Account")
            .field("username", &self.username)
            .finish_non_exhaustive()
    }
}
