//! Who may call: users of the API and their tokens.

use anyhow::{Context, bail};
use chrono::{DateTime, TimeDelta, Utc};
use clap::{Args, Subcommand};
use fetch_control::{Control, farewell::Farewell};
use fetch_ledger::tokens::{ListedToken, NewToken};
use fetch_model::{TokenId, UserId};
use sha2::{Digest, Sha256};

use crate::{operate, table::Table};

#[derive(Debug, Subcommand)]
pub(crate) enum UserVerb {
    /// Make a user, and print the API token that it begins with
    Add {
        /// The name; there must be none of that name
        name: String,
    },
    /// List users
    List,
    /// Let a user call no more; its requests under way are brought to their end
    Deactivate {
        /// The name
        name: String,
    },
    /// Let a deactivated user call again
    Activate {
        /// The name
        name: String,
    },
    /// Delete a user: what is theirs goes, the books stay
    Delete {
        /// The name
        name: String,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum TokenVerb {
    /// Give a user one more API token, and print it
    Create(NewTokenArguments),
    /// List tokens, of all users or of one
    List {
        /// The user
        user: Option<String>,
    },
    /// Revoke a token: within two seconds it opens nothing any more
    Revoke {
        /// Its number, as `token list` shows it
        id: i64,
    },
}

#[derive(Debug, Args)]
pub(crate) struct NewTokenArguments {
    /// The user
    user: String,
    /// What the token is called; the user must have no other of that name
    #[arg(long)]
    name: String,
    /// After so many days it opens nothing any more
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u32).range(1..=36_500))]
    expires_in: Option<u32>,
    /// It may read and ask for prices, and neither buy nor cancel
    #[arg(long)]
    read_only: bool,
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
        TokenVerb::Revoke { id } => match control.ledger.revoke_token(TokenId(id)).await? {
            true => {
                println!("token {id} is revoked; within two seconds it opens nothing any more");
                Ok(())
            }
            false => bail!("there is no token {id} that is not revoked"),
        },
    }
}

/// A new API token, and what is kept of it.
fn mint_token() -> (String, [u8; 32]) {
    let token = fetch_keys::random_hex::<20>();
    let digest = Sha256::digest(&token).into();
    (token, digest)
}

async fn add_user(control: &Control, name: &str) -> anyhow::Result<()> {
    let user = match control.ledger.add_user(name).await {
        Err(error @ fetch_db::Error::Taken { .. }) => {
            bail!("{error}; `pacer-fetch token create` gives it one more token")
        }
        added => added?,
    };
    let (token, digest) = mint_token();
    let new = NewToken {
        digest: &digest,
        name: "first",
        expires: None,
        read_only: false,
    };
    control.ledger.add_token(user, &new).await?;
    println!("user {user} ({name}) has a new API token. It is shown only now:\n{token}");
    Ok(())
}

async fn delete_user(control: &Control, name: &str) -> anyhow::Result<()> {
    match control.delete_user(name).await? {
        Farewell::Unknown => bail!("there is no user {name}"),
        Farewell::Unfinished { running, unsettled } => bail!(
            "{name} can send nothing more, and is not deleted yet: {running} requests have not ended, \
             and what {unsettled} cost is not settled (pacer-fetch doubt list). When that is done, run \
             this command again; pacer-fetch user activate {name} takes it back"
        ),
        Farewell::Gone {
            requests,
            pages,
            purchases,
        } => println!(
            "{name} is deleted, with {requests} requests and {pages} pages; {purchases} lines stay in \
             the ledger, without the name"
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
    };
    let TokenId(number) = control.ledger.add_token(id, &new).await?;
    let kind = if wanted.read_only { "read-only " } else { "" };
    let end = expires.map_or_else(String::new, |end| format!(", until {}", minute(end)));
    println!(
        "user {id} ({name}) has a new {kind}API token, number {number}{end}. It is shown only now:\n\
         {token}"
    );
    Ok(())
}

async fn named(control: &Control, name: &str) -> anyhow::Result<UserId> {
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
            true => format!("user {name} may call"),
            false => format!("user {name} may not call any more; it takes up to two seconds"),
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
    table.row(["number", "user", "name", "kind", "made", "last used", ""]);
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

fn minute(at: DateTime<Utc>) -> String {
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
        };
        assert_eq!(standing(&token, at(60)), "");
        token.expires = Some(at(120));
        assert_eq!(standing(&token, at(60)), "until 1970-01-01 00:02");
        assert_eq!(standing(&token, at(120)), "over since 1970-01-01 00:02");
        token.revoked = Some(at(60));
        assert_eq!(standing(&token, at(240)), "revoked 1970-01-01 00:01");
    }
}
