//! `pacer-fetch webhook`: whom to tell that a request has ended, and what was told.

use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use fetch_control::Control;
use fetch_model::UserId;
use fetch_runtime::Settings;
use fetch_webhooks::{
    Change, EVENT_TYPES, Endpoint, EventFilter, EventStatus, NewEndpoint, RECAP_FETCH, Replayed,
    SigningSecret, Targets, WebhookEvent, WebhookEventId, WebhookId,
    endpoints::PREVIOUS_SECRET_HOURS,
    events::MOST_TESTS,
    schedule::{MOST_RETRIES, PARKED_FOR},
};

use crate::{
    access::{minute, named},
    operate,
    table::{Table, shortened},
};

/// Letters of an error in a table.
const ERROR_LETTERS: usize = 60;

#[derive(Debug, Subcommand)]
pub(crate) enum WebhookVerb {
    /// Register an endpoint for a user and print its signing secret; nothing is sent until it is enabled
    Add(AddArguments),
    /// List the endpoints of all users, or of one
    List {
        /// The user
        user: Option<String>,
    },
    /// Send to an endpoint from now on, and what waited for it if it is younger than 60 hours
    Enable {
        /// Its number, as `webhook list` shows it
        id: i64,
    },
    /// Send nothing to an endpoint any more
    Disable {
        /// Its number
        id: i64,
    },
    /// Send an endpoint a test, whether it is enabled or not
    Test {
        /// Its number
        id: i64,
    },
    /// Show the last deliveries and what was answered
    Log(LogArguments),
    /// Send a delivery again, with the same key and body
    Replay {
        /// Its number, as `webhook log` shows it
        id: i64,
    },
    /// Give an endpoint another signing secret and print it; the old one signs as well for a day
    RotateSecret {
        /// Its number
        id: i64,
    },
    /// Remove an endpoint and its deliveries
    Remove {
        /// Its number
        id: i64,
    },
}

#[derive(Debug, Args)]
pub(crate) struct AddArguments {
    /// The user whose requests are told of
    user: String,
    /// Where they are told: an https URL that nobody guesses
    url: String,
    /// What is told: 3, that a request has ended, or 100, that something was filed in a docket that is tracked
    #[arg(long, value_name = "NUMBER", default_value_t = RECAP_FETCH, value_parser = event_type)]
    event_type: i16,
    /// The version of what is sent; both are the same
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(i16).range(1..=2))]
    version: i16,
    /// Send from now on
    #[arg(long)]
    enabled: bool,
}

#[derive(Debug, Args)]
pub(crate) struct LogArguments {
    /// Only deliveries to this endpoint
    #[arg(long, value_name = "ID")]
    webhook: Option<i64>,
    /// Only deliveries in this state: 0 in progress, 1 waiting for a retry, 2 delivered, 3 failed, 4 endpoint disabled
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(i16).range(0..=4))]
    status: Option<i16>,
    /// How many
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(i64).range(1..=10_000))]
    limit: i64,
}

pub(crate) async fn run(verb: WebhookVerb) -> anyhow::Result<()> {
    let control = operate::control().await?;
    match verb {
        WebhookVerb::Add(arguments) => add(&control, &arguments).await,
        WebhookVerb::List { user } => list(&control, user.as_deref()).await,
        WebhookVerb::Enable { id } => switch(&control, id, true).await,
        WebhookVerb::Disable { id } => switch(&control, id, false).await,
        WebhookVerb::Test { id } => test(&control, id).await,
        WebhookVerb::Log(arguments) => log(&control, &arguments).await,
        WebhookVerb::Replay { id } => replay(&control, id).await,
        WebhookVerb::RotateSecret { id } => rotate_secret(&control, id).await,
        WebhookVerb::Remove { id } => remove(&control, id).await,
    }
}

fn event_type(text: &str) -> Result<i16, String> {
    let known = text
        .parse()
        .ok()
        .filter(|number| EVENT_TYPES.contains(number));
    known.ok_or_else(|| format!("it is one of {EVENT_TYPES:?}"))
}

async fn add(control: &Control, arguments: &AddArguments) -> anyhow::Result<()> {
    let AddArguments { user, url, .. } = arguments;
    let targets = Settings::of_this_process().read::<Targets>()?;
    targets
        .read(url)
        .with_context(|| format!("{url} cannot be used"))?;
    let secret = SigningSecret::generate();
    let new = NewEndpoint {
        user: named(control, user).await?,
        event_type: arguments.event_type,
        version: arguments.version,
        url,
        enabled: arguments.enabled,
        secret: &secret,
    };
    let Some(WebhookId(id)) = control.webhooks.register(&new).await? else {
        let NewEndpoint {
            event_type,
            version,
            ..
        } = new;
        bail!("{user} has an endpoint for event type {event_type} in version {version} already");
    };
    println!(
        "registered endpoint {id} of {user}. Its signing secret is shown only once:\n{}",
        secret.expose()
    );
    if !arguments.enabled {
        println!(
            "try it with `pacer-fetch webhook test {id}`, then `pacer-fetch webhook enable {id}`"
        );
    }
    Ok(())
}

async fn list(control: &Control, user: Option<&str>) -> anyhow::Result<()> {
    let user = match user {
        Some(name) => Some(named(control, name).await?),
        None => None,
    };
    let users = control.ledger.users().await?;
    let name_of = |id: UserId| {
        let found = users.iter().find(|listed| listed.user.id == id);
        found.map_or_else(|| id.to_string(), |listed| listed.user.name.clone())
    };
    let mut table = Table::new();
    table.row([
        "number", "user", "event", "version", "state", "failures", "URL", "",
    ]);
    for endpoint in control.webhooks.endpoints(user).await? {
        table.row([
            endpoint.id.0.to_string(),
            name_of(endpoint.user),
            endpoint.event_type.to_string(),
            endpoint.version.to_string(),
            state(&endpoint),
            endpoint.failure_count.to_string(),
            endpoint.url.clone(),
            trouble(&endpoint),
        ]);
    }
    print!("{table}");
    Ok(())
}

fn state(endpoint: &Endpoint) -> String {
    match (endpoint.enabled, endpoint.date_disabled) {
        (true, _) => "enabled".to_owned(),
        (false, Some(at)) => format!("given up {}", minute(at)),
        (false, None) => "disabled".to_owned(),
    }
}

fn trouble(endpoint: &Endpoint) -> String {
    match &endpoint.waiting {
        Some(waiting) => format!(
            "failed {} of {} tries since {}: {}",
            waiting.retries,
            MOST_RETRIES + 1,
            minute(waiting.since),
            shortened(&waiting.error, ERROR_LETTERS)
        ),
        None => String::new(),
    }
}

async fn switch(control: &Control, id: i64, enabled: bool) -> anyhow::Result<()> {
    let change = Change {
        enabled: Some(enabled),
        ..Change::default()
    };
    let done = control.webhooks.change(None, WebhookId(id), change).await?;
    found(done, id)?;
    match enabled {
        true => println!(
            "endpoint {id} is enabled; what waited for it and is younger than {} hours is sent now",
            PARKED_FOR.as_secs() / 3600
        ),
        false => println!("endpoint {id} is disabled"),
    }
    Ok(())
}

async fn test(control: &Control, id: i64) -> anyhow::Result<()> {
    let event = control.webhooks.test(None, WebhookId(id)).await?;
    let Some(WebhookEventId(event)) = event else {
        found(
            control
                .webhooks
                .endpoint(None, WebhookId(id))
                .await?
                .is_some(),
            id,
        )?;
        bail!("{MOST_TESTS} tests of this endpoint wait to be sent; try again when they are");
    };
    println!(
        "a gateway sends test {event} within two seconds; see `pacer-fetch webhook log --webhook {id}`"
    );
    Ok(())
}

async fn log(control: &Control, arguments: &LogArguments) -> anyhow::Result<()> {
    let filter = EventFilter {
        webhook: arguments.webhook.map(WebhookId),
        status: arguments.status.and_then(EventStatus::from_number),
        limit: arguments.limit,
    };
    let mut table = Table::new();
    table.row([
        "number", "endpoint", "request", "made", "state", "retries", "next", "answer", "",
    ]);
    for event in control.webhooks.log(filter).await? {
        table.row(line(&event));
    }
    print!("{table}");
    Ok(())
}

fn line(event: &WebhookEvent) -> [String; 9] {
    let waits = event.status == EventStatus::WaitingForRetry;
    [
        event.id.0.to_string(),
        event.webhook.0.to_string(),
        event
            .request
            .map_or_else(|| "test".to_owned(), |id| id.0.to_string()),
        minute(event.date_created),
        event.status.label().to_lowercase(),
        event.retries.to_string(),
        event
            .next_try
            .filter(|_| waits)
            .map(minute)
            .unwrap_or_default(),
        event
            .status_code
            .map(|code| code.to_string())
            .unwrap_or_default(),
        shortened(&event.error, ERROR_LETTERS),
    ]
}

async fn replay(control: &Control, id: i64) -> anyhow::Result<()> {
    match control.webhooks.replay(None, WebhookEventId(id)).await? {
        Replayed::Due => println!("a gateway sends delivery {id} again within two seconds"),
        Replayed::NotFound => bail!("there is no delivery {id}"),
        Replayed::EndpointDisabled => {
            bail!("the endpoint of delivery {id} is disabled; enable it first")
        }
    }
    Ok(())
}

async fn rotate_secret(control: &Control, id: i64) -> anyhow::Result<()> {
    let secret = SigningSecret::generate();
    let done = control.webhooks.rotate_secret(None, WebhookId(id), &secret);
    found(done.await?, id)?;
    println!(
        "endpoint {id} has another signing secret; for {PREVIOUS_SECRET_HOURS} hours the old one signs as well. \
         It is shown only once:\n{}",
        secret.expose()
    );
    Ok(())
}

async fn remove(control: &Control, id: i64) -> anyhow::Result<()> {
    found(control.webhooks.remove(None, WebhookId(id)).await?, id)?;
    println!("removed endpoint {id} and its deliveries");
    Ok(())
}

fn found(is_there: bool, id: i64) -> anyhow::Result<()> {
    anyhow::ensure!(is_there, "there is no endpoint {id}");
    Ok(())
}
