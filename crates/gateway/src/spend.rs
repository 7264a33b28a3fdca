//! What a caller has spent: totals as JSON, and the ledger as CSV, to compare with PACER's statement.

use axum::{
    extract::State,
    http::{
        HeaderMap, HeaderValue,
        header::{CONTENT_DISPOSITION, CONTENT_TYPE},
    },
    response::{IntoResponse, Response},
};
use fetch_ledger::spend::{SpendFilter, SpendScope};
use fetch_model::{
    UserId,
    spend::{self, Quarter, Total},
};

use crate::{
    api::Api,
    dialect::{
        ApiError, Caller, Item, Object, RequestUrl, filter::ALWAYS_ALLOWED, misspelt::Names,
    },
    openapi::{
        Answer, Content, Described, Operation, Parameter, Shape, in_query, key, names_of, tag,
    },
    quote::{BUDGET, Money},
};

const PARAMETERS: [Parameter; 2] = [
    in_query("quarter", Shape::Text, "Of one quarter: `2026Q4`."),
    in_query(
        "client_code",
        Shape::Text,
        "Of one client code, which may be empty.",
    ),
];

pub(crate) const TOTALS: Operation =
    Operation::get("recap_fetch_spend", tag::MONEY, "What you have spent")
        .about("Your budget, and totals by quarter and client code.")
        .parameters(&PARAMETERS)
        .answers(&[Answer::ok("The totals.", Shape::Object(&SPENT))]);

pub(crate) const CSV: Operation = Operation::get(
    "recap_fetch_spend_csv",
    tag::MONEY,
    "What you have spent, as a table",
)
.about("A row for each purchase and one for each quarter and client code. Amounts are in dollars.")
.parameters(&PARAMETERS)
.answers(&[Answer::new(200, "The table.", Content::Text("text/csv"))]);

const SPENT: Described = Described {
    name: "Spend",
    about: "What you have spent.",
    keys: &[
        key("budget", Shape::Object(&BUDGET)),
        key("results", Shape::List(&Shape::Object(&TOTAL))),
    ],
};

const TOTAL: Described = Described {
    name: "SpendTotal",
    about: "What one client code came to in a quarter.",
    keys: &[
        key("quarter", Shape::Text),
        key("purchases", Shape::Integer),
        key("pages", Shape::Integer),
        key("billed_cents", Shape::Integer),
        key("in_doubt_cents", Shape::Integer),
        key("under_way_cents", Shape::Integer),
        key("client_code", Shape::Text),
    ],
};

/// What the query of a sum may ask for.
const QUERY: Names = Names {
    read: &names_of(&PARAMETERS),
    ignored: ALWAYS_ALLOWED,
};

/// `GET …/recap-fetch/spend/`, perhaps of one `quarter` or `client_code`: the caller's budget, and
/// totals by quarter and client code.
pub async fn totals(
    State(api): State<Api>,
    caller: Caller,
    here: RequestUrl,
) -> Result<(HeaderMap, Object), ApiError> {
    let ignored = QUERY.check_query(&here)?;
    let lines = api
        .control
        .ledger
        .spend(&filter(caller.id(), &here)?)
        .await?;
    let totals = spend::totals(&lines);
    let rows = totals
        .into_iter()
        .map(|((quarter, code), total)| row(&total, quarter).with("client_code", code));
    let budget = Money::of(&api.control, caller.id()).await?.into_object();
    let object = Object::new()
        .with("budget", budget)
        .with("results", Item::list(rows));
    Ok((ignored, object))
}

fn row(total: &Total, quarter: Quarter) -> Object {
    Object::new()
        .with("quarter", quarter.to_string())
        .with("purchases", total.purchases)
        .with("pages", total.pages)
        .with("billed_cents", total.billed.0)
        .with("in_doubt_cents", total.in_doubt.0)
        .with("under_way_cents", total.under_way.0)
}

/// `GET …/recap-fetch/spend.csv`, with the same parameters: every purchase of the caller.
pub async fn csv(
    State(api): State<Api>,
    caller: Caller,
    here: RequestUrl,
) -> Result<Response, ApiError> {
    let ignored = QUERY.check_query(&here)?;
    let lines = api
        .control
        .ledger
        .spend(&filter(caller.id(), &here)?)
        .await?;
    let headers = [
        (
            CONTENT_TYPE,
            HeaderValue::from_static("text/csv; charset=utf-8"),
        ),
        (
            CONTENT_DISPOSITION,
            HeaderValue::from_static("attachment; filename=\"pacer-spend.csv\""),
        ),
    ];
    Ok((ignored, headers, spend::csv(&lines)).into_response())
}

/// Of this caller, always.
fn filter(caller: UserId, here: &RequestUrl) -> Result<SpendFilter, ApiError> {
    let quarter = here.parameter("quarter").map(str::parse::<Quarter>);
    let quarter = quarter.transpose();
    let quarter = quarter.map_err(|wrong| ApiError::field("quarter", wrong.to_string()))?;
    // An empty code is a question too: for what is booked on none.
    let codes = here.parameters.iter().rev();
    let code = codes.into_iter().find(|(name, _)| name == "client_code");
    Ok(SpendFilter {
        whose: SpendScope::User(caller),
        quarter,
        client_code: code.map(|(_, value)| value.clone()),
    })
}
