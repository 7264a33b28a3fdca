//! The servers' configuration, made from the table in `access.rs`.

use std::collections::BTreeMap;

use crate::{
    Role,
    access::{Import, LOGIN_WITHIN, Traffic},
    subject,
};

/// The part of a server's configuration that names the accounts, their users and what each may do.
/// `key` gives the public NKey of a user, or the variable that holds it; `more_users` are others of
/// the same account.
#[must_use]
pub fn accounts(key: impl Fn(Role) -> String, more_users: impl Fn(Role) -> String) -> String {
    let accounts: String = Role::ALL
        .into_iter()
        .map(|role| account(role, &user(role, &key(role)), &more_users(role)))
        .collect();
    format!("authorization {{ timeout: 5 }}\naccounts {{\n{accounts}}}\n")
}

fn account(role: Role, user: &str, more_users: &str) -> String {
    let streams = match role.keeps_streams() {
        true => "    jetstream: enabled\n",
        false => "",
    };
    let imports: String = role.imports().iter().map(import).collect();
    format!(
        "  # {name}\n  {account}: {{\n{streams}    users: [\n{user}{more_users}    ]\n\
         {exports}{imports}  }}\n",
        name = role.name(),
        account = role.account(),
        exports = list("exports", &exports(role)),
        imports = list("imports", &imports),
    )
}

fn list(name: &str, lines: &str) -> String {
    match lines {
        "" => String::new(),
        lines => format!("    {name}: [\n{lines}    ]\n"),
    }
}

fn user(role: Role, key: &str) -> String {
    let list = |subjects: Vec<String>| -> String {
        let lines = subjects.into_iter();
        lines
            .map(|subject| format!("            \"{subject}\"\n"))
            .collect()
    };
    let answers = match role.answers_within() {
        Some(time) => format!("          allow_responses: {{ max: 1, expires: \"{time}\" }}\n"),
        None => String::new(),
    };
    format!(
        "      {{\n        nkey: {key}\n        permissions: {{\n          publish: {{ allow: [\n\
         {publishes}          ] }}\n          subscribe: {{ allow: [\n{subscribes}          ] }}\n\
         {answers}        }}\n      }}\n",
        publishes = list(role.publishes()),
        subscribes = list(role.subscribes()),
    )
}

/// What others import from it, each for those who do and for nobody else.
fn exports(owner: Role) -> String {
    let mut importers: BTreeMap<(String, Traffic), Vec<String>> = BTreeMap::new();
    for role in Role::ALL {
        let imports = role.imports().into_iter();
        for import in imports.filter(|import| import.owner == owner) {
            let importers = importers.entry((import.subject, import.traffic));
            importers.or_default().push(role.account());
        }
    }
    let line = |((subject, traffic), importers): (&(String, Traffic), &Vec<String>)| {
        let (kind, answers) = match traffic {
            Traffic::News => ("stream", String::new()),
            Traffic::Questions => ("service", ", response_type: stream".to_owned()),
            // Servers forget a question after two minutes unless they are told otherwise.
            Traffic::Question if subject == subject::LOGIN => (
                "service",
                format!(", response_threshold: \"{LOGIN_WITHIN}\""),
            ),
            Traffic::Question => ("service", String::new()),
        };
        let importers = importers.join(", ");
        format!("      {{ {kind}: \"{subject}\"{answers}, accounts: [{importers}] }}\n")
    };
    importers.iter().map(line).collect()
}

fn import(import: &Import) -> String {
    let kind = match import.traffic {
        Traffic::News => "stream",
        Traffic::Question | Traffic::Questions => "service",
    };
    let (account, subject) = (import.owner.account(), &import.subject);
    let name = match &import.name {
        name if name == subject => String::new(),
        name => format!(", to: \"{name}\""),
    };
    format!("      {{ {kind}: {{ account: {account}, subject: \"{subject}\" }}{name} }}\n")
}
