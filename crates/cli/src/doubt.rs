//! `pacer-fetch doubt`: lists purchases that may or may not have been billed, because their answer was lost or not
//! understood, and settles them from PACER's statement.

use std::process::ExitCode;

use anyhow::ensure;
use clap::{Args, Subcommand};
use fetch_control::Control;
use fetch_ledger::doubts::{Doubt, Settled, Settlement};
use fetch_model::{Cents, PurchaseId};

use crate::{operate, table::Table};

#[derive(Debug, Subcommand)]
pub(crate) enum DoubtVerb {
    /// List purchases in doubt
    List,
    /// Record what PACER's statement says about a purchase
    Settle(SettleArguments),
}

#[derive(Debug, Args)]
pub(crate) struct SettleArguments {
    /// The number of the purchase, from `doubt list`
    purchase: i64,
    /// The statement lists it, with this amount in cents
    #[arg(long, value_name = "CENTS", required_unless_present = "not_billed",
          conflicts_with = "not_billed", value_parser = clap::value_parser!(i32).range(0..))]
    billed_cents: Option<i32>,
    /// The number of pages on the statement
    #[arg(long, requires = "billed_cents", conflicts_with = "not_billed",
          value_parser = clap::value_parser!(i32).range(0..))]
    pages: Option<i32>,
    /// The statement does not list it
    #[arg(long)]
    not_billed: bool,
    /// Where the statement shows this, for later reference
    #[arg(long)]
    note: String,
}

impl SettleArguments {
    fn settlement(&self) -> Settlement {
        match self.billed_cents {
            Some(cents) => Settlement::Billed {
                cents: Cents(cents),
                pages: self.pages,
            },
            None => Settlement::NotBilled,
        }
    }
}

/// `pacer-fetch doubt …`
pub(crate) async fn run(verb: DoubtVerb) -> anyhow::Result<ExitCode> {
    let control = operate::control().await?;
    match verb {
        DoubtVerb::List => {
            let doubts = control.ledger.open_doubts().await?;
            if doubts.is_empty() {
                println!("no purchase is in doubt");
            } else {
                print!("{}", table_of(&doubts));
            }
            Ok(ExitCode::SUCCESS)
        }
        DoubtVerb::Settle(arguments) => settle(&control, &arguments).await,
    }
}

fn table_of(doubts: &[Doubt]) -> Table {
    let mut table = Table::new();
    table.row([
        "purchase",
        "request",
        "is",
        "user",
        "client code",
        "court",
        "item",
        "at most",
        "at",
        "why",
    ]);
    for doubt in doubts {
        table.row([
            doubt.purchase.to_string(),
            doubt.request.to_string(),
            doubt.state.to_string(),
            doubt.user.clone(),
            doubt.client_code.clone(),
            doubt.court.clone(),
            doubt.item_key.clone(),
            doubt.at_most.to_string(),
            doubt.at.format("%Y-%m-%d %H:%M").to_string(),
            doubt.why.clone(),
        ]);
    }
    table
}

async fn settle(control: &Control, arguments: &SettleArguments) -> anyhow::Result<ExitCode> {
    let note = arguments.note.trim();
    ensure!(
        !note.is_empty(),
        "--note must say where the statement shows it"
    );
    let purchase = PurchaseId(arguments.purchase);
    let settlement = arguments.settlement();
    let settled = control.settle_doubt(purchase, settlement, note).await?;
    println!("{purchase}: {}", sentence(&settled));
    Ok(match settled {
        Settled::Now | Settled::Before => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    })
}

fn sentence(settled: &Settled) -> String {
    match settled {
        Settled::Now => "settled; its request says so".to_owned(),
        Settled::Before => "was already settled this way; nothing changed".to_owned(),
        Settled::Otherwise => "was already settled differently; nothing changed".to_owned(),
        Settled::NotFound => "there is no such purchase".to_owned(),
        Settled::NotInDoubt(state) => format!("is not in doubt; the ledger says {state}"),
        Settled::UnderWay(state) => {
            format!("its request is still {state}; settle it when the request has ended")
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Debug, Parser)]
    struct Command {
        #[command(subcommand)]
        verb: DoubtVerb,
    }

    fn settlement(line: &str) -> Option<Settlement> {
        match Command::try_parse_from(line.split(' ')).ok()?.verb {
            DoubtVerb::Settle(arguments) => Some(arguments.settlement()),
            DoubtVerb::List => None,
        }
    }

    #[test]
    fn a_doubt_is_settled_one_way_or_the_other_and_with_a_reason() {
        let billed = |cents, pages| {
            Some(Settlement::Billed {
                cents: Cents(cents),
                pages,
            })
        };
        let told = [
            (
                "x settle 7 --billed-cents 300 --note p.4",
                billed(300, None),
            ),
            (
                "x settle 7 --billed-cents 60 --pages 6 --note p.4",
                billed(60, Some(6)),
            ),
            (
                "x settle 7 --not-billed --note p.4",
                Some(Settlement::NotBilled),
            ),
        ];
        for (line, expected) in told {
            assert_eq!(settlement(line), expected, "{line}");
        }
        for line in [
            "x settle 7 --note p.4",
            "x settle 7 --billed-cents 300",
            "x settle 7 --billed-cents 300 --not-billed --note p.4",
            "x settle 7 --billed-cents -1 --note p.4",
            "x settle 7 --not-billed --pages 3 --note p.4",
            "x settle --not-billed --note p.4",
        ] {
            assert_eq!(settlement(line), None, "{line}");
        }
    }
}
