//! How the database calls the dispatchers.

use std::collections::BTreeSet;

use fetch_model::FetchId;
use sqlx::{PgConnection, postgres::PgListener};

use crate::{Error, Queue};

/// The channel that wakes the dispatchers; the payload is the court, or nothing for all of them.
pub const WORK_CHANNEL: &str = "fetch_work";

/// The channel that tells of requests which the operator has ended, or whose answer he has changed; the
/// payload is the number of one.
pub const ENDED_CHANNEL: &str = "fetch_ended";

/// The wake-up calls of the database.
#[derive(Debug)]
pub struct Notifications {
    listener: PgListener,
    /// Heard together with what was told first.
    left: Option<Notification>,
}

/// Where there may be something to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notification {
    /// At these courts somebody accepted work or made room.
    At(BTreeSet<String>),
    /// Anywhere: all courts have changed, or the connection broke and calls may have been missed.
    Anywhere,
    /// These requests were ended by the operator: nobody has announced it.
    Ended(BTreeSet<FetchId>),
}

impl Queue {
    /// Wakes up whenever somebody accepted work or made room; [`WORK_CHANNEL`].
    pub async fn notifications(&self) -> Result<Notifications, Error> {
        let mut listener = PgListener::connect_with(self.db.pool()).await?;
        listener.listen_all([WORK_CHANNEL, ENDED_CHANNEL]).await?;
        Ok(Notifications {
            listener,
            left: None,
        })
    }
}

impl Notifications {
    /// Waits for a call, and takes what else has come meanwhile: a court that was called for ten
    /// times is looked at once.
    ///
    /// # Errors
    /// When the database cannot be reached again.
    pub async fn next(&mut self) -> Result<Notification, Error> {
        if let Some(left) = self.left.take() {
            return Ok(left);
        }
        let Some(first) = self.listener.try_recv().await? else {
            return Ok(Notification::Anywhere);
        };
        let (mut courts, mut ended) = (BTreeSet::new(), BTreeSet::new());
        let mut call = Some(first);
        while let Some(heard) = call {
            match heard.channel() {
                ENDED_CHANNEL => ended.extend(heard.payload().parse().map(FetchId)),
                _ => {
                    courts.insert(heard.payload().to_owned());
                }
            }
            call = self.listener.next_buffered();
        }
        let work = match courts.contains("") {
            true => Notification::Anywhere,
            false => Notification::At(courts.clone()),
        };
        if ended.is_empty() {
            return Ok(work);
        }
        self.left = Some(work).filter(|_| !courts.is_empty());
        Ok(Notification::Ended(ended))
    }
}

/// Wakes the dispatchers of a court once the transaction has taken place.
pub async fn wake(connection: &mut PgConnection, court: &str) -> Result<(), Error> {
    sqlx::query!("select pg_notify($1, $2)", WORK_CHANNEL, court)
        .fetch_one(connection)
        .await?;
    Ok(())
}
