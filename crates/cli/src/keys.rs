//! `keys`: the secrets by which the processes of one deployment know each other.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use anyhow::Context;
use chrono::{TimeDelta, Utc};
use clap::Args;
use fetch_bus::Role;
use fetch_keys::{
    AUTHORITY_DAYS, Authority, DatabasePasswords, NatsUsers, SERVER_DAYS, as_user, random_hex,
};
use fetch_model::DatabaseRole;

/// Servers that are given a certificate, by the names of their services.
const SERVERS: [&str; 3] = ["nats", "postgres", "gateway"];

#[derive(Debug, Args)]
pub struct KeysArguments {
    /// The directory to write to; the command fails rather than overwrite a file
    directory: PathBuf,
    /// A host name of the gateway, in addition to `gateway` and `localhost`
    #[arg(long)]
    host: Vec<String>,
    /// Keep the certificate authority's key, as tls/ca.key, to sign more certificates or renew these. Control it
    /// where no service can read it
    #[arg(long)]
    keep_ca_key: bool,
}

/// Writes one file per secret, each readable for its owner alone, and says what is whose.
pub fn write(arguments: &KeysArguments) -> anyhow::Result<()> {
    let directory = &arguments.directory;
    fs::create_dir_all(directory)?;
    let users = NatsUsers::make()?;
    for role in Role::ALL {
        let file = format!("{}.nkey", role.name());
        keep(directory, &file, users.seed(role))?;
    }
    for file in ["session.key", "login.key", "login-shared.key"] {
        keep(directory, file, &random_hex::<32>())?;
    }
    write_database(directory)?;
    let public: String = users
        .environment()
        .into_iter()
        .map(|(name, key)| format!("{name}={key}\n"))
        .collect();
    keep(directory, "nats.env", &public)?;
    // Read by whoever starts the containers, and no secret.
    let everybody = fs::Permissions::from_mode(0o644);
    fs::set_permissions(directory.join("nats.env"), everybody)?;
    let authority = Authority::make()?;
    for server in SERVERS {
        let mut names = vec![server, "localhost", "127.0.0.1"];
        if server == "gateway" {
            names.extend(arguments.host.iter().map(String::as_str));
        }
        authority.certify(&directory.join("tls").join(server), &names)?;
    }
    if arguments.keep_ca_key {
        keep(&directory.join("tls"), "ca.key", &authority.key_pem())?;
    }
    println!("{}", told(directory));
    println!("{}", told_ends(arguments.keep_ca_key));
    Ok(())
}

fn keep(directory: &Path, name: &str, content: &str) -> anyhow::Result<()> {
    let path = directory.join(name);
    let mut options = OpenOptions::new();
    let file = options.write(true).create_new(true).mode(0o600).open(&path);
    file.and_then(|mut file| file.write_all(content.as_bytes()))
        .with_context(|| format!("cannot write {}", path.display()))
}

/// The database as compose.yaml has it. It is asked for its certificate.
const DATABASE: &str =
    "postgres://nobody@postgres/pacer_fetch?sslmode=verify-full&sslrootcert=/run/secrets/ca";

/// Who owns the database, and migrates.
const OWNER: &str = "pacer_fetch";

/// Everybody who comes to the database comes as somebody else.
fn write_database(directory: &Path) -> anyhow::Result<()> {
    let directory = &directory.join("database");
    fs::create_dir_all(directory)?;
    let passwords = DatabasePasswords::make();
    for role in DatabaseRole::ALL {
        let file = format!("{}.url", role.service());
        keep(directory, &file, &passwords.url(role, DATABASE))?;
    }
    keep(directory, "passwords", &passwords.list())?;
    let owners = random_hex::<24>();
    keep(directory, "owner.password", &owners)?;
    keep(directory, "owner.url", &as_user(DATABASE, OWNER, &owners))?;
    keep(directory, "superuser.password", &random_hex::<24>())
}

fn told(directory: &Path) -> String {
    format!(
        "wrote to {}:\n\
         \n\
         SERVICE.nkey       PACER_FETCH_NATS_NKEY, for that service only\n\
         session.key        PACER_FETCH_SESSION_KEY, for login and the fetchers\n\
         login.key          PACER_FETCH_LOGIN_KEY, for login only\n\
         login-shared.key   PACER_FETCH_LOGIN_SHARED_KEY, for gateway and login\n\
         database/          for the database in compose.yaml:\n\
         \x20 SERVICE.url      PACER_FETCH_DATABASE_URL, for that service only; login has none\n\
         \x20 owner.url        the same for `pacer-fetch migrate`; no running service needs it\n\
         \x20 passwords        PACER_FETCH_DATABASE_PASSWORDS, for `pacer-fetch migrate`, which sets them\n\
         \x20 owner.password, superuser.password   for Postgres, at its first start\n\
         nats.env           the environment of the NATS servers: public keys, no secrets\n\
         tls/SERVER/        certificate and key of that server; ca.pem is the authority that clients trust\n\
         \n\
         Pass each as NAME_FILE, and keep no copy where one service can read another's.",
        directory.display()
    )
}

/// Until when they are good, and what to do then.
fn told_ends(ca_key_is_kept: bool) -> String {
    let on = |days| (Utc::now() + TimeDelta::days(days)).format("%-d %B %Y");
    let then = match ca_key_is_kept {
        true => "use tls/ca.key to sign new ones, with any tool",
        false => {
            "generate all keys again before that, because the key that signed these was not kept \
             (--keep-ca-key keeps it)"
        }
    };
    format!(
        "The certificates expire on {}, and ca.pem on {}; {then}. A gateway loads new files \
         without a restart.",
        on(SERVER_DAYS),
        on(AUTHORITY_DAYS)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_secret_is_in_a_file_of_its_own_and_none_is_overwritten() {
        let home = tempfile::tempdir().unwrap();
        let arguments = KeysArguments {
            directory: home.path().join("keys"),
            host: vec!["fetch.example.org".to_owned()],
            keep_ca_key: true,
        };
        write(&arguments).unwrap();
        for file in [
            "login.nkey",
            "ocr.nkey",
            "session.key",
            "database/ocr.url",
            "database/owner.url",
            "tls/nats/server.key",
            "tls/ca.key",
        ] {
            let path = arguments.directory.join(file);
            let mode = fs::metadata(&path).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "{file}");
            assert!(fs::metadata(&path).unwrap().len() > 50, "{file}");
        }
        let public = fs::read_to_string(arguments.directory.join("nats.env")).unwrap();
        assert_eq!(public.lines().count(), Role::ALL.len());
        assert!(public.lines().all(|line| line.contains("=U")), "{public}");
        let before = fs::read_to_string(arguments.directory.join("login.nkey")).unwrap();
        assert!(write(&arguments).is_err());
        let after = fs::read_to_string(arguments.directory.join("login.nkey")).unwrap();
        assert_eq!(before, after);
    }
}
