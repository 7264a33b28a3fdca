//! What a request would cost.

use anyhow::ensure;
use clap::Args;
use fetch_model::Cents;
use serde_json::Value;

use crate::{
    fields::{self, FieldArgument},
    service::ServiceArguments,
    table::Table,
};

/// What a request would cost; nothing is bought
#[derive(Debug, Args)]
#[command(after_help = fields::help())]
pub(crate) struct QuoteArguments {
    /// Fields of the request, for example request_type=1 court=okwd docket_number=5:16-cv-00432
    #[arg(required = true, value_name = "NAME=VALUE")]
    fields: Vec<FieldArgument>,
    #[command(flatten)]
    service: ServiceArguments,
    /// Send the token to another host in plain text: only where nobody else can listen
    #[arg(long)]
    allow_plain: bool,
}

/// `pacer-fetch quote`
pub(crate) async fn quote(arguments: QuoteArguments) -> anyhow::Result<()> {
    let fields: Vec<(&str, &str)> = arguments.fields.iter().map(FieldArgument::pair).collect();
    let api = arguments.service.api(
        arguments.allow_plain,
        "the token would go to another host in plain text: give an https:// URL, or --allow-plain where \
         nobody else can listen",
    )?;
    let answer = api.quote(&fields).await?;
    ensure!(
        answer.status == 200,
        "the service answered {}: {}",
        answer.status,
        answer.body
    );
    print!("{}", told(&answer.body));
    ensure!(
        answer.body["fits"] != false,
        "a request like this would be refused"
    );
    Ok(())
}

fn told(quote: &Value) -> String {
    let money = |cents: &Value| match cents.as_i64().map(i32::try_from) {
        Some(Ok(cents)) => Some(Cents(cents).to_string()),
        _ => None,
    };
    let bound = |what: &Value| match (money(&what["at_most_cents"]), what["exact"].as_bool()) {
        (Some(price), Some(true)) => price,
        (Some(price), _) => format!("at most {price}"),
        (None, _) => "without limit".to_owned(),
    };
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut table = Table::new();
    for step in quote["steps"].as_array().into_iter().flatten() {
        table.row([text(&step["step"]), bound(step), text(&step["rule"])]);
    }
    table.row(["total".to_owned(), bound(quote), text(&quote["refusal"])]);
    table.to_string()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    #[test]
    fn a_bound_is_not_told_as_a_price() {
        let quote = json!({
            "at_most_cents": 300, "exact": false, "refusal": null,
            "steps": [
                {"step": "case_lookup", "at_most_cents": 0, "exact": true, "rule": "free"},
                {"step": "docket_report", "at_most_cents": 300, "exact": false, "rule": "pages"},
            ],
        });
        let told = super::told(&quote);
        let lines: Vec<&str> = told.lines().map(str::trim).collect();
        assert_eq!(lines[0], "case_lookup    $0.00          free");
        assert_eq!(lines[1], "docket_report  at most $3.00  pages");
        assert_eq!(lines[2], "total          at most $3.00");
        let unbounded = json!({"at_most_cents": null, "exact": false, "refusal": "too much"});
        assert!(super::told(&unbounded).contains("without limit"));
    }
}
