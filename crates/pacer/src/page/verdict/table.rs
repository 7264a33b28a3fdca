//! The table of everything that a court is known to answer, one row for each answer.
//!
//! It says how an answer is told, what it answers, and whether money moved. What is done about it
//! is `fetch-model`'s to say, which decides for every row. `docs/FAILURES.md` is made of both.
//!
//! Sections are those of `docs/PACER.md`, which says how each of these is known.

macro_rules! answers {
    ($($(#[$doc:meta])* $answer:ident,)*) => {
        /// What a court, or the way to it, answered. One row of the table each.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum CourtAnswer {
            $($(#[$doc])* $answer,)*
        }

        impl CourtAnswer {
            /// Every row, in order.
            pub const ALL: [Self; [$(Self::$answer),*].len()] = [$(Self::$answer),*];
        }
    };
}

answers! {
    /// Name and password were not accepted.
    CredentialsRefused,
    /// The sign-on could not be asked.
    SignOnAway,
    /// There was no connection.
    NotReached,
    /// Time ran out before the answer was complete.
    TimedOut,
    /// The connection broke before the answer was complete.
    BrokenOff,
    /// The answer is larger than we take.
    TooLarge,
    /// 403.
    Forbidden,
    /// 404.
    NotFound,
    /// 408, or its page.
    RequestTimeout,
    /// 429.
    TooManyRequests,
    /// 503.
    Unavailable,
    /// 500.
    ServerFailed,
    /// 502, 504.
    GatewayFailed,
    /// Any other status from 400 on.
    OtherStatus,
    /// XML where a page was expected.
    Xml,
    /// A page without a menu that speaks of maintenance.
    Maintenance,
    /// A page without a menu that speaks of too much use.
    ExcessiveUsage,
    /// A page that asks to log in.
    LoginPage,
    /// The court forgot what the account may do.
    NoPrivileges,
    /// The account must give a client code.
    ClientCodeRequired,
    /// The lookup found a case, or several.
    CaseFound,
    /// The lookup knows no such number.
    NumberUnknown,
    /// The lookup says that the case is sealed.
    NumberSealed,
    /// The lookup found several cases that cannot be told apart.
    SeveralCases,
    /// A docket.
    Docket,
    /// A docket without the entries that were asked for.
    EmptyDocket,
    /// A choice of ranges before a large docket.
    LargeDocket,
    /// The price before a docket.
    DocketPrice,
    /// The empty form of the report.
    OptionForm,
    /// No such case id.
    CaseNotFound,
    /// The case is sealed.
    CaseSealed,
    /// There are no documents in the case.
    NoDocuments,
    /// The page token is stale.
    StalePageToken,
    /// The court lost track of the request.
    IncompleteRequest,
    /// First and last day are in the wrong order.
    BadDateRange,
    /// First and last number are in the wrong order.
    BadNumberRange,
    /// There is no such report for the type of case.
    WrongCaseType,
    /// Closed by the clerk, without a docket.
    AdministrativelyClosed,
    /// The case is being opened.
    BeingOpened,
    /// The account may not see it, or it is not there.
    NotPermitted,
    /// The report could not be printed.
    PdfFailed,
    /// The same request is running already.
    DoubleSubmit,
    /// The report came as text.
    TextFormat,
    /// An appellate court doubts that the link was one of its own.
    OutsideLink,
    /// An appellate court sends the browser to the options of the report.
    Refresh,
    /// An appellate court does not have its servlet at this path.
    WrongPath,
    /// An appellate court has no such number.
    CaseNumberNotFound,
    /// The document.
    Pdf,
    /// The price before a document.
    PricePage,
    /// A page that sends on to the document.
    Redirect,
    /// A page with the document in a frame.
    Frame,
    /// The menu of the entry.
    Menu,
    /// The menu of the entry, where a document was asked for.
    MenuInstead,
    /// The only document of the entry, where the menu was asked for.
    SoleDocument,
    /// Something else, where the menu was asked for.
    NoMenu,
    /// A recording.
    Audio,
    /// A warning that the document is restricted.
    RestrictedWarning,
    /// The text of a PDF pasted into a page.
    PdfInHtml,
    /// Called a PDF by the court, and none.
    NotAPdf,
    /// The named case does not have the document.
    WrongCase,
    /// The entry is sealed or gone.
    EntryGone,
    /// Not available.
    NotAvailable,
    /// The account may not see it.
    NoPermission,
    /// A transcript in its first ninety days.
    TranscriptRestricted,
    /// Nothing public was filed.
    NotPublic,
    /// The document is sealed.
    DocumentSealed,
    /// For court users only.
    CourtUsersOnly,
    /// Closed to the public by the kind of case.
    NatureOfSuit,
    /// An appellate court cannot show it.
    CannotBeDisplayed,
    /// Nothing of all this.
    Unrecognised,
}

/// What was asked when an answer of a kind comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Asked {
    /// To log in.
    SignOn,
    /// Anything at all.
    Anything,
    /// Which case has a number.
    Lookup,
    /// A docket report.
    Docket,
    /// A docket of an appellate court, or what may stand before anything that it has.
    Appeal,
    /// A document or its price.
    Document,
    /// The attachment menu of an entry.
    Menu,
}

/// Whether money moved, if what was asked is something that costs money.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Billed {
    /// Certainly not.
    No,
    /// If the page has a receipt, and only then.
    ByReceipt,
    /// What was asked for is there, and paid.
    Yes,
    /// A receipt on the page would tell; without one nobody knows.
    Perhaps,
}

/// What the table says about an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    /// What has it for an answer.
    pub asked: Asked,
    /// How it is told, in words for people; texts in quotes are the court's own.
    pub signal: &'static str,
    /// Section of `docs/PACER.md`: its anchor.
    pub section: &'static str,
    /// Whether money moved.
    pub billed: Billed,
}

impl CourtAnswer {
    /// What an HTTP status means; none if the page has to be looked at.
    pub fn of_status(status: u16) -> Option<CourtAnswer> {
        match status {
            0..=399 => None,
            403 => Some(CourtAnswer::Forbidden),
            404 => Some(CourtAnswer::NotFound),
            408 => Some(CourtAnswer::RequestTimeout),
            429 => Some(CourtAnswer::TooManyRequests),
            503 => Some(CourtAnswer::Unavailable),
            500 => Some(CourtAnswer::ServerFailed),
            502 | 504 => Some(CourtAnswer::GatewayFailed),
            _ => Some(CourtAnswer::OtherStatus),
        }
    }

    /// The same for an appellate court asked for a docket: its servlet may be at another path.
    pub fn of_appellate_status(status: u16) -> Option<CourtAnswer> {
        match CourtAnswer::of_status(status) {
            Some(CourtAnswer::NotFound) => Some(CourtAnswer::WrongPath),
            found => found,
        }
    }

    /// The row.
    pub fn row(self) -> Row {
        use Asked::*;
        use Billed::*;
        match self {
            CourtAnswer::CredentialsRefused => {
                row(SignOn, "`loginResult` other than `0`", "sign-on-answer", No)
            }
            CourtAnswer::SignOnAway => row(
                SignOn,
                "no connection, no answer, or a status other than 200",
                "sign-on-answer",
                No,
            ),
            CourtAnswer::NotReached => row(
                Anything,
                "no address, no connection, no TLS",
                "other-answers",
                No,
            ),
            CourtAnswer::TimedOut => row(
                Anything,
                "no answer, or not all of it, in time",
                "retries-and-money",
                Perhaps,
            ),
            CourtAnswer::BrokenOff => row(
                Anything,
                "the connection breaks before the answer is complete",
                "retries-and-money",
                Perhaps,
            ),
            CourtAnswer::TooLarge => row(
                Anything,
                "more bytes than the limit allows",
                "docket-size",
                Perhaps,
            ),
            CourtAnswer::Forbidden => row(Anything, "HTTP 403", "other-answers", No),
            CourtAnswer::NotFound => row(Anything, "HTTP 404", "other-answers", No),
            CourtAnswer::RequestTimeout => row(
                Anything,
                "HTTP 408, “Server timeout waiting for the HTTP request from the client.”",
                "instead-of-a-docket",
                No,
            ),
            CourtAnswer::TooManyRequests => row(Anything, "HTTP 429", "other-answers", No),
            CourtAnswer::Unavailable => row(Anything, "HTTP 503", "other-answers", No),
            // The court's own server has ended the request, and a bill is part of a page that is made.
            CourtAnswer::ServerFailed => row(Anything, "HTTP 500", "other-answers", No),
            // Somebody between us and the court has stopped waiting for it: it may go on, and bill.
            CourtAnswer::GatewayFailed => row(Anything, "HTTP 502, 504", "other-answers", Perhaps),
            CourtAnswer::OtherStatus => row(
                Anything,
                "any other status from 400 on",
                "other-answers",
                No,
            ),
            CourtAnswer::Xml => row(Anything, "XML where a page was expected", "on-the-wire", No),
            CourtAnswer::Maintenance => row(
                Anything,
                "a page without a menu that speaks of maintenance",
                "other-answers",
                No,
            ),
            CourtAnswer::ExcessiveUsage => row(
                Anything,
                "a page without a menu that speaks of excessive usage",
                "manners",
                No,
            ),
            CourtAnswer::LoginPage => row(
                Anything,
                "a page that asks to log in, or sends to the sign-on",
                "logged-out",
                No,
            ),
            CourtAnswer::NoPrivileges => row(
                Anything,
                "“This user has no access privileges defined.”",
                "on-the-wire",
                No,
            ),
            CourtAnswer::ClientCodeRequired => row(
                Anything,
                "“A Client Code is required for PACER search”",
                "document-refusals",
                No,
            ),
            CourtAnswer::CaseFound => row(Lookup, "`<case id=…>`", "lookup-answer", No),
            CourtAnswer::NumberUnknown => row(Lookup, "“Cannot find case”", "lookup-answer", No),
            CourtAnswer::NumberSealed => row(Lookup, "“Case Under Seal”", "lookup-answer", No),
            CourtAnswer::SeveralCases => row(
                Lookup,
                "several cases that the number does not tell apart",
                "several-cases",
                No,
            ),
            CourtAnswer::Docket => row(Docket, "“Date Filed:”", "docket-page", Yes),
            CourtAnswer::EmptyDocket => row(
                Docket,
                "“none satisfy the selection criteria”, “No docket entries found.”",
                "docket-page",
                Yes,
            ),
            CourtAnswer::LargeDocket => row(
                Docket,
                "“The report may take a long time to run because this case has many docket entries”",
                "instead-of-a-docket",
                No,
            ),
            CourtAnswer::DocketPrice => row(
                Docket,
                "“To accept charges shown below, click on the 'View Report' button”; appellate “Accept Charges and Retrieve”",
                "instead-of-a-docket",
                No,
            ),
            CourtAnswer::OptionForm => {
                row(Docket, "the form of the report", "instead-of-a-docket", No)
            }
            CourtAnswer::CaseNotFound => row(
                Docket,
                "“Case not found.”",
                "instead-of-a-docket",
                ByReceipt,
            ),
            CourtAnswer::CaseSealed => row(
                Docket,
                "“Case Under Seal”",
                "instead-of-a-docket",
                ByReceipt,
            ),
            CourtAnswer::NoDocuments => row(
                Docket,
                "“There are no documents in this case.”",
                "instead-of-a-docket",
                ByReceipt,
            ),
            CourtAnswer::StalePageToken => row(
                Docket,
                "“The page ID does not exist.”",
                "instead-of-a-docket",
                ByReceipt,
            ),
            CourtAnswer::IncompleteRequest => row(
                Docket,
                "“Incomplete request.”",
                "instead-of-a-docket",
                ByReceipt,
            ),
            CourtAnswer::BadDateRange => row(
                Docket,
                "“The start date must be less than or equal to the end date”",
                "instead-of-a-docket",
                ByReceipt,
            ),
            CourtAnswer::BadNumberRange => row(
                Docket,
                "“The starting document number must be less than or equal to the ending document number”",
                "instead-of-a-docket",
                ByReceipt,
            ),
            CourtAnswer::WrongCaseType => row(
                Docket,
                "“The case type was … but it must be”",
                "instead-of-a-docket",
                ByReceipt,
            ),
            CourtAnswer::AdministrativelyClosed => row(
                Docket,
                "“*** This case was administratively closed.***”",
                "instead-of-a-docket",
                ByReceipt,
            ),
            CourtAnswer::BeingOpened => row(
                Docket,
                "“This case is in the process of being opened, please check back later”",
                "instead-of-a-docket",
                ByReceipt,
            ),
            CourtAnswer::NotPermitted => row(
                Docket,
                "“Either you do not have permission to view the document, or the document does not exist in the case.”",
                "instead-of-a-docket",
                ByReceipt,
            ),
            CourtAnswer::PdfFailed => row(
                Docket,
                "“Unable to create PDF file.”",
                "instead-of-a-docket",
                ByReceipt,
            ),
            CourtAnswer::DoubleSubmit => row(
                Docket,
                "“Submission already made, please wait for response from server”",
                "instead-of-a-docket",
                Perhaps,
            ),
            CourtAnswer::TextFormat => row(
                Docket,
                "“Format: text” in the receipt",
                "instead-of-a-docket",
                ByReceipt,
            ),
            CourtAnswer::OutsideLink => row(
                Appeal,
                "“The link to this page may not have originated from within CM/ECF”",
                "appellate-interstitials",
                No,
            ),
            CourtAnswer::Refresh => row(
                Appeal,
                "`<meta http-equiv=\"REFRESH\" …>` to the form of the report",
                "appellate-interstitials",
                No,
            ),
            CourtAnswer::WrongPath => row(
                Appeal,
                "HTTP 404, or “404 Not Found”",
                "appellate-interstitials",
                No,
            ),
            CourtAnswer::CaseNumberNotFound => row(
                Appeal,
                "“Case Number Not Found”",
                "appellate-interstitials",
                ByReceipt,
            ),
            CourtAnswer::Pdf => row(Document, "the bytes of a PDF", "document-answers", Yes),
            CourtAnswer::PricePage => row(
                Document,
                "“To accept charges shown below”, with a receipt",
                "price-page",
                No,
            ),
            CourtAnswer::Redirect => row(
                Document,
                "`window.location = …`, or HTTP 302",
                "document-answers",
                No,
            ),
            CourtAnswer::Frame => row(Document, "`<iframe src=…>`", "document-answers", No),
            CourtAnswer::Menu => row(Menu, "“Document Selection Menu”", "attachment-menus", No),
            CourtAnswer::MenuInstead => row(
                Document,
                "“Document Selection Menu”",
                "document-answers",
                No,
            ),
            CourtAnswer::SoleDocument => row(
                Menu,
                "the bytes of a PDF: the entry has one document",
                "attachment-menus",
                Yes,
            ),
            CourtAnswer::NoMenu => row(Menu, "a price or a refusal", "attachment-menus", No),
            CourtAnswer::Audio => row(
                Document,
                "“AUDIO” on the price page",
                "document-answers",
                No,
            ),
            CourtAnswer::RestrictedWarning => row(
                Document,
                "“Warning!”, “document is restricted”, “do not allow it to be seen”, “you are about to view has been restricted”",
                "restriction-warnings",
                No,
            ),
            CourtAnswer::PdfInHtml => row(
                Document,
                "`pdf:Producer` in a page",
                "document-answers",
                Perhaps,
            ),
            CourtAnswer::NotAPdf => row(
                Document,
                "called a PDF by its type, without `%PDF-` at its beginning",
                "document-answers",
                Perhaps,
            ),
            CourtAnswer::WrongCase => row(
                Document,
                "“Cannot locate the case with caseid”",
                "document-refusals",
                No,
            ),
            CourtAnswer::EntryGone => row(
                Document,
                "“could not retrieve dktentry for dlsid”",
                "document-refusals",
                No,
            ),
            CourtAnswer::NotAvailable => row(
                Document,
                "“document is not available”",
                "document-refusals",
                No,
            ),
            CourtAnswer::NoPermission => row(
                Document,
                "“You do not have permission to view this document.”",
                "document-refusals",
                No,
            ),
            CourtAnswer::TranscriptRestricted => row(
                Document,
                "“You do not have access to this transcript.”",
                "document-refusals",
                No,
            ),
            CourtAnswer::NotPublic => row(
                Document,
                "“No matter of public record”",
                "document-refusals",
                No,
            ),
            CourtAnswer::DocumentSealed => row(
                Document,
                "“Sealed Document”, “Under Seal”, “Document is Sealed”, “This document is SEALED”",
                "document-refusals",
                No,
            ),
            CourtAnswer::CourtUsersOnly => row(
                Document,
                "“This image is not available for viewing by non-court users”",
                "document-refusals",
                No,
            ),
            CourtAnswer::NatureOfSuit => row(
                Document,
                "“Permission to view this document is denied based on Nature of Suit”",
                "document-refusals",
                No,
            ),
            CourtAnswer::CannotBeDisplayed => row(
                Document,
                "“The requested document cannot be displayed”",
                "document-refusals",
                No,
            ),
            CourtAnswer::Unrecognised => row(
                Anything,
                "a page that nobody knows",
                "document-answers",
                Perhaps,
            ),
        }
    }
}

fn row(asked: Asked, signal: &'static str, section: &'static str, billed: Billed) -> Row {
    Row {
        asked,
        signal,
        section,
        billed,
    }
}
