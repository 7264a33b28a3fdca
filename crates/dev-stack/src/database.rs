//! The database of a stack: one Postgres, or two of which one can be lost.

use std::path::Path;
use std::time::Duration;

use anyhow::bail;

use crate::{Durability, Pair, Postgres, Replication};

/// What the services know as their database.
#[derive(Debug)]
pub(crate) enum Database {
    /// One server.
    Alone(Box<Postgres>),
    /// A primary and its standby.
    Pair(Box<Pair>),
}

impl Database {
    /// Starts it below `directory`: one server of this durability, or a pair that replicates in
    /// this way.
    pub async fn start(
        directory: &Path,
        durability: Durability,
        pair: Option<Replication>,
    ) -> anyhow::Result<Database> {
        Ok(match pair {
            None => {
                let server = Postgres::start(&directory.join("postgres"), durability).await?;
                Database::Alone(Box::new(server))
            }
            Some(how) => Database::Pair(Box::new(Pair::start(directory, how).await?)),
        })
    }

    pub fn url(&self, database: &str) -> String {
        match self {
            Database::Alone(server) => server.url(database),
            Database::Pair(pair) => pair.url(database),
        }
    }

    /// Its processes, by name.
    pub fn processes(&self) -> Vec<(&'static str, u32)> {
        let (primary, standby) = match self {
            Database::Alone(server) => (server.process_id(), None),
            Database::Pair(pair) => pair.process_ids(),
        };
        let standby = standby.map(|id| ("postgres-standby", id));
        [Some(("postgres", primary)), standby]
            .into_iter()
            .flatten()
            .collect()
    }

    pub async fn crash(&mut self, down_for: Duration) -> anyhow::Result<()> {
        match self {
            Database::Alone(server) => server.crash(down_for).await,
            Database::Pair(pair) => pair.crash(down_for).await,
        }
    }

    pub fn pair(&mut self) -> anyhow::Result<&mut Pair> {
        match self {
            Database::Alone(_) => bail!("this stack has one Postgres"),
            Database::Pair(pair) => Ok(pair),
        }
    }

    pub fn has_ended(&mut self) -> bool {
        match self {
            Database::Alone(server) => server.has_ended(),
            Database::Pair(pair) => pair.has_ended(),
        }
    }

    pub async fn stop(&mut self) {
        match self {
            Database::Alone(server) => server.stop().await,
            Database::Pair(pair) => pair.stop().await,
        }
    }
}
