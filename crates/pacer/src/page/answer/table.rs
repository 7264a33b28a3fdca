//! The table of everything that a court is known to answer, one row for each answer.
//!
//! It says how an answer is told, what it answers, whether money moved, and whether asking the same once
//! more helps. What is done about it is `fetch-model`'s to say, which decides for every row. `docs/FAILURES.md` is made of both.
//!
//! Sections are those of `docs/PACER.md`, which says how each of these is known.

use super::phrases::{Place, Sign};
use Place::{Anywhere, Appeal, Document, InsteadOfDocket, NoDocket};
use Sign::{Mentions, Says};

macro_rules! answers {
    ($($(#[$doc:meta])* $answer:ident = $row:expr;)*) => {
        /// What a court, or the way to it, answered. One row of the table each.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Answer {
            $($(#[$doc])* $answer,)*
        }

        impl Answer {
            /// Every row, in order.
            pub const ALL: [Self; [$(Self::$answer),*].len()] = [$(Self::$answer),*];

            /// The row.
            pub fn row(self) -> Row {
                match self {
                    $(Self::$answer => $row,)*
                }
            }
        }
    };
}

answers! {
    /// Name and password were not accepted.
    CredentialsRefused =
        Row::new(AnswerTo::SignOn, "`loginResult` other than `0`", "sign-on-answer", Billed::No);
    /// The sign-on could not be asked.
    SignOnAway = Row::new(
        AnswerTo::SignOn,
        "no connection, no answer, or a status other than 200",
        "sign-on-answer",
        Billed::No,
    );
    /// There was no connection.
    NotReached =
        Row::new(AnswerTo::Anything, "no address, no connection, no TLS", "other-answers", Billed::No);
    /// Time ran out before the answer was complete.
    TimedOut = Row::new(
        AnswerTo::Anything,
        "no answer, or not all of it, in time",
        "retries-and-money",
        Billed::Perhaps,
    );
    /// The connection broke before the answer was complete.
    BrokenOff = Row::new(
        AnswerTo::Anything,
        "the connection breaks before the answer is complete",
        "retries-and-money",
        Billed::Perhaps,
    );
    /// The answer is larger than we take.
    TooLarge = Row::new(
        AnswerTo::Anything,
        "more bytes than the limit allows",
        "docket-size",
        Billed::Perhaps,
    );
    /// 403.
    Forbidden = Row::new(AnswerTo::Anything, "HTTP 403", "other-answers", Billed::No);
    /// 404.
    NotFound = Row::new(AnswerTo::Anything, "HTTP 404", "other-answers", Billed::No);
    /// 429.
    TooManyRequests = Row::new(AnswerTo::Anything, "HTTP 429", "other-answers", Billed::No);
    /// 503.
    Unavailable = Row::new(AnswerTo::Anything, "HTTP 503", "other-answers", Billed::No);
    /// 500.
    // The court's own server has ended the request, and a bill is part of a page that is made.
    ServerFailed = Row::new(AnswerTo::Anything, "HTTP 500", "other-answers", Billed::No);
    /// 502, 504.
    // Somebody between us and the court has stopped waiting for it: it may go on, and bill.
    GatewayFailed = Row::new(AnswerTo::Anything, "HTTP 502, 504", "other-answers", Billed::Perhaps);
    /// Any other status from 400 on.
    OtherStatus =
        Row::new(AnswerTo::Anything, "any other status from 400 on", "other-answers", Billed::No);
    /// XML where a page was expected.
    Xml = Row::new(AnswerTo::Anything, "XML where a page was expected", "on-the-wire", Billed::No);
    /// A page without a menu that speaks of maintenance.
    Maintenance = Row::new(
        AnswerTo::Anything,
        "a page without a menu that speaks of maintenance",
        "other-answers",
        Billed::No,
    );
    /// A page without a menu that speaks of too much use.
    ExcessiveUsage = Row::new(
        AnswerTo::Anything,
        "a page without a menu that speaks of excessive usage",
        "manners",
        Billed::No,
    );
    /// A page that asks to log in.
    LoginPage = Row::new(
        AnswerTo::Anything,
        "a page that asks to log in, or sends to the sign-on",
        "logged-out",
        Billed::No,
    )
    .again();
    /// The court forgot what the account may do.
    NoPrivileges = Row::new(
        AnswerTo::Anything,
        "“This user has no access privileges defined.”",
        "on-the-wire",
        Billed::No,
    )
    .again()
    .told_by(&[
        Says(
            "This user has no access privileges defined.",
            &[NoDocket, Appeal, Document, Anywhere],
        ),
    ]);
    /// The account must give a client code.
    ClientCodeRequired = Row::new(
        AnswerTo::Anything,
        "“A Client Code is required for PACER search”",
        "document-refusals",
        Billed::No,
    )
    .told_by(&[
        Says("A Client Code is required for PACER search", &[NoDocket, Appeal, Document, Anywhere]),
    ]);
    /// 408, or its page.
    // Behind those whose page may quote the words of the server.
    RequestTimeout = Row::new(
        AnswerTo::Anything,
        "HTTP 408, “Server timeout waiting for the HTTP request from the client.”",
        "instead-of-a-docket",
        Billed::No,
    )
    .told_by(&[
        Says(
            "Server timeout waiting for the HTTP request from the client.",
            &[InsteadOfDocket, Appeal, Document, Anywhere],
        ),
    ]);
    /// The lookup found a case, or several.
    CaseFound = Row::new(AnswerTo::Lookup, "`<case id=…>`", "lookup-answer", Billed::No);
    /// The lookup knows no such number.
    NumberUnknown = Row::new(AnswerTo::Lookup, "“Cannot find case”", "lookup-answer", Billed::No);
    /// The lookup says that the case is sealed.
    NumberSealed = Row::new(AnswerTo::Lookup, "“Case Under Seal”", "lookup-answer", Billed::No);
    /// The lookup found several cases that cannot be told apart.
    SeveralCases = Row::new(
        AnswerTo::Lookup,
        "several cases that the number does not tell apart",
        "several-cases",
        Billed::No,
    );
    /// A docket.
    Docket = Row::new(AnswerTo::Docket, "“Date Filed:”", "docket-page", Billed::Yes);
    /// A docket without the entries that were asked for.
    EmptyDocket = Row::new(
        AnswerTo::Docket,
        "“none satisfy the selection criteria”, “No docket entries found.”",
        "docket-page",
        Billed::Yes,
    );
    /// The price before a docket.
    DocketPrice = Row::new(
        AnswerTo::Docket,
        "“To accept charges shown below, click on the 'View Report' button”; appellate “Accept Charges and Retrieve”",
        "instead-of-a-docket",
        Billed::No,
    )
    .told_by(&[
        Says(
            "To accept charges shown below, click on the 'View Report' button",
            &[InsteadOfDocket],
        ),
    ]);
    /// A choice of ranges before a large docket.
    LargeDocket = Row::new(
        AnswerTo::Docket,
        "“The report may take a long time to run because this case has many docket entries”",
        "instead-of-a-docket",
        Billed::No,
    )
    .told_by(&[
        Says(
            "The report may take a long time to run because this case has many docket entries",
            &[InsteadOfDocket],
        ),
    ]);
    /// The empty form of the report.
    OptionForm =
        Row::new(AnswerTo::Docket, "the form of the report", "instead-of-a-docket", Billed::No);
    /// No such case id.
    CaseNotFound =
        Row::new(AnswerTo::Docket, "“Case not found.”", "instead-of-a-docket", Billed::ByReceipt)
            .told_by(&[Says("Case not found.", &[InsteadOfDocket])]);
    /// The case is sealed.
    CaseSealed =
        Row::new(AnswerTo::Docket, "“Case Under Seal”", "instead-of-a-docket", Billed::ByReceipt)
            .told_by(&[
                Mentions("Case Under Seal", &[NoDocket, Appeal]),
                Mentions("case is sealed", &[NoDocket, Appeal]),
                Mentions("case is under seal", &[NoDocket, Appeal]),
            ]);
    /// There are no documents in the case.
    NoDocuments = Row::new(
        AnswerTo::Docket,
        "“There are no documents in this case.”",
        "instead-of-a-docket",
        Billed::ByReceipt,
    )
    .told_by(&[Says("There are no documents in this case.", &[InsteadOfDocket])]);
    /// The page token is stale.
    StalePageToken = Row::new(
        AnswerTo::Docket,
        "“The page ID does not exist.”",
        "instead-of-a-docket",
        Billed::ByReceipt,
    )
    .again()
    .told_by(&[
        Says(
            "The page ID does not exist. Please enter a valid page ID number.",
            &[InsteadOfDocket],
        ),
    ]);
    /// The court lost track of the request.
    IncompleteRequest =
        Row::new(AnswerTo::Docket, "“Incomplete request.”", "instead-of-a-docket", Billed::ByReceipt)
            .again()
            .told_by(&[
                Says(
                    "Incomplete request. Please try your query again by choosing the Query or Reports option",
                    &[InsteadOfDocket],
                ),
            ]);
    /// First and last day are in the wrong order.
    BadDateRange = Row::new(
        AnswerTo::Docket,
        "“The start date must be less than or equal to the end date”",
        "instead-of-a-docket",
        Billed::ByReceipt,
    )
    .told_by(&[
        Says("The start date must be less than or equal to the end date", &[InsteadOfDocket]),
    ]);
    /// First and last number are in the wrong order.
    BadNumberRange = Row::new(
        AnswerTo::Docket,
        "“The starting document number must be less than or equal to the ending document number”",
        "instead-of-a-docket",
        Billed::ByReceipt,
    )
    .told_by(&[
        Says(
            "The starting document number must be less than or equal to the ending document number",
            &[InsteadOfDocket],
        ),
    ]);
    /// There is no such report for the type of case.
    WrongCaseType = Row::new(
        AnswerTo::Docket,
        "“The case type was … but it must be”",
        "instead-of-a-docket",
        Billed::ByReceipt,
    )
    .told_by(&[Says("The case type was {any} but it must be", &[InsteadOfDocket])]);
    /// Closed by the clerk, without a docket.
    AdministrativelyClosed = Row::new(
        AnswerTo::Docket,
        "“*** This case was administratively closed.***”",
        "instead-of-a-docket",
        Billed::ByReceipt,
    )
    .told_by(&[Says("*** This case was administratively closed.***", &[InsteadOfDocket])]);
    /// The case is being opened.
    BeingOpened = Row::new(
        AnswerTo::Docket,
        "“This case is in the process of being opened, please check back later”",
        "instead-of-a-docket",
        Billed::ByReceipt,
    )
    .told_by(&[
        Says(
            "This case is in the process of being opened, please check back later for additional information.",
            &[InsteadOfDocket],
        ),
    ]);
    /// The account may not see it, or it is not there.
    NotPermitted = Row::new(
        AnswerTo::Docket,
        "“Either you do not have permission to view the document, or the document does not exist in the case.”",
        "instead-of-a-docket",
        Billed::ByReceipt,
    )
    .told_by(&[
        Says(
            "Either you do not have permission to view the document, or the document does not exist in the case.",
            &[InsteadOfDocket],
        ),
    ]);
    /// The report could not be printed.
    PdfFailed = Row::new(
        AnswerTo::Docket,
        "“Unable to create PDF file.”",
        "instead-of-a-docket",
        Billed::ByReceipt,
    )
    .told_by(&[Says("Unable to create PDF file.", &[NoDocket])]);
    /// The same request is running already.
    DoubleSubmit = Row::new(
        AnswerTo::Docket,
        "“Submission already made, please wait for response from server”",
        "instead-of-a-docket",
        Billed::Perhaps,
    )
    .told_by(&[
        Says("Submission already made, please wait for response from server", &[InsteadOfDocket]),
    ]);
    /// The report came as text.
    TextFormat = Row::new(
        AnswerTo::Docket,
        "“Format: text” in the receipt",
        "instead-of-a-docket",
        Billed::ByReceipt,
    )
    .told_by(&[Says("Format: text", &[InsteadOfDocket])]);
    /// An appellate court doubts that the link was one of its own.
    OutsideLink = Row::new(
        AnswerTo::Appeal,
        "“The link to this page may not have originated from within CM/ECF”",
        "appellate-interstitials",
        Billed::No,
    );
    /// An appellate court sends the browser to the options of the report.
    Refresh = Row::new(
        AnswerTo::Appeal,
        "`<meta http-equiv=\"REFRESH\" …>` to the form of the report",
        "appellate-interstitials",
        Billed::No,
    )
    .again();
    /// An appellate court has no such number.
    CaseNumberNotFound = Row::new(
        AnswerTo::Appeal,
        "“Case Number Not Found”",
        "appellate-interstitials",
        Billed::ByReceipt,
    )
    .told_by(&[
        Says("Case Number Not Found", &[NoDocket]),
        Says("Case Number Not Found</b>", &[Appeal]),
    ]);
    /// An appellate court does not have its servlet at this path.
    WrongPath = Row::new(
        AnswerTo::Appeal,
        "HTTP 404, or “404 Not Found”",
        "appellate-interstitials",
        Billed::No,
    )
    .again()
    .told_by(&[
        Says("<title>404 Not Found</title>", &[Appeal]),
        // What else the page says of a document says more.
        Mentions("<title>404 Not Found</title>", &[Document]),
    ]);
    /// The document.
    Pdf = Row::new(AnswerTo::Document, "the bytes of a PDF", "document-answers", Billed::Yes);
    /// The price before a document.
    PricePage = Row::new(
        AnswerTo::Document,
        "“To accept charges shown below”, with a receipt",
        "price-page",
        Billed::No,
    );
    /// A page that sends on to the document.
    Redirect = Row::new(
        AnswerTo::Document,
        "`window.location = …`, or HTTP 302",
        "document-answers",
        Billed::No,
    );
    /// A page with the document in a frame.
    Frame = Row::new(AnswerTo::Document, "`<iframe src=…>`", "document-answers", Billed::No);
    /// The menu of the entry.
    Menu = Row::new(AnswerTo::Menu, "“Document Selection Menu”", "attachment-menus", Billed::No);
    /// The menu of the entry, where a document was asked for.
    MenuInstead =
        Row::new(AnswerTo::Document, "“Document Selection Menu”", "document-answers", Billed::No);
    /// The only document of the entry, where the menu was asked for.
    SoleDocument = Row::new(
        AnswerTo::Menu,
        "the bytes of a PDF: the entry has one document",
        "attachment-menus",
        Billed::Yes,
    );
    /// Something else, where the menu was asked for.
    NoMenu = Row::new(AnswerTo::Menu, "a price or a refusal", "attachment-menus", Billed::No);
    /// A recording.
    Audio = Row::new(AnswerTo::Document, "“AUDIO” on the price page", "document-answers", Billed::No);
    /// A warning that the document is restricted.
    RestrictedWarning = Row::new(
        AnswerTo::Document,
        "“Warning!”, “document is restricted”, “do not allow it to be seen”, “you are about to view has been restricted”",
        "restriction-warnings",
        Billed::No,
    );
    /// The text of a PDF pasted into a page.
    PdfInHtml =
        Row::new(AnswerTo::Document, "`pdf:Producer` in a page", "document-answers", Billed::Perhaps);
    /// Called a PDF by the court, and none.
    NotAPdf = Row::new(
        AnswerTo::Document,
        "called a PDF by its type, without `%PDF-` at its beginning",
        "document-answers",
        Billed::Perhaps,
    );
    /// The named case does not have the document.
    WrongCase = Row::new(
        AnswerTo::Document,
        "“Cannot locate the case with caseid”",
        "document-refusals",
        Billed::No,
    )
    .again()
    .told_by(&[Says("Cannot locate the case with caseid", &[Document])]);
    /// The entry is sealed or gone.
    EntryGone = Row::new(
        AnswerTo::Document,
        "“could not retrieve dktentry for dlsid”",
        "document-refusals",
        Billed::No,
    )
    .told_by(&[Says("could not retrieve dktentry for dlsid", &[Document])]);
    /// Not available.
    NotAvailable =
        Row::new(AnswerTo::Document, "“document is not available”", "document-refusals", Billed::No)
            .told_by(&[Says("document is not available", &[Document])]);
    /// The account may not see it.
    NoPermission = Row::new(
        AnswerTo::Document,
        "“You do not have permission to view this document.”",
        "document-refusals",
        Billed::No,
    )
    .told_by(&[Says("You do not have permission to view this document.", &[Document])]);
    /// A transcript in its first ninety days.
    TranscriptRestricted = Row::new(
        AnswerTo::Document,
        "“You do not have access to this transcript.”",
        "document-refusals",
        Billed::No,
    )
    .told_by(&[Says("You do not have access to this transcript.", &[Document])]);
    /// Nothing public was filed.
    NotPublic =
        Row::new(AnswerTo::Document, "“No matter of public record”", "document-refusals", Billed::No)
            .told_by(&[Says("No matter of public record", &[Document])]);
    /// The document is sealed.
    DocumentSealed = Row::new(
        AnswerTo::Document,
        "“Sealed Document”, “Under Seal”, “Document is Sealed”, “This document is SEALED”",
        "document-refusals",
        Billed::No,
    )
    .told_by(&[
        Mentions("Sealed Document", &[Document]),
        Mentions("Under Seal", &[Document]),
        Mentions("Document is Sealed", &[Document]),
        Mentions("This document is SEALED", &[Document]),
    ]);
    /// For court users only.
    CourtUsersOnly = Row::new(
        AnswerTo::Document,
        "“This image is not available for viewing by non-court users”",
        "document-refusals",
        Billed::No,
    )
    .told_by(&[Says("This image is not available for viewing by non-court users", &[Document])]);
    /// Closed to the public by the kind of case.
    NatureOfSuit = Row::new(
        AnswerTo::Document,
        "“Permission to view this document is denied based on Nature of Suit”",
        "document-refusals",
        Billed::No,
    )
    .told_by(&[
        Says("Permission to view this document is denied based on Nature of Suit", &[Document]),
    ]);
    /// An appellate court cannot show it.
    CannotBeDisplayed = Row::new(
        AnswerTo::Document,
        "“The requested document cannot be displayed”",
        "document-refusals",
        Billed::No,
    )
    .told_by(&[Says("The requested document cannot be displayed", &[Appeal, Document])]);
    /// Nothing of all this.
    Unrecognised =
        Row::new(AnswerTo::Anything, "a page that is not recognised", "document-answers", Billed::Perhaps);
}

/// What was asked when an answer of a kind comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AnswerTo {
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

/// Whether money moved, if what was asked is something that costs money. A receipt on the page says more
/// than any of these: see [`crate::bill::billing`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Billed {
    /// No such page was ever billed.
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
    pub asked: AnswerTo,
    /// How it is told, in words for people; texts in quotes are the court's own.
    pub signal: &'static str,
    /// Section of `docs/PACER.md`: its anchor.
    pub section: &'static str,
    /// Whether money moved.
    pub billed: Billed,
    /// The same is asked once more, at once, before anything else is done about it: that helps.
    pub again: bool,
    /// What the page says, for an answer that is told by nothing else.
    pub told_by: &'static [Sign],
}

impl Row {
    const fn new(
        asked: AnswerTo,
        signal: &'static str,
        section: &'static str,
        billed: Billed,
    ) -> Row {
        Row {
            asked,
            signal,
            section,
            billed,
            again: false,
            told_by: &[],
        }
    }

    const fn again(self) -> Row {
        Row {
            again: true,
            ..self
        }
    }

    const fn told_by(self, told_by: &'static [Sign]) -> Row {
        Row { told_by, ..self }
    }
}

impl Answer {
    /// What an HTTP status means; none if the page has to be looked at.
    pub fn of_status(status: u16) -> Option<Answer> {
        match status {
            0..=399 => None,
            403 => Some(Answer::Forbidden),
            404 => Some(Answer::NotFound),
            408 => Some(Answer::RequestTimeout),
            429 => Some(Answer::TooManyRequests),
            503 => Some(Answer::Unavailable),
            500 => Some(Answer::ServerFailed),
            502 | 504 => Some(Answer::GatewayFailed),
            _ => Some(Answer::OtherStatus),
        }
    }

    /// The same for an appellate court asked for a docket: its servlet may be at another path.
    pub fn of_appellate_status(status: u16) -> Option<Answer> {
        match Answer::of_status(status) {
            Some(Answer::NotFound) => Some(Answer::WrongPath),
            found => found,
        }
    }
}
