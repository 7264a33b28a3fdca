//! Takes deliveries that are due, and sends them.
//!
//! Every gateway does this, and none needs to know of another: a delivery that somebody has taken is not due. It is
//! woken by announcements, by whoever asks this process for a test, and looks every few seconds anyway.

use std::{collections::HashMap, sync::Arc, time::Duration};

use chrono::Utc;
use chrono_tz::Tz;
use fetch_control::Control;
use fetch_db::Error;
use fetch_webhooks::{
    Bounds, Claimed, Finished, Outcome, TRACKER, Targets, Warning, WebhookId, schedule::Next,
    secret,
};
use tokio::{
    sync::Notify,
    task::{Id, JoinError, JoinSet},
    time::{self, Instant},
};
use tokio_util::sync::CancellationToken;
use tracing::{debug, error, info, warn};

use super::{
    content,
    send::{LONGEST_TRY, Post, Sender},
};
use crate::{announcements::Announced, dispatch};

/// Deliveries that this process sends at a time.
const AT_ONCE: usize = 256;

/// The same to one endpoint, so that one that is slow keeps nobody else waiting.
const PER_ENDPOINT: usize = 4;

/// Between two looks while nothing is announced.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// What is announced within so long is looked at together.
const TOGETHER: Duration = Duration::from_millis(20);

/// After the database could not be used.
const AGAIN_AFTER: Duration = Duration::from_secs(1);

/// After how long a process that has taken a delivery counts as dead. What was answered may be hard to write down.
const LEASE: Duration = Duration::from_secs(30);
const _: () = assert!(LEASE.as_secs() > 2 * LONGEST_TRY.as_secs());

/// Sends what is due.
pub(crate) struct Deliveries {
    work: Work,
    /// Somebody has asked for something to be sent.
    called: Arc<Notify>,
    under_way: JoinSet<()>,
    /// To which endpoint each of these is.
    endpoints: HashMap<Id, WebhookId>,
}

impl Deliveries {
    /// Deliveries to these targets, whose times are told in this zone.
    ///
    /// # Errors
    /// When TLS cannot be set up.
    pub fn new(
        control: Control,
        targets: Targets,
        zone: Tz,
        called: Arc<Notify>,
    ) -> anyhow::Result<Deliveries> {
        let sender = Sender::new(targets)?;
        Ok(Deliveries {
            work: Work {
                control,
                sender,
                zone,
            },
            called,
            under_way: JoinSet::new(),
            endpoints: HashMap::new(),
        })
    }

    /// Sends until `stop`, and then brings to an end what it has begun.
    pub async fn run(mut self, mut announced: Announced, stop: CancellationToken) {
        while !stop.is_cancelled() {
            let pause = match self.take().await {
                Ok(()) => LOOK_EVERY,
                Err(error) => {
                    dispatch::log(&error);
                    AGAIN_AFTER
                }
            };
            tokio::select! {
                () = stop.cancelled() => break,
                () = self.called.notified() => {}
                () = announced.any() => time::sleep(TOGETHER).await,
                () = time::sleep(pause) => {}
                Some(done) = self.under_way.join_next_with_id() => {
                    self.note(done);
                    // Others end about now, and one look finds what comes next for all of them.
                    time::sleep(TOGETHER).await;
                }
            }
        }
        while let Some(done) = self.under_way.join_next_with_id().await {
            self.note(done);
        }
    }

    /// Takes as much as there is room for.
    async fn take(&mut self) -> Result<(), Error> {
        while let Some(done) = self.under_way.try_join_next_with_id() {
            self.note(done);
        }
        let bounds = Bounds {
            free: AT_ONCE.saturating_sub(self.under_way.len()),
            per_endpoint: PER_ENDPOINT,
            lease: LEASE,
        };
        if bounds.free == 0 {
            return Ok(());
        }
        let mut counts = HashMap::new();
        for webhook in self.endpoints.values() {
            *counts.entry(*webhook).or_default() += 1;
        }
        for claimed in self.work.control.webhooks.claim(&counts, bounds).await? {
            let (work, webhook) = (self.work.clone(), claimed.webhook);
            let task = self
                .under_way
                .spawn(async move { work.deliver(&claimed).await });
            self.endpoints.insert(task.id(), webhook);
        }
        Ok(())
    }

    fn note(&mut self, done: Result<(Id, ()), JoinError>) {
        let id = match done {
            Ok((id, ())) => id,
            Err(panicked) => {
                let error = &panicked as &dyn std::error::Error;
                error!(error, "a delivery broke off");
                panicked.id()
            }
        };
        self.endpoints.remove(&id);
    }
}

/// What one delivery needs. Cheap to clone.
#[derive(Debug, Clone)]
struct Work {
    control: Control,
    sender: Sender,
    zone: Tz,
}

impl Work {
    async fn deliver(&self, claimed: &Claimed) {
        let sent = async {
            let Some(content) = self.content_of(claimed).await? else {
                return Ok(());
            };
            let outcome = self.send(claimed, &content).await?;
            self.write_down(claimed, &outcome).await
        };
        if let Err(error) = sent.await {
            // Whatever was not written down is due again when the lease is over.
            dispatch::log(&error);
        }
    }

    /// The body of every try, written down before it is sent for the first time. None if there is nothing to tell.
    async fn content_of(&self, claimed: &Claimed) -> Result<Option<String>, Error> {
        if let Some(content) = &claimed.content {
            return Ok(Some(content.clone()));
        }
        let (control, webhooks) = (&self.control, &self.control.webhooks);
        if claimed.event_type == TRACKER {
            // A test: of what was filed, the body is written by whoever notes it.
            let content = content::tracker_example(claimed);
            let is_ours = webhooks.write_content(claimed, &content).await?;
            return Ok(is_ours.then_some(content));
        }
        let request = match claimed.request {
            Some(id) => control.queue.request(id).await?,
            None => Some(content::example(Utc::now())),
        };
        let ended = request.filter(|request| request.public_status().is_final());
        let Some(request) = ended else {
            webhooks.withdraw(claimed).await?;
            return Ok(None);
        };
        let content = content::body(claimed, &request, self.zone);
        let is_ours = webhooks.write_content(claimed, &content).await?;
        Ok(is_ours.then_some(content))
    }

    async fn send(&self, claimed: &Claimed, content: &str) -> Result<Outcome, Error> {
        let timestamp = Utc::now().timestamp();
        let signature = secret::signature(
            &claimed.secrets,
            &claimed.key,
            timestamp,
            content.as_bytes(),
        )?;
        let post = Post {
            url: &claimed.url,
            key: &claimed.key,
            timestamp,
            signature: &signature,
            content,
        };
        Ok(self.sender.send(&post).await)
    }

    /// Writes down what was answered, as long as the delivery is not due again.
    async fn write_down(&self, claimed: &Claimed, outcome: &Outcome) -> Result<(), Error> {
        let until = Instant::now() + (LEASE - 2 * LONGEST_TRY);
        loop {
            match self.control.webhooks.finish(claimed, outcome).await {
                Ok(finished) => {
                    tell(claimed, outcome, finished);
                    return Ok(());
                }
                Err(error) if error.is_absence() && Instant::now() < until => {
                    time::sleep(AGAIN_AFTER).await;
                }
                Err(error) => return Err(error),
            }
        }
    }
}

/// Says in the log what became of a try. The URL may be a secret, and stands nowhere.
fn tell(claimed: &Claimed, outcome: &Outcome, finished: Finished) {
    let (webhook, event, why) = (claimed.webhook.0, claimed.id.0, &outcome.error);
    let Finished::Written(next, warning) = finished else {
        debug!(
            webhook,
            event, "a delivery was taken over, parked or removed meanwhile"
        );
        return;
    };
    match warning {
        Some(Warning::First) => {
            warn!(webhook, event, why, "deliveries to a webhook endpoint fail");
        }
        Some(Warning::Second) => {
            warn!(
                webhook,
                event, why, "deliveries to a webhook endpoint have failed for six hours"
            );
        }
        Some(Warning::Disabled) => {
            warn!(
                webhook,
                event, why, "switched a webhook endpoint off: a delivery failed eight times"
            );
        }
        None => match next {
            Next::Delivered => debug!(webhook, event, "delivered"),
            _ => info!(webhook, event, why, "a delivery failed"),
        },
    }
}
