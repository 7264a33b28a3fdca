//! What people paste: the address of a docket or of a document, out of a browser or of somebody's mail.
//!
//! An address is read, never opened. Which court is meant is told by the host, and what is meant by the
//! path and the query; where an address does not say it, the refusal names what is missing.
//!
//! # Examples
//!
//! ```
//! use pacer::address::{Address, CaseName, DocumentName};
//!
//! let pasted = "https://ecf.cand.uscourts.gov/doc1/035112345?caseid=178502&de_seq_num=7";
//! let address = Address::parse(pasted)?;
//! assert_eq!(address.court.id.as_str(), "cand");
//! assert!(matches!(address.case, Some(CaseName::Id(id)) if id.as_str() == "178502"));
//! assert!(matches!(address.document, Some(DocumentName::Id(id)) if id.as_str() == "035012345"));
//! # Ok::<(), pacer::address::NotUnderstood>(())
//! ```

mod archive;
mod court_listener;
mod court_site;
#[cfg(test)]
mod tests;

use url::{Host, Url};

use crate::{
    court::{Court, CourtKind},
    ids::{DocketNumber, PacerCaseId, PacerDocId},
};

/// The longest address that is read, in bytes: more than any browser shows.
const LONGEST: usize = 2_000;

/// The most of an address that a refusal repeats, in characters.
const REPEATED: usize = 120;

/// Where an address leads.
#[derive(Debug, Clone)]
pub struct Address {
    /// The court; it sells dockets and documents.
    pub court: &'static Court,
    /// Which case, where the address says it.
    pub case: Option<CaseName>,
    /// Which document of it; none if the address is that of the case.
    pub document: Option<DocumentName>,
    /// The court's internal number of the document's entry, where the address says it.
    pub sequence: Option<u32>,
}

/// What names a case in its court.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CaseName {
    /// The court's own id of it.
    Id(PacerCaseId),
    /// The number that people quote.
    Number(DocketNumber),
}

/// What names a document in its court or its case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DocumentName {
    /// The court's own id of it, in canonical form.
    Id(PacerDocId),
    /// Its place on the docket.
    Number {
        /// The number of the entry.
        entry: u32,
        /// The number of the attachment; none for the main document.
        attachment: Option<u32>,
    },
}

/// Why an address is not understood. The sentence is for whoever pasted it, and repeats no more of it than
/// host and path, and what stands under the name of a number: anything else may be a secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotUnderstood {
    /// It is no address of the web, or longer than any.
    #[error(
        "This is not a web address. Paste the address of a docket or of a document, such as \
         https://ecf.cand.uscourts.gov/doc1/035112345."
    )]
    NoAddress,
    /// It is of no court.
    #[error(
        "'{host}' is not the site of a court in PACER. Paste the court's own address of the docket or the \
         document, or send its court and number."
    )]
    Host {
        /// The host.
        host: String,
    },
    /// It is of a court that sells nothing to us.
    #[error("Nothing can be bought from '{host}'.")]
    NotSold {
        /// The host.
        host: String,
    },
    /// It is of a case in ACMS.
    #[error("'{host}' is a site of ACMS, from which nothing can be bought here.")]
    Acms {
        /// The host.
        host: String,
    },
    /// The court has such a page, but it is neither a docket nor a document.
    #[error(
        "'{path}' on {host} is not the address of a docket or a document. Those of documents have \
         /doc1/ or /docs1/ and a number in them, those of dockets DktRpt.pl or iquery.pl and the number of the \
         case, and those of appeals caseNum."
    )]
    Page {
        /// The host.
        host: String,
        /// The path.
        path: String,
    },
    /// It is the address of a page that the court made for one visit.
    #[error(
        "'{path}' on {host} is a page that the court made for one visit: its address does not say of which case. \
         Copy the link to the docket instead, or send the court and the docket number."
    )]
    OneVisit {
        /// The host.
        host: String,
        /// The path.
        path: String,
    },
    /// It names an appeal by an id under which appeals cannot be asked for.
    #[error(
        "This address names an appeal by the court's own id of it. Appeals are asked for by their number: send \
         the court and the docket number."
    )]
    AppealWithoutNumber,
    /// It has something in the place of a number or an id that is none.
    #[error("'{part}' in this address is not the number of a case or of a document.")]
    Part {
        /// What stands there.
        part: String,
    },
    /// The id of the document is one of another court.
    #[error(
        "The number of this document, {id}, does not begin like those of {court}. Check whether a digit is \
         missing."
    )]
    OtherCourt {
        /// The number.
        id: String,
        /// PACER's id of the court.
        court: String,
    },
    /// It is one of CourtListener's that names the case by its own number.
    #[error(
        "This address of CourtListener has neither a court nor a docket number in it, only CourtListener's own \
         number of the docket. Send the court and the docket number that its page shows."
    )]
    NoNumber,
    /// It is one of CourtListener's that has a docket number, but no court.
    #[error(
        "This address of CourtListener has the docket number {number} in it, but not the court. Send them as \
         'court' and 'docket_number'."
    )]
    NoCourt {
        /// The number.
        number: String,
    },
}

impl Address {
    /// Reads what somebody pasted. The scheme may be missing, and brackets or quotes around it do not matter.
    ///
    /// # Errors
    /// What was not understood.
    pub fn parse(pasted: &str) -> Result<Address, NotUnderstood> {
        let url = web_address(pasted).ok_or(NotUnderstood::NoAddress)?;
        let Some(Host::Domain(host)) = url.host() else {
            return Err(NotUnderstood::NoAddress);
        };
        let host = host.strip_suffix('.').unwrap_or(host);
        if court_listener::is_host(host) {
            return court_listener::read(&url);
        }
        if archive::is_host(host) {
            return archive::read(url.path()).ok_or_else(|| page(&url));
        }
        if host.ends_with(".azurewebsites.us") {
            let host = short(host);
            return Err(NotUnderstood::Acms { host });
        }
        court_site::read(court_of_host(host)?, &url)
    }

    /// The address of a case.
    fn of_case(court: &'static Court, case: CaseName) -> Result<Address, NotUnderstood> {
        // They have ids as well, but nobody can be asked by them.
        if court.is_appellate() && matches!(case, CaseName::Id(_)) {
            return Err(NotUnderstood::AppealWithoutNumber);
        }
        Ok(Address {
            court,
            case: Some(case),
            document: None,
            sequence: None,
        })
    }
}

/// The address in what was pasted.
fn web_address(pasted: &str) -> Option<Url> {
    let around = |letter: char| letter.is_whitespace() || "<>\"'“”‘’()[]".contains(letter);
    let pasted = pasted.trim_matches(around);
    if pasted.is_empty() || pasted.len() > LONGEST || pasted.contains(char::is_whitespace) {
        return None;
    }
    let url = match pasted.contains("://") {
        true => Url::parse(pasted),
        false => Url::parse(&format!("https://{pasted}")),
    };
    let url = url.ok()?;
    let is_web = matches!(url.scheme(), "http" | "https");
    let is_site = url.host_str().is_some_and(|host| host.contains('.'));
    (is_web && is_site).then_some(url)
}

/// The court whose site this is. Panels share the site of their circuit, and are not meant by it.
fn court_of_host(host: &str) -> Result<&'static Court, NotUnderstood> {
    let mut courts = Court::all().iter();
    let found = courts.find(|court| {
        court.kind != CourtKind::BankruptcyPanel && court.host.eq_ignore_ascii_case(host)
    });
    let court = found.ok_or_else(|| NotUnderstood::Host { host: short(host) })?;
    sold(court).ok_or_else(|| NotUnderstood::NotSold { host: short(host) })
}

/// The court under the id that callers know, if anything can be bought from it.
fn sold(court: &'static Court) -> Option<&'static Court> {
    let court = Court::by_cl_id(court.cl_id.as_deref()?)?;
    court.is_pacer_court().then_some(court)
}

fn case_id(id: &str) -> Result<CaseName, NotUnderstood> {
    let is_number = !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit());
    let parsed = PacerCaseId::parse(id).ok().filter(|_| is_number);
    parsed.map(CaseName::Id).ok_or_else(|| part(id))
}

fn case_number(number: &str) -> Result<CaseName, NotUnderstood> {
    let parsed = DocketNumber::parse(number).ok();
    let parsed = parsed.filter(|parsed| parsed.may_be_one() && number.chars().count() <= 50);
    parsed.map(CaseName::Number).ok_or_else(|| part(number))
}

fn entry_number(number: &str) -> Result<u32, NotUnderstood> {
    let parsed = number.parse().ok().filter(|number| *number > 0);
    // The API has entries as numbers with a sign.
    parsed
        .filter(|number| i32::try_from(*number).is_ok())
        .ok_or_else(|| part(number))
}

/// The number of an attachment; nothing, and 0, stand for the main document.
fn attachment_number(number: &str) -> Result<Option<u32>, NotUnderstood> {
    match number {
        "" | "0" => Ok(None),
        number => entry_number(number).map(Some),
    }
}

fn document_id(id: &str, court: &'static Court) -> Result<DocumentName, NotUnderstood> {
    let is_number = id.len() > 4 && id.bytes().all(|byte| byte.is_ascii_digit());
    let parsed = PacerDocId::parse(id).ok().filter(|_| is_number);
    let parsed = parsed.ok_or_else(|| part(id))?;
    if court.doc_id_prefix.is_some() && !court.owns_document(&parsed) {
        let court = court.id.to_string();
        let id = short(id);
        return Err(NotUnderstood::OtherCourt { id, court });
    }
    Ok(DocumentName::Id(parsed.canonical()))
}

fn part(text: &str) -> NotUnderstood {
    NotUnderstood::Part { part: short(text) }
}

fn page(url: &Url) -> NotUnderstood {
    NotUnderstood::Page {
        host: short(url.host_str().unwrap_or_default()),
        path: path_of(url),
    }
}

/// As much of the path as may be repeated. What follows a semicolon in it is a parameter, such as a session;
/// an address may have the semicolon in code.
fn path_of(url: &Url) -> String {
    let plain = url.path().split([';', '%']).next().unwrap_or_default();
    short(plain)
}

fn short(text: &str) -> String {
    text.chars().take(REPEATED).collect()
}

/// The first value of a query under one of these names, whatever their case.
fn value(url: &Url, names: &[&str]) -> Option<String> {
    let is_one = |name: &str| names.iter().any(|known| known.eq_ignore_ascii_case(name));
    url.query_pairs()
        .find(|(name, value)| is_one(name) && !value.trim().is_empty())
        .map(|(_, value)| value.trim().to_owned())
}
