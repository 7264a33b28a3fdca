//! Two Postgres servers behind one address, of which the second takes over when the first is lost.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context;
use tokio::time::sleep;

use crate::proxy::Proxy;
use crate::{Durability, Postgres};

/// What a commit waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Replication {
    /// Until the standby has it on its disk as well: nothing that was confirmed is lost with the
    /// primary.
    Synchronous,
    /// For nobody: the standby lags behind, and what it had not seen is lost with the primary.
    Asynchronous,
}

/// A primary and its standby. Clients know only the address in front of them.
#[derive(Debug)]
pub struct Pair {
    proxy: Proxy,
    // Dropped in this order: the standby has nobody to follow without its primary.
    standby: Option<Postgres>,
    primary: Postgres,
    replication: Replication,
    directory: PathBuf,
    servers: u32,
}

impl Pair {
    /// Starts both below `directory`, and waits until the second follows the first. Their commits
    /// survive a power cut: who does not wait for its own disk waits for no standby's either.
    ///
    /// # Errors
    /// When either cannot be started.
    pub async fn start(directory: &Path, replication: Replication) -> anyhow::Result<Pair> {
        let primary = Postgres::start(&home(directory, 1), Durability::Safe).await?;
        let mut pair = Pair {
            proxy: Proxy::start(primary.port()).await?,
            standby: None,
            primary,
            replication,
            directory: directory.to_owned(),
            servers: 1,
        };
        pair.add_standby().await?;
        Ok(pair)
    }

    /// Where `database` is, whichever of the two is the primary. Holds the password.
    #[must_use]
    pub fn url(&self, database: &str) -> String {
        self.primary.url_at(self.proxy.port(), database)
    }

    /// The process ids of the primary and, if there is one, of the standby.
    #[must_use]
    pub fn process_ids(&self) -> (u32, Option<u32>) {
        let standby = self.standby.as_ref().map(Postgres::process_id);
        (self.primary.process_id(), standby)
    }

    /// Makes a new standby from the primary, and waits until it follows.
    ///
    /// # Errors
    /// When there is one already, or the new one does not follow in time.
    pub async fn add_standby(&mut self) -> anyhow::Result<()> {
        anyhow::ensure!(self.standby.is_none(), "there is a standby");
        self.servers += 1;
        let home = home(&self.directory, self.servers);
        self.standby = Some(self.primary.standby(&home).await?);
        if self.replication == Replication::Synchronous {
            self.primary.wait_for_standby().await?;
        }
        self.until_followed().await
    }

    /// Waits until the standby follows the primary, in the way that this pair was started for.
    ///
    /// # Errors
    /// When it does not within a minute.
    pub async fn until_followed(&self) -> anyhow::Result<()> {
        let how = match self.replication {
            Replication::Synchronous => "sync",
            Replication::Asynchronous => "async",
        };
        self.primary.until_followed(how).await
    }

    /// Ends the standby, as if it could not be reached. A primary that waits for it confirms
    /// nothing from now on.
    ///
    /// # Errors
    /// When there is none.
    pub async fn cut_off_standby(&mut self) -> anyhow::Result<()> {
        let standby = self.standby.as_mut().context("there is no standby")?;
        standby.stop().await;
        Ok(())
    }

    /// Loses the primary with all its processes. Its clients hear nothing, for `silent_for` and
    /// until the standby was promoted; then they are cut off, and find the standby in its place.
    /// It waits for no standby of its own: see [`Pair::add_standby`].
    ///
    /// # Errors
    /// When there is no standby, or it cannot be promoted.
    pub async fn fail_over(&mut self, silent_for: Duration) -> anyhow::Result<()> {
        let mut heir = self.standby.take().context("there is no standby")?;
        // In this order: nobody may reach the old one once the new one takes writes.
        self.proxy.lose();
        self.primary.kill();
        sleep(silent_for).await;
        if heir.has_ended() {
            heir.start_again().await?;
        }
        // A synchronous one has all that was confirmed before it follows; whether it followed to
        // the last moment does not matter.
        heir.promote().await?;
        self.proxy.switch(heir.port());
        self.primary = heir;
        Ok(())
    }

    /// Ends the primary as a crash would, and starts it again on the same port.
    ///
    /// # Errors
    /// When it does not come back in time.
    pub async fn crash(&mut self, down_for: Duration) -> anyhow::Result<()> {
        self.primary.crash(down_for).await
    }

    /// Ends both after their clients were disconnected.
    pub async fn stop(&mut self) {
        // The primary first: it sends the standby the rest.
        self.primary.stop().await;
        if let Some(standby) = &mut self.standby {
            standby.stop().await;
        }
    }

    pub(crate) fn has_ended(&mut self) -> bool {
        self.primary.has_ended()
    }
}

fn home(directory: &Path, number: u32) -> PathBuf {
    directory.join(format!("postgres-{number}"))
}
