//! What the fields of rows hold, in the order of the answers: for `OPTIONS` and for the OpenAPI document. Callers may
//! leave out any field of what was bought (`fields`, `omit`).

use crate::openapi::{Described, Key, Shape, Shape::*, key};

use super::documents::DOWNLOAD_URL;

pub(super) use self::parties::{ATTORNEY, PARTY};

mod parties;

/// A key that callers may leave out.
pub(super) const fn part(name: &'static str, shape: Shape) -> Key {
    key(name, shape).optional()
}

/// A case.
#[rustfmt::skip]
pub(crate) const DOCKET: Described = Described {
    name: "Docket",
    about: "A case.",
    keys: &[
        part("resource_uri", Url),
        part("id", Integer),
        part("court", Url),
        part("court_id", Text),
        part("original_court_info", Object(&ORIGINATING_COURT)).or_null().means("The court below, of an appeal."),
        part("idb_data", Null),
        part("clusters", Empty),
        part("audio_files", Empty),
        part("assigned_to", Url).or_null(),
        part("referred_to", Url).or_null(),
        part("bankruptcy_information", Url).or_null(),
        part("absolute_url", Text),
        part("date_created", Instant),
        part("date_modified", Instant),
        part("source", Integer).means("Has the bit 1 for what came from PACER."),
        part("appeal_from_str", Text),
        part("assigned_to_str", Text),
        part("referred_to_str", Text),
        part("panel_str", Text),
        part("date_last_index", Instant).or_null(),
        part("date_cert_granted", Date).or_null(),
        part("date_cert_denied", Date).or_null(),
        part("date_argued", Date).or_null(),
        part("date_reargued", Date).or_null(),
        part("date_reargument_denied", Date).or_null(),
        part("date_filed", Date).or_null(),
        part("date_terminated", Date).or_null(),
        part("date_last_filing", Date).or_null().means("The latest day of a stored entry."),
        part("case_name_short", Text),
        part("case_name", Text),
        part("case_name_full", Text),
        part("slug", Text),
        part("docket_number", Text).or_null(),
        part("docket_number_core", Text).means("`1600432` for `5:16-cv-00432`."),
        part("docket_number_raw", Text),
        part("docket_number_source", Integer),
        part("federal_dn_office_code", Text),
        part("federal_dn_case_type", Text),
        part("federal_dn_judge_initials_assigned", Text),
        part("federal_dn_judge_initials_referred", Text),
        part("federal_defendant_number", Integer).or_null(),
        part("pacer_case_id", Text).or_null().means("The court's own id of the case."),
        part("cause", Text),
        part("nature_of_suit", Text),
        part("jury_demand", Text),
        part("jurisdiction_type", Text),
        part("appellate_fee_status", Text),
        part("appellate_case_type_information", Text),
        part("mdl_status", Text),
        part("filepath_ia", Text),
        part("filepath_ia_json", Text),
        part("ia_upload_failure_count", Integer).or_null(),
        part("ia_needs_upload", Boolean).or_null(),
        part("ia_date_first_change", Instant).or_null(),
        part("date_blocked", Date).or_null(),
        part("blocked", Boolean),
        part("appeal_from", Url).or_null(),
        part("parent_docket", Url).or_null(),
        part("tags", Empty),
        part("panel", Empty),
    ],
};

/// A line of a docket.
#[rustfmt::skip]
pub(crate) const DOCKET_ENTRY: Described = Described {
    name: "DocketEntry",
    about: "A line of a docket.",
    keys: &[
        part("resource_uri", Url),
        part("id", Integer),
        part("docket", Url),
        part("recap_documents", List(&Object(&RECAP_DOCUMENT))).means("Its documents, text included."),
        part("date_created", Instant),
        part("date_modified", Instant),
        part("date_filed", Date).or_null().means("Null if the docket has something there that is no date."),
        part("time_filed", Time).or_null(),
        part("entry_number", Integer).or_null().means("Null of an unnumbered entry."),
        part("recap_sequence_number", Text).means("The day and the position within it, `2024-03-05.002`. Ordering by it sorts a docket."),
        part("pacer_sequence_number", Integer).or_null(),
        part("description", Text),
        part("tags", Empty),
    ],
};

/// A document or an attachment.
#[rustfmt::skip]
pub(crate) const RECAP_DOCUMENT: Described = Described {
    name: "RecapDocument",
    about: "A document or an attachment.",
    keys: &[
        part("resource_uri", Url),
        part("id", Integer),
        part("tags", Empty),
        part("absolute_url", Text).means("Empty of an unnumbered one."),
        part("date_created", Instant),
        part("date_modified", Instant),
        part("sha1", Text).means("Of the file; empty until it is stored."),
        part("page_count", Integer).or_null(),
        part("file_size", Integer).or_null(),
        part("filepath_local", Text).or_null().means("The path of the file below the service, once it is stored."),
        part("filepath_ia", Text),
        part("ia_upload_failure_count", Integer).or_null(),
        part("thumbnail", Text).or_null(),
        part("thumbnail_status", Integer),
        part("plain_text", Text).means("The text of the file."),
        part("ocr_status", Integer).or_null().means("1 recognised, 2 the file's own text, 3 nothing found, 4 still needed, null not read."),
        part("date_upload", Instant).or_null().means("When the file came."),
        part("document_number", Text).means("Empty if unnumbered."),
        part("attachment_number", Integer).or_null(),
        part("pacer_doc_id", Text).means("Empty if the entry has no document. Its fourth digit is 0."),
        part("is_available", Boolean).means("Whether the file is stored."),
        part("is_free_on_pacer", Boolean).or_null(),
        part("is_sealed", Boolean).or_null(),
        part("document_type", Integer).means("1 document, 2 attachment."),
        part("description", Text),
        part("acms_document_guid", Text),
        // Only for those who name it.
        part(DOWNLOAD_URL, Url).ours().or_null().means("A link that opens the file without a token, for an hour."),
    ],
};

/// What only bankruptcy cases have.
#[rustfmt::skip]
pub(crate) const BANKRUPTCY: Described = Described {
    name: "BankruptcyInformation",
    about: "What only bankruptcy cases have.",
    keys: &[
        part("resource_uri", Url),
        part("id", Integer),
        part("date_created", Instant),
        part("date_modified", Instant),
        part("date_converted", Instant).or_null(),
        part("date_last_to_file_claims", Instant).or_null(),
        part("date_last_to_file_govt", Instant).or_null(),
        part("date_debtor_dismissed", Instant).or_null(),
        part("chapter", Text),
        part("trustee_str", Text),
        part("docket", Url),
    ],
};

/// The case that an appeal is from.
#[rustfmt::skip]
pub(crate) const ORIGINATING_COURT: Described = Described {
    name: "OriginatingCourtInformation",
    about: "The case that an appeal is from.",
    keys: &[
        part("resource_uri", Url),
        part("id", Integer),
        part("date_created", Instant),
        part("date_modified", Instant),
        part("docket_number", Text),
        part("docket_number_raw", Text),
        part("assigned_to_str", Text),
        part("ordering_judge_str", Text),
        part("court_reporter", Text),
        part("date_disposed", Date).or_null(),
        part("date_filed", Date).or_null(),
        part("date_judgment", Date).or_null(),
        part("date_judgment_eod", Date).or_null(),
        part("date_filed_noa", Date).or_null(),
        part("date_received_coa", Date).or_null(),
        part("date_rehearing_denied", Date).or_null(),
        part("assigned_to", Url).or_null(),
        part("ordering_judge", Url).or_null(),
    ],
};

/// A court.
#[rustfmt::skip]
pub(crate) const COURT: Described = Described {
    name: "Court",
    about: "A court.",
    keys: &[
        part("resource_uri", Url),
        part("id", Text),
        part("pacer_court_id", Integer).or_null().means("The number before its document ids."),
        part("pacer_has_rss_feed", Boolean).or_null(),
        part("pacer_rss_entry_types", Text),
        part("date_last_pacer_contact", Instant).or_null(),
        part("fjc_court_id", Text),
        part("date_modified", Instant),
        part("in_use", Boolean),
        part("has_opinion_scraper", Boolean),
        part("has_oral_argument_scraper", Boolean),
        part("position", Number),
        part("citation_string", Text),
        part("short_name", Text),
        part("full_name", Text),
        part("url", Text),
        part("start_date", Date).or_null(),
        part("end_date", Date).or_null(),
        part("jurisdiction", Word(&["F", "FD", "FB", "FBP", "FS", "C"])),
        part("parent_court", Url).or_null(),
        part("appeals_to", Empty),
    ],
};
