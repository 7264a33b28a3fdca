//! Which servers are accepted: those that keep what they acknowledge, and enforce permissions.

use async_nats::{Event, RequestErrorKind, ServerError};
use tokio::{sync::Notify, time};
use tracing::warn;

use crate::{Bus, Error, Role, connect::ASK_AGAIN, subject};

/// The oldest server that keeps what it acknowledged (`sync_interval`, lost streams mended).
const OLDEST: (u32, u32, u32) = (2, 10, 23);

/// What a server says of something that its table of permissions does not have.
pub(crate) const NOT_PERMITTED: &str = "Permissions Violation";

impl Bus {
    /// Refuses a server that cannot be relied on. `kept_out` is told when it has refused what is
    /// [`forbidden`].
    pub(crate) async fn vet(&self, allow_old: bool, kept_out: &Notify) -> Result<(), Error> {
        self.check_version(allow_old)?;
        self.refuse_server_for_everybody()?;
        self.refuse_rights_of_others(kept_out).await
    }

    fn check_version(&self, allow_old_server: bool) -> Result<(), Error> {
        let found = self.client.server_info().version;
        if version(&found).is_some_and(|version| version >= OLDEST) {
            return Ok(());
        }
        if !allow_old_server {
            return Err(Error::OldServer { found });
        }
        warn!(
            version = found,
            "the message server is too old and may lose messages it has acknowledged; upgrade it"
        );
        Ok(())
    }

    /// Where everybody is let in, everybody is everything.
    pub(crate) fn refuse_server_for_everybody(&self) -> Result<(), Error> {
        if self.client.server_info().auth_required {
            return Ok(());
        }
        let what = "it lets everybody in; configure the accounts and users of \
                    deploy/nats-users.conf";
        Err(Error::Misconfigured { what: what.into() })
    }

    /// A server that knows us but permits us what is another's has other permissions than ours. It is
    /// tried out, with something that does no harm where it is permitted: then the server says that
    /// nobody listens.
    async fn refuse_rights_of_others(&self, kept_out: &Notify) -> Result<(), Error> {
        let subject = forbidden(self.role);
        loop {
            let said = tokio::select! {
                () = kept_out.notified() => return Ok(()),
                said = self.client.request(subject.clone(), "".into()) => said,
            };
            let permitted = match said {
                Ok(_) => true,
                Err(error) => error.kind() == RequestErrorKind::NoResponders,
            };
            if permitted {
                let what = format!(
                    "it lets {} publish to {subject}; configure the accounts and users of \
                     deploy/nats-users.conf",
                    self.role.name()
                );
                return Err(Error::Misconfigured { what });
            }
            // Lost, with its connection.
            time::sleep(ASK_AGAIN).await;
        }
    }

    /// A stream whose subjects cover a login would store it, and answer in the service's place.
    pub(crate) async fn refuse_stream_over_logins(&self) -> Result<(), Error> {
        let asked = [
            subject::LOGIN,
            subject::SESSION_LEND,
            subject::LOGIN_RECORDS,
            subject::LOGIN_OPENED,
        ];
        for subject in asked {
            if let Ok(stream) = self.jetstream.stream_by_subject(subject).await {
                let what = format!("the stream {stream} stores what is sent to {subject}");
                return Err(Error::Misconfigured { what });
            }
        }
        Ok(())
    }
}

/// What a process of this role must not say: something in an inbox of another kind. Nobody listens.
fn forbidden(role: Role) -> String {
    let other = match role {
        Role::Login => Role::Gateway,
        _ => Role::Login,
    };
    format!("{}.forbidden", other.inbox())
}

/// Whether this is the server's refusal of what is [`forbidden`].
pub(crate) fn is_refused(event: &Event, role: Role) -> bool {
    matches!(
        event,
        Event::ServerError(ServerError::Other(text))
            if text.contains(NOT_PERMITTED) && text.contains(&forbidden(role))
    )
}

fn version(text: &str) -> Option<(u32, u32, u32)> {
    let release = text.trim_start_matches('v').split(['-', '+']).next()?;
    let mut numbers = release.split('.').map(|number| number.parse().ok());
    Some((numbers.next()??, numbers.next()??, numbers.next()??))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_as_numbers() {
        assert!(version("2.9.10").unwrap() < OLDEST);
        assert!(version("2.10.22").unwrap() < OLDEST);
        assert!(version("2.10.23").unwrap() >= OLDEST);
        assert!(version("v2.15.1-RC.1").unwrap() >= OLDEST);
        assert_eq!(version("unknown"), None);
    }
}
