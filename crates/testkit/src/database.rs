//! A database for one test.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use dev_stack::as_user;
use dev_stack::postgres::with_database;
use fetch_model::DatabaseRole;
use sqlx::migrate::Migrator;
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, PgConnection, PgPool};
use tokio::sync::OnceCell;

use crate::place::{skip, variable};

/// Names the server; `pacer-fetch dev services` sets it.
const SERVER: &str = "PACER_FETCH_TEST_DATABASE_URL";

/// What roles are written in, beside the migrations.
const ROLES: &str = "../fetch-db/roles.sql";

/// The password of every role, on servers that live as long as the tests.
const PASSWORD: &str = "of-a-role-in-a-test";

/// Holds only while somebody makes the template.
const TEMPLATE_LOCK: i64 = 0x7465_6d70_6c61_7465;

static TEMPLATE: OnceCell<String> = OnceCell::const_new();
static COUNT: AtomicU64 = AtomicU64::new(0);

/// All that pages are merged into.
pub const MERGED_TABLES: [&str; 11] = [
    "dockets",
    "bankruptcy_information",
    "originating_court_information",
    "docket_entries",
    "recap_documents",
    "parties",
    "party_types",
    "criminal_counts",
    "criminal_complaints",
    "attorneys",
    "roles",
];

/// A database that nobody else uses, with the schema of the store, the rights of its roles, and no rows.
///
/// It is dropped with the server. Dropping it earlier would need the test to have closed every
/// connection, and a forgotten one would fail a test that passed.
#[derive(Debug, Clone)]
pub struct TestDatabase {
    /// Where it is, for whoever may do everything; holds the password.
    pub url: String,
}

impl TestDatabase {
    /// Where it is, for a service or the operator.
    #[must_use]
    pub fn url_of(&self, role: DatabaseRole) -> String {
        as_user(&self.url, role.name(), PASSWORD)
    }

    /// A pool of connections, for looking at rows that no function of the store shows.
    ///
    /// # Panics
    /// When the database is gone.
    pub async fn pool(&self) -> PgPool {
        PgPool::connect(&self.url)
            .await
            .expect("the test's database answers")
    }
}

/// A database for this test, cloned from a template with the present schema.
///
/// `None` when there is no server to make it on: the test is to return at once. In CI, where
/// nothing may be skipped, that is a failure instead.
///
/// ```ignore
/// let Some(database) = testkit::database().await else { return };
/// ```
///
/// # Panics
/// When the server refuses, and in CI when there is none.
pub async fn database() -> Option<TestDatabase> {
    let server = Server::find()?;
    let make = || make_template(&server.options);
    let template = TEMPLATE.get_or_init(make).await;
    Some(server.make(&format!("template {template}")).await)
}

/// A database in which nobody has made anything yet.
///
/// `None` when there is no server to make it on, as with [`database()`].
///
/// # Panics
/// When the server refuses, and in CI when there is none.
pub async fn empty_database() -> Option<TestDatabase> {
    Some(Server::find()?.make("").await)
}

/// Where databases are made.
struct Server {
    url: String,
    options: PgConnectOptions,
}

impl Server {
    fn find() -> Option<Server> {
        let Some(url) = variable(SERVER) else {
            skip(&format!("{SERVER} is not set"));
            return None;
        };
        let options = url.parse().expect("the URL of the server can be read");
        Some(Server { url, options })
    }

    /// A new database, made in this way.
    async fn make(&self, how: &str) -> TestDatabase {
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("test_{}_{number}", std::process::id());
        let mut connection = connect(&self.options).await;
        execute(&mut connection, format!("create database {name} {how}")).await;
        TestDatabase {
            url: with_database(&self.url, &name),
        }
    }
}

/// Makes the template if no test process has made it yet; gives its name, which changes with
/// the schema.
async fn make_template(server: &PgConnectOptions) -> String {
    let migrations = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fetch-db/migrations");
    let migrator = Migrator::new(migrations)
        .await
        .expect("the migrations can be read");
    let roles = Path::new(env!("CARGO_MANIFEST_DIR")).join(ROLES);
    let roles = std::fs::read_to_string(roles).expect("the roles can be read");
    let name = template_name(&migrator, &roles);
    let mut connection = connect(server).await;
    execute(
        &mut connection,
        format!("select pg_advisory_lock({TEMPLATE_LOCK})"),
    )
    .await;
    let known = "select exists (select 1 from pg_database where datname = $1)";
    let known: bool = sqlx::query_scalar(known)
        .bind(&name)
        .fetch_one(&mut connection)
        .await
        .expect("the server answers");
    if !known {
        // Renamed only when complete, so that a half-made template is never found.
        let unfinished = format!("unfinished_{}", std::process::id());
        execute(&mut connection, format!("create database {unfinished}")).await;
        let mut inside = connect(&server.clone().database(&unfinished)).await;
        migrator.run(&mut inside).await.expect("the migrations run");
        execute(&mut inside, roles).await;
        for role in DatabaseRole::ALL {
            let name = role.name();
            execute(
                &mut inside,
                format!("alter role {name} password '{PASSWORD}'"),
            )
            .await;
        }
        inside.close().await.expect("the connection closes");
        execute(
            &mut connection,
            format!("alter database {unfinished} rename to {name}"),
        )
        .await;
    }
    execute(
        &mut connection,
        format!("select pg_advisory_unlock({TEMPLATE_LOCK})"),
    )
    .await;
    name
}

fn template_name(migrator: &Migrator, roles: &str) -> String {
    let checksums = migrator
        .iter()
        .flat_map(|migration| migration.checksum.iter());
    let hash = checksums
        .chain(roles.as_bytes())
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
        });
    format!("template_{hash:016x}")
}

async fn connect(options: &PgConnectOptions) -> PgConnection {
    options
        .connect()
        .await
        .expect("the server of the tests answers")
}

/// Names in the statements are made above, of letters and digits.
async fn execute(connection: &mut PgConnection, statement: String) {
    let result = sqlx::raw_sql(AssertSqlSafe(statement))
        .execute(connection)
        .await;
    result.expect("the server of the tests does what it is told");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn every_test_has_a_database_of_its_own_with_the_schema() {
        let Some(first) = database().await else {
            return;
        };
        let second = database().await.unwrap();
        assert_ne!(first.url, second.url);
        let add = "insert into users (name) values ('somebody')";
        sqlx::query(add).execute(&first.pool().await).await.unwrap();
        let count = "select count(*) from users";
        let others: i64 = sqlx::query_scalar(count)
            .fetch_one(&second.pool().await)
            .await
            .unwrap();
        assert_eq!(others, 0);
    }
}
