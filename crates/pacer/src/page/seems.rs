//! What a file seems to be, for people who gave a reader the wrong one.
//!
//! Readers say what they miss; that a page is a menu and no docket is what a person needs to hear.
//! Told by the few words that each kind of page has and no other has, so that what it cannot tell is
//! [`Seems::Page`] and no guess.

use std::fmt;
use std::sync::{LazyLock, OnceLock};

use memchr::memmem;
use regex::bytes::Regex;

use super::kind::Kind;
use super::refused;

/// What a file seems to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seems {
    /// Nothing but white space.
    Empty,
    /// A file of some other use, such as a PDF.
    Other(&'static str),
    /// Text without any markup.
    Text,
    /// JSON that is none of a court.
    Json,
    /// XML that is none of a court.
    Xml,
    /// A page of this kind.
    Kind(Kind),
    /// A page that asks to log in, or hands on to one that does.
    SignOn,
    /// Another page of a court.
    Page,
    /// HTML without any sign of a court.
    Elsewhere,
}

/// Files by their first bytes.
const FILES: &[(&[u8], &str)] = &[
    (b"\x89PNG", "a picture"),
    (b"GIF8", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"II*\0", "a picture"),
    (b"MM\0*", "a picture"),
    (b"PK\x03\x04", "an archive or office document"),
    (b"\x1f\x8b", "a compressed file"),
    (b"BZh", "a compressed file"),
    (b"\xd0\xcf\x11\xe0", "an office document"),
    (b"{\\rtf", "a document of RTF"),
    (b"%!PS", "a document of PostScript"),
    (b"ID3", "a recording"),
    (b"RIFF", "a recording"),
    (b"\x7fELF", "a program"),
];

/// What only pages of a kind have.
struct Marks {
    kind: Kind,
    text: &'static str,
    pattern: OnceLock<Regex>,
}

impl Marks {
    const fn of(kind: Kind, text: &'static str) -> Marks {
        Marks {
            kind,
            text,
            pattern: OnceLock::new(),
        }
    }

    fn are_in(&self, page: &[u8]) -> bool {
        let pattern = self.pattern.get_or_init(|| pattern(self.text));
        pattern.is_match(page)
    }
}

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("pattern is tested")
}

static TAG: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i-u)<(?:!doctype|html|head|body|script|meta|form|table|t[rdh]|div|span|center|p|br|[abiu]|h[1-6]|font|embed|iframe|title|input|link|style|img|[uo]l|strong|pre|noscript)\b",
    )
});
static XML: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"(?i-u)^<(?:\?xml|rss|request|gov_uscourts|response|feed|errors?)\b")
});
static HEADER: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i-u)^(?:From [^\n]*\n)?(?:[!-9;-~]+:[^\n]*\n(?:[ \t][^\n]*\n)*)*?(?:Subject|From|Received|Return-Path|MIME-Version|Content-Type|Delivered-To|Message-ID):",
    )
});

/// Pages by what only they have, in this order: what comes first may be quoted by what comes after,
/// and dockets quote everything. Each is made when it is first sought, as mostly one is.
static PAGES: [Marks; 14] = [
    Marks::of(Kind::AppellateDocket, r"(?-u)NEW SECTION - Case Stub"),
    Marks::of(
        Kind::Docket,
        r"(?i-u)DOCKET FOR CASE #|(?:Bankruptcy\s+Petition|Adversary\s+Proceeding)\s+#|Docket\s+Text\s*(?:</(?:b|font|strong)>\s*)*</t[hd]",
    ),
    Marks::of(
        Kind::DocketHistory,
        r"(?i-u)<(?:h2|font)[^>]*>\s*(?:History|Documents)\s*</|<th[^>]*>(?:\s|<[^>]*>)*Dates\s*<",
    ),
    Marks::of(
        Kind::ClaimsActivity,
        r"(?i-u)<h[1-4][^>]*>\s*Claims\s+Activity\s+Report",
    ),
    Marks::of(
        Kind::ClaimsRegister,
        r"(?i-u)<h[1-4][^>]*>[^<]*Claims\s+Register",
    ),
    Marks::of(
        Kind::FreeOpinionReport,
        r"(?-u)Total number of opinions reported|Written Opinions Report",
    ),
    Marks::of(
        Kind::Nef,
        r"(?s-u)Notice\s+of\s+(?:Electronic\s+Filing|Docket\s+Activity).*Case\s+(?:Name|Number):",
    ),
    Marks::of(
        Kind::AppellateAttachmentPage,
        r"(?-u)[0-9]+\s+Documents\s+are\s+attached\s+to\s+this\s+filing",
    ),
    Marks::of(
        Kind::AttachmentPage,
        r"(?-u)Document\s+Selection\s+Menu|view\s+each\s+document\s+individually",
    ),
    Marks::of(
        Kind::ListOfCreditors,
        r#"(?i-u)<form[^>]*\sname\s*=\s*["']?bnc\b"#,
    ),
    Marks::of(Kind::MobileQuery, r#"(?-u)id\s*=\s*["']?entriesLink\b"#),
    Marks::of(
        Kind::CaseQueryAdvanced,
        r#"(?s-u)class\s*=\s*["']?row[Bb]ackground[12]\b.*iquery\.pl\?"#,
    ),
    Marks::of(
        Kind::CaseQuery,
        r"(?s-u)cmecfMainContent.*(?:qryAscCases|qryAttorneys|qryParties|HistDocQry)\.pl\?",
    ),
    Marks::of(
        Kind::ConfirmationPage,
        r"(?s-u)(?:To\s+accept\s+charges\s+shown\s+below|Download\s+Confirmation).*Transaction\s+Receipt",
    ),
];

/// Words that pages of courts have, and hardly any other.
static COURT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i-u)uscourts|CM/?ECF|PACER|cgi-bin/|/docs?1/|TransportRoom|showdoc|docket|\bcourt\b|\bcase\b|\bSAML",
    )
});

impl Seems {
    /// Looks at a file.
    pub fn of(file: &[u8]) -> Self {
        Self::told(file, None)
    }

    /// Looks at a file that is said to be of a kind. Pages quote what others are told by; one that has
    /// the marks of the kind that it is said to be of is of it. Marks that other kinds share prove
    /// nothing.
    pub fn of_said(file: &[u8], kind: Kind) -> Self {
        const SHARED: [Kind; 3] = [
            Kind::CaseQuery,
            Kind::CaseQueryAdvanced,
            Kind::ConfirmationPage,
        ];
        Self::told(file, (!SHARED.contains(&kind)).then_some(kind))
    }

    fn told(file: &[u8], said: Option<Kind>) -> Self {
        let file = file.strip_prefix(b"\xef\xbb\xbf").unwrap_or(file);
        let text = file.trim_ascii_start();
        if text.is_empty() {
            return Self::Empty;
        }
        if super::answer::begins_a_pdf(text) {
            return Self::Other("a PDF document");
        }
        if let Some((_, name)) = FILES.iter().find(|(start, _)| text.starts_with(start)) {
            return Self::Other(name);
        }
        match text[0] {
            b'{' | b'[' if serde_json::from_slice::<serde::de::IgnoredAny>(text).is_ok() => {
                return Self::of_json(text);
            }
            b'<' if XML.is_match(text) && !is_html(text) => return Self::of_xml(text),
            _ => {}
        }
        let is_utf_16 = matches!(file, [0xff, 0xfe, ..] | [0xfe, 0xff, ..]);
        if !is_utf_16 && file[..file.len().min(1_024)].contains(&0) {
            return Self::Other("no text");
        }
        if text[0] != b'<' && HEADER.is_match(text) {
            return Self::Kind(Kind::Email);
        }
        match TAG.is_match(text) || is_utf_16 {
            true => Self::of_html(text, said),
            false => Self::Text,
        }
    }

    fn of_json(text: &[u8]) -> Self {
        let has = |key: &str| memmem::find(text, key.as_bytes()).is_some();
        if has("\"docketInfo\"") {
            Self::Kind(Kind::AcmsDocket)
        } else if has("\"docketEntryDocuments\"") {
            Self::Kind(Kind::AcmsAttachmentPage)
        } else {
            Self::Json
        }
    }

    fn of_xml(text: &[u8]) -> Self {
        let has = |element: &str| memmem::find(text, element.as_bytes()).is_some();
        if has("<gov_uscourts") {
            Self::Kind(Kind::IaDocket)
        } else if has("<rss") || has("<channel") {
            Self::Kind(Kind::RssFeed)
        } else if has("<request") {
            Self::Kind(Kind::PossibleCaseNumbers)
        } else {
            Self::Xml
        }
    }

    fn of_html(text: &[u8], said: Option<Kind>) -> Self {
        // First the marks of the kind that it is said to be of: mostly it is, and no others are sought.
        let own = PAGES.iter().find(|marks| Some(marks.kind) == said);
        let found = own.filter(|marks| marks.are_in(text));
        if let Some(marks) = found.or_else(|| PAGES.iter().find(|marks| marks.are_in(text))) {
            Self::Kind(marks.kind)
        } else if refused::is_of_session(&String::from_utf8_lossy(text)) {
            Self::SignOn
        } else if COURT.is_match(text) {
            Self::Page
        } else {
            Self::Elsewhere
        }
    }

    /// Whether the file may be of a kind: whoever reads it as one may believe what comes out. Anything
    /// may be looked at for a session.
    pub fn may_be(self, kind: Kind) -> bool {
        let is_json = matches!(kind, Kind::AcmsDocket | Kind::AcmsAttachmentPage);
        let is_xml = matches!(
            kind,
            Kind::RssFeed | Kind::IaDocket | Kind::PossibleCaseNumbers
        );
        if kind == Kind::LoginCheck {
            return true;
        }
        match self {
            Self::Empty | Self::Other(_) | Self::Text => false,
            Self::Json => is_json,
            Self::Xml => is_xml,
            Self::Kind(own) => own == kind,
            Self::SignOn | Self::Page | Self::Elsewhere => true,
        }
    }

    /// Whether a court may show the file in place of a page of any kind.
    pub fn may_stand_in_place(self) -> bool {
        !matches!(self, Self::Elsewhere)
    }
}

/// Pages of XHTML have a declaration of XML.
fn is_html(text: &[u8]) -> bool {
    static HTML: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i-u)<html[\s>]|<!doctype\s+html"));
    HTML.is_match(&text[..text.len().min(4_096)])
}

impl fmt::Display for Seems {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => formatter.write_str("an empty file"),
            Self::Other(name) => formatter.write_str(name),
            Self::Text => formatter.write_str("plain text"),
            Self::Json => formatter.write_str("JSON that is not of a court"),
            Self::Xml => formatter.write_str("XML that is not of a court"),
            Self::Kind(Kind::Email) => formatter.write_str("a message (email)"),
            Self::Kind(kind) => write!(formatter, "{}", described(*kind)),
            Self::SignOn => formatter.write_str("a page of the sign-on"),
            Self::Page => formatter.write_str("another page of a court"),
            Self::Elsewhere => formatter.write_str("a page that is not of a court"),
        }
    }
}

/// A kind for people, with its name on the command line.
fn described(kind: Kind) -> String {
    let words = match kind {
        Kind::Docket => "a docket report",
        Kind::DocketHistory => "a history of a case",
        Kind::AttachmentPage => "a menu of attachments",
        Kind::CaseQuery => "the summary of a case",
        Kind::CaseQueryAdvanced => "results of a search",
        Kind::ClaimsRegister => "a register of claims",
        Kind::ClaimsActivity => "a report of claims",
        Kind::ListOfCreditors => "a list of creditors",
        Kind::ConfirmationPage => "a price page",
        Kind::FreeOpinionReport => "a report of opinions",
        Kind::MobileQuery => "the page of a case for phones",
        Kind::PossibleCaseNumbers => "the answer to a lookup",
        Kind::LoginCheck => "a page",
        Kind::AppellateDocket => "the docket of an appellate court",
        Kind::AppellateAttachmentPage => "a menu of an appellate court",
        Kind::AcmsDocket => "a docket of ACMS",
        Kind::AcmsIndex => "the page of a case in ACMS",
        Kind::AcmsAttachmentPage => "a menu of ACMS",
        Kind::RssFeed => "a feed",
        Kind::IaDocket => "a docket of the Internet Archive",
        Kind::Nef => "the HTML of a notice",
        Kind::Email => "a message",
    };
    format!("{words} ({})", kind.name())
}
