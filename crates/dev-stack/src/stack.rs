//! The stack: what is started, in which order, and how it is pressed in tests.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, bail};
use fetch_keys::random_hex;
use fetch_model::DatabaseRole;
use pacer_fetch_client::raw::Api;
use tokio::time::sleep;

use crate::child::{Child, CommandSpec, Signal};
use crate::database::Database;
use crate::settings::{self, Keys, Places, SERVICES, variable};
use crate::simulator::Simulator;
use crate::{
    Certificates, Cluster, DatabasePasswords, Durability, Nats, Pair, Replication, free_port,
    probe, programs,
};

const READY_WITHIN: Duration = Duration::from_secs(60);

/// What the services give their running work when they are told to stop. Fetchers must not give less
/// than an answer may take: they are killed if they are not done by [`STOP_WITHIN`].
const GRACE: Duration = Duration::from_secs(10);

const STOP_WITHIN: Duration = Duration::from_secs(15);

/// What Postgres says to whoever lacks a right.
const DENIED: [&str; 2] = ["permission denied", "must be owner of"];

/// Database that the services share.
const DATABASE: &str = "postgres";

/// What a stack is made of.
#[derive(Debug, Clone)]
pub struct Builder {
    directory: PathBuf,
    binaries: PathBuf,
    tools: PathBuf,
    durability: Durability,
    standby: Option<Replication>,
    nats_servers: usize,
    simulator_arguments: Vec<String>,
    settings: Vec<(String, String, String)>,
    replicas: BTreeMap<String, usize>,
    http_port: Option<u16>,
    real_courts: bool,
    plain_front: bool,
}

/// Everything, running. Dropping it kills everything.
#[derive(Debug)]
pub struct Stack {
    /// Where the HTTP API is.
    pub http_url: String,
    /// Where the gRPC API is.
    pub grpc_url: String,
    /// The database, as its owner connects to it; holds the password.
    pub database_url: String,
    /// Where captures and documents are kept.
    pub blob_url: String,
    /// The NATS server.
    pub nats_url: String,
    /// The simulated PACER.
    pub simulator_url: String,
    // Dropped in this order: those who use the stores before the stores.
    members: BTreeMap<String, Member>,
    nats: Cluster,
    database: Database,
    database_passwords: DatabasePasswords,
    certificates: Certificates,
    directory: PathBuf,
    binaries: PathBuf,
}

/// A process of ours.
#[derive(Debug)]
struct Member {
    recipe: CommandSpec,
    ready_port: u16,
    ready_path: &'static str,
    child: Option<Child>,
}

impl Builder {
    /// Database commits survive a power cut, or not (which is faster, and the default).
    #[must_use]
    pub fn durability(mut self, durability: Durability) -> Builder {
        self.durability = durability;
        self
    }

    /// The database is a pair of servers, of which the second can take over. Their commits survive
    /// a power cut.
    #[must_use]
    pub fn standby(mut self, replication: Replication) -> Builder {
        self.standby = Some(replication);
        self
    }

    /// How many NATS servers there are; more than one form a cluster.
    #[must_use]
    pub fn nats_servers(mut self, count: usize) -> Builder {
        self.nats_servers = count;
        self
    }

    /// The directory of the built programs (`target/debug`).
    #[must_use]
    pub fn binaries(mut self, directory: impl Into<PathBuf>) -> Builder {
        self.binaries = directory.into();
        self
    }

    /// A directory that may hold a `nats-server` newer than the system's.
    #[must_use]
    pub fn tools(mut self, directory: impl Into<PathBuf>) -> Builder {
        self.tools = directory.into();
        self
    }

    /// More arguments for `pacer-sim`.
    #[must_use]
    pub fn simulator_arguments(mut self, arguments: &[&str]) -> Builder {
        self.simulator_arguments
            .extend(arguments.iter().map(|&text| text.to_owned()));
        self
    }

    /// A setting of every service.
    #[must_use]
    pub fn setting_of_all(self, name: &str, value: &str) -> Builder {
        SERVICES.iter().fold(self, |builder, service| {
            builder.setting(service, name, value)
        })
    }

    /// A setting of one service, by its name without the `PACER_FETCH_` that all have.
    #[must_use]
    pub fn setting(mut self, service: &str, name: &str, value: &str) -> Builder {
        self.settings
            .push((service.to_owned(), variable(name), value.to_owned()));
        self
    }

    /// The manners towards every simulated court, in place of those of the registry. One account
    /// may have all the places of a court, and there is no night.
    #[must_use]
    pub fn courts(self, gap_ms: u32, cap: u32) -> Builder {
        self.setting("gateway", "COURT_GAP_MS", &gap_ms.to_string())
            .setting("gateway", "COURT_CAP", &cap.to_string())
            .setting("gateway", "COURT_ACCOUNT_CAP", &cap.to_string())
            .setting("gateway", "COURT_BULK_WINDOW", "always")
            .setting("gateway", "ACCOUNT_CAP", "10000")
    }

    /// How many processes of a service run; the second one is called `<service>-2`.
    #[must_use]
    pub fn replicas(mut self, service: &str, count: usize) -> Builder {
        self.replicas.insert(service.to_owned(), count);
        self
    }

    /// The port of the HTTP API, instead of any free one.
    #[must_use]
    pub fn http_port(mut self, port: u16) -> Builder {
        self.http_port = Some(port);
        self
    }

    /// The gateways listen in plain text, as they would behind a proxy on the same machine. For tests
    /// that write the bytes of HTTP themselves.
    #[must_use]
    pub fn plain_front(mut self) -> Builder {
        self.plain_front = true;
        self
    }

    /// The real PACER in place of the simulated one: every purchase costs money, at most so much
    /// per user and calendar quarter.
    #[must_use]
    pub fn real_courts(mut self, per_quarter_cents: u32) -> Builder {
        self.real_courts = true;
        self.setting(
            "gateway",
            "BUDGET_QUARTER_CENTS",
            &per_quarter_cents.to_string(),
        )
    }

    /// Starts everything and waits until all of it is ready.
    ///
    /// # Errors
    /// When something cannot be started or does not become ready; what was started is ended.
    pub async fn start(self) -> anyhow::Result<Stack> {
        fs::create_dir_all(self.directory.join("logs"))?;
        fs::create_dir_all(self.directory.join("blobs"))?;
        let directory = fs::canonicalize(&self.directory)?;
        let nats_program = programs::nats_server(&self.tools)?;
        let nats_home = directory.join("nats");
        let (database, nats) = tokio::try_join!(
            Database::start(&directory, self.durability, self.standby),
            Cluster::start(&nats_home, &nats_program, self.nats_servers),
        )?;
        let scheme = if self.plain_front { "http" } else { "https" };
        let mut stack = Stack {
            http_url: format!(
                "{scheme}://127.0.0.1:{}",
                self.http_port.map_or_else(free_port, Ok)?
            ),
            grpc_url: format!("{scheme}://127.0.0.1:{}", free_port()?),
            database_url: database.url(DATABASE),
            blob_url: directory.join("blobs").display().to_string(),
            nats_url: nats.url(),
            simulator_url: format!("http://127.0.0.1:{}", free_port()?),
            members: BTreeMap::new(),
            nats,
            database,
            database_passwords: DatabasePasswords::make(),
            certificates: Certificates::make(&directory.join("tls"))?,
            directory,
            binaries: self.binaries.clone(),
        };
        if !self.real_courts {
            stack.add_simulator(&self)?;
        }
        stack.add_services(&self)?;
        stack.start_members().await?;
        Ok(stack)
    }
}

impl Stack {
    /// A stack that keeps everything below `directory`.
    #[must_use]
    pub fn builder(directory: impl Into<PathBuf>) -> Builder {
        let directory = directory.into();
        Builder {
            tools: directory.join("tools"),
            directory,
            binaries: PathBuf::from("target/debug"),
            durability: Durability::Careless,
            standby: None,
            nats_servers: 1,
            simulator_arguments: Vec::new(),
            settings: Vec::new(),
            replicas: BTreeMap::new(),
            http_port: None,
            real_courts: false,
            plain_front: false,
        }
    }

    /// Everything that runs, by name, with its process id.
    #[must_use]
    pub fn processes(&self) -> Vec<(&str, u32)> {
        let mut servers = self.database.processes();
        let nats = self.nats.servers().iter();
        servers.extend(nats.map(|nats| ("nats", nats.process_id())));
        let members = self.members.iter();
        let members =
            members.filter_map(|(name, member)| Some((name.as_str(), member.child.as_ref()?.id())));
        servers.into_iter().chain(members).collect()
    }

    /// The NATS server, or the first of them, to look at what it keeps or to be one of its users.
    #[must_use]
    pub fn nats(&self) -> &Nats {
        &self.nats.servers()[0]
    }

    /// A PEM file with who vouches for the gateways' certificate.
    #[must_use]
    pub fn ca(&self) -> &Path {
        &self.certificates.ca
    }

    /// Where logs are.
    #[must_use]
    pub fn logs(&self) -> PathBuf {
        self.directory.join("logs")
    }

    /// The simulated PACER's administration.
    #[must_use]
    pub fn simulator(&self) -> Simulator {
        Simulator::new(&self.simulator_url)
    }

    /// Sends a signal to a process. One that was killed counts as stopped on purpose.
    ///
    /// # Errors
    /// When there is no such process, or it is not running.
    pub fn kill(&mut self, name: &str, signal: Signal) -> anyhow::Result<()> {
        let member = self.member(name)?;
        let child = member
            .child
            .as_mut()
            .with_context(|| format!("{name} is not running"))?;
        child.signal(signal)?;
        if signal == Signal::Kill {
            // Dropping waits for its end.
            member.child = None;
        }
        Ok(())
    }

    /// Starts a process again, after killing it if it still runs, and waits until it is ready.
    ///
    /// # Errors
    /// When there is no such process, or it does not become ready.
    pub async fn restart(&mut self, name: &str) -> anyhow::Result<()> {
        let member = self.member(name)?;
        member.child = None;
        member.start()?;
        member.until_ready().await
    }

    /// Ends a process in good order, as an update would.
    ///
    /// # Errors
    /// When there is no such process.
    pub async fn stop_one(&mut self, name: &str) -> anyhow::Result<()> {
        if let Some(mut child) = self.member(name)?.child.take() {
            child.stop(STOP_WITHIN).await;
        }
        Ok(())
    }

    /// Changes a setting of a process, by its name without `PACER_FETCH_`, from its next start.
    ///
    /// # Errors
    /// When there is no such process.
    pub fn set(&mut self, process: &str, setting: &str, value: &str) -> anyhow::Result<()> {
        let environment = &mut self.member(process)?.recipe.environment;
        environment.insert(variable(setting), value.to_owned());
        Ok(())
    }

    /// The environment of a process.
    ///
    /// # Errors
    /// When there is no such process.
    pub fn env(&mut self, process: &str) -> anyhow::Result<&mut BTreeMap<String, String>> {
        Ok(&mut self.member(process)?.recipe.environment)
    }

    /// Kills NATS, or the first of its servers, deletes everything that it kept, and starts it again on the same port.
    ///
    /// # Errors
    /// When it does not come back.
    pub async fn wipe_nats(&mut self) -> anyhow::Result<()> {
        self.nats.server(0).wipe().await
    }

    /// Kills NATS, or the first of its servers, and starts it again with what it had kept.
    ///
    /// # Errors
    /// When it does not come back.
    pub async fn restart_nats(&mut self) -> anyhow::Result<()> {
        self.nats.server(0).restart().await
    }

    /// Where the HTTP API of a gateway is, by the name of its process.
    #[must_use]
    pub fn http_url_of(&self, gateway: &str) -> Option<String> {
        self.url_of(gateway, "HTTP_LISTEN")
    }

    /// The same of its gRPC API.
    #[must_use]
    pub fn grpc_url_of(&self, gateway: &str) -> Option<String> {
        self.url_of(gateway, "GRPC_LISTEN")
    }

    fn url_of(&self, gateway: &str, listener: &str) -> Option<String> {
        let environment = &self.members.get(gateway)?.recipe.environment;
        let listen = environment.get(&variable(listener))?;
        let (scheme, _) = self.http_url.split_once("://")?;
        Some(format!("{scheme}://{listen}"))
    }

    /// Ends Postgres as a crash would, and starts it again after `down_for`.
    ///
    /// # Errors
    /// When it does not come back.
    pub async fn crash_postgres(&mut self, down_for: Duration) -> anyhow::Result<()> {
        self.database.crash(down_for).await
    }

    /// The two servers of a stack that was built with a standby.
    ///
    /// # Errors
    /// When it has one Postgres.
    pub fn pair(&mut self) -> anyhow::Result<&mut Pair> {
        self.database.pair()
    }

    /// Whether a process has ended that was not stopped through this stack.
    ///
    /// # Errors
    /// When there is no such process.
    pub fn has_ended(&mut self, name: &str) -> anyhow::Result<bool> {
        let child = self.member(name)?.child.as_mut();
        Ok(child.is_none_or(|child| child.ended().is_some()))
    }

    /// Starts a process again without waiting until it is ready, after killing it if it still runs.
    ///
    /// # Errors
    /// When there is no such process, or it cannot be started.
    pub fn start_again(&mut self, name: &str) -> anyhow::Result<()> {
        let member = self.member(name)?;
        member.child = None;
        member.start()
    }

    /// Makes a user of the API; gives a client with a fresh token.
    ///
    /// # Errors
    /// When the command fails.
    pub async fn add_user(&self, name: &str) -> anyhow::Result<Api> {
        let output = self.command(&["user", "add", name]).await?;
        self.api_with_token_in(&output)
    }

    /// Gives a user of the API one more token, of this name; gives a client with it.
    ///
    /// # Errors
    /// When the command fails.
    pub async fn add_token(&self, user: &str, name: &str) -> anyhow::Result<Api> {
        let verb = ["token", "create", user, "--name", name];
        self.api_with_token_in(&self.command(&verb).await?)
    }

    fn api_with_token_in(&self, output: &str) -> anyhow::Result<Api> {
        let is_token =
            |word: &&str| word.len() == 40 && word.bytes().all(|byte| byte.is_ascii_hexdigit());
        let token = output.split_whitespace().find(is_token);
        let token = token.context("the command printed no token")?;
        Ok(Api::trusting(&self.http_url, token, self.ca())?)
    }

    /// Runs an operator's verb of `pacer-fetch` against this stack; gives what it printed.
    ///
    /// # Errors
    /// When it fails.
    pub async fn command(&self, arguments: &[&str]) -> anyhow::Result<String> {
        match self.command_with_status(arguments).await? {
            (output, true) => Ok(output),
            (output, false) => bail!("pacer-fetch {} failed\n{output}", arguments[0]),
        }
    }

    /// The same; whether it succeeded is told beside what it printed.
    ///
    /// # Errors
    /// When it does not start or does not end.
    pub async fn command_with_status(&self, arguments: &[&str]) -> anyhow::Result<(String, bool)> {
        let name = format!("pacer-fetch-{}", random_hex::<4>());
        let log = self.directory.join(format!("{name}.out"));
        let recipe = self.command_recipe(&name, log.clone(), arguments);
        let ended = recipe.start()?.wait(READY_WITHIN).await;
        let output = fs::read_to_string(&log)?;
        fs::remove_file(&log)?;
        Ok((output, ended?.success()))
    }

    /// Starts the `pacer-fetch` command with more settings, and lets it run; what it says is in the
    /// log of this name.
    ///
    /// # Errors
    /// When it does not start.
    pub fn start_command(
        &self,
        name: &str,
        arguments: &[&str],
        settings: &[(&str, &str)],
    ) -> anyhow::Result<Child> {
        let log = self.logs().join(format!("{name}.log"));
        let mut recipe = self.command_recipe(name, log, arguments);
        for (setting, value) in settings {
            let setting = variable(setting);
            recipe.environment.insert(setting, (*value).to_owned());
        }
        recipe.start()
    }

    fn command_recipe(&self, name: &str, log: PathBuf, arguments: &[&str]) -> CommandSpec {
        let program = self.binaries.join("pacer-fetch");
        let mut recipe = CommandSpec::new(name, program, Some(log)).arguments(arguments);
        let mut settings = vec![
            ("BLOB_URL", self.blob_url.clone()),
            ("CA", self.ca().display().to_string()),
            ("WEBHOOKS_ALLOW_PRIVATE", "true".to_owned()),
        ];
        match arguments {
            ["migrate", ..] => settings.extend([
                ("DATABASE_URL", self.database_url.clone()),
                ("DATABASE_PASSWORDS", self.database_passwords.list()),
            ]),
            ["follow", ..] => {
                settings.push(("DATABASE_URL", self.database_url_of(DatabaseRole::Follower)));
            }
            _ => settings.push(("DATABASE_URL", self.database_url_of(DatabaseRole::Operator))),
        }
        let settings = settings.into_iter();
        let settings = settings.map(|(name, value)| (variable(name), value));
        recipe.environment.extend(settings);
        recipe
    }

    /// Waits until something ends that was not stopped through this stack; gives its name.
    pub async fn first_to_end(&mut self) -> String {
        loop {
            if self.database.has_ended() {
                return "postgres".to_owned();
            }
            if self.nats.has_ended() {
                return "nats".to_owned();
            }
            for (name, member) in &mut self.members {
                if member
                    .child
                    .as_mut()
                    .is_some_and(|child| child.ended().is_some())
                {
                    return name.clone();
                }
            }
            sleep(Duration::from_millis(100)).await;
        }
    }

    /// The database as this role connects to it; holds its password.
    #[must_use]
    pub fn database_url_of(&self, role: DatabaseRole) -> String {
        self.database_passwords.url(role, &self.database_url)
    }

    /// The lines that services logged as errors so far, and what the database denied them.
    ///
    /// # Errors
    /// When a log cannot be read.
    pub fn error_lines(&self) -> anyhow::Result<Vec<String>> {
        let mut lines = error_lines(&self.logs())?;
        lines.extend(denials(&self.directory)?);
        Ok(lines)
    }

    /// Ends everything in good order: the front door first, the stores last.
    pub async fn stop(&mut self) {
        let mut children: Vec<Child> = self
            .members
            .values_mut()
            .filter_map(|member| member.child.take())
            .collect();
        for child in &mut children {
            // Whoever has ended already needs no signal.
            let _ = child.signal(Signal::Terminate);
        }
        for child in &mut children {
            child.stop(STOP_WITHIN).await;
        }
        self.nats.stop().await;
        self.database.stop().await;
    }

    fn member(&mut self, name: &str) -> anyhow::Result<&mut Member> {
        self.members
            .get_mut(name)
            .with_context(|| format!("no process is called {name}"))
    }

    fn log(&self, name: &str) -> Option<PathBuf> {
        Some(self.logs().join(format!("{name}.log")))
    }

    fn add_simulator(&mut self, builder: &Builder) -> anyhow::Result<()> {
        let listen = address(&self.simulator_url);
        let program = self.binaries.join("pacer-sim");
        let recipe = CommandSpec::new("pacer-sim", program, self.log("pacer-sim"))
            .arguments(["--listen", listen])
            .arguments(&builder.simulator_arguments);
        let ready_port = port_of(listen)?;
        let member = Member {
            recipe,
            ready_port,
            ready_path: "/admin/health",
            child: None,
        };
        self.members.insert("pacer-sim".to_owned(), member);
        Ok(())
    }

    fn add_services(&mut self, builder: &Builder) -> anyhow::Result<()> {
        let places = self.places();
        for service in SERVICES {
            for number in 1..=builder.replicas.get(service).copied().unwrap_or(1) {
                let name = if number == 1 {
                    service.to_owned()
                } else {
                    format!("{service}-{number}")
                };
                let member = self.service(service, &name, &places, builder)?;
                self.members.insert(name, member);
            }
        }
        Ok(())
    }

    fn service(
        &self,
        service: &str,
        name: &str,
        places: &Places,
        builder: &Builder,
    ) -> anyhow::Result<Member> {
        let mut recipe = CommandSpec::new(name, self.binaries.join(service), self.log(name));
        recipe.environment = settings::environment(service, places);
        if builder.plain_front {
            recipe.environment.remove(&variable("TLS_CERTIFICATE"));
            recipe.environment.remove(&variable("TLS_KEY"));
        }
        if builder.real_courts {
            // The services know where the real ones are.
            recipe.environment.remove(&variable("COURT_URL"));
            recipe.environment.remove(&variable("CSO_URL"));
        }
        if service == "gateway" && name != service {
            // Only the first gateway has the addresses that are told to others.
            for listen in ["HTTP_LISTEN", "GRPC_LISTEN"] {
                let free = format!("127.0.0.1:{}", free_port()?);
                recipe.environment.insert(variable(listen), free);
            }
        }
        let ready_port = free_port()?;
        let admin = format!("127.0.0.1:{ready_port}");
        recipe.environment.insert(variable("ADMIN_LISTEN"), admin);
        if !matches!(service, "docket-fetcher" | "pdf-fetcher") {
            recipe
                .environment
                .insert(variable("GRACE_MS"), GRACE.as_millis().to_string());
        }
        recipe
            .environment
            .insert("RUST_BACKTRACE".to_owned(), "1".to_owned());
        let own = builder
            .settings
            .iter()
            .filter(|(for_service, _, _)| for_service == service);
        recipe
            .environment
            .extend(own.map(|(_, name, value)| (name.clone(), value.clone())));
        Ok(Member {
            recipe,
            ready_port,
            ready_path: "/readyz",
            child: None,
        })
    }

    fn places(&self) -> Places {
        Places {
            database_url: self.database_url.clone(),
            database_passwords: self.database_passwords.clone(),
            blob_url: self.blob_url.clone(),
            nats_url: self.nats_url.clone(),
            nats_ca: self.nats().ca().display().to_string(),
            nats_users: self.nats().users().clone(),
            court_url: format!("{}/{{court}}", self.simulator_url),
            sign_on_url: self.simulator_url.clone(),
            http_listen: address(&self.http_url).to_owned(),
            grpc_listen: address(&self.grpc_url).to_owned(),
            certificate: self.certificates.certificate.display().to_string(),
            certificate_key: self.certificates.key.display().to_string(),
            keys: Keys::new(),
        }
    }

    async fn start_members(&mut self) -> anyhow::Result<()> {
        self.command(&["migrate"])
            .await
            .context("cannot bring the schema up to date")?;
        for member in self.members.values_mut() {
            member.start()?;
        }
        for member in self.members.values_mut() {
            member.until_ready().await?;
        }
        Ok(())
    }
}

impl Member {
    fn start(&mut self) -> anyhow::Result<()> {
        self.child = Some(self.recipe.start()?);
        Ok(())
    }

    async fn until_ready(&mut self) -> anyhow::Result<()> {
        let name = &self.recipe.name;
        let child = self
            .child
            .as_mut()
            .with_context(|| format!("{name} is not running"))?;
        probe::until_ready(child, self.ready_port, self.ready_path, READY_WITHIN)
            .await
            .with_context(|| {
                let log = self.recipe.log.as_deref().unwrap_or(Path::new("its log"));
                format!("{name} did not become ready; see {}", log.display())
            })
    }
}

/// `host:port` of a URL of ours.
fn address(url: &str) -> &str {
    url.split_once("://").map_or(url, |(_, address)| address)
}

fn port_of(address: &str) -> anyhow::Result<u16> {
    let (_, port) = address
        .rsplit_once(':')
        .context("an address without a port")?;
    Ok(port.parse()?)
}

/// The lines of level error in the logs of a stack, each after the name of its log.
///
/// # Errors
/// When a log cannot be read.
pub fn error_lines(logs: &Path) -> anyhow::Result<Vec<String>> {
    let mut lines = Vec::new();
    for entry in fs::read_dir(logs)? {
        let path = entry?.path();
        let text = String::from_utf8_lossy(&fs::read(&path)?).into_owned();
        let log = path.file_stem().unwrap_or_default().display().to_string();
        let errors = text.lines().filter(|line| is_error(line));
        lines.extend(errors.map(|line| format!("{log}: {line}")));
    }
    Ok(lines)
}

/// What the Postgres servers below a directory denied to anybody: a right that is missing for a service
/// shows here whatever the service makes of it.
fn denials(directory: &Path) -> anyhow::Result<Vec<String>> {
    let mut lines = Vec::new();
    for entry in fs::read_dir(directory)? {
        let path = entry?.path().join("postgres.log");
        if !path.is_file() {
            continue;
        }
        let text = String::from_utf8_lossy(&fs::read(&path)?).into_owned();
        let denied = text.lines().filter(|line| {
            line.contains("ERROR:") && DENIED.iter().any(|words| line.contains(words))
        });
        lines.extend(denied.map(|line| format!("postgres: {line}")));
    }
    Ok(lines)
}

/// Whether a line of a log is of level error, in either format of our logs.
fn is_error(line: &str) -> bool {
    line.contains("\"level\":\"ERROR\"")
        || line.split_whitespace().take(2).any(|word| word == "ERROR")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_told_from_lines_that_mention_them() {
        assert!(is_error(
            r#"{"timestamp":"…","level":"ERROR","message":"x"}"#
        ));
        assert!(is_error("2026-11-23T00:00:00Z ERROR gateway: x"));
        assert!(!is_error(
            "2026-11-23T00:00:00Z  INFO gateway: an ERROR page was kept"
        ));
    }

    #[test]
    fn ports_are_read_from_addresses() {
        assert_eq!(port_of(address("http://127.0.0.1:8080")).unwrap(), 8080);
        assert!(port_of("nowhere").is_err());
    }
}
