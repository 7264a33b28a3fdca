//! What a simulator is made with: its world, its accounts, its manners.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use crate::account::Account;
use crate::court::Delivery;
use crate::fault::Fault;
use crate::limits::Limits;
use crate::settings::CourtSettings;

/// Settings of one simulator.
#[derive(Debug, Clone)]
pub struct Config {
    /// The world: the same seed gives the same cases, entries and documents.
    pub seed: u64,
    /// Ordinary cases in each court, besides the well-known ones.
    pub cases: u32,
    /// Entries of each ordinary case.
    pub entries: u32,
    /// The number of pages of document 3 of the demo case, a scan; each page then has few words.
    pub long_scan: Option<u32>,
    /// Documents are at least so large, by bytes that mean nothing and are made as they are sent.
    pub document_bytes: usize,
    /// Who may log in.
    pub accounts: Vec<Account>,
    /// How long a token is good.
    pub session_lifetime: Duration,
    /// A docket with more entries than this brings the large-docket page, unless a start date
    /// was asked for.
    pub large_docket: usize,
    /// Waiting time before every answer of a court or the sign-on.
    pub latency: Duration,
    /// One way to deliver documents for all courts, instead of each court's own.
    pub delivery: Option<Delivery>,
    /// What is particular about single courts; `default` stands for all others.
    pub courts: BTreeMap<String, CourtSettings>,
    /// What courts put up with.
    pub limits: Limits,
    /// What shall go wrong from the start.
    pub faults: Vec<Fault>,
    /// Directories of saved docket pages to replay.
    pub pages: Vec<PathBuf>,
    /// How many requests the traffic log remembers; figures go on after that.
    pub traffic_rows: usize,
}

impl Default for Config {
    fn default() -> Config {
        Config {
            seed: 1,
            cases: 100,
            entries: 40,
            long_scan: None,
            document_bytes: 0,
            accounts: Account::demo(),
            session_lifetime: Duration::from_secs(3600),
            large_docket: 2000,
            latency: Duration::ZERO,
            delivery: None,
            courts: BTreeMap::new(),
            limits: Limits::default(),
            faults: Vec::new(),
            pages: Vec::new(),
            traffic_rows: 500_000,
        }
    }
}
