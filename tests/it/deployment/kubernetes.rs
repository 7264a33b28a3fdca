//! The manifests of k8s/, beside what the programs read.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use anyhow::{Context, ensure};
use serde_json::Value;

use super::needs::{Neighbour, Process, commands, documents, file, port, root, services, texts};

/// The port of Postgres, where a URL names none.
const POSTGRES: u64 = 5432;

/// All that is applied by a kustomization.
pub(super) fn applied(directory: &str) -> anyhow::Result<Vec<Value>> {
    let mut found = Vec::new();
    let list = documents(&format!("{directory}/kustomization.yaml"))?;
    for resource in texts(&list[0]["resources"]) {
        found.extend(documents(&format!("{directory}/{resource}"))?);
    }
    Ok(found)
}

fn named<'a>(objects: &'a [Value], kind: &str, name: &str) -> anyhow::Result<&'a Value> {
    let found = objects
        .iter()
        .find(|object| object["kind"] == kind && object["metadata"]["name"] == name);
    found.with_context(|| format!("{kind} {name}"))
}

/// Those that are processes, with what is said of their pods.
pub(super) fn pods(objects: &[Value]) -> anyhow::Result<Vec<(Process, &Value)>> {
    let processes = services().into_iter().chain(commands());
    processes
        .map(|process| {
            let kind = match process.name {
                "migrate" => "Job",
                _ => "Deployment",
            };
            let object = named(objects, kind, process.name)?;
            Ok((process, &object["spec"]["template"]))
        })
        .collect()
}

/// The settings that a pod is given.
pub(super) fn given(objects: &[Value], pod: &Value) -> anyhow::Result<BTreeMap<String, String>> {
    let shared = named(objects, "ConfigMap", "pacer-fetch")?["data"].as_object();
    let mut all = BTreeMap::new();
    for (name, value) in shared.context("data")? {
        let value = value.as_str().context("texts are quoted")?;
        all.insert(name.clone(), value.to_owned());
    }
    let container = &pod["spec"]["containers"][0];
    for entry in container["env"].as_array().into_iter().flatten() {
        let name = entry["name"].as_str().context("a name")?;
        let value = entry["value"].as_str();
        let value = value.with_context(|| format!("{name} is not given as a file"))?;
        all.insert(name.to_owned(), value.to_owned());
    }
    Ok(all)
}

#[test]
fn every_file_is_applied() -> anyhow::Result<()> {
    for directory in ["k8s/base", "k8s/nats"] {
        let list = documents(&format!("{directory}/kustomization.yaml"))?;
        let applied: BTreeSet<&str> = texts(&list[0]["resources"]).into_iter().collect();
        for entry in fs::read_dir(root().join(directory))? {
            let name = entry?.file_name().to_string_lossy().into_owned();
            let is_manifest = name.ends_with(".yaml") && name != "kustomization.yaml";
            ensure!(
                !is_manifest || applied.contains(name.as_str()),
                "{directory}/{name}"
            );
        }
    }
    Ok(())
}

/// Each pod is given what its program reads, its secrets as files, and nobody else's.
#[test]
fn pods_are_given_what_they_read_and_secrets_as_files() -> anyhow::Result<()> {
    let objects = applied("k8s/base")?;
    for (process, pod) in pods(&objects)? {
        let name = process.name;
        let all = given(&objects, pod)?;
        let mistakes = process.mistakes(&all);
        ensure!(mistakes.is_empty(), "{name}: {mistakes:?}");
        let (mounted, files) = secret_files(pod)?;
        let mut read = BTreeSet::new();
        for (variable, value) in &all {
            let setting = variable.trim_start_matches("PACER_FETCH_");
            let Some(secret) = setting.strip_suffix("_FILE") else {
                ensure!(
                    !process.secrets.contains(setting),
                    "{name}: {setting} is a secret"
                );
                continue;
            };
            ensure!(
                process.secrets.contains(secret),
                "{name} reads no secret {secret}"
            );
            let path = value.strip_prefix(&format!("{mounted}/"));
            read.insert(path.with_context(|| format!("{name}: {value}"))?.to_owned());
        }
        let found: BTreeSet<String> = files.keys().cloned().collect();
        ensure!(
            found == read,
            "{name} is given {found:?} and reads {read:?}"
        );
        if let Some(secret) = files.get("database-url") {
            let own = match name {
                "migrate" => "pacer-fetch-database-owner".to_owned(),
                _ => format!("pacer-fetch-database-{name}"),
            };
            ensure!(*secret == own, "{name} comes to the database as {secret}");
        }
        let container = &pod["spec"]["containers"][0];
        for file in ["NATS_CA", "TLS_CERTIFICATE", "TLS_KEY"] {
            let Some(path) = all.get(&format!("PACER_FETCH_{file}")) else {
                continue;
            };
            let mounts = container["volumeMounts"].as_array().into_iter().flatten();
            let mut places = mounts.filter_map(|mount| mount["mountPath"].as_str());
            let is_there = places.any(|place| path.starts_with(&format!("{place}/")));
            ensure!(
                is_there || !process.reads(file),
                "{name}: nothing at {path}"
            );
        }
    }
    Ok(())
}

/// Where the secrets of a pod are mounted, and which file is of which.
fn secret_files(pod: &Value) -> anyhow::Result<(String, BTreeMap<String, String>)> {
    let volumes = pod["spec"]["volumes"].as_array().context("volumes")?;
    let volume = volumes.iter().find(|volume| volume["name"] == "secrets");
    let projected = &volume.context("secrets")?["projected"];
    ensure!(
        projected["defaultMode"] == 0o440,
        "secrets are for their user alone"
    );
    let mut files = BTreeMap::new();
    for source in projected["sources"].as_array().context("sources")? {
        let secret = &source["secret"];
        let name = secret["name"].as_str().context("a secret")?;
        for item in secret["items"].as_array().context("items")? {
            let path = item["path"].as_str().context("a path")?;
            files.insert(path.to_owned(), name.to_owned());
        }
    }
    let mounts = pod["spec"]["containers"][0]["volumeMounts"].as_array();
    let mut mounts = mounts.context("mounts")?.iter();
    let mount = mounts
        .find(|mount| mount["name"] == "secrets")
        .context("a mount")?;
    ensure!(mount["readOnly"] == true);
    Ok((
        mount["mountPath"].as_str().context("a path")?.to_owned(),
        files,
    ))
}

#[test]
fn pods_may_write_nothing_and_become_nobody_else() -> anyhow::Result<()> {
    let objects = applied("k8s/base")?;
    let blobs = given(&objects, &Value::Null)?["PACER_FETCH_BLOB_URL"].clone();
    for (process, pod) in pods(&objects)? {
        let name = process.name;
        let spec = &pod["spec"];
        ensure!(spec["automountServiceAccountToken"] == false, "{name}");
        let user = &spec["securityContext"];
        ensure!(
            user["runAsNonRoot"] == true && user["runAsUser"] == 10001,
            "{name}: {user}"
        );
        ensure!(user["seccompProfile"]["type"] == "RuntimeDefault", "{name}");
        let containers = spec["containers"].as_array().context("containers")?;
        ensure!(
            containers.len() == 1 && spec.get("initContainers").is_none(),
            "{name}"
        );
        // The operator's commands forget pages.
        let only_reads = process.is_service && process.only_reads()?;
        let context = &containers[0]["securityContext"];
        ensure!(context["allowPrivilegeEscalation"] == false, "{name}");
        ensure!(context["readOnlyRootFilesystem"] == true, "{name}");
        ensure!(texts(&context["capabilities"]["drop"]) == ["ALL"], "{name}");
        for mount in containers[0]["volumeMounts"].as_array().context("mounts")? {
            let is_blobs = mount["mountPath"] == *blobs;
            let is_read_only = mount["readOnly"] == true;
            let may_write = (is_blobs && !only_reads) || mount["name"] == "tmp";
            ensure!(is_read_only != may_write, "{name}: {mount}");
        }
    }
    Ok(())
}

#[test]
fn pods_open_the_ports_of_their_settings() -> anyhow::Result<()> {
    let objects = applied("k8s/base")?;
    for (process, pod) in pods(&objects)?.into_iter().filter(|(it, _)| it.is_service) {
        let opened: BTreeSet<u64> = pod["spec"]["containers"][0]["ports"]
            .as_array()
            .context("ports")?
            .iter()
            .filter_map(|port| port["containerPort"].as_u64())
            .collect();
        let listens = listens(&process, &given(&objects, pod)?)?;
        ensure!(
            opened == listens,
            "{}: {opened:?}, not {listens:?}",
            process.name
        );
        let scraped = pod["metadata"]["annotations"]["prometheus.io/port"].as_str();
        let admin = admin_port(&objects)?.to_string();
        ensure!(scraped == Some(&*admin), "{}", process.name);
    }
    Ok(())
}

/// The ports on which a process listens.
fn listens(process: &Process, all: &BTreeMap<String, String>) -> anyhow::Result<BTreeSet<u64>> {
    let names = ["HTTP_LISTEN", "GRPC_LISTEN", "ADMIN_LISTEN"];
    let read = names.into_iter().filter(|name| process.reads(name));
    read.map(|name| port(&all[&format!("PACER_FETCH_{name}")]))
        .collect()
}

fn admin_port(objects: &[Value]) -> anyhow::Result<u64> {
    port(&given(objects, &Value::Null)?["PACER_FETCH_ADMIN_LISTEN"])
}

/// Whether a policy is about pods with this name.
fn selects(selector: &Value, name: &str) -> bool {
    let key = "app.kubernetes.io/name";
    if let Some(labels) = selector["matchLabels"].as_object() {
        return labels.len() == 1 && labels.get(key).is_some_and(|label| label == name);
    }
    match selector["matchExpressions"].as_array().map(Vec::as_slice) {
        None => selector.as_object().is_some_and(serde_json::Map::is_empty),
        Some([only]) => {
            only["key"] == key && only["operator"] == "In" && texts(&only["values"]).contains(&name)
        }
        Some(_) => false,
    }
}

/// The rules for pods of this name, in one direction: ports, and who is at the other end.
fn rules(objects: &[Value], name: &str, direction: &str) -> Vec<(BTreeSet<u64>, Vec<Value>)> {
    let (kind, peers) = match direction {
        "egress" => ("Egress", "to"),
        _ => ("Ingress", "from"),
    };
    let policies = objects.iter().filter(|object| {
        object["kind"] == "NetworkPolicy"
            && texts(&object["spec"]["policyTypes"]).contains(&kind)
            && selects(&object["spec"]["podSelector"], name)
    });
    let rules =
        policies.flat_map(|policy| policy["spec"][direction].as_array().into_iter().flatten());
    rules
        .map(|rule| {
            let ports = rule["ports"].as_array().into_iter().flatten();
            let ports = ports.filter_map(|port| port["port"].as_u64()).collect();
            (ports, rule[peers].as_array().cloned().unwrap_or_default())
        })
        .collect()
}

/// The namespace that a peer is in, if it says one.
fn namespace(peer: &Value) -> Option<&str> {
    peer["namespaceSelector"]["matchLabels"]["kubernetes.io/metadata.name"].as_str()
}

fn denies_by_default(objects: &[Value]) -> bool {
    objects.iter().any(|object| {
        let spec = &object["spec"];
        object["kind"] == "NetworkPolicy"
            && spec["podSelector"]
                .as_object()
                .is_some_and(serde_json::Map::is_empty)
            && texts(&spec["policyTypes"]) == ["Ingress", "Egress"]
            && spec.get("ingress").is_none()
            && spec.get("egress").is_none()
    })
}

/// Whoever is taken over reaches what its program has to, by the ports of the settings, and nothing else.
#[test]
fn pods_reach_what_they_have_to_and_nothing_else() -> anyhow::Result<()> {
    let objects = applied("k8s/base")?;
    ensure!(
        denies_by_default(&objects),
        "what nobody mentioned is allowed"
    );
    let example = file("deploy/example.env")?;
    let mut lines = example.lines();
    let traces = lines.find_map(|line| line.strip_prefix("#PACER_FETCH_OTLP_ENDPOINT="));
    let traces = port(traces.context("an example")?)?;
    for process in services().into_iter().chain(commands()) {
        let shared = given(&objects, &Value::Null)?;
        let queue = &shared["PACER_FETCH_NATS_URL"];
        let mut expected = BTreeSet::from([53]);
        if process.speaks_with(Neighbour::Queue) {
            expected.insert(port(queue)?);
        }
        if process.speaks_with(Neighbour::Database) {
            expected.insert(POSTGRES);
        }
        // Webhooks are sent by gateways.
        if process.speaks_with(Neighbour::Courts) || process.name == "gateway" {
            expected.insert(443);
        }
        if process.is_service {
            expected.insert(traces);
        }
        let mut reached = BTreeSet::new();
        for (ports, peers) in rules(&objects, process.name, "egress") {
            ensure!(
                !ports.is_empty() && !peers.is_empty(),
                "{}: anywhere",
                process.name
            );
            for peer in &peers {
                if ports.contains(&443) {
                    let near = texts(&peer["ipBlock"]["except"]);
                    let least = ["10.0.0.0/8", "169.254.0.0/16", "192.168.0.0/16"];
                    let least6 = ["fc00::/7", "fe80::/10"];
                    ensure!(
                        least.iter().all(|it| near.contains(it))
                            || least6.iter().all(|it| near.contains(it)),
                        "what is near: {near:?}"
                    );
                    continue;
                }
                let space = namespace(peer).context("everybody in the cluster")?;
                if ports.contains(&port(queue)?) {
                    ensure!(
                        queue.contains(&format!(".{space}.svc:")),
                        "{queue}: {space}"
                    );
                }
            }
            reached.extend(ports);
        }
        ensure!(
            reached == expected,
            "{}: {reached:?}, not {expected:?}",
            process.name
        );
    }
    Ok(())
}

#[test]
fn callers_come_to_the_gateway_and_measurements_are_taken_by_one_namespace() -> anyhow::Result<()> {
    let objects = applied("k8s/base")?;
    let admin = admin_port(&objects)?;
    for process in services() {
        let mut open = BTreeSet::new();
        for (ports, peers) in rules(&objects, process.name, "ingress") {
            if ports.contains(&admin) {
                ensure!(ports.len() == 1, "{ports:?}");
                let spaces: Vec<_> = peers.iter().map(namespace).collect();
                ensure!(spaces == [Some("monitoring")], "{spaces:?}");
            }
            open.extend(ports);
        }
        let listens = listens(&process, &given(&objects, &Value::Null)?)?;
        ensure!(
            open == listens,
            "{}: {open:?}, not {listens:?}",
            process.name
        );
    }
    for process in commands() {
        let open = rules(&objects, process.name, "ingress");
        let open: Vec<_> = open
            .iter()
            .filter(|(ports, _)| !ports.contains(&admin))
            .collect();
        ensure!(open.is_empty(), "{open:?}");
    }
    Ok(())
}

/// The monitoring port of NATS asks for no key, and routes let in whoever comes.
#[test]
fn nats_is_open_to_services_to_its_like_and_to_the_scaler() -> anyhow::Result<()> {
    let (base, nats) = (applied("k8s/base")?, applied("k8s/nats")?);
    ensure!(denies_by_default(&nats));
    let queue = port(&given(&base, &Value::Null)?["PACER_FETCH_NATS_URL"])?;
    let monitored: BTreeSet<u64> = base
        .iter()
        .filter(|object| object["kind"] == "ScaledObject")
        .flat_map(|object| object["spec"]["triggers"].as_array().into_iter().flatten())
        .filter_map(|trigger| trigger["metadata"]["natsServerMonitoringEndpoint"].as_str())
        .map(port)
        .collect::<anyhow::Result<_>>()?;
    let [monitoring] = monitored.into_iter().collect::<Vec<_>>()[..] else {
        anyhow::bail!("several monitoring ports")
    };
    let mut open = BTreeSet::new();
    for (ports, peers) in rules(&nats, "nats", "ingress") {
        let [peer] = &peers[..] else {
            anyhow::bail!("{ports:?} from {peers:?}")
        };
        if ports.contains(&monitoring) {
            ensure!(namespace(peer) == Some("keda"), "{peer}");
        } else if ports.contains(&queue) {
            ensure!(namespace(peer) == Some("pacer-fetch"), "{peer}");
            for process in services().into_iter().chain(commands()) {
                let may = selects(&peer["podSelector"], process.name);
                let has_to = process.speaks_with(Neighbour::Queue);
                ensure!(may == has_to, "{}", process.name);
            }
        } else {
            let is_like = namespace(peer).is_none() && selects(&peer["podSelector"], "nats");
            ensure!(is_like && peer.get("namespaceSelector").is_none(), "{peer}");
        }
        ensure!(ports.len() == 1, "{ports:?}");
        open.extend(ports);
    }
    ensure!(
        open == BTreeSet::from([queue, 6222, monitoring]),
        "{open:?}"
    );
    Ok(())
}
