//! Where the courts are and how long to wait for them.

use std::time::Duration;

/// Settings of the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CourtsConfig {
    /// The base URL of a court. `{court}` stands for its PACER id and `{host}` for its host in
    /// the register. May have a path, under which the whole site then lies, as in
    /// `http://127.0.0.1:8080/{court}`.
    pub court_url: String,
    /// The base URL of the central sign-on, under which `/services/cso-auth` lies.
    pub cso_url: String,
    /// The `User-Agent` that courts and the sign-on see.
    pub user_agent: String,
    /// What is sent as `Referer`; never empty, since some pages complain.
    pub referer: String,
    /// How long a connection may take, TLS included.
    pub connect_timeout: Duration,
    /// How long a court may be silent before and while it answers. Large reports take minutes.
    pub read_timeout: Duration,
    /// How long one request may take altogether.
    pub total_timeout: Duration,
    /// How long a login may take altogether.
    pub login_timeout: Duration,
    /// The largest answer that is taken, in bytes, counted after decompression.
    pub max_body_bytes: u64,
}

impl Default for CourtsConfig {
    fn default() -> CourtsConfig {
        CourtsConfig {
            // Almost always `ecf.{court}.uscourts.gov`; the register knows the exceptions.
            court_url: "https://{host}".to_owned(),
            cso_url: "https://pacer.login.uscourts.gov".to_owned(),
            user_agent: concat!("pacer-fetch/", env!("CARGO_PKG_VERSION")).to_owned(),
            // What the clients that courts have known for years send.
            referer: "https://external".to_owned(),
            connect_timeout: Duration::from_secs(60),
            read_timeout: Duration::from_secs(300),
            total_timeout: Duration::from_secs(600),
            login_timeout: Duration::from_secs(60),
            max_body_bytes: 200_000_000,
        }
    }
}
