//! The PACER accounts of a batch: each is logged in once.

use fetch_bus::Credentials;
use futures_util::future::join_all;
use secrecy::{ExposeSecret, SecretString};

use super::Intake;
use crate::{
    dialect::{ApiError, Caller},
    login::Login,
};

/// The most logins of a batch. An account is logged in ten times an hour at most.
const MOST: usize = 10;

/// The accounts of a batch, each with its client code.
#[derive(Debug, Default)]
pub(super) struct Accounts(Vec<Credentials>);

impl Accounts {
    /// The place of an account, which is remembered.
    ///
    /// # Errors
    /// 400 if there are too many.
    pub fn place_of(&mut self, wanted: Credentials) -> Result<usize, ApiError> {
        if let Some(place) = self.0.iter().position(|known| is_same(known, &wanted)) {
            return Ok(place);
        }
        if self.0.len() == MOST {
            let text = format!(
                "A batch is for at most {MOST} PACER accounts and client codes. Send this in another one."
            );
            return Err(ApiError::NonField(text));
        }
        self.0.push(wanted);
        Ok(self.0.len() - 1)
    }
}

fn is_same(one: &Credentials, other: &Credentials) -> bool {
    fn exposed(secret: &SecretString) -> &str {
        secret.expose_secret()
    }
    one.client_code == other.client_code
        && one.username.expose_secret() == other.username.expose_secret()
        && one.password.expose_secret() == other.password.expose_secret()
        && one.otp_code.as_ref().map(exposed) == other.otp_code.as_ref().map(exposed)
}

impl Intake {
    /// Logs each account in. They wait for their turns together, so that all take no longer than one.
    ///
    /// # Errors
    /// When nobody can be logged in at present.
    pub(super) async fn log_all_in(
        &self,
        caller: &Caller,
        accounts: &Accounts,
    ) -> Result<Vec<Result<Login, ApiError>>, ApiError> {
        let logins = accounts.0.iter();
        let logins = logins.map(|credentials| self.log_in(caller, credentials.clone()));
        let logins = join_all(logins).await;
        for login in &logins {
            if let Err(away @ (ApiError::Later { .. } | ApiError::Unauthenticated(_))) = login {
                return Err(away.clone());
            }
        }
        Ok(logins)
    }
}
