//! `pacer-fetch retention`: how long things are kept, and forgetting what is older now.

use clap::{Subcommand, ValueEnum};
use fetch_db::retention::{AT_ONCE, Kept};

use crate::{operate, table::Table};

#[derive(Debug, Subcommand)]
pub(crate) enum RetentionVerb {
    /// Show how long each kind of data is kept, and how much is overdue for deletion
    Show,
    /// Set how many days a kind of data is kept, or keep it forever
    Set {
        /// The kind of data
        what: What,
        /// Days
        #[arg(
            long,
            value_parser = clap::value_parser!(i32).range(1..),
            required_unless_present = "forever",
            conflicts_with = "forever"
        )]
        days: Option<i32>,
        /// Keep it forever
        #[arg(long)]
        forever: bool,
    },
    /// Delete everything overdue now; the gateway does this gradually
    Run,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum What {
    /// Requests that have ended
    Requests,
    /// The steps of requests
    Steps,
    /// Pages as courts sent them, not the files of documents
    Captures,
    /// Per-page results of text extraction, not the whole text of a document
    Texts,
    /// Events on the message server
    Events,
    /// Deliveries to webhook endpoints, with their content
    Webhooks,
}

impl What {
    fn kept(self) -> Kept {
        match self {
            What::Requests => Kept::Requests,
            What::Steps => Kept::Steps,
            What::Captures => Kept::Captures,
            What::Texts => Kept::Texts,
            What::Events => Kept::Events,
            What::Webhooks => Kept::Webhooks,
        }
    }
}

pub(crate) async fn run(verb: RetentionVerb) -> anyhow::Result<()> {
    let control = match verb {
        RetentionVerb::Run => operate::control_with_blobs().await?,
        RetentionVerb::Show | RetentionVerb::Set { .. } => operate::control().await?,
    };
    match verb {
        RetentionVerb::Show => show(&control).await,
        RetentionVerb::Set { what, days, .. } => {
            control.db.set_retention(what.kept(), days).await?;
            show(&control).await
        }
        RetentionVerb::Run => {
            for what in Kept::rows() {
                println!("{what}: {} deleted", forget_all(&control, what).await?);
            }
            Ok(())
        }
    }
}

async fn forget_all(control: &fetch_control::Control, what: Kept) -> anyhow::Result<i64> {
    let mut all = 0;
    loop {
        let forgotten = control.forget_overdue(what).await?;
        all += forgotten;
        if forgotten < AT_ONCE {
            return Ok(all);
        }
    }
}

async fn show(control: &fetch_control::Control) -> anyhow::Result<()> {
    let mut table = Table::new();
    table.row(["what", "kept for", "older"]);
    for life in control.retention().await? {
        let days = match life.days {
            Some(1) => "1 day".to_owned(),
            Some(days) => format!("{days} days"),
            None => "good".to_owned(),
        };
        let older = match life.what {
            Kept::Events => "deleted by NATS".to_owned(),
            _ => life.overdue.to_string(),
        };
        table.row([life.what.to_string(), days, older]);
    }
    table.row(["ledger", "good", ""]);
    print!("{table}");
    Ok(())
}
