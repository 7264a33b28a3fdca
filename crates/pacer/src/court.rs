//! The register of courts: their names, hosts and software.
//!
//! Two vocabularies name courts. PACER's id is the label in the host name (`azb`);
//! CourtListener's id is what callers of the API send (`arb`). They differ for four courts,
//! and `arb` is a trap: it is *Arizona* Bankruptcy. Map once, at the edge, with
//! [`Court::by_cl_id`] and [`Court::by_pacer_id`].

use std::collections::HashMap;
use std::fmt;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use crate::ids::DocketNumber;

mod listing;

pub use listing::Listing;

/// Where the servlet of an appellate court is.
const SERVLET: &str = "/n/beam/servlet/TransportRoom";

/// The year of the oldest number that was seen in ACMS (`ca9`; at `ca2` it is 2023).
pub const FIRST_ACMS_YEAR: u16 = 2022;

/// PACER's id of a court, the label in `ecf.<id>.uscourts.gov`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CourtId(String);

impl CourtId {
    /// Names a court by its PACER id. Unknown ids are allowed: a saved page of a court that the
    /// register lacks must still parse.
    pub fn new(id: impl Into<String>) -> Self {
        Self(id.into())
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for CourtId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl AsRef<str> for CourtId {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

/// What a court is, in law.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CourtKind {
    /// One of the 94 district courts.
    District,
    /// One of the bankruptcy courts.
    Bankruptcy,
    /// A court of appeals: `ca1`–`ca11`, `cadc`, `cafc`.
    Appellate,
    /// A bankruptcy appellate panel.
    #[serde(rename = "bap")]
    BankruptcyPanel,
    /// `cit`, `cofc`, `jpml` (on district software) and `cavc` (on appellate software).
    Special,
    /// A court for training, with invented cases.
    Training,
}

/// Which software a court runs, and so which paths and forms it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
pub enum System {
    /// CM/ECF for district courts, under `/cgi-bin/`.
    #[serde(rename = "cmecf-district")]
    District,
    /// CM/ECF for bankruptcy courts: the same paths, other forms.
    #[serde(rename = "cmecf-bankruptcy")]
    Bankruptcy,
    /// CM/ECF for appellate courts, a Java servlet.
    #[serde(rename = "cmecf-appellate")]
    Appellate,
}

/// A row of the register.
#[derive(Debug, Clone, Deserialize)]
pub struct Court {
    /// PACER's id.
    pub id: CourtId,
    /// CourtListener's id; none for a court that it does not know.
    pub cl_id: Option<String>,
    /// What the court is.
    #[serde(rename = "type")]
    pub kind: CourtKind,
    /// Which software it runs.
    pub system: System,
    /// Full English name.
    pub name: String,
    /// The host of its CM/ECF site in production.
    pub host: String,
    /// The first three digits of its document ids. `cavc` shares that of `cadc`.
    pub doc_id_prefix: Option<String>,
    /// Its code at the central sign-on and the billing site.
    pub psc_id: Option<String>,
    /// The IANA zone of its clock: dates of dockets and receipts are in it.
    pub timezone: Option<String>,
    /// Whether some of its cases live in ACMS rather than CM/ECF.
    pub acms: bool,
    /// Whether CourtListener accepts the court in a fetch: what we call a PACER court.
    pub fetchable_by_cl: bool,
    /// The path of the appellate servlet, where it is known. See [`Court::servlet`].
    #[serde(default)]
    pub servlet_path: Option<String>,
    /// The former path of the appellate servlet, which redirects where it still answers.
    #[serde(default)]
    pub legacy_servlet_path: Option<String>,
}

#[derive(Deserialize)]
struct Register {
    courts: Vec<Court>,
}

static REGISTER: LazyLock<Vec<Court>> = LazyLock::new(|| {
    let text = include_str!("../data/courts.json");
    let register: Register =
        serde_json::from_str(text).expect("the register is part of the program and tested");
    register.courts
});

static BY_PACER_ID: LazyLock<HashMap<&'static str, &'static Court>> = LazyLock::new(|| {
    REGISTER
        .iter()
        .map(|court| (court.id.as_str(), court))
        .collect()
});

/// An alias such as `nysb-mega` shares the CourtListener id of a real court, and never wins.
static BY_CL_ID: LazyLock<HashMap<&'static str, &'static Court>> = LazyLock::new(|| {
    let mut courts = HashMap::new();
    for court in REGISTER.iter().filter(|court| !court.is_alias()) {
        if let Some(cl_id) = court.cl_id.as_deref() {
            courts.insert(cl_id, court);
        }
    }
    courts
});

impl Court {
    /// All courts of the register, the ones that cannot be fetched from included.
    pub fn all() -> &'static [Court] {
        &REGISTER
    }

    /// The court that CourtListener calls `cl_id`.
    pub fn by_cl_id(cl_id: &str) -> Option<&'static Court> {
        BY_CL_ID.get(cl_id).copied()
    }

    /// The court that PACER calls `id`.
    pub fn by_pacer_id(id: &str) -> Option<&'static Court> {
        BY_PACER_ID.get(id).copied()
    }

    /// Whether it is a bankruptcy court (not an appellate panel).
    pub fn is_bankruptcy(&self) -> bool {
        self.kind == CourtKind::Bankruptcy
    }

    /// Whether it runs appellate software, so that dockets are asked for by number and cannot be
    /// cut by entry number. True of `cavc`, which the API's own check forgets.
    pub fn is_appellate(&self) -> bool {
        self.system == System::Appellate
    }

    /// The path of the appellate servlet: the court's own, or else the one that all have. Of the
    /// veterans' court it is not known, and its saved pages link relative to it.
    pub fn servlet(&self) -> &str {
        self.servlet_path.as_deref().unwrap_or(SERVLET)
    }

    /// Whether opening a document's link buys it at once, without a price page before: seen at
    /// the Eleventh Circuit.
    pub fn sells_by_link(&self) -> bool {
        self.id.as_str() == "ca11"
    }

    /// Whether the case with that number may live in ACMS rather than on the court's CM/ECF site.
    /// The courts moved case by case, so the number does not prove it: what is known is that no
    /// case in ACMS was seen that is older than [`FIRST_ACMS_YEAR`]. A number whose year cannot
    /// be told may be of one.
    pub fn may_be_in_acms(&self, number: &DocketNumber) -> bool {
        let year = number
            .components()
            .and_then(|parts| parts.year.parse::<u16>().ok())
            .map(|year| if year < 50 { 2000 + year } else { 1900 + year });
        self.acms && year.is_none_or(|year| year >= FIRST_ACMS_YEAR)
    }

    /// Whether dockets and documents may be bought from it: district, bankruptcy and circuit
    /// courts, and `cit`, `jpml`, `cofc` and `cavc`.
    pub fn is_pacer_court(&self) -> bool {
        self.fetchable_by_cl
    }

    /// CourtListener's jurisdiction code.
    pub fn jurisdiction(&self) -> &'static str {
        match self.kind {
            CourtKind::Appellate => "F",
            CourtKind::District => "FD",
            CourtKind::Bankruptcy => "FB",
            CourtKind::BankruptcyPanel => "FBP",
            CourtKind::Special if self.id.as_str() == "jpml" => "C",
            CourtKind::Special => "FS",
            CourtKind::Training => "T",
        }
    }

    /// Whether a document id carries the prefix of this court. Ids without three leading digits
    /// (the GUIDs of ACMS) belong to courts that have ACMS.
    pub fn owns_document(&self, doc_id: &crate::ids::PacerDocId) -> bool {
        match doc_id.prefix() {
            Some(prefix) => self.doc_id_prefix.as_deref() == Some(prefix),
            None => self.acms,
        }
    }

    /// An old name of a court, good for reading pages and never for fetching.
    fn is_alias(&self) -> bool {
        self.id.as_str() == "nysb-mega"
    }
}

/// Whether pages of a court with this id follow the rules of bankruptcy courts. Pages go by the
/// last letter of the id, so that unknown courts parse too.
pub(crate) fn reads_as_bankruptcy(court: &str) -> bool {
    court.ends_with('b')
}

/// Whether pages of a court with this id follow the rules of appellate courts.
pub(crate) fn reads_as_appellate(court: &str) -> bool {
    court.ends_with(|last: char| last.is_ascii_digit()) || matches!(court, "cadc" | "cafc" | "cavc")
}

/// The three-digit prefix of the court's document ids, if the court is known and has one.
pub(crate) fn doc_id_prefix(court: &str) -> Option<&'static str> {
    Court::by_pacer_id(court).and_then(|court| court.doc_id_prefix.as_deref())
}

/// The court that a prefix stands for; `012` is `cadc`.
pub(crate) fn court_of_prefix(prefix: &str) -> Option<&'static str> {
    static BY_PREFIX: LazyLock<HashMap<&'static str, &'static str>> = LazyLock::new(|| {
        let mut courts = HashMap::new();
        for court in REGISTER.iter().filter(|court| court.id.as_str() != "cavc") {
            if let Some(prefix) = court.doc_id_prefix.as_deref() {
                courts.insert(prefix, court.id.as_str());
            }
        }
        courts
    });
    BY_PREFIX.get(prefix).copied()
}
