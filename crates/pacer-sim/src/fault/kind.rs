//! The things that can go wrong.

use serde::{Deserialize, Serialize};

use crate::page::notice::Notice;

/// What goes wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum FaultKind {
    /// Answers with this HTTP status.
    Status {
        /// The status code.
        status: u16,
        /// Whether what was asked is done before, and charged, as when a proxy stops waiting for the
        /// court; otherwise the request is not looked at.
        #[serde(default)]
        billed: bool,
        /// Value of a `Retry-After` header.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        retry_after: Option<String>,
    },
    /// Answers as usual, later.
    Delay {
        /// How much later.
        ms: u64,
    },
    /// Answers as usual, the body dripping in over so long a time.
    SlowBody {
        /// From the first to the last byte.
        ms: u64,
    },
    /// Does what was asked, then resets the connection instead of answering.
    Reset,
    /// Resets the connection before doing anything.
    ResetBefore,
    /// Does what was asked, and breaks off in the middle of the answer.
    Truncate,
    /// Shows the login page although the session is good.
    LoginPage,
    /// Ends the session that asks, and then looks at the request.
    ExpireSession,
    /// Does what was asked, and never answers.
    Hang,
    /// Answers with XML where HTML belongs.
    Xml,
    /// Answers with a page without any evidence of a session.
    Maintenance,
    /// Says that the account is used excessively.
    ExcessiveUsage,
    /// Says that the user has no privileges, as Illinois Northern does now and then.
    NoPrivileges,
    /// Answers with a page that has a menu and nothing that anybody knows.
    UnknownHtml,
    /// Answers with this page.
    Page {
        /// What is sent, byte for byte.
        body: String,
        /// Whether it is called a PDF.
        #[serde(default)]
        as_pdf: bool,
        /// Whether what was asked is done before, and charged; otherwise the request is not
        /// looked at.
        #[serde(default)]
        billed: bool,
    },
    /// Does what was asked, and leads on to another address instead of answering.
    Redirect {
        /// The address, as it goes into the header.
        location: String,
    },
    /// Takes the request for one about another case, as a stale cookie makes courts do. Dockets
    /// only.
    OtherCase {
        /// The court's id of that case.
        pacer_case_id: u64,
    },
    /// Answers with one of the court's own pages that say why not.
    Notice {
        /// Which.
        notice: Notice,
    },
    /// Shows the price once more although it was accepted. Documents only.
    PricePage,
    /// Does what was asked, and sends the text of a PDF inside a page.
    PdfAsHtml,
    /// Nothing goes wrong. For scripts.
    Pass,
    /// One step for each request that fits; over after the last.
    Script {
        /// The steps, themselves no scripts.
        steps: Vec<FaultKind>,
    },
}

impl FaultKind {
    /// Why this cannot be carried out.
    pub(super) fn objection(&self) -> Option<String> {
        match self {
            FaultKind::Status { status, .. } if !(200..=599).contains(status) => {
                Some(format!("{status} is no HTTP status to answer with"))
            }
            FaultKind::Script { steps } if steps.is_empty() => {
                Some("a script needs steps".to_owned())
            }
            FaultKind::Script { steps } => steps.iter().find_map(FaultKind::objection_as_step),
            _ => None,
        }
    }

    fn objection_as_step(&self) -> Option<String> {
        match self {
            FaultKind::Script { .. } => Some("a step cannot be a script".to_owned()),
            step => step.objection(),
        }
    }
}
