//! A server that does not keep everybody to their own is not taken.

use fetch_bus::{Error, Role};

use crate::within;

/// Insists that nobody takes this server, and that they are told what to do.
async fn is_refused(users: &str, by_reason: &str) {
    let Some(server) = testkit::nats_with_users(users).await else {
        return;
    };
    for role in Role::ALL {
        let refused = within(fetch_bus::connect(role, &server.config(role))).await;
        let Err(error @ Error::Misconfigured { .. }) = refused else {
            panic!("{role:?}: {refused:?}");
        };
        let told = error.to_string();
        assert!(told.contains(by_reason), "{told}");
        assert!(told.contains("deploy/nats-users.conf"), "{told}");
    }
}

#[tokio::test]
async fn a_server_that_lets_everybody_in_is_refused() {
    is_refused("", "lets everybody in").await;
}

#[tokio::test]
async fn a_server_that_permits_everything_is_refused() {
    let users: String = Role::ALL
        .into_iter()
        .map(|role| format!("    {{ nkey: ${} }}\n", role.variable()))
        .collect();
    let users = format!("authorization {{\n  users: [\n{users}  ]\n}}\n");
    is_refused(&users, "publish to _INBOX_").await;
}

#[tokio::test]
async fn accounts_without_permissions_are_refused() {
    let accounts: String = Role::ALL
        .into_iter()
        .map(|role| {
            let (account, key) = (role.account(), role.variable());
            format!("  {account}: {{ jetstream: enabled, users: [ {{ nkey: ${key} }} ] }}\n")
        })
        .collect();
    is_refused(
        &format!("accounts {{\n{accounts}}}\n"),
        "publish to _INBOX_",
    )
    .await;
}
