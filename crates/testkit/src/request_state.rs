//! Requests that are put into a state by hand.

use fetch_model::{Failure, State};

/// What `update fetch_requests set …` writes to put requests into a state, with all that the database wants
/// beside it: status, failure, lease and date. One that fails does so by [`Failure::Internal`]; a lease is
/// good for an hour. What is set aside for a request goes by itself.
///
/// ```ignore
/// let sql = format!("update fetch_requests set {} where id = $1", testkit::in_state(State::Failed));
/// ```
#[must_use]
pub fn in_state(state: State) -> String {
    let failure = (state == State::Failed).then_some(Failure::Internal);
    let status = |attempts| i16::from(state.public(failure.as_ref(), attempts));
    let has_lease = matches!(state, State::Released | State::Running | State::Captured);
    format!(
        "state = '{state}', status = case when attempts = 0 then {} else {} end, failure = {}, \
         login_until = null, lease_until = {}, date_completed = {}",
        status(0),
        status(1),
        match failure {
            Some(_) => r#"'{"code": "internal"}'"#,
            None => "null",
        },
        match has_lease {
            true => "now() + interval '1 hour'",
            false => "null",
        },
        match state.is_final() {
            true => "coalesce(date_completed, now())",
            false => "null",
        },
    )
}
