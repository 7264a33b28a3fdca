//! As whom services come, and whose the roles are.

use fetch_db::roles::{RolePasswords, WhoseRoles};
use fetch_model::DatabaseRole;
use sqlx::AssertSqlSafe;

use super::{ROLES, is_denied, pool_of};

#[tokio::test]
async fn a_service_does_not_come_as_somebody_who_may_do_more() {
    let Some(built) = testkit::store(2).await else {
        return;
    };
    for role in ROLES {
        let store = built.of(role).await;
        store.db.ensure_least_rights(role).await.unwrap();
        assert_eq!(
            store.db.old_schema().await.unwrap(),
            None,
            "{}",
            role.name()
        );
        store.db.probe().await.unwrap();
        let refused = built.store.db.ensure_least_rights(role).await.unwrap_err();
        let refused = refused.to_string();
        for word in ["PACER_FETCH_DATABASE_URL", "superuser", role.name()] {
            assert!(refused.contains(word), "{refused}");
        }
    }
}

/// Each is the role in all that was granted, and has something beside it.
#[tokio::test]
async fn a_service_does_not_come_as_its_role_with_something_beside() {
    let Some(built) = testkit::store(2).await else {
        return;
    };
    let run = async |statement: String| {
        sqlx::raw_sql(AssertSqlSafe(statement))
            .execute(&built.pool)
            .await
            .unwrap();
    };
    let database: String = sqlx::query_scalar("select current_database()::text")
        .fetch_one(&built.pool)
        .await
        .unwrap();
    let ocr = DatabaseRole::Ocr.name();
    let number = std::process::id();
    for (word, attributes, also) in [
        ("createrole", "createrole", ""),
        ("createdb", "createdb", ""),
        ("bypassrls", "bypassrls", ""),
        ("replication", "replication", ""),
        ("pacer_fetch_gateway", "", "grant pacer_fetch_gateway to {}"),
        // The rights of a role that is not inherited from can be had as well.
        (
            "pacer_fetch_operator",
            "noinherit",
            "grant pacer_fetch_operator to {}",
        ),
        (
            "pg_execute_server_program",
            "",
            "grant pg_execute_server_program to {}",
        ),
        ("pg_read_all_data", "", "grant pg_read_all_data to {}"),
        (
            "superuser",
            "superuser",
            "alter role {} set role pacer_fetch_ocr",
        ),
        ("and not pacer_fetch_ocr", "", ""),
    ] {
        let name = format!("somebody_{number}_{}", word.replace(' ', "_"));
        run(format!(
            "create role {name} login {attributes} password 'of-a-role-in-a-test'"
        ))
        .await;
        run(format!("grant {ocr} to {name}")).await;
        // Whoever inherits nothing would not come in.
        run(format!("grant connect on database {database} to {name}")).await;
        if !also.is_empty() {
            run(also.replace("{}", &name)).await;
        }
        let url = built.database().url_of(DatabaseRole::Ocr);
        let store = testkit::open_store(&url.replace(ocr, &name), built.blobs.path(), 2).await;
        let refused = store.db.ensure_least_rights(DatabaseRole::Ocr).await;
        let refused = refused.unwrap_err().to_string();
        assert!(refused.contains(word), "{word}: {refused}");
    }
}

/// Roles are the server's: a second deployment would give them its passwords, and its services could come
/// into the database of the first.
#[tokio::test]
async fn a_second_deployment_leaves_the_roles_of_the_first_alone() {
    let Some(first) = testkit::store(2).await else {
        return;
    };
    let Some(second) = testkit::empty_database().await else {
        return;
    };
    let blobs = tempfile::tempdir().unwrap();
    let second = testkit::open_store(&second.url, blobs.path(), 2).await;
    let refused = second.migrate(WhoseRoles::ThisDatabases).await.unwrap_err();
    let name: String = sqlx::query_scalar("select current_database()::text")
        .fetch_one(&first.pool)
        .await
        .unwrap();
    let refused = refused.to_string();
    for words in [name.as_str(), "another deployment", "--share-roles"] {
        assert!(refused.contains(words), "{words}: {refused}");
    }
    // Nothing is served there, and nobody of the first comes in.
    assert!(second.db.old_schema().await.unwrap().is_some());
    second.migrate(WhoseRoles::Shared).await.unwrap();
    assert_eq!(second.db.old_schema().await.unwrap(), None);
}

/// Whoever owns the database and may make roles need not be a superuser to migrate.
#[tokio::test]
async fn a_plain_owner_migrates() {
    // With it come the roles, which all databases of a server share.
    if testkit::database().await.is_none() {
        return;
    }
    let Some(database) = testkit::empty_database().await else {
        return;
    };
    let superuser = database.pool().await;
    let owner = format!("owner_{}", std::process::id());
    let name: String = sqlx::query_scalar("select current_database()::text")
        .fetch_one(&superuser)
        .await
        .unwrap();
    for statement in [
        format!("create role {owner} login createrole password 'of-a-role-in-a-test'"),
        format!("alter database {name} owner to {owner}"),
    ] {
        let done = sqlx::raw_sql(AssertSqlSafe(statement));
        done.execute(&superuser).await.unwrap();
    }
    let url = database.url_of(DatabaseRole::Operator);
    let url = url.replace("pacer_fetch_operator", &owner);
    let blobs = tempfile::tempdir().unwrap();
    let store = testkit::open_store(&url, blobs.path(), 2).await;
    store.migrate(WhoseRoles::Shared).await.unwrap();
    let ocr = testkit::open_store(&database.url_of(DatabaseRole::Ocr), blobs.path(), 2).await;
    assert_eq!(ocr.db.old_schema().await.unwrap(), None);
    ocr.db.ensure_least_rights(DatabaseRole::Ocr).await.unwrap();
    let pool = pool_of(&database, DatabaseRole::Ocr).await;
    assert!(is_denied(&pool, "select id from users").await);
    // Again, as with every version; and nobody else may.
    store.migrate(WhoseRoles::Shared).await.unwrap();
    let refused = ocr.migrate(WhoseRoles::Shared).await.unwrap_err();
    assert!(
        format!("{refused:?}").contains("permission denied"),
        "{refused:?}"
    );
}

/// Whoever migrates as a service, or with no right to make roles, hears as whom to come, and nothing of what
/// is there has changed.
#[tokio::test]
async fn who_does_not_own_the_schema_is_told_to_come_as_its_owner() {
    let Some(built) = testkit::store(2).await else {
        return;
    };
    for role in DatabaseRole::ALL {
        let url = built.database().url_of(role);
        let store = testkit::open_store(&url, built.blobs.path(), 2).await;
        let refused = store.migrate(WhoseRoles::ThisDatabases).await.unwrap_err();
        let said = refused.to_string();
        for words in [
            "migrate as the owner of the database",
            "PACER_FETCH_DATABASE_URL",
        ] {
            assert!(said.contains(words), "{role:?}: {said}");
        }
        // Everybody may change a password of their own.
        let other = match role {
            DatabaseRole::Ocr => "gateway:of-a-role-in-a-test",
            _ => "ocr:of-a-role-in-a-test",
        };
        let passwords = RolePasswords::parse(&other.into()).unwrap();
        let said = store
            .db
            .set_passwords(&passwords)
            .await
            .unwrap_err()
            .to_string();
        assert!(said.contains("may create roles"), "{role:?}: {said}");
    }
    built.store.migrate(WhoseRoles::Shared).await.unwrap();
}
