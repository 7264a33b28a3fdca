//! A private NATS server.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context;

use crate::child::{Child, Recipe};
use crate::{free_port, probe};

/// A NATS server with JetStream, on the loopback interface. Dropping it kills it.
#[derive(Debug)]
pub struct Nats {
    recipe: Recipe,
    child: Child,
    store: PathBuf,
    port: u16,
    monitor_port: u16,
}

impl Nats {
    /// Starts `program` with its configuration, log and streams below `directory`.
    ///
    /// # Errors
    /// When it cannot be started, or does not answer in time.
    pub async fn start(directory: &Path, program: &Path) -> anyhow::Result<Nats> {
        fs::create_dir_all(directory)?;
        let (port, monitor_port) = (free_port()?, free_port()?);
        let store = directory.join("streams");
        let configuration = directory.join("nats.conf");
        fs::write(&configuration, configure(&store, port, monitor_port))?;
        let log = Some(directory.join("nats-server.log"));
        let recipe = Recipe::new("nats-server", program, log)
            .arguments([Path::new("--config"), &configuration]);
        let child = recipe.start()?;
        let mut nats = Nats {
            recipe,
            child,
            store,
            port,
            monitor_port,
        };
        nats.until_ready().await?;
        Ok(nats)
    }

    /// Where clients connect.
    #[must_use]
    pub fn url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.port)
    }

    /// Its process id.
    #[must_use]
    pub fn process_id(&self) -> u32 {
        self.child.id()
    }

    /// Kills it if it still runs, and starts it again on the same port with what it had kept.
    ///
    /// # Errors
    /// When it does not come back in time.
    pub async fn restart(&mut self) -> anyhow::Result<()> {
        self.child.kill();
        self.child = self.recipe.start()?;
        self.until_ready().await
    }

    /// Kills it, deletes everything that it kept, and starts it again on the same port.
    ///
    /// # Errors
    /// When its data cannot be deleted, or it does not come back in time.
    pub async fn wipe(&mut self) -> anyhow::Result<()> {
        self.child.kill();
        if self.store.exists() {
            fs::remove_dir_all(&self.store).context("cannot delete the streams")?;
        }
        self.restart().await
    }

    /// Ends it.
    pub async fn stop(&mut self) {
        self.child.stop(Duration::from_secs(10)).await;
    }

    /// How it ended, if it did.
    pub(crate) fn has_ended(&mut self) -> bool {
        self.child.ended().is_some()
    }

    async fn until_ready(&mut self) -> anyhow::Result<()> {
        let within = Duration::from_secs(20);
        probe::until_ready(&mut self.child, self.monitor_port, "/healthz", within)
            .await
            .context("nats-server did not become ready; see nats-server.log")
    }
}

/// The settings that `deploy/` gives to real servers, on the loopback interface.
fn configure(store: &Path, port: u16, monitor_port: u16) -> String {
    format!(
        "listen: \"127.0.0.1:{port}\"\n\
         http: \"127.0.0.1:{monitor_port}\"\n\
         max_payload: 1MB\n\
         ping_interval: \"20s\"\n\
         ping_max: 3\n\
         jetstream {{\n  \
           store_dir: \"{}\"\n  \
           max_memory_store: 256MB\n  \
           max_file_store: 4GB\n  \
           sync_interval: always\n\
         }}\n",
        store.display()
    )
}
