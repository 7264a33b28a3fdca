//! Patterns that tell that a page is not of its kind, matched against its raw text.

use std::sync::LazyLock;

use regex::Regex;

use super::PageError;
use crate::court::reads_as_bankruptcy;

/// Pages that a reader's browser extension has written into.
const CONTAMINATED: &[&str] = &["MetaMask.*web3", r#"console\.log\(".*CloudMask"#, "Drumpf"];

const DOCKET: &[&str] = &[
    r"The report may take a long time to run because this case has many docket entries",
    r"The page ID does not exist\. Please enter a valid page ID number\.",
    r"There are no documents in this case\.",
    r"Incomplete request\. Please try your query again by choosing the Query or Reports option",
    r"To accept charges shown below, click on the 'View Report' button",
    r"\*\*\* This case was administratively closed\.\*\*\*",
    r"The start date must be less than or equal to the end date",
    r"The starting document number must be less than or equal to the ending document number",
    r"Case not found\.",
    r"Either you do not have permission to view the document, or the document does not exist in the case\.",
    r"Format: text",
    r"Server timeout waiting for the HTTP request from the client\.",
    r"The case type was.*but it must be",
    r"This case is in the process of being opened, please check back later for additional information\.",
    r"Submission already made, please wait for response from server",
];

/// Dots stand for any character here, as in the court's own words.
const APPELLATE_DOCKET: &[&str] = &[
    r"The link to this page may not have originated from within CM/ECF.",
    r#"Click on the "Accept Charges and Retrieve" button ONCE at the bottom of this page to download the document image."#,
    r#"<embed width="100%" height="100%" name="plugin" id="plugin""#,
    r"Access to the document you are about to view has been restricted.*Do not allow it to be seen by unauthorized persons.",
    r#"document.location\s*=\s*"https://pacer.login.uscourts.gov"#,
    r#"http-equiv="REFRESH""#,
    r"Case Number Not Found</b>",
    r"<title>404 Not Found</title>",
    r"<b>[0-9]+ Documents are attached to this filing</b>",
];

const CASE_QUERY: &[&str] = &[
    r"Case not found\.",
    "Only applications for admission to practice",
    "Only requests for a Certificate of Good Standing",
    "DO NOT POST IN THIS CASE",
    "Control F",
];

const CLAIMS_REGISTER: &[&str] =
    &["No claims found for this case using selection criteria entered"];

const CLAIMS_ACTIVITY: &[&str] = &[
    "No claims entries found",
    "Security violation: You do not have access rights to this program",
];

const LIST_OF_CREDITORS: &[&str] = &["You entered a non-bankruptcy type case:"];

fn any_of(groups: &[&[&str]]) -> Regex {
    let patterns: Vec<String> = groups
        .iter()
        .flat_map(|group| group.iter())
        .map(|pattern| pattern.replace(' ', r"\s+"))
        .collect();
    Regex::new(&format!("(?i){}", patterns.join("|"))).expect("patterns are tested")
}

/// Whether the text is of a page that stands where a docket or a history should be.
pub(crate) fn docket(text: &str) -> bool {
    static PATTERN: LazyLock<Regex> = LazyLock::new(|| any_of(&[CONTAMINATED, DOCKET]));
    PATTERN.is_match(text)
}

/// Whether the text is of a page that stands where a docket of an appellate court should be.
pub(crate) fn appellate_docket(text: &str) -> bool {
    static PATTERN: LazyLock<Regex> = LazyLock::new(|| any_of(&[CONTAMINATED, APPELLATE_DOCKET]));
    PATTERN.is_match(text)
}

/// Whether the text is of a page of any other kind that was tampered with.
pub(crate) fn contaminated(text: &str) -> bool {
    static PATTERN: LazyLock<Regex> = LazyLock::new(|| any_of(&[CONTAMINATED]));
    PATTERN.is_match(text)
}

/// Whether the text is of a page that stands where the summary of a case should be.
pub(crate) fn case_query(text: &str) -> bool {
    static PATTERN: LazyLock<Regex> = LazyLock::new(|| any_of(&[CONTAMINATED, CASE_QUERY]));
    PATTERN.is_match(text)
}

/// Whether the text is of a page that stands where a register of claims should be.
pub(crate) fn claims_register(text: &str) -> bool {
    static PATTERN: LazyLock<Regex> = LazyLock::new(|| any_of(&[CONTAMINATED, CLAIMS_REGISTER]));
    PATTERN.is_match(text)
}

/// Whether the text is of a page that stands where a report of claims should be.
pub(crate) fn claims_activity(text: &str) -> bool {
    static PATTERN: LazyLock<Regex> = LazyLock::new(|| any_of(&[CONTAMINATED, CLAIMS_ACTIVITY]));
    PATTERN.is_match(text)
}

/// Whether the text is of a page that stands where a list of creditors should be.
pub(crate) fn list_of_creditors(text: &str) -> bool {
    static PATTERN: LazyLock<Regex> = LazyLock::new(|| any_of(&[CONTAMINATED, LIST_OF_CREDITORS]));
    PATTERN.is_match(text)
}

/// Refuses to read a page that only bankruptcy courts have as one of another court.
pub(crate) fn unless_bankruptcy(court: &str) -> Result<(), PageError> {
    if reads_as_bankruptcy(court) {
        Ok(())
    } else {
        Err(PageError::NotBankruptcy)
    }
}
