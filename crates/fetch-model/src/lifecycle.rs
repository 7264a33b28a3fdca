//! The states of a request and the only legal moves between them.
//!
//! ARCHITECTURE.md has the picture, which [`picture`] draws from [`State::after`].
//!
//! An operator may send a request that failed back to `accepted` once its cause is gone, or have the page
//! that it failed on read again, by which it is `done`; nothing else leaves a final state.
//!
//! `waiting` has a reason and a time; the dispatcher releases it like `accepted` work once that
//! time has come. Clients see the seven numbers of the RECAP Fetch API instead: [`State::public`].

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::{Failure, PublicStatus};

/// Where a request is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Written down; nobody works on it yet.
    Accepted,
    /// The court has room: a message that says so is on its way to a fetcher.
    Released,
    /// A fetcher has it.
    Running,
    /// What was asked for has arrived and is kept; nothing more will be bought.
    Captured,
    /// The text of a bought document is being extracted.
    Reading,
    /// Will be tried again at a later time.
    Waiting,
    /// Ended well.
    Done,
    /// Ended badly, with a [`Failure`].
    Failed,
    /// Ended by its owner.
    Cancelled,
}

/// What moves a request from one state to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Transition {
    /// The dispatcher found room for it.
    Release,
    /// A worker took it.
    Claim,
    /// The bytes are kept.
    Capture,
    /// The document was handed to the text readers.
    Read,
    /// Everything is stored.
    Finish,
    /// The requests that were made for it have ended.
    Gather,
    /// It waits for another attempt, or for the court.
    Postpone,
    /// The worker died or gave the work back.
    GiveBack,
    /// It will never work.
    Fail,
    /// Its owner cancelled it.
    Cancel,
    /// The operator queued it again.
    Replay,
    /// The operator had the kept page on which it failed read again.
    ReadAgain,
}

impl Transition {
    /// All of them.
    pub const ALL: [Transition; 12] = [
        Transition::Release,
        Transition::Claim,
        Transition::Capture,
        Transition::Read,
        Transition::Finish,
        Transition::Gather,
        Transition::Postpone,
        Transition::GiveBack,
        Transition::Fail,
        Transition::Cancel,
        Transition::Replay,
        Transition::ReadAgain,
    ];

    /// What it is called in the picture.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Transition::Release => "release",
            Transition::Claim => "claim",
            Transition::Capture => "capture",
            Transition::Read => "hand to readers",
            Transition::Finish => "finish",
            Transition::Gather => "gather",
            Transition::Postpone => "postpone",
            Transition::GiveBack => "give back",
            Transition::Fail => "fail",
            Transition::Cancel => "cancel",
            Transition::Replay => "replay",
            Transition::ReadAgain => "read again",
        }
    }
}

impl State {
    /// Every state, in the order of a life.
    pub const ALL: [State; 9] = [
        State::Accepted,
        State::Released,
        State::Running,
        State::Captured,
        State::Reading,
        State::Waiting,
        State::Done,
        State::Failed,
        State::Cancelled,
    ];

    /// The state after `event`, or `None` if that move is not legal.
    #[must_use]
    pub fn after(self, event: Transition) -> Option<State> {
        match (self, event) {
            (State::Accepted | State::Waiting, Transition::Release) => Some(State::Released),
            (State::Released, Transition::Claim) => Some(State::Running),
            (State::Running, Transition::Capture) => Some(State::Captured),
            (State::Captured, Transition::Read) => Some(State::Reading),
            // What was already held needs no capture; a menu needs no reading.
            (State::Running | State::Captured | State::Reading, Transition::Finish) => {
                Some(State::Done)
            }
            // One for several documents buys nothing itself.
            (State::Accepted, Transition::Gather) => Some(State::Done),
            (State::Running | State::Captured, Transition::Postpone)
            | (State::Released | State::Running | State::Captured, Transition::GiveBack) => {
                Some(State::Waiting)
            }
            (state, Transition::Fail) if !state.is_final() => Some(State::Failed),
            (
                State::Accepted | State::Released | State::Waiting | State::Running,
                Transition::Cancel,
            ) => Some(State::Cancelled),
            (State::Failed, Transition::Replay) => Some(State::Accepted),
            (State::Failed, Transition::ReadAgain) => Some(State::Done),
            _ => None,
        }
    }

    /// Whether the request has ended. Final states change only by [`Transition::Replay`] and
    /// [`Transition::ReadAgain`].
    #[must_use]
    pub fn is_final(self) -> bool {
        matches!(self, State::Done | State::Failed | State::Cancelled)
    }

    /// The number that a client of the RECAP Fetch API sees.
    ///
    /// `attempts` tells first work from work that waits for another try; a request waiting for
    /// its turn without a failed attempt is still "in queue".
    #[must_use]
    pub fn public(self, failure: Option<&Failure>, attempts: i32) -> PublicStatus {
        match self {
            State::Accepted | State::Released if attempts == 0 => PublicStatus::Enqueued,
            State::Waiting if attempts == 0 => PublicStatus::Enqueued,
            State::Accepted | State::Released | State::Waiting => PublicStatus::QueuedForRetry,
            State::Running | State::Captured | State::Reading => PublicStatus::InProgress,
            State::Done => PublicStatus::Successful,
            State::Cancelled => PublicStatus::Failed,
            State::Failed => failure.map_or(PublicStatus::Failed, Failure::public),
        }
    }

    /// The word under which the state is stored.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            State::Accepted => "accepted",
            State::Released => "released",
            State::Running => "running",
            State::Captured => "captured",
            State::Reading => "reading",
            State::Waiting => "waiting",
            State::Done => "done",
            State::Failed => "failed",
            State::Cancelled => "cancelled",
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// The graph in Mermaid syntax, as ARCHITECTURE.md shows it.
#[must_use]
pub fn picture() -> String {
    let mut picture = "stateDiagram-v2\n    [*] --> accepted\n".to_owned();
    for state in State::ALL {
        for next in State::ALL.into_iter().filter(|next| *next != state) {
            let moves = Transition::ALL.into_iter();
            let moves: Vec<_> = moves
                .filter(|event| state.after(*event) == Some(next))
                .map(Transition::as_str)
                .collect();
            if !moves.is_empty() {
                picture += &format!("    {state} --> {next}: {}\n", moves.join(", "));
            }
        }
        if state.is_final() {
            picture += &format!("    {state} --> [*]\n");
        }
    }
    picture
}

/// A stored word that names no state.
#[derive(Debug, thiserror::Error)]
#[error("{0:?} is not a state of a request")]
pub struct UnknownState(String);

impl FromStr for State {
    type Err = UnknownState;

    fn from_str(word: &str) -> Result<State, UnknownState> {
        State::ALL
            .into_iter()
            .find(|state| state.as_str() == word)
            .ok_or_else(|| UnknownState(word.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn states_keep_their_words() {
        for state in State::ALL {
            assert_eq!(state.as_str().parse::<State>().unwrap(), state);
        }
        assert!("done ".parse::<State>().is_err());
    }

    #[test]
    fn the_picture_is_fresh() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../ARCHITECTURE.md");
        let page = std::fs::read_to_string(path).unwrap();
        let drawn = format!("```mermaid\n{}```\n", picture());
        assert!(
            page.contains(&drawn),
            "ARCHITECTURE.md wants this:\n{drawn}"
        );
    }

    #[test]
    fn every_unfinished_state_can_still_fail() {
        for state in State::ALL {
            assert_eq!(state.after(Transition::Fail).is_some(), !state.is_final());
        }
    }

    #[test]
    fn nothing_is_cancelled_after_money_was_spent() {
        assert_eq!(State::Captured.after(Transition::Cancel), None);
        assert_eq!(State::Reading.after(Transition::Cancel), None);
    }

    proptest! {
        #[test]
        fn no_sequence_of_events_leaves_the_graph(picks in prop::collection::vec(0..Transition::ALL.len(), 0..60)) {
            let mut state = State::Accepted;
            for pick in picks {
                let event = Transition::ALL[pick];
                let next = state.after(event);
                if state.is_final() {
                    let by_operator = match event {
                        Transition::Replay => Some(State::Accepted),
                        Transition::ReadAgain => Some(State::Done),
                        _ => None,
                    };
                    prop_assert_eq!(next, by_operator.filter(|_| state == State::Failed));
                }
                state = next.unwrap_or(state);
            }
            // From anywhere, a request can still be brought to an end.
            prop_assert!(state.is_final() || state.after(Transition::Fail) == Some(State::Failed));
        }
    }
}
