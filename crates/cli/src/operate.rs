//! Commands of the operator: migrate the schema, show the history of a request.

use anyhow::{Context, bail};
use clap::Args;
use fetch_control::Control;
use fetch_db::{
    Blobs, DbConfig, ids,
    roles::{RolePasswords, WhoseRoles},
};
use fetch_model::{Cents, DatabaseRole, FetchId};
use fetch_runtime::{FromEnv, Settings};

use crate::life;

/// A hundred million ids and more are left below 2³¹, which clients of 32 bits can hold.
const HIGHEST_FIRST_ID: i64 = 2_000_000_000;

/// What is read to migrate, by the owner of the database.
pub struct OwnerConfig {
    db: DbConfig,
    /// Passwords for the roles of the services; those of others stay as they are.
    passwords: RolePasswords,
    /// Where ids begin that callers name.
    first_id: i64,
}

impl FromEnv for OwnerConfig {
    fn from_env(settings: &mut Settings) -> OwnerConfig {
        let OperatorConfig { db } = OperatorConfig::from_env(settings);
        OwnerConfig {
            db,
            passwords: settings.parsed_secret("DATABASE_PASSWORDS", RolePasswords::parse),
            first_id: settings.number("FIRST_ID", ids::DEFAULT_FIRST_ID, 1..=HIGHEST_FIRST_ID),
        }
    }
}

/// What the operator's commands read.
pub struct OperatorConfig {
    db: DbConfig,
}

impl FromEnv for OperatorConfig {
    fn from_env(settings: &mut Settings) -> OperatorConfig {
        OperatorConfig {
            db: DbConfig::read(settings, 2).in_time_zone(settings),
        }
    }
}

/// The stores of a deployment that is there.
pub(crate) async fn control() -> anyhow::Result<Control> {
    let config = Settings::of_this_process().read::<OperatorConfig>()?;
    // Opened, it would be made.
    Blobs::must_be_there(&config.db.blob_url)?;
    let control = open(&config.db).await?;
    match control.db.old_schema().await? {
        Some(old) => bail!("{old}"),
        None => Ok(control),
    }
}

/// The same for what reads or deletes what is kept.
pub(crate) async fn control_with_blobs() -> anyhow::Result<Control> {
    let control = control().await?;
    control.ledger.ensure_blobs_are_ours().await?;
    Ok(control)
}

async fn open(config: &DbConfig) -> anyhow::Result<Control> {
    Control::connect(config).await.map_err(|error| {
        let is_database = matches!(error, fetch_db::Error::Database(_));
        let place = config.database_place().filter(|_| is_database);
        let error = anyhow::Error::from(error);
        match place {
            Some(place) => error.context(format!(
                "cannot reach the database {place} (PACER_FETCH_DATABASE_URL)"
            )),
            None => error.context("cannot reach the database or the document store"),
        }
    })
}

#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct MigrateArguments {
    /// Use the services' roles even if another database on this server uses them too; a role's password then opens
    /// both databases
    #[arg(long)]
    share_roles: bool,
}

/// `pacer-fetch migrate`
pub(crate) async fn migrate(arguments: MigrateArguments) -> anyhow::Result<()> {
    let config = Settings::of_this_process().read::<OwnerConfig>()?;
    let control = open(&config.db).await?;
    let whose = match arguments.share_roles {
        true => WhoseRoles::Shared,
        false => WhoseRoles::ThisDatabases,
    };
    control.migrate(whose).await?;
    control.db.begin_ids_at(config.first_id).await?;
    control.db.set_passwords(&config.passwords).await?;
    println!("the schema is up to date, and each service has the rights it needs");
    let without = control.db.roles_without_password().await?;
    if let Some(told) = told_without_password(&without, &config.passwords) {
        println!("{told}");
    }
    Ok(())
}

/// What is said of roles that nobody can be known by. Whether a role has a password only superusers may
/// see; to others it is said which were given none now.
fn told_without_password(
    without: &Option<Vec<DatabaseRole>>,
    given: &RolePasswords,
) -> Option<String> {
    let names = |roles: Vec<DatabaseRole>| {
        let names: Vec<&str> = roles.into_iter().map(DatabaseRole::name).collect();
        names.join(", ")
    };
    let how = "Set PACER_FETCH_DATABASE_PASSWORDS (the file database/passwords of `pacer-fetch \
               keys`) and migrate again";
    match without {
        Some(roles) if roles.is_empty() => None,
        Some(roles) => Some(format!(
            "these roles have no password, so their services cannot log in with one: {}. {how}",
            names(roles.clone())
        )),
        None => {
            let missing: Vec<_> = DatabaseRole::ALL
                .into_iter()
                .filter(|role| !given.names(*role))
                .collect();
            (!missing.is_empty()).then(|| {
                format!(
                    "no passwords were given for {}; they keep those they have. {how}",
                    names(missing)
                )
            })
        }
    }
}

/// `pacer-fetch life ID`
pub(crate) async fn life(id: i64) -> anyhow::Result<()> {
    let control = control().await?;
    let request = control.queue.request(FetchId(id)).await?;
    let request = request.with_context(|| format!("there is no request {id}"))?;
    let doubts = control.ledger.open_doubts().await?;
    let in_doubt = doubts
        .iter()
        .filter(|doubt| doubt.request == FetchId(id))
        .fold(0_i32, |sum, doubt| sum.saturating_add(doubt.at_most.0));
    println!(
        "request {id}: {} at {}, {}, cost {}",
        request.spec.kind.token(),
        request.spec.target_court,
        request.state,
        life::cost(request.cost, Cents(in_doubt))
    );
    print!("{}", life::told(&control.queue.history(FetchId(id)).await?));
    Ok(())
}
