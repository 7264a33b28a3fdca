//! Whether a sealed login was served before: its nonce is new for exactly one who asks.
//!
//! Nonces that come at the same time are written with one question to a gateway, and there with one commit. One that
//! comes alone is written at once, by itself: whoever comes while questions are on their way goes with the next.

use std::time::Duration;

use futures_util::{
    StreamExt,
    future::{self, join_all},
    stream,
};
use tokio::{
    sync::{mpsc, oneshot},
    time,
};
use tracing::warn;

use crate::{Bus, Error, NewRecord, connect::PATIENCE, record_serve::MOST_TOGETHER};

/// Questions about nonces that are on their way at once. A second one is made up while the first is being answered.
const QUESTIONS: usize = 2;

/// A box is good from a minute before its time, by the clock of whoever made it, to a minute after it. The
/// rest is for the time until the nonce is written, which the database may take.
const NONCE_LIFE: Duration = Duration::from_secs(240);

/// One who waits to hear whether a nonce is new.
#[derive(Debug)]
struct Waiting {
    nonce: NewRecord,
    /// Nothing is said if it is not known.
    answer: oneshot::Sender<bool>,
}

/// Writes nonces down, for as long as it lives.
#[derive(Debug)]
pub(crate) struct Nonces(mpsc::Sender<Waiting>);

impl Nonces {
    /// Gateways keep them. Within a runtime.
    pub(crate) fn kept_by(bus: &Bus) -> Nonces {
        let bus = bus.clone();
        Nonces::written_by(move |group| write(bus.clone(), group))
    }

    fn written_by<F>(write: impl Fn(Vec<Waiting>) -> F + Send + 'static) -> Nonces
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let (line, mut waiting) = mpsc::channel::<Waiting>(MOST_TOGETHER);
        let waiting = stream::poll_fn(move |context| waiting.poll_recv(context));
        let groups = waiting
            .filter(|it| future::ready(!it.answer.is_closed()))
            .ready_chunks(MOST_TOGETHER);
        tokio::spawn(groups.for_each_concurrent(QUESTIONS, write));
        Nonces(line)
    }

    /// Whether this nonce was never seen, by any replica. It is remembered for longer than a box is
    /// good.
    ///
    /// # Errors
    /// When that is not known after half a minute: it may or may not count as seen from now on.
    pub(crate) async fn is_new(&self, nonce: &str) -> Result<bool, Error> {
        let (answer, answered) = oneshot::channel();
        let waiting = Waiting {
            nonce: NewRecord {
                key: format!("nonce.{nonce}"),
                // Tells what this very call wrote, should the answer to the write be lost.
                value: rand::random::<[u8; 8]>().to_vec(),
            },
            answer,
        };
        let asked = async {
            self.0.send(waiting).await.ok()?;
            answered.await.ok()
        };
        // Those before may be waiting for a database that hangs.
        let known = time::timeout(PATIENCE, asked).await.ok().flatten();
        known.ok_or(Error::NoKeeper("it is not known whether a nonce is new"))
    }
}

async fn write(bus: Bus, group: Vec<Waiting>) {
    match write_together(&bus, group).await {
        Ok(()) => {}
        // One of them cannot be kept. Which one it is shows when each goes alone.
        Err((Error::RecordRefused, group)) => {
            join_all(group.into_iter().map(|it| write_alone(&bus, it))).await;
        }
        Err((error, _)) => warn_of(&error),
    }
}

async fn write_alone(bus: &Bus, it: Waiting) {
    if let Err((error, _)) = write_together(bus, vec![it]).await {
        warn_of(&error);
    }
}

/// Tells each whether its nonce is new, or gives them back.
async fn write_together(bus: &Bus, group: Vec<Waiting>) -> Result<(), (Error, Vec<Waiting>)> {
    let nonces: Vec<NewRecord> = group.iter().map(|it| it.nonce.clone()).collect();
    match bus.create_records(&nonces, NONCE_LIFE).await {
        Ok(are_new) => {
            for (it, is_new) in group.into_iter().zip(are_new) {
                // Who has given up is not told.
                let _ = it.answer.send(is_new);
            }
            Ok(())
        }
        Err(error) => Err((error, group)),
    }
}

fn warn_of(error: &Error) {
    let error = error as &dyn std::error::Error;
    warn!(error, "could not have the nonces of logins kept");
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    /// Each who waits holds a sealed login, and its caller a place.
    #[tokio::test(start_paused = true)]
    async fn nobody_waits_for_long_when_no_question_is_answered() {
        let nonces = Nonces::written_by(|group| async move {
            let _unanswered = group;
            std::future::pending().await
        });
        let began = time::Instant::now();
        let asking = (0..MOST_TOGETHER * 5).map(|number| {
            let (nonces, nonce) = (&nonces, number.to_string());
            async move { nonces.is_new(&nonce).await }
        });
        for told in join_all(asking).await {
            assert!(matches!(told, Err(Error::NoKeeper(_))), "{told:?}");
        }
        assert_eq!(began.elapsed(), PATIENCE);
    }

    /// Or else a gateway that is back would be busy with what nobody waits for.
    #[tokio::test(start_paused = true)]
    async fn who_has_given_up_is_not_asked_for() {
        let (asked, mut questions) = mpsc::unbounded_channel::<Vec<String>>();
        let nonces = Nonces::written_by(move |group: Vec<Waiting>| {
            let keys = group.iter().map(|it| it.nonce.key.clone());
            let _ = asked.send(keys.collect());
            // Longer than who comes at once waits, and not so long as who comes after that.
            time::sleep(PATIENCE * 3 / 2)
        });
        let nonces = Arc::new(nonces);
        for key in ["one", "other"] {
            let nonces = nonces.clone();
            tokio::spawn(async move { nonces.is_new(key).await });
            assert_eq!(questions.recv().await, Some(vec![format!("nonce.{key}")]));
        }
        assert!(nonces.is_new("early").await.is_err());
        let (told, question) = tokio::join!(nonces.is_new("late"), questions.recv());
        assert!(told.is_err());
        assert_eq!(question, Some(vec!["nonce.late".to_owned()]));
    }
}
