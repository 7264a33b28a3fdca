//! What a request would cost.

use anyhow::ensure;
use clap::Args;
use fetch_model::Cents;
use pacer_fetch_client::{NewRequest, Quote};

use crate::{
    fields::{self, FieldArgument},
    service::ServiceArguments,
    table::Table,
};

/// Show what a request would cost; nothing is bought
#[derive(Debug, Args)]
#[command(after_help = fields::help())]
pub(crate) struct QuoteArguments {
    /// Fields of the request, for example request_type=1 court=okwd docket_number=5:16-cv-00432
    #[arg(required = true, value_name = "NAME=VALUE")]
    fields: Vec<FieldArgument>,
    #[command(flatten)]
    service: ServiceArguments,
    /// Allow sending the token to another host in plain text; only safe where nobody else can
    /// listen
    #[arg(long)]
    allow_plain: bool,
}

/// `pacer-fetch quote`
pub(crate) async fn quote(arguments: QuoteArguments) -> anyhow::Result<()> {
    let client = arguments.service.client(
        arguments.allow_plain,
        "the token would go to another host in plain text: use an https:// URL, or --allow-plain \
         if nobody else can listen",
    )?;
    let fields = arguments.fields.iter().filter_map(FieldArgument::given);
    let quote = client.quote(&NewRequest::of_fields(fields)).await?;
    print!("{}", told(&quote));
    ensure!(quote.fits, "a request like this would be refused");
    Ok(())
}

fn told(quote: &Quote) -> String {
    let mut table = Table::new();
    for step in &quote.steps {
        let bound = bound(step.at_most_cents, step.exact);
        table.row([step.step.clone(), bound, step.rule.clone()]);
    }
    table.row([
        "total".to_owned(),
        bound(quote.at_most_cents, quote.exact),
        quote.refusal.clone().unwrap_or_default(),
    ]);
    table.to_string()
}

/// A price, or what it is no more than.
fn bound(at_most_cents: Option<i32>, exact: bool) -> String {
    match at_most_cents.map(Cents) {
        Some(price) if exact => price.to_string(),
        Some(price) => format!("at most {price}"),
        None => "no upper limit".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use pacer_fetch_client::QuoteStep;

    use super::*;

    fn quote(at_most_cents: Option<i32>, steps: Vec<QuoteStep>) -> Quote {
        Quote {
            at_most_cents,
            exact: false,
            steps,
            fits: true,
            reserve_cents: None,
            refusal: None,
        }
    }

    fn step(step: &str, at_most_cents: i32, exact: bool, rule: &str) -> QuoteStep {
        QuoteStep {
            step: step.to_owned(),
            at_most_cents: Some(at_most_cents),
            exact,
            rule: rule.to_owned(),
        }
    }

    #[test]
    fn a_bound_is_not_told_as_a_price() {
        let steps = vec![
            step("case_lookup", 0, true, "free"),
            step("docket_report", 300, false, "pages"),
        ];
        let told = super::told(&quote(Some(300), steps));
        let lines: Vec<&str> = told.lines().map(str::trim).collect();
        assert_eq!(lines[0], "case_lookup    $0.00          free");
        assert_eq!(lines[1], "docket_report  at most $3.00  pages");
        assert_eq!(lines[2], "total          at most $3.00");
        let unbounded = super::told(&quote(None, Vec::new()));
        assert!(unbounded.contains("no upper limit"));
    }
}
