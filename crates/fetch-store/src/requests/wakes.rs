//! How the database calls the dispatchers.

use std::collections::BTreeSet;

use sqlx::postgres::PgListener;

use crate::{Error, Store};

/// The channel that wakes the dispatchers; the payload is the court, or nothing for all of them.
pub const WAKE_CHANNEL: &str = "fetch_work";

/// The wake-up calls of the database.
#[derive(Debug)]
pub struct Wakes(PgListener);

/// Where there may be something to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wake {
    /// At these courts somebody accepted work or made room.
    At(BTreeSet<String>),
    /// Anywhere: all courts have changed, or the connection broke and calls may have been missed.
    Anywhere,
}

impl Store {
    /// Wakes up whenever somebody accepted work or made room; [`WAKE_CHANNEL`].
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn wakes(&self) -> Result<Wakes, Error> {
        let mut listener = PgListener::connect_with(&self.pool).await?;
        listener.listen(WAKE_CHANNEL).await?;
        Ok(Wakes(listener))
    }
}

impl Wakes {
    /// Waits for a call, and takes what else has come meanwhile: a court that was called for ten
    /// times is looked at once.
    ///
    /// # Errors
    /// When the database cannot be reached again.
    pub async fn next(&mut self) -> Result<Wake, Error> {
        let Some(first) = self.0.try_recv().await? else {
            return Ok(Wake::Anywhere);
        };
        let mut courts = BTreeSet::from([first.payload().to_owned()]);
        while let Some(call) = self.0.next_buffered() {
            courts.insert(call.payload().to_owned());
        }
        Ok(match courts.contains("") {
            true => Wake::Anywhere,
            false => Wake::At(courts),
        })
    }
}
