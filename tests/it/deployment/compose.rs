//! compose.yaml, beside what the programs read.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, ensure};
use fetch_model::DatabaseRole;
use serde_json::{Map, Value};

use super::needs::{
    Neighbour, Process, commands, documents, file, port, services, texts, variables,
};

type Services = Map<String, Value>;

fn compose() -> anyhow::Result<Value> {
    documents("deploy/compose.yaml")?
        .pop()
        .context("a document")
}

fn services_of(compose: &Value) -> anyhow::Result<&Services> {
    compose["services"].as_object().context("services")
}

/// What a process is called there.
fn called(process: &Process) -> &'static str {
    match process.name {
        "operator" => "pacer-fetch",
        name => name,
    }
}

/// What a neighbour is called there.
fn neighbour(neighbour: Neighbour) -> &'static str {
    match neighbour {
        Neighbour::Queue => "nats",
        Neighbour::Database => "postgres",
        Neighbour::Courts => "pacer-sim",
    }
}

fn all() -> Vec<Process> {
    services().into_iter().chain(commands()).collect()
}

#[test]
fn each_service_is_told_what_it_needs_and_nothing_else_and_no_secret_openly() -> anyhow::Result<()>
{
    for process in all() {
        let name = process.name;
        let told = variables(&format!("deploy/{name}.env"))?;
        let mistakes = process.mistakes(&told);
        ensure!(mistakes.is_empty(), "{name}: {mistakes:?}");
        for variable in told.keys() {
            let setting = variable.trim_start_matches("PACER_FETCH_");
            let (setting, in_file) = match setting.strip_suffix("_FILE") {
                Some(setting) => (setting, true),
                None => (setting, false),
            };
            ensure!(process.reads(setting), "{name} does not read {setting}");
            let is_secret = process.secrets.contains(setting);
            ensure!(!is_secret || in_file, "{name}: {setting} is a secret");
        }
    }
    Ok(())
}

/// Every secret that a process is told to read is given to it, and no other; and `pacer-fetch keys` writes
/// each of them, with the user of that very process in the URL of the database.
#[test]
fn each_process_is_given_the_secrets_that_it_is_told_to_read() -> anyhow::Result<()> {
    let compose = compose()?;
    let written = tempfile::tempdir()?;
    let keys = written.path().join("keys");
    let status = Command::new(program()?).arg("keys").arg(&keys).output()?;
    ensure!(status.status.success(), "{status:?}");
    let place = |source: &str| -> anyhow::Result<PathBuf> {
        let file = compose["secrets"][source]["file"].as_str();
        Ok(written.path().join(file.context(source.to_owned())?))
    };
    let mut used = BTreeSet::new();
    for (service, block) in services_of(&compose)? {
        let given = secrets_of(block);
        for source in given.values() {
            ensure!(place(source)?.is_file(), "nobody writes {source}");
            used.insert(source.clone());
        }
        let Some(process) = all().into_iter().find(|process| called(process) == service) else {
            continue;
        };
        let name = process.name;
        ensure!(block["env_file"] == *format!("{name}.env"), "{name}.env");
        let told = variables(&format!("deploy/{name}.env"))?;
        let read: BTreeSet<&str> = told
            .values()
            .filter_map(|value| value.strip_prefix("/run/secrets/"))
            // It is named in the URL of the database.
            .chain(process.reads("DATABASE_URL").then_some("ca"))
            .collect();
        let targets: BTreeSet<&str> = given.keys().map(String::as_str).collect();
        ensure!(
            targets == read,
            "{name} is given {targets:?} and reads {read:?}"
        );
        if let Some(source) = given.get("database-url") {
            let url = std::fs::read_to_string(place(source)?)?;
            let user = DatabaseRole::of(name).map_or("pacer_fetch", DatabaseRole::name);
            ensure!(
                url.starts_with(&format!("postgres://{user}:")),
                "{name}: {user}"
            );
            ensure!(url.contains("@postgres/") && url.contains("sslrootcert=/run/secrets/ca"));
        }
    }
    let defined = compose["secrets"].as_object().context("secrets")?;
    for secret in defined.keys() {
        ensure!(used.contains(secret), "nobody is given {secret}");
    }
    let postgres = &compose["services"]["postgres"];
    let password = postgres["environment"]["POSTGRES_PASSWORD_FILE"].as_str();
    let password = password.and_then(|path| path.strip_prefix("/run/secrets/"));
    let password = password.context("as a file")?;
    ensure!(secrets_of(postgres).contains_key(password), "{password}");
    // What makes the database runs as postgres, and has a copy that is its own.
    let copy = "/run/postgresql/owner-password";
    let begins = postgres["entrypoint"].to_string();
    ensure!(
        begins.contains(&format!("/run/secrets/owner-password {copy}")),
        "{begins}"
    );
    ensure!(file("deploy/postgres-init.sh")?.contains(&format!("password=$(cat {copy})\n")));
    Ok(())
}

/// The program beside this test.
fn program() -> anyhow::Result<PathBuf> {
    let test = std::env::current_exe()?;
    let directory = test.parent().and_then(|deps| deps.parent());
    Ok(directory
        .context("a test lies two directories deep")?
        .join("pacer-fetch"))
}

/// By which name a service finds which secret.
fn secrets_of(block: &Value) -> BTreeMap<String, String> {
    let list = block["secrets"]
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default();
    let entries = list.iter().map(|entry| {
        let source = entry.as_str().or_else(|| entry["source"].as_str());
        let source = source.unwrap_or_default();
        let target = entry["target"].as_str().unwrap_or(source);
        (target.to_owned(), source.to_owned())
    });
    entries.collect()
}

/// Two share a network if one needs the other, and it has no third.
#[test]
fn whoever_is_taken_over_reaches_its_neighbours_and_nobody_else() -> anyhow::Result<()> {
    let compose = compose()?;
    let blocks = services_of(&compose)?;
    let mut members: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (service, block) in blocks {
        ensure!(block.get("network_mode").is_none(), "{service}");
        let networks = texts(&block["networks"]);
        ensure!(!networks.is_empty(), "{service} is on the network of all");
        for network in networks {
            members.entry(network).or_default().push(service);
        }
    }
    let mut joined = BTreeSet::new();
    for (network, members) in &members {
        let options = &compose["networks"][*network];
        if let [alone] = members[..] {
            ensure!(
                blocks[alone].get("ports").is_some(),
                "{network} leads nowhere"
            );
            continue;
        }
        ensure!(options["internal"] == true, "{network} leads outside");
        let [one, other] = members[..] else {
            anyhow::bail!("{network} joins {members:?}");
        };
        ensure!(joined.insert(pair(one, other)), "{one} and {other} twice");
    }
    let mut needed = BTreeSet::new();
    for process in all() {
        for other in Neighbour::ALL {
            if process.speaks_with(other) {
                needed.insert(pair(called(&process), neighbour(other)));
            }
        }
    }
    ensure!(joined == needed, "joined {joined:?}, needed {needed:?}");
    let defined = compose["networks"].as_object().context("networks")?;
    let unused: Vec<_> = defined
        .keys()
        .filter(|name| !members.contains_key(name.as_str()))
        .collect();
    ensure!(unused.is_empty(), "{unused:?}");
    Ok(())
}

fn pair<'a>(one: &'a str, other: &'a str) -> (&'a str, &'a str) {
    if one < other {
        (one, other)
    } else {
        (other, one)
    }
}

#[test]
fn nobody_may_write_or_become_more_than_it_is() -> anyhow::Result<()> {
    let compose = compose()?;
    for (service, block) in services_of(&compose)? {
        ensure!(block["read_only"] == true, "{service} writes anywhere");
        ensure!(
            texts(&block["cap_drop"]) == ["ALL"],
            "{service} keeps capabilities"
        );
        let options = texts(&block["security_opt"]);
        ensure!(
            options.contains(&"no-new-privileges:true"),
            "{service}: {options:?}"
        );
        for key in ["privileged", "pid", "ipc", "devices", "userns_mode"] {
            ensure!(block.get(key).is_none(), "{service} has {key}");
        }
        let is_ours = block.get("build").is_some();
        ensure!(
            !is_ours || (block.get("cap_add").is_none() && block.get("user").is_none()),
            "the image says who {service} is"
        );
        for port in texts(&block["ports"]) {
            ensure!(
                port.starts_with("127.0.0.1:"),
                "{service} is open to all: {port}"
            );
        }
        for (name, value) in block["environment"].as_object().into_iter().flatten() {
            let is_secret = ["PASSWORD", "KEY", "SECRET", "TOKEN"]
                .iter()
                .any(|it| name.contains(it));
            ensure!(
                !is_secret || name.ends_with("_FILE"),
                "{service}: {name}={value}"
            );
        }
    }
    // The user of what is ours, and of the keys that are theirs.
    let image = file("deploy/Dockerfile")?;
    ensure!(image.contains("\nUSER 10001\n") && image.trim_end().ends_with("\"]"));
    // Without the features of the command, and with that of the reader, whose scans take twice as long else.
    ensure!(image.contains("--no-default-features --features ocr/line-network"));
    let text = file("deploy/compose.yaml")?;
    ensure!(text.contains("chown -R 10001 deploy/keys"));
    Ok(())
}

#[test]
fn ports_and_volumes_are_those_of_the_settings() -> anyhow::Result<()> {
    let compose = compose()?;
    let blocks = services_of(&compose)?;
    let gateway = variables("deploy/gateway.env")?;
    let listens: Vec<u64> = ["HTTP_LISTEN", "GRPC_LISTEN"]
        .iter()
        .map(|name| port(&gateway[&format!("PACER_FETCH_{name}")]))
        .collect::<anyhow::Result<_>>()?;
    let published: Vec<u64> = texts(&blocks["gateway"]["ports"])
        .into_iter()
        .map(port)
        .collect::<anyhow::Result<_>>()?;
    ensure!(published == listens, "{published:?} {listens:?}");
    let nats = file("deploy/nats.conf")?;
    let configured = |name: &str| {
        let line = nats.lines().find(|line| line.starts_with(name));
        port(line.context(name.to_owned())?.trim_end_matches('"'))
    };
    let health = texts(&blocks["nats"]["healthcheck"]["test"]);
    let health = health.last().context("a health check")?;
    ensure!(
        health.contains(&format!(":{}/", configured("http:")?)),
        "{health}"
    );
    let simulator = file("deploy/Dockerfile")?;
    for process in all() {
        let (name, told) = (
            process.name,
            variables(&format!("deploy/{}.env", process.name))?,
        );
        let block = &blocks[called(&process)];
        let setting = |name: &str| told.get(&format!("PACER_FETCH_{name}"));
        if let Some(url) = setting("NATS_URL") {
            ensure!(
                url.starts_with("tls://nats:") && port(url)? == configured("listen:")?,
                "{url}"
            );
        }
        for url in ["CSO_URL", "COURT_URL"]
            .iter()
            .filter_map(|name| setting(name))
        {
            ensure!(url.starts_with("http://pacer-sim:"), "{url}");
            ensure!(
                simulator.contains(&format!("EXPOSE {}\n", port(url)?)),
                "{url}"
            );
        }
        let mounted: Vec<&str> = texts(&block["volumes"]);
        let Some(blobs) = setting("BLOB_URL").filter(|_| name != "migrate") else {
            ensure!(mounted.is_empty(), "{name} needs no {mounted:?}");
            continue;
        };
        let expected = match process.is_service && process.only_reads()? {
            true => format!("blobs:{blobs}:ro"),
            false => format!("blobs:{blobs}"),
        };
        ensure!(
            mounted == [expected.as_str()],
            "{name}: {mounted:?}, not {expected}"
        );
    }
    Ok(())
}
