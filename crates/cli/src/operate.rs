//! What an operator does: bring the schema up to date, look at a life.

use anyhow::{Context, bail};
use clap::Args;
use fetch_model::{Cents, DatabaseRole, FetchId};
use fetch_runtime::{FromEnv, Settings};
use fetch_store::{
    Blobs, Store, StoreConfig,
    roles::{RolePasswords, WhoseRoles},
};

use crate::life;

/// What is read to migrate, by the owner of the database.
pub struct OwnerConfig {
    store: StoreConfig,
    /// Passwords for the roles of the services; those of others stay as they are.
    passwords: RolePasswords,
}

impl FromEnv for OwnerConfig {
    fn from_env(settings: &mut Settings) -> OwnerConfig {
        let OperatorConfig { store } = OperatorConfig::from_env(settings);
        let passwords = settings.optional_secret("DATABASE_PASSWORDS");
        let passwords = passwords.map(|list| RolePasswords::parse(&list));
        OwnerConfig {
            store,
            passwords: passwords
                .unwrap_or_else(|| Ok(RolePasswords::default()))
                .unwrap_or_else(|wrong| {
                    settings.mistake("DATABASE_PASSWORDS", &wrong.to_string());
                    RolePasswords::default()
                }),
        }
    }
}

/// What the operator's commands read.
pub struct OperatorConfig {
    store: StoreConfig,
}

impl FromEnv for OperatorConfig {
    fn from_env(settings: &mut Settings) -> OperatorConfig {
        OperatorConfig {
            store: StoreConfig::read(settings, 2).in_time_zone(settings),
        }
    }
}

/// The stores of a deployment that is there.
pub(crate) async fn store() -> anyhow::Result<Store> {
    let config = Settings::of_this_process().read::<OperatorConfig>()?;
    // Opened, it would be made.
    Blobs::must_be_there(&config.store.blob_url)?;
    let store = open(&config.store).await?;
    match store.old_schema().await? {
        Some(old) => bail!("{old}"),
        None => Ok(store),
    }
}

/// The same for what reads or deletes what is kept.
pub(crate) async fn store_with_blobs() -> anyhow::Result<Store> {
    let store = store().await?;
    store.ensure_blobs_are_ours().await?;
    Ok(store)
}

async fn open(config: &StoreConfig) -> anyhow::Result<Store> {
    Store::connect(config).await.map_err(|error| {
        let is_database = matches!(error, fetch_store::Error::Database(_));
        let place = config.database_place().filter(|_| is_database);
        let error = anyhow::Error::from(error);
        match place {
            Some(place) => error.context(format!(
                "cannot reach the database {place}, which PACER_FETCH_DATABASE_URL names"
            )),
            None => error.context("cannot reach the stores"),
        }
    })
}

#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct MigrateArguments {
    /// Take the roles of the services although another database of the server has them, too: whoever
    /// has the password of one comes into both
    #[arg(long)]
    share_roles: bool,
}

/// `pacer-fetch migrate`
pub(crate) async fn migrate(arguments: MigrateArguments) -> anyhow::Result<()> {
    let config = Settings::of_this_process().read::<OwnerConfig>()?;
    let store = open(&config.store).await?;
    let whose = match arguments.share_roles {
        true => WhoseRoles::Shared,
        false => WhoseRoles::ThisDatabases,
    };
    store.migrate(whose).await?;
    store.set_passwords(&config.passwords).await?;
    println!("the schema is up to date, and each service has what it needs of it");
    let without = store.roles_without_password().await?;
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
    let how = "PACER_FETCH_DATABASE_PASSWORDS gives them: the file database/passwords of \
               `pacer-fetch keys`";
    match without {
        Some(roles) if roles.is_empty() => None,
        Some(roles) => Some(format!(
            "without a password are {}: their services cannot come in by one. {how}",
            names(roles.clone())
        )),
        None => {
            let missing: Vec<_> = DatabaseRole::ALL
                .into_iter()
                .filter(|role| !given.names(*role))
                .collect();
            (!missing.is_empty()).then(|| {
                format!(
                    "no passwords were given for {}: those that they have stay. {how}",
                    names(missing)
                )
            })
        }
    }
}

/// `pacer-fetch life ID`
pub(crate) async fn life(id: i64) -> anyhow::Result<()> {
    let store = store().await?;
    let request = store.request(FetchId(id)).await?;
    let request = request.with_context(|| format!("there is no request {id}"))?;
    let doubts = store.open_doubts().await?;
    let in_doubt = doubts
        .iter()
        .filter(|doubt| doubt.request == FetchId(id))
        .fold(0_i32, |sum, doubt| sum.saturating_add(doubt.at_most.0));
    println!(
        "request {id}: {} at {}, {}, cost {}",
        request.asked.kind.token(),
        request.asked.target_court,
        request.state,
        life::cost(request.cost, Cents(in_doubt))
    );
    print!("{}", life::told(&store.life(FetchId(id)).await?));
    Ok(())
}
