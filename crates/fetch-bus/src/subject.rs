//! The subjects, built and read nowhere else.
//!
//! Tokens go from general to particular. A job's last token is the number of its request, because
//! the stream keeps one message of a subject: whoever says a job again replaces what was said.

use fetch_model::{FetchId, FetchKind, State};

use crate::{Error, JobKind};

pub(crate) const ALL_JOBS: &str = "fetch.job.>";
pub(crate) const ALL_EVENTS: &str = "fetch.event.>";

/// Log an account in. Not under `fetch.`, so that no stream of ours can catch it.
pub(crate) const LOGIN: &str = "pacer.login";
/// Asks for the public key of the login service.
pub(crate) const LOGIN_KEY: &str = "pacer.login.key";
/// A replica of the login service has lost its connection and has another one: what it was asked, or has
/// answered, may be lost. Whoever waits asks again.
pub(crate) const LOGIN_AGAIN: &str = "pacer.login.again";
/// Asks the gateways for what they keep in the database for the login service.
pub(crate) const LOGIN_RECORDS: &str = "pacer.login.records";
/// A replica of the login service tells the others of a session that PACER gave.
pub(crate) const LOGIN_OPENED: &str = "pacer.login.opened";
/// Asks whoever remembers a session for it.
pub(crate) const SESSION_LEND: &str = "pacer.session.lend";
/// Tells whoever remembers a session that it is dead.
pub(crate) const SESSION_FORGET: &str = "pacer.session.forget";

/// The pool that serves every court.
const POOL: &str = "all";

/// The readers of a kind have so many places for a message: more never wait, whatever happens.
pub(crate) const WAKES: u64 = 1000;

/// Where a job is published, one place for each request. Reading does not depend on a court.
pub(crate) fn job(kind: JobKind, court: &str, request: FetchId) -> Result<String, Error> {
    match kind {
        JobKind::Ocr | JobKind::Pages => Ok(wake(kind, request.0.unsigned_abs())),
        kind => Ok(format!(
            "fetch.job.{}.{POOL}.{}.{request}",
            kind.token(),
            token(court)?
        )),
    }
}

/// Where readers are woken. It does not matter which of the places that is, but that there are
/// not many messages in one: the last one counts.
pub(crate) fn wake(kind: JobKind, place: u64) -> String {
    format!("fetch.job.{}.{}", kind.token(), place % WAKES)
}

/// What the consumer of a kind listens to.
pub(crate) fn jobs_of(kind: JobKind) -> String {
    match kind {
        JobKind::Ocr | JobKind::Pages => format!("fetch.job.{}.*", kind.token()),
        kind => format!("fetch.job.{}.{POOL}.>", kind.token()),
    }
}

/// The durable consumer of a kind.
pub(crate) fn consumer_of(kind: JobKind) -> String {
    match kind {
        JobKind::Ocr | JobKind::Pages => kind.token().to_owned(),
        kind => format!("{}-{POOL}", kind.token()),
    }
}

/// Where a change of a request is announced.
pub(crate) fn event(kind: FetchKind, state: State, court: &str) -> Result<String, Error> {
    Ok(format!(
        "fetch.event.{}.{}.{}",
        kind.token(),
        state.as_str(),
        token(court)?
    ))
}

/// Where it is announced that a request of a kind has reached a state, whatever its court.
pub(crate) fn events_of(kind: FetchKind, state: State) -> String {
    format!("fetch.event.{}.{}.*", kind.token(), state.as_str())
}

/// Where it is announced that a request has reached a state, whatever its kind and court.
pub(crate) fn all_events_of(state: State) -> String {
    format!("fetch.event.*.{}.*", state.as_str())
}

/// The kind and the court in the subject of an event.
pub(crate) fn read_event(subject: &str) -> Option<(FetchKind, &str)> {
    let mut tokens = subject.strip_prefix("fetch.event.")?.split('.');
    let kind = tokens.next()?;
    let kind = FetchKind::ALL
        .into_iter()
        .find(|known| known.token() == kind)?;
    let (_state, court) = (tokens.next()?, tokens.next()?);
    tokens.next().is_none().then_some((kind, court))
}

/// A dot or a wildcard in a court's id would change what a subject means.
fn token(court: &str) -> Result<&str, Error> {
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    match (2..=16).contains(&court.len()) && court.bytes().all(fits) {
        true => Ok(court),
        false => Err(Error::Token(court.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jobs_go_to_the_consumer_of_their_kind() {
        for kind in JobKind::ALL {
            let subject = job(kind, "nysd", FetchId(17)).unwrap();
            let filter = jobs_of(kind);
            assert!(
                subject.starts_with(filter.trim_end_matches(['>', '*'])),
                "{subject} {filter}"
            );
        }
        let subject_of = |kind, request| job(kind, "nysd", FetchId(request)).unwrap();
        assert_eq!(
            subject_of(JobKind::Docket, 17),
            "fetch.job.docket.all.nysd.17"
        );
        assert_eq!(subject_of(JobKind::Ocr, 123_456), "fetch.job.ocr.456");
    }

    #[test]
    fn events_can_be_read_back() {
        let subject = event(FetchKind::Pdf, State::Done, "ca9").unwrap();
        assert_eq!(subject, "fetch.event.pdf.done.ca9");
        assert_eq!(read_event(&subject), Some((FetchKind::Pdf, "ca9")));
        assert_eq!(read_event("fetch.event.pdf.done.ca9.more"), None);
        assert_eq!(read_event("fetch.event.pdf"), None);
        assert_eq!(read_event("fetch.job.pdf.all.ca9"), None);
    }

    #[test]
    fn no_court_widens_a_subject() {
        for court in [
            "", "x", "a.b", "*", ">", "ny sd", "NYSD", "nysd\r\n", "nysd.>",
        ] {
            assert!(job(JobKind::Pdf, court, FetchId(1)).is_err(), "{court:?}");
            assert!(
                event(FetchKind::Pdf, State::Done, court).is_err(),
                "{court:?}"
            );
        }
    }
}
