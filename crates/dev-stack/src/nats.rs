//! Private NATS servers: one alone, or several that form a cluster.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context;
use fetch_bus::{BusConfig, Role};

use crate::child::{Child, CommandSpec};
use crate::{Certificates, NatsUsers, free_port, probe};

/// How long a server may take to be ready; one of a cluster waits for the others.
const READY_WITHIN: Duration = Duration::from_secs(30);

/// A NATS server with JetStream, on the loopback interface, with TLS and with the users and
/// permissions that every server has. Dropping it kills it.
#[derive(Debug)]
pub struct Nats {
    recipe: CommandSpec,
    child: Child,
    place: Place,
    trust: Trust,
}

/// Several servers that keep streams together. Dropping it kills them.
#[derive(Debug)]
pub struct Cluster {
    servers: Vec<Nats>,
}

/// What all servers of a cluster share.
#[derive(Debug, Clone)]
struct Trust {
    certificates: Certificates,
    users: NatsUsers,
}

/// Where a server is.
#[derive(Debug, Clone)]
struct Place {
    directory: PathBuf,
    port: u16,
    monitor_port: u16,
    /// Its number, where it listens to the others, and where all listen.
    cluster: Option<(usize, u16, Vec<u16>)>,
}

impl Trust {
    fn make(directory: &Path) -> anyhow::Result<Trust> {
        Ok(Trust {
            certificates: Certificates::make(&directory.join("tls"))?,
            users: NatsUsers::make()?,
        })
    }
}

impl Place {
    fn find(directory: PathBuf) -> anyhow::Result<Place> {
        Ok(Place {
            directory,
            port: free_port()?,
            monitor_port: free_port()?,
            cluster: None,
        })
    }

    fn store(&self) -> PathBuf {
        self.directory.join("streams")
    }

    fn url(&self) -> String {
        format!("tls://127.0.0.1:{}", self.port)
    }
}

impl Nats {
    /// Starts `program` with its configuration, log and streams below `directory`.
    ///
    /// # Errors
    /// When it cannot be started, or does not answer in time.
    pub async fn start(directory: &Path, program: &Path) -> anyhow::Result<Nats> {
        Nats::start_with(directory, program, None).await
    }

    /// Starts `program` with other users and permissions than every server has: `users` is that part
    /// of its configuration. The public keys of the roles are in its environment.
    ///
    /// # Errors
    /// When it cannot be started, or does not answer in time.
    pub async fn start_with(
        directory: &Path,
        program: &Path,
        users: Option<&str>,
    ) -> anyhow::Result<Nats> {
        let trust = Trust::make(directory)?;
        let place = Place::find(directory.to_owned())?;
        let users = users.map_or_else(|| trust.users.configuration(), str::to_owned);
        let mut nats = Nats::launch(program, place, trust, &users)?;
        nats.until_ready().await?;
        Ok(nats)
    }

    fn launch(program: &Path, place: Place, trust: Trust, users: &str) -> anyhow::Result<Nats> {
        let directory = &place.directory;
        fs::create_dir_all(directory)?;
        let configuration = directory.join("nats.conf");
        fs::write(directory.join("users.conf"), users)?;
        fs::write(&configuration, configure(&place, &trust.certificates))?;
        let log = Some(directory.join("nats-server.log"));
        let mut recipe = CommandSpec::new("nats-server", program, log)
            .arguments([Path::new("--config"), &configuration]);
        recipe.environment = trust.users.environment();
        let child = recipe.start()?;
        Ok(Nats {
            recipe,
            child,
            place,
            trust,
        })
    }

    /// Where clients connect.
    #[must_use]
    pub fn url(&self) -> String {
        self.place.url()
    }

    /// A PEM file with who vouches for its certificate.
    #[must_use]
    pub fn ca(&self) -> &Path {
        &self.trust.certificates.ca
    }

    /// Who may connect.
    #[must_use]
    pub fn users(&self) -> &NatsUsers {
        &self.trust.users
    }

    /// How a process of this role connects.
    #[must_use]
    pub fn config(&self, role: Role) -> BusConfig {
        BusConfig {
            nkey: Some(self.users().seed(role).into()),
            ca: Some(self.ca().to_owned()),
            ..BusConfig::at(self.url())
        }
    }

    /// Its process id.
    #[must_use]
    pub fn process_id(&self) -> u32 {
        self.child.id()
    }

    /// Kills it.
    pub fn kill(&mut self) {
        self.child.kill();
    }

    /// Kills it if it still runs, and starts it again on the same port with what it had kept.
    ///
    /// # Errors
    /// When it does not come back in time.
    pub async fn restart(&mut self) -> anyhow::Result<()> {
        self.child.kill();
        self.child = self.recipe.start()?;
        self.until_ready().await
    }

    /// Kills it, deletes everything that it kept, and starts it again on the same port.
    ///
    /// # Errors
    /// When its data cannot be deleted, or it does not come back in time.
    pub async fn wipe(&mut self) -> anyhow::Result<()> {
        self.child.kill();
        let store = self.place.store();
        if store.exists() {
            fs::remove_dir_all(&store).context("cannot delete the streams")?;
        }
        self.restart().await
    }

    /// Ends it.
    pub async fn stop(&mut self) {
        self.child.stop(Duration::from_secs(10)).await;
    }

    /// How it ended, if it did.
    pub(crate) fn has_ended(&mut self) -> bool {
        self.child.ended().is_some()
    }

    async fn until_ready(&mut self) -> anyhow::Result<()> {
        let port = self.place.monitor_port;
        probe::until_ready(&mut self.child, port, "/healthz", READY_WITHIN)
            .await
            .context("nats-server did not become ready; see nats-server.log")
    }
}

impl Cluster {
    /// Starts `size` servers below `directory` that keep streams together; one of them alone is no
    /// cluster to itself.
    ///
    /// # Errors
    /// When one cannot be started, or they do not find each other in time.
    pub async fn start(directory: &Path, program: &Path, size: usize) -> anyhow::Result<Cluster> {
        let trust = Trust::make(directory)?;
        let routes: anyhow::Result<Vec<u16>> = (0..size).map(|_| free_port()).collect();
        let routes = routes?;
        let users = trust.users.configuration();
        let start = |(number, &route): (usize, &u16)| {
            let mut place = Place::find(directory.join(format!("nats-{number}")))?;
            place.cluster = (size > 1).then(|| (number, route, routes.clone()));
            Nats::launch(program, place, trust.clone(), &users)
        };
        let servers: anyhow::Result<Vec<Nats>> = routes.iter().enumerate().map(start).collect();
        let mut cluster = Cluster { servers: servers? };
        for server in &mut cluster.servers {
            server.until_ready().await?;
        }
        Ok(cluster)
    }

    /// Where clients connect: to whichever server answers.
    #[must_use]
    pub fn url(&self) -> String {
        let urls: Vec<String> = self.servers.iter().map(Nats::url).collect();
        urls.join(",")
    }

    /// How a process of this role connects.
    ///
    /// # Panics
    /// When there is no server.
    #[must_use]
    pub fn config(&self, role: Role) -> BusConfig {
        BusConfig {
            url: self.url(),
            ..self.servers[0].config(role)
        }
    }

    /// All servers.
    #[must_use]
    pub fn servers(&self) -> &[Nats] {
        &self.servers
    }

    /// Ends them.
    pub async fn stop(&mut self) {
        for server in &mut self.servers {
            server.stop().await;
        }
    }

    pub(crate) fn has_ended(&mut self) -> bool {
        self.servers.iter_mut().any(Nats::has_ended)
    }

    /// One of the servers, counted from 0.
    ///
    /// # Panics
    /// When there are not so many.
    pub fn server(&mut self, number: usize) -> &mut Nats {
        &mut self.servers[number]
    }
}

/// The settings that `deploy/` gives to real servers, on the loopback interface.
fn configure(place: &Place, certificates: &Certificates) -> String {
    let Place {
        port, monitor_port, ..
    } = place;
    let cluster = place.cluster.as_ref().map_or_else(String::new, cluster);
    format!(
        "listen: \"127.0.0.1:{port}\"\n\
         http: \"127.0.0.1:{monitor_port}\"\n\
         max_payload: 1MB\n\
         ping_interval: \"20s\"\n\
         ping_max: 3\n\
         tls {{\n  \
           cert_file: \"{}\"\n  \
           key_file: \"{}\"\n  \
           timeout: 5\n\
         }}\n\
         jetstream {{\n  \
           store_dir: \"{}\"\n  \
           max_memory_store: 256MB\n  \
           max_file_store: 4GB\n  \
           sync_interval: always\n\
         }}\n\
         include \"users.conf\"\n\
         {cluster}",
        certificates.certificate.display(),
        certificates.key.display(),
        place.store().display(),
    )
}

fn cluster((number, route, routes): &(usize, u16, Vec<u16>)) -> String {
    let routes: Vec<String> = routes
        .iter()
        .map(|port| format!("\"nats-route://127.0.0.1:{port}\""))
        .collect();
    format!(
        "server_name: \"nats-{number}\"\n\
         cluster {{\n  \
           name: \"fetch\"\n  \
           listen: \"127.0.0.1:{route}\"\n  \
           routes: [{}]\n\
         }}\n",
        routes.join(", "),
    )
}
