//! The state of a request as the database knows it.

use fetch_model::State;

/// The type `request_state`: a word that names no state is not stored, so reading one cannot fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "request_state", rename_all = "snake_case")]
pub enum RequestState {
    /// [`State::Accepted`]
    Accepted,
    /// [`State::Released`]
    Released,
    /// [`State::Running`]
    Running,
    /// [`State::Captured`]
    Captured,
    /// [`State::Reading`]
    Reading,
    /// [`State::Waiting`]
    Waiting,
    /// [`State::Done`]
    Done,
    /// [`State::Failed`]
    Failed,
    /// [`State::Cancelled`]
    Cancelled,
}

impl From<RequestState> for State {
    fn from(state: RequestState) -> State {
        match state {
            RequestState::Accepted => State::Accepted,
            RequestState::Released => State::Released,
            RequestState::Running => State::Running,
            RequestState::Captured => State::Captured,
            RequestState::Reading => State::Reading,
            RequestState::Waiting => State::Waiting,
            RequestState::Done => State::Done,
            RequestState::Failed => State::Failed,
            RequestState::Cancelled => State::Cancelled,
        }
    }
}

impl From<State> for RequestState {
    fn from(state: State) -> RequestState {
        match state {
            State::Accepted => RequestState::Accepted,
            State::Released => RequestState::Released,
            State::Running => RequestState::Running,
            State::Captured => RequestState::Captured,
            State::Reading => RequestState::Reading,
            State::Waiting => RequestState::Waiting,
            State::Done => RequestState::Done,
            State::Failed => RequestState::Failed,
            State::Cancelled => RequestState::Cancelled,
        }
    }
}
