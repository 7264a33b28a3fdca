//! What an operator does: bring the schema up to date, look at a life.

use anyhow::{Context, bail};
use fetch_model::FetchId;
use fetch_runtime::{FromEnv, Settings};
use fetch_store::{Store, StoreConfig, roles::RolePasswords};

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
        let store = StoreConfig {
            database_url: settings.secret("DATABASE_URL"),
            blob_url: settings.required("BLOB_URL"),
            max_connections: 2,
            allow_plain: settings.flag("DATABASE_ALLOW_PLAIN", false),
        };
        OperatorConfig { store }
    }
}

pub(crate) async fn store() -> anyhow::Result<Store> {
    let store = connect().await?;
    match store.old_schema().await? {
        Some(old) => bail!("{old}"),
        None => Ok(store),
    }
}

async fn connect() -> anyhow::Result<Store> {
    let config = Settings::of_this_process().read::<OperatorConfig>()?;
    open(&config.store).await
}

async fn open(config: &StoreConfig) -> anyhow::Result<Store> {
    Store::connect(config)
        .await
        .context("cannot reach the stores")
}

/// `pacer-fetch migrate`
pub(crate) async fn migrate() -> anyhow::Result<()> {
    let config = Settings::of_this_process().read::<OwnerConfig>()?;
    let store = open(&config.store).await?;
    store.migrate().await?;
    store.set_passwords(&config.passwords).await?;
    println!("the schema is up to date, and each service has what it needs of it");
    Ok(())
}

/// `pacer-fetch life ID`
pub(crate) async fn life(id: i64) -> anyhow::Result<()> {
    let store = store().await?;
    let request = store.request(FetchId(id)).await?;
    let request = request.with_context(|| format!("there is no request {id}"))?;
    println!(
        "request {id}: {} at {}, {}, cost {}",
        request.asked.kind.token(),
        request.asked.target_court,
        request.state,
        request.cost
    );
    print!("{}", life::told(&store.life(FetchId(id)).await?));
    Ok(())
}
