//! Who may call: users of the API and their tokens.

use anyhow::{Context, bail};
use chrono::{DateTime, TimeDelta, Utc};
use clap::{Args, Subcommand};
use fetch_control::{Control, farewell::Farewell};
use fetch_ledger::tokens::{ListedToken, NewToken};
use fetch_model::{TokenId, UserId, expand::Groups};
use sha2::{Digest, Sha256};

use crate::{operate, table::Table};

#[derive(Debug, Subcommand)]
pub(crate) enum UserVerb {
    /// Create a user and print their first API token
    Add {
        /// The name of the new user
        name: String,
    },
    /// List users
    List,
    /// Block a user's API calls; requests in progress are completed
    Deactivate {
        /// The name
        name: String,
    },
    /// Unblock a deactivated user
    Activate {
        /// The name
        name: String,
    },
    /// Delete a user's data; the ledger keeps their purchases, without the name
    Delete {
        /// The name
        name: String,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum TokenVerb {
    /// Create another API token for a user and print it
    Create(NewTokenArguments),
    /// Change what requests show to a token by default, beyond RECAP Fetch; takes two seconds to take effect
    Expand {
        /// Its number, as `token list` shows it
        id: i64,
        /// Groups between commas: money, life, queue, changes; none of them if left out
        #[arg(default_value_t)]
        groups: Groups,
    },
    /// List the tokens of all users, or of one
    List {
        /// The user
        user: Option<String>,
    },
    /// Revoke a token; it stops working within two seconds
    Revoke {
        /// Its number, as `token list` shows it
        id: i64,
    },
}

#[derive(Debug, Args)]
pub(crate) struct NewTokenArguments {
    /// The user
    user: String,
    /// A name for the token; the user must not have another one with this name
    #[arg(long)]
    name: String,
    /// The token expires after this many days
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u32).range(1..=36_500))]
    expires_in: Option<u32>,
    /// Allow only reading and price quotes, not buying or cancelling
    #[arg(long)]
    read_only: bool,
    /// What requests show to the token by default, beyond RECAP Fetch: money, life, queue, changes
    #[arg(long, value_name = "GROUPS", default_value_t)]
    expand: Groups,
}

/// `pacer-fetch user …`
pub(crate) async fn user(verb: UserVerb) -> anyhow::Result<()> {
    let control = operate::control().await?;
    match verb {
        UserVerb::Add { name } => add_user(&control, &name).await,
        UserVerb::List => list_users(&control).await,
        UserVerb::Deactivate { name } => set_active(&control, &name, false).await,
        UserVerb::Activate { name } => set_active(&control, &name, true).await,
        UserVerb::Delete { name } => delete_user(&control, &name).await,
    }
}

/// `pacer-fetch token …`
pub(crate) async fn token(verb: TokenVerb) -> anyhow::Result<()> {
    let control = operate::control().await?;
    match verb {
        TokenVerb::Create(arguments) => create_token(&control, &arguments).await,
        TokenVerb::List { user } => list_tokens(&control, user.as_deref()).await,
        TokenVerb::Expand { id, groups } => set_expand(&control, TokenId(id), groups).await,
        TokenVerb::Revoke { id } => revoke_token(&control, TokenId(id)).await,
    }
}

/// A new API token, and what is kept of it.
fn mint_token() -> (String, [u8; 32]) {
    let token = fetch_keys::random_hex::<20>();
    let digest = Sha256::digest(&token).into();
    (token, digest)
}

async fn revoke_token(control: &Control, id: TokenId) -> anyhow::Result<()> {
    if !control.ledger.revoke_token(id).await? {
        bail!("there is no active token {}", id.0);
    }
    println!(
        "token {} is revoked; it stops working within two seconds",
        id.0
    );
    let tokens = control.ledger.tokens(None).await?;
    if let Some(token) = tokens.into_iter().find(|token| token.id == id) {
        name_endpoints(control, &token.user).await?;
    }
    Ok(())
}

/// Whoever had the token may have registered them.
async fn name_endpoints(control: &Control, user: &str) -> anyhow::Result<()> {
    let user_id = named(control, user).await?;
    let endpoints = control.webhooks.endpoints(Some(user_id)).await?;
    if endpoints.is_empty() {
        return Ok(());
    }
    println!(
        "these webhook endpoints of {user} stay; `pacer-fetch webhook remove NUMBER` removes what is not {user}'s:"
    );
    for endpoint in endpoints {
        println!("  {} {}", endpoint.id.0, endpoint.url);
    }
    Ok(())
}

async fn add_user(control: &Control, name: &str) -> anyhow::Result<()> {
    let user = match control.ledger.add_user(name).await {
        Err(error @ fetch_db::Error::Taken { .. }) => {
            bail!("{error}; use `pacer-fetch token create` to create another token")
        }
        added => added?,
    };
    let (token, digest) = mint_token();
    let new = NewToken {
        digest: &digest,
        name: "first",
        expires: None,
        read_only: false,
        expand: Groups::NONE,
    };
    control.ledger.add_token(user, &new).await?;
    println!("created user {user} ({name}). This API token is shown only once:\n{token}");
    Ok(())
}

async fn delete_user(control: &Control, name: &str) -> anyhow::Result<()> {
    match control.delete_user(name).await? {
        Farewell::Unknown => bail!("there is no user {name}"),
        Farewell::Unfinished { running, unsettled } => bail!(
            "{name} is blocked but not deleted yet: {running} requests have not ended, and the \
             cost of {unsettled} is in doubt (see `pacer-fetch doubt list`). Run this command \
             again when that is resolved, or undo it with `pacer-fetch user activate {name}`"
        ),
        Farewell::Gone {
            requests,
            pages,
            purchases,
        } => println!(
            "deleted {name}, with {requests} requests and {pages} pages; the ledger keeps \
             {purchases} purchases, without the name"
        ),
    }
    Ok(())
}

async fn create_token(control: &Control, wanted: &NewTokenArguments) -> anyhow::Result<()> {
    let name = &wanted.user;
    let id = named(control, name).await?;
    let expires = wanted
        .expires_in
        .map(|days| Utc::now() + TimeDelta::days(days.into()));
    let (token, digest) = mint_token();
    let new = NewToken {
        digest: &digest,
        name: &wanted.name,
        expires,
        read_only: wanted.read_only,
        expand: wanted.expand,
    };
    let TokenId(number) = control.ledger.add_token(id, &new).await?;
    let kind = if wanted.read_only { "read-only " } else { "" };
    let end = expires.map_or_else(String::new, |end| format!(", until {}", minute(end)));
    println!(
        "user {id} ({name}) has a new {kind}API token, number {number}{end}. It is shown only once:\n\
         {token}"
    );
    Ok(())
}

async fn set_expand(control: &Control, token: TokenId, groups: Groups) -> anyhow::Result<()> {
    let number = token.0;
    if !control.ledger.set_expand(token, groups).await? {
        bail!("there is no active token {number}");
    }
    match groups.is_empty() {
        true => println!("requests show token {number} only what RECAP Fetch has"),
        false => {
            println!("requests show token {number} {groups} as well, unless a call says otherwise")
        }
    }
    Ok(())
}

pub(crate) async fn named(control: &Control, name: &str) -> anyhow::Result<UserId> {
    let user = control.ledger.user_named(name).await?;
    user.with_context(|| format!("there is no user {name}"))
}

async fn list_users(control: &Control) -> anyhow::Result<()> {
    let mut table = Table::new();
    table.row(["name", "made", "tokens", "last used", ""]);
    for listed in control.ledger.users().await? {
        table.row([
            listed.user.name,
            minute(listed.created),
            listed.tokens.to_string(),
            listed.last_used.map_or_else(never, minute),
            match listed.user.is_active {
                true => String::new(),
                false => "deactivated".to_owned(),
            },
        ]);
    }
    print!("{table}");
    Ok(())
}

async fn set_active(control: &Control, name: &str, is_active: bool) -> anyhow::Result<()> {
    if !control.ledger.set_active(name, is_active).await? {
        bail!("there is no user {name}");
    }
    println!(
        "{}",
        match is_active {
            true => format!("user {name} can call the API"),
            false => format!("user {name} is blocked; this takes up to two seconds to take effect"),
        }
    );
    Ok(())
}

async fn list_tokens(control: &Control, user: Option<&str>) -> anyhow::Result<()> {
    let user = match user {
        Some(name) => Some(named(control, name).await?),
        None => None,
    };
    let mut table = Table::new();
    table.row([
        "number",
        "user",
        "name",
        "kind",
        "expand",
        "made",
        "last used",
        "",
    ]);
    for token in control.ledger.tokens(user).await? {
        let standing = standing(&token, Utc::now());
        table.row([
            token.id.0.to_string(),
            token.user,
            token.name,
            match token.read_only {
                true => "read-only".to_owned(),
                false => "full".to_owned(),
            },
            token.expand.to_string(),
            minute(token.created),
            token.last_used.map_or_else(never, minute),
            standing,
        ]);
    }
    print!("{table}");
    Ok(())
}

/// Whether it opens anything, and for how long.
fn standing(token: &ListedToken, now: DateTime<Utc>) -> String {
    match (token.revoked, token.expires) {
        (Some(at), _) => format!("revoked {}", minute(at)),
        (None, Some(end)) if end <= now => format!("over since {}", minute(end)),
        (None, Some(end)) => format!("until {}", minute(end)),
        (None, None) => String::new(),
    }
}

pub(crate) fn minute(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M").to_string()
}

fn never() -> String {
    "never".to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_says_whether_it_opens_anything() {
        let at = |seconds| DateTime::from_timestamp(seconds, 0).unwrap();
        let mut token = ListedToken {
            id: TokenId(1),
            user: "ann".to_owned(),
            name: "first".to_owned(),
            created: at(0),
            expires: None,
            last_used: None,
            revoked: None,
            read_only: false,
            expand: Groups::NONE,
        };
        assert_eq!(standing(&token, at(60)), "");
        token.expires = Some(at(120));
        assert_eq!(standing(&token, at(60)), "until 1970-01-01 00:02");
        assert_eq!(standing(&token, at(120)), "over since 1970-01-01 00:02");
        token.revoked = Some(at(60));
        assert_eq!(standing(&token, at(240)), "revoked 1970-01-01 00:01");
    }
}
