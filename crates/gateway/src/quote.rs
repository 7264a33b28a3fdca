//! What a request would cost, before it is made. No court is asked, and nobody is logged in.

mod set;

use axum::{
    Extension,
    extract::{Request, State},
    http::HeaderMap,
};
use fetch_bus::wire;
use fetch_control::Control;
use fetch_model::{
    Cents, FetchKind, UserId,
    budget::{Estimate, LimitExceeded, Limits, Reservation, Usage},
    spend::Quarter,
};
use pacer::{
    court::Court,
    quote::{Quote, Sheet, Wanted},
};

use crate::{
    api::Api,
    dialect::{
        ApiError, Caller, Item, Object, RequestUrl, Source, body, checks, moment,
        submission::{self, ReferencedRows, Submission},
    },
    locate::{Located, Missing, SetWay, Way},
    openapi::{Answer, Described, Operation, QUOTED, Shape, key, tag},
    submit::Intake,
};

pub(crate) const TOLD: Operation = Operation::post("recap_fetch_quote", tag::MONEY, "What a request would cost")
    .about(
        "Takes the fields of a request and checks them in the same way, except that the login may be left out. No court \
         is asked, and a token for reading will do.",
    )
    .takes(QUOTED)
    .names_ignored()
.answers(&[Answer::ok("The price.", Shape::Object(&SHOWN))]);

#[rustfmt::skip]
const SHOWN: Described = Described {
    name: "Quote",
    about: "What a request would cost, in cents.",
    keys: &[
        key("at_most_cents", Shape::Integer).or_null().means("Null if the price has no upper limit."),
        key("exact", Shape::Boolean).means("Whether it costs exactly that."),
        key("steps", Shape::List(&Shape::Object(&STEP))),
        key("fits", Shape::Boolean).means("Whether the request would be accepted now."),
        key("reserve_cents", Shape::Integer).or_null().means("What would be set aside."),
        key("refusal", Shape::Text).or_null().means("Why it would not be accepted."),
        key("budget", Shape::Object(&BUDGET)),
        key("address", Shape::Object(&ADDRESS)).optional().means("How an address was understood."),
    ],
};

#[rustfmt::skip]
const STEP: Described = Described {
    name: "QuoteStep",
    about: "A request to the court, and its price.",
    keys: &[
        key("step", Shape::Text)
            .means("`case_lookup`, `docket_report`, `price_page`, `document`, `attachment_page` or `held`."),
        key("at_most_cents", Shape::Integer).or_null(),
        key("exact", Shape::Boolean),
        key("rule", Shape::Text).means("Why it costs that."),
    ],
};

#[rustfmt::skip]
pub(crate) const BUDGET: Described = Described {
    name: "Budget",
    about: "What you may spend, and what became of it, in cents.",
    keys: &[
        key("quarter", Shape::Text),
        key("per_quarter_cents", Shape::Integer).or_null(),
        key("per_request_cents", Shape::Integer).or_null(),
        key("spent_cents", Shape::Integer),
        key("reserved_cents", Shape::Integer),
    ],
};

/// What a request would cost, and whether it would be accepted now.
#[derive(Debug, Clone, PartialEq)]
pub struct QuoteAnswer {
    /// The price.
    pub quote: Quote,
    /// What would be reserved for it, or the limit that it exceeds.
    pub reservation: Result<Reservation, LimitExceeded>,
    /// What the caller may spend.
    pub budget: Money,
    /// From the address to the document, if it came with one.
    pub(crate) way: Option<Way>,
    /// The documents, if these are several.
    pub(crate) set: Option<SetWay>,
}

/// What a submission costs: the request, and what is fetched before its document is known.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Price {
    /// What is fetched first, if anything is.
    pub first: Option<Quote>,
    /// The request itself.
    pub last: Quote,
}

impl Price {
    /// All steps.
    pub fn whole(&self) -> Quote {
        match self.first.clone() {
            None => self.last.clone(),
            Some(first) => first.then(self.last.clone()),
        }
    }
}

/// The most that a document costs of which nothing is known, unless its caller allows more.
const UNSEEN_CENTS: u32 = pacer::price::CAP_CENTS;

/// How an address was understood: the keys of [`described`].
#[rustfmt::skip]
const ADDRESS: Described = Described {
    name: "QuotedAddress",
    about: "How an address was understood, and what is stored of it.",
    keys: &[
        key("court", Shape::Text),
        key("docket_number", Shape::Text).means("As it is stored, or as it was sent; empty if only the court's own id is known."),
        key("document", Shape::Text).means("What the address names, in words."),
        key("docket", Shape::Integer).or_null().means("The stored docket of the case."),
        key("docket_modified", Shape::Instant).or_null().means("When it last changed."),
        key("recap_document", Shape::Integer).or_null().means("The document, if it is known already."),
        key("fetched_first", Shape::List(&Shape::Word(&["docket_report", "attachment_page"])))
            .means("What is fetched before the document is known."),
    ],
};

/// What a caller may spend, and what became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Money {
    /// The quarter that is now.
    pub quarter: Quarter,
    /// The limits.
    pub limits: Limits,
    /// What became of this quarter's money.
    pub usage: Usage,
}

impl Money {
    /// Of one user.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn of(control: &Control, user: UserId) -> Result<Money, fetch_db::Error> {
        Ok(Money {
            quarter: control.ledger.present_quarter().await?,
            limits: control.ledger.limits(user).await?,
            usage: control.ledger.usage(user).await?,
        })
    }

    /// As an object.
    #[must_use]
    pub fn into_object(self) -> Object {
        Object::new()
            .with("quarter", self.quarter.to_string())
            .with("per_quarter_cents", cents(self.limits.per_quarter))
            .with("per_request_cents", cents(self.limits.per_request))
            .with("spent_cents", self.usage.spent.0)
            .with("reserved_cents", self.usage.reserved.0)
    }
}

impl Intake {
    /// Tells what a submission would cost. Its fields are checked like those of a real one, but
    /// for the login, which is not needed.
    ///
    /// # Errors
    /// The answer of the contract.
    pub async fn quote(&self, user: UserId, fields: &dyn Source) -> Result<QuoteAnswer, ApiError> {
        let known = self.known(fields).await?;
        let submission = submission::decode_for_quote(fields, &known)?;
        let located = self.locate(submission, known).await?;
        let court = match located.is_complete() {
            true => checks::check_for_quote(&located.submission, &located.known),
            false => checks::check_on_the_way(&located.submission, &located.known),
        };
        let court = court.map_err(ApiError::NonField)?;
        let price = price(&self.api.control, &located, &court.0).await?;
        // No row is written that would be held against the limits as they are.
        let (control, budgets) = (&self.api.control, &self.api.guard.budgets);
        budgets.present(control, user).await?;
        let reservation = match self.allow(user, &located, &price).await {
            Ok(reserved) => Ok(reserved.whole()),
            Err(ApiError::OverBudget(shortfall)) => Err(shortfall),
            Err(other) => return Err(other),
        };
        Ok(QuoteAnswer {
            quote: price.whole(),
            reservation,
            budget: Money::of(&self.api.control, user).await?,
            way: located.way,
            set: located.set,
        })
    }
}

/// The price of a submission that has passed every check, at the court that will be asked.
pub(crate) async fn price(
    control: &Control,
    located: &Located,
    court: &str,
) -> Result<Price, fetch_db::Error> {
    let (submission, known) = (&located.submission, &located.known);
    if let Some(way) = &located.set {
        return set::price(control, submission, way, court).await;
    }
    if let Some((way, missing)) = located.missing() {
        return Ok(price_on_the_way(submission, way, missing, court));
    }
    let last = price_of_known(control, submission, known, court).await?;
    Ok(Price { first: None, last })
}

/// The price of a submission whose document has still to be found.
fn price_on_the_way(submission: &Submission, way: &Way, missing: Missing, court: &str) -> Price {
    let wants_menu = submission.kind == FetchKind::Attachments;
    let menu = Quote::of(Wanted::Menu);
    let first = match missing {
        Missing::Menu(_) => menu.clone(),
        Missing::Docket => {
            let docket = Quote::of(Wanted::Docket {
                appellate: Court::by_cl_id(court).is_some_and(Court::is_appellate),
                case_known: way.knows_case_id(),
            });
            match way.address.name.may_be_attachment() && !wants_menu {
                true => docket.then(menu.clone()),
                false => docket,
            }
        }
    };
    let before = first.at_most_cents().unwrap_or_default();
    let allowed = submission
        .max_cost
        .and_then(|cents| u32::try_from(cents.0).ok());
    let allowed = allowed.map_or(0, |allowed| allowed.saturating_sub(before));
    let allowed = allowed.max(UNSEEN_CENTS);
    let last = match wants_menu {
        true => menu,
        false => Quote::of(Wanted::Unseen { allowed }),
    };
    let first = Some(first);
    Price { first, last }
}

async fn price_of_known(
    control: &Control,
    submission: &Submission,
    known: &ReferencedRows,
    court: &str,
) -> Result<Quote, fetch_db::Error> {
    Ok(match (submission.kind, submission.document) {
        (FetchKind::Attachments, _) => Quote::of(Wanted::Menu),
        (FetchKind::Docket, _) | (FetchKind::Pdf, None) => Quote::of(Wanted::Docket {
            appellate: Court::by_cl_id(court).is_some_and(Court::is_appellate),
            case_known: is_case_known(submission, known),
        }),
        (FetchKind::Pdf, Some(id)) => match control.document_for_price(id).await? {
            Some(document) if document.is_held => Quote::of(Wanted::Held),
            Some(document) => Quote::of(Wanted::Document(Sheet {
                description: &document.description,
                entry: &document.entry,
                pages: document.pages,
            })),
            // It went away since it was looked up: then nothing will be bought.
            None => Quote::of(Wanted::Held),
        },
    })
}

/// Whether the case can be asked for by the court's own id of it.
fn is_case_known(submission: &Submission, known: &ReferencedRows) -> bool {
    let stored = known
        .docket
        .as_ref()
        .filter(|_| submission.docket.is_some());
    let stored = stored.is_some_and(|docket| docket.pacer_case_id.is_some());
    !submission.pacer_case_id.is_empty() || (submission.docket_number.is_empty() && stored)
}

/// A quote as the arithmetic of budgets needs it.
pub(crate) fn estimate(quote: &Quote) -> Estimate {
    let signed = |cents: u32| Cents(i32::try_from(cents).unwrap_or(i32::MAX));
    Estimate {
        at_most: quote.at_most_cents().map(signed),
        exact: quote.is_exact(),
        priced_first: quote.is_priced_first(),
    }
}

/// `POST …/recap-fetch/quote/`.
pub async fn post(
    State(api): State<Api>,
    Extension(intake): Extension<Intake>,
    caller: Caller,
    here: RequestUrl,
    request: Request,
) -> Result<(HeaderMap, Object), ApiError> {
    let mut ignored = submission::check_query(&here)?;
    let fields = body::read(request, api.body_limits()).await?;
    let told = object(&intake.quote(caller.id(), &*fields).await?, &api);
    submission::FIELDS.tell_ignored(fields.names(), &mut ignored);
    Ok((ignored, told))
}

/// As a message.
pub(crate) fn message(told: &QuoteAnswer) -> wire::QuoteReply {
    let steps = told.quote.steps.iter().map(|step| wire::QuoteStep {
        step: step.what.as_str().to_owned(),
        at_most_cents: step.at_most_cents,
        exact: step.exact,
        rule: step.rule.to_owned(),
    });
    wire::QuoteReply {
        at_most_cents: told.quote.at_most_cents(),
        exact: told.quote.is_exact(),
        steps: steps.collect(),
        refusal: told.reservation.as_ref().err().map(ToString::to_string),
    }
}

fn object(told: &QuoteAnswer, api: &Api) -> Object {
    let steps = told.quote.steps.iter().map(|step| {
        Object::new()
            .with("step", step.what.as_str())
            .with("at_most_cents", step.at_most_cents)
            .with("exact", step.exact)
            .with("rule", step.rule)
    });
    let (reserve, refusal) = match &told.reservation {
        Ok(reservation) => (Some(reservation.reserve), None),
        Err(shortfall) => (None, Some(shortfall.to_string())),
    };
    let object = Object::new()
        .with("at_most_cents", told.quote.at_most_cents())
        .with("exact", told.quote.is_exact())
        .with("steps", Item::list(steps))
        .with("fits", refusal.is_none())
        .with("reserve_cents", cents(reserve))
        .with("refusal", refusal)
        .with("budget", told.budget.into_object());
    match (&told.way, &told.set) {
        (Some(way), _) => object.with("address", described(way, api)),
        (None, Some(set)) => object.with("address", set::described(set, api)),
        (None, None) => object,
    }
}

/// How an address was understood, and what is stored of it.
fn described(way: &Way, api: &Api) -> Object {
    let (docket, address) = (way.docket.as_ref(), &way.address);
    let number = docket.and_then(|docket| docket.docket_number.as_deref());
    let as_of = docket.map(|docket| moment::write(docket.date_modified, api.time_zone));
    Object::new()
        .with("court", address.court.as_str())
        .with("docket_number", number.unwrap_or(&address.docket_number))
        .with("document", address.name.to_string())
        .with("docket", docket.map(|docket| docket.id.0))
        .with("docket_modified", as_of)
        .with("recap_document", way.document.map(|id| id.0))
        .with("fetched_first", way.fetched_first())
}

fn cents(cents: Option<Cents>) -> Option<i32> {
    cents.map(|cents| cents.0)
}
