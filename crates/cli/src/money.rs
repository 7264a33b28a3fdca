//! What may be spent, and what was.

use std::str::FromStr;

use anyhow::{Context, bail, ensure};
use clap::{Args, Subcommand};
use fetch_control::Control;
use fetch_ledger::{
    budgets::Budget,
    spend::{SpendFilter, SpendScope},
};
use fetch_model::{
    Cents,
    budget::Limits,
    spend::{self, Quarter},
};

use crate::{operate, table::Table};

#[derive(Debug, Subcommand)]
pub(crate) enum BudgetVerb {
    /// Set a user's spending limits, or with --default those of users without their own
    Set(SetArguments),
    /// Show a user's limits, and what they have spent this quarter
    Show {
        /// The user's name
        user: String,
    },
    /// Show the limits and spending of all users
    List,
}

#[derive(Debug, Args)]
pub(crate) struct SetArguments {
    /// The user's name
    #[arg(required_unless_present = "default", conflicts_with = "default")]
    user: Option<String>,
    /// Apply to every user without limits of their own
    #[arg(long)]
    default: bool,
    /// The most they may spend in a calendar quarter, in cents, or none; unchanged if not given
    #[arg(long, value_name = "CENTS")]
    per_quarter_cents: Option<Limit>,
    /// The most one request may cost, in cents, or none; unchanged if not given
    #[arg(long, value_name = "CENTS")]
    per_request_cents: Option<Limit>,
}

/// An amount in cents, or `none`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Limit(Option<Cents>);

impl FromStr for Limit {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Limit, &'static str> {
        if text == "none" {
            return Ok(Limit(None));
        }
        let cents = text.parse().ok().filter(|cents: &i32| *cents >= 0);
        let cents = cents.ok_or("must be a whole number of cents, or none")?;
        Ok(Limit(Some(Cents(cents))))
    }
}

/// Show what was spent, by quarter and client code, from the ledger
#[derive(Debug, Args)]
pub(crate) struct SpendArguments {
    /// Only this user
    #[arg(long)]
    user: Option<String>,
    /// Only this quarter, for example 2026Q4
    #[arg(long)]
    quarter: Option<Quarter>,
    /// Only this client code; "" for purchases without one
    #[arg(long, value_name = "CODE")]
    client_code: Option<String>,
    /// Print every purchase as CSV, to compare with PACER's statement
    #[arg(long)]
    csv: bool,
}

/// `pacer-fetch budget …`
pub(crate) async fn budget(verb: BudgetVerb) -> anyhow::Result<()> {
    let control = operate::control().await?;
    match verb {
        BudgetVerb::Set(arguments) => set(&control, &arguments).await,
        BudgetVerb::Show { user } => {
            let budgets = control.ledger.budgets().await?;
            let found = budgets.into_iter().filter(|budget| budget.name == user);
            let found: Vec<_> = found.collect();
            ensure!(!found.is_empty(), "there is no user {user}");
            print!("{}", told(&found));
            Ok(())
        }
        BudgetVerb::List => {
            let default = control.ledger.budget_set(None).await?;
            println!("default: {}", limits(default));
            print!("{}", told(&control.ledger.budgets().await?));
            Ok(())
        }
    }
}

async fn set(control: &Control, arguments: &SetArguments) -> anyhow::Result<()> {
    let user = match &arguments.user {
        None => None,
        Some(name) => {
            let user = control.ledger.user_named(name).await?;
            Some(user.with_context(|| format!("there is no user {name}"))?)
        }
    };
    let (quarter, request) = (arguments.per_quarter_cents, arguments.per_request_cents);
    if quarter.is_none() && request.is_none() {
        bail!("give --per-quarter-cents, --per-request-cents, or both");
    }
    let before = control.ledger.budget_set(user).await?;
    let limits_now = Limits {
        per_quarter: quarter.map_or(before.per_quarter, |limit| limit.0),
        per_request: request.map_or(before.per_request, |limit| limit.0),
    };
    control.ledger.set_budget(user, limits_now).await?;
    let whose = arguments.user.as_deref().unwrap_or("everybody else");
    println!("{whose}: {}", limits(limits_now));
    Ok(())
}

fn limits(limits: Limits) -> String {
    let told = |limit: Option<Cents>| {
        limit.map_or_else(|| "no limit".to_owned(), |cents| cents.to_string())
    };
    format!(
        "{} per quarter, {} per request",
        told(limits.per_quarter),
        told(limits.per_request)
    )
}

fn told(budgets: &[Budget]) -> String {
    let mut table = Table::new();
    table.row(["user", "may spend", "spent", "reserved"]);
    for budget in budgets {
        table.row([
            budget.name.clone(),
            limits(budget.limits),
            budget.usage.spent.to_string(),
            budget.usage.reserved.to_string(),
        ]);
    }
    table.to_string()
}

/// `pacer-fetch spend`
pub(crate) async fn spend(arguments: SpendArguments) -> anyhow::Result<()> {
    let control = operate::control().await?;
    let whose = match &arguments.user {
        None => SpendScope::Everybody,
        Some(name) => {
            let user = control.ledger.user_named(name).await?;
            SpendScope::User(user.with_context(|| format!("there is no user {name}"))?)
        }
    };
    let filter = SpendFilter {
        whose,
        quarter: arguments.quarter,
        client_code: arguments.client_code,
    };
    let lines = control.ledger.spend(&filter).await?;
    if arguments.csv {
        print!("{}", spend::csv(&lines));
        return Ok(());
    }
    let mut table = Table::new();
    table.row([
        "quarter",
        "client code",
        "purchases",
        "pages",
        "billed",
        "in doubt",
        "under way",
    ]);
    for ((quarter, code), total) in spend::totals(&lines) {
        table.row([
            quarter.to_string(),
            code,
            total.purchases.to_string(),
            total.pages.to_string(),
            total.billed.to_string(),
            total.in_doubt.to_string(),
            total.under_way.to_string(),
        ]);
    }
    print!("{table}");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_a_number_of_cents_or_none() {
        assert_eq!("none".parse(), Ok(Limit(None)));
        assert_eq!("300".parse(), Ok(Limit(Some(Cents(300)))));
        for wrong in ["-1", "3.00", "", "99999999999"] {
            assert!(wrong.parse::<Limit>().is_err(), "{wrong}");
        }
    }
}
