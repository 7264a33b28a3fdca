//! What is done about an answer of a court: for every row of the table ([`CourtAnswer`]) whether
//! to go on, to try again, to wait or to end, and what is said to the client.
//!
//! The one `match` from answer to decision is [`verdict`]. It has no wildcard: a new answer has to
//! be decided and cannot inherit.

mod document;
mod sentence;

use std::time::Duration;

use pacer::page::verdict::CourtAnswer;

use crate::{DocumentId, Failure, FetchId, FetchKind, UserId};

/// What an answer is about, as far as sentences and decisions depend on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct About<'a> {
    /// What was to be fetched.
    pub kind: FetchKind,
    /// The request.
    pub request: FetchId,
    /// Whose it is.
    pub user: UserId,
    /// The document, if one was asked for.
    pub document: Option<DocumentId>,
    /// The court as the client names it.
    pub court: &'a str,
    /// The case as far as known, or empty.
    pub case: &'a str,
    /// The page's address, which holds no secret; empty if there was no page.
    pub url: &'a str,
    /// Attempts at the request that counted so far.
    pub attempts: i32,
    /// How long the court asks to be left alone, if it said so.
    pub retry_after: Option<Duration>,
    /// The most bytes that are taken.
    pub limit_bytes: u64,
    /// The cases to choose from, a line each.
    pub candidates: &'a [String],
}

/// What is done about an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// The same is asked once more, at once, before `then`: once in a talk.
    pub repeat: bool,
    /// What then becomes of the attempt.
    pub then: Then,
    /// What the court has lost of our trust.
    pub strike: Option<Strike>,
    /// Who can do something about it.
    pub mender: Mender,
    /// The page is kept for whoever teaches us to read it.
    pub keep: bool,
    /// Somebody has to look, and now.
    pub alarm: bool,
}

/// What becomes of an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Then {
    /// It goes on: a step on the way, or the thing itself.
    GoOn,
    /// It succeeds, with nothing in its hands.
    Nothing,
    /// It may work later; counts as an attempt.
    Retry(Failure),
    /// Not our turn; counts no attempt.
    Snooze {
        /// How long to wait.
        wait: Duration,
        /// Why, for people.
        reason: String,
    },
    /// It waits until its owner has logged in again; counts as an attempt.
    LogIn(Failure),
    /// Never again.
    Refuse(Failure),
    /// There is no attempt: the request was not accepted in the first place.
    NotAccepted(&'static str),
}

/// What a court lost of our trust. The breaker of the court counts them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Strike {
    /// It turned us away or was not there. Three in a row open the breaker.
    Turned,
    /// It kept us waiting for nothing. Five in five minutes open the breaker.
    TimedOut,
    /// The breaker opens at once.
    Opens,
}

/// Who can do something about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Mender {
    /// Nothing is wrong.
    Nobody,
    /// Whoever made the request, by asking for something else or later.
    Caller,
    /// The owner of the PACER account.
    AccountOwner,
    /// The court; time helps.
    Court,
    /// Whoever runs pacer-fetch.
    Operator,
    /// The makers of pacer-fetch: a page has to be learnt.
    Makers,
}

/// How long to leave a court alone that asked for a pause without saying how long.
pub const PAUSE: Duration = Duration::from_secs(30);

/// No court gets a longer pause than so at once, whatever it asks for: a header that says a year, by
/// mistake or from a proxy between us, stopped a court for a year. Asked again after an hour, it may
/// ask for another one; that costs it one request.
pub const LONGEST_PAUSE: Duration = Duration::from_secs(3600);

/// How long to stay away from a report that the court is still making.
const STILL_RUNNING: Duration = Duration::from_secs(300);

/// Once the breaker is open, the court's row decides when work is released again. This wait only
/// keeps the request from being looked at in between.
pub const BEHIND_BREAKER: Duration = Duration::from_secs(1);

/// Decides. The table of `docs/FAILURES.md` is this function and the table of `pacer`.
#[must_use]
pub fn verdict(answer: CourtAnswer, about: &About<'_>) -> Verdict {
    use Mender::{AccountOwner, Caller, Court, Makers, Nobody, Operator};
    let network = || sentence::network(about);
    let docket = |reason| Then::Refuse(sentence::no_docket(about, reason));
    match answer {
        CourtAnswer::CredentialsRefused => end(
            Then::NotAccepted("The request is not accepted: HTTP 400."),
            AccountOwner,
        ),
        CourtAnswer::SignOnAway => end(
            Then::NotAccepted("The request is not accepted: the sign-on does not answer."),
            Court,
        ),
        CourtAnswer::NotReached => {
            end(Then::Retry(sentence::blocked(about)), Court).strike(Strike::Turned)
        }
        CourtAnswer::TimedOut => end(Then::Retry(network()), Court).strike(Strike::TimedOut),
        CourtAnswer::BrokenOff => end(Then::Retry(network()), Court),
        CourtAnswer::TooLarge => end(Then::Refuse(sentence::too_large(about)), Caller),
        CourtAnswer::Forbidden => {
            end(Then::Retry(sentence::blocked(about)), Operator).strike(Strike::Turned)
        }
        CourtAnswer::NotFound | CourtAnswer::OtherStatus => end(once_more(about), Court),
        CourtAnswer::WrongPath => end(once_more(about), Court).repeated(),
        CourtAnswer::Refresh => end(Then::Retry(network()), Court).repeated(),
        CourtAnswer::RequestTimeout | CourtAnswer::ServerFailed | CourtAnswer::GatewayFailed => {
            end(Then::Retry(network()), Court)
        }
        CourtAnswer::TooManyRequests => end(pause(about), Operator),
        CourtAnswer::Unavailable if about.retry_after.is_some() => end(pause(about), Court),
        CourtAnswer::Unavailable => end(Then::Retry(network()), Court),
        CourtAnswer::Xml => {
            end(behind_breaker(about, "turns us away"), Operator).strike(Strike::Opens)
        }
        CourtAnswer::Maintenance => end(behind_breaker(about, "is being maintained"), Court)
            .strike(Strike::Opens)
            .kept(),
        CourtAnswer::ExcessiveUsage => {
            let then = behind_breaker(about, "says that it is used too much");
            let verdict = end(then, Operator).strike(Strike::Opens).kept();
            Verdict {
                alarm: true,
                ..verdict
            }
        }
        CourtAnswer::LoginPage => end(Then::LogIn(sentence::session(about)), Caller).repeated(),
        CourtAnswer::NoPrivileges => end(Then::Retry(network()), Court).repeated(),
        CourtAnswer::ClientCodeRequired => end(document::client_code(about), AccountOwner),
        CourtAnswer::NumberUnknown => end(Then::Refuse(Failure::NumberUnknown), Caller),
        CourtAnswer::NumberSealed | CourtAnswer::CaseSealed => {
            end(Then::Refuse(Failure::CaseSealed), Caller)
        }
        CourtAnswer::SeveralCases => end(Then::Refuse(sentence::several(about)), Caller),
        CourtAnswer::CaseFound
        | CourtAnswer::Docket
        | CourtAnswer::EmptyDocket
        | CourtAnswer::LargeDocket
        | CourtAnswer::DocketPrice
        | CourtAnswer::Pdf
        | CourtAnswer::PricePage
        | CourtAnswer::Redirect
        | CourtAnswer::Frame
        | CourtAnswer::Menu
        | CourtAnswer::OutsideLink => end(Then::GoOn, Nobody),
        CourtAnswer::NoDocuments => end(Then::Nothing, Nobody),
        CourtAnswer::OptionForm => end(
            docket("The court did not accept the options of the request."),
            Caller,
        ),
        CourtAnswer::CaseNotFound | CourtAnswer::CaseNumberNotFound => {
            end(Then::Refuse(Failure::CaseNotFound), Caller)
        }
        CourtAnswer::StalePageToken | CourtAnswer::IncompleteRequest => {
            end(once_more(about), Court).repeated()
        }
        CourtAnswer::BadDateRange => end(docket("The first date is after the last."), Caller),
        CourtAnswer::BadNumberRange => end(docket("The first number is after the last."), Caller),
        CourtAnswer::WrongCaseType => end(
            docket("The court has no such report for a case of this type."),
            Caller,
        ),
        CourtAnswer::AdministrativelyClosed => {
            end(docket("The case was administratively closed."), Nobody)
        }
        // Asking again on our own would be billed each time.
        CourtAnswer::BeingOpened => end(
            docket("The case is being opened; try again tomorrow."),
            Caller,
        ),
        CourtAnswer::NotPermitted => end(
            docket("The account may not see it, or it does not exist."),
            Caller,
        ),
        CourtAnswer::PdfFailed => end(docket("The court could not make the report."), Court),
        CourtAnswer::DoubleSubmit => end(still_running(about), Court),
        CourtAnswer::TextFormat => end(
            Then::Refuse(sentence::unread_docket(
                about,
                "The court sent text instead of a page.",
            )),
            Makers,
        ),
        CourtAnswer::MenuInstead => end(Then::Refuse(Failure::PartOfAttachmentPage), Caller),
        CourtAnswer::SoleDocument => end(Then::Refuse(Failure::SoleDocument), Caller),
        CourtAnswer::NoMenu => end(Then::Refuse(Failure::NoMenu), Caller).kept(),
        CourtAnswer::Audio => end(document::audio(about), Nobody),
        CourtAnswer::RestrictedWarning => end(document::restricted(about), Nobody),
        CourtAnswer::PdfInHtml => end(document::pdf_in_html(about), Makers).kept(),
        CourtAnswer::NotAPdf => end(document::not_a_pdf(about), Court).kept(),
        CourtAnswer::WrongCase => end(document::wrong_case(about), Caller).repeated(),
        CourtAnswer::EntryGone => end(document::entry_gone(about), Nobody),
        CourtAnswer::NotAvailable => end(document::not_available(about), Nobody),
        CourtAnswer::NoPermission => end(document::no_permission(about), Nobody),
        CourtAnswer::TranscriptRestricted => end(document::transcript(about), Caller),
        CourtAnswer::NotPublic => end(document::not_public(about), Nobody),
        CourtAnswer::DocumentSealed => end(document::sealed(about), Nobody),
        CourtAnswer::CourtUsersOnly => end(document::court_users(about), Nobody),
        CourtAnswer::NatureOfSuit => end(document::nature_of_suit(about), Nobody),
        CourtAnswer::CannotBeDisplayed => end(document::cannot_be_displayed(about), Court),
        CourtAnswer::Unrecognised => end(document::unrecognised(about), Makers)
            .strike(Strike::Opens)
            .kept(),
    }
}

/// What is said of an answer that was billed and does not end the request by itself: the court is
/// not asked again on our own account, and what it sent is kept and would be read again.
#[must_use]
pub fn billed_in_vain(about: &About<'_>) -> Failure {
    document::billed_in_vain(about)
}

/// What is said of a docket that our reader does not understand, for this reason.
#[must_use]
pub fn unread_docket(about: &About<'_>, reason: &str) -> Failure {
    sentence::unread_docket(about, reason)
}

fn end(then: Then, mender: Mender) -> Verdict {
    Verdict {
        repeat: false,
        then,
        strike: None,
        mender,
        keep: false,
        alarm: false,
    }
}

impl Verdict {
    fn strike(self, strike: Strike) -> Verdict {
        Verdict {
            strike: Some(strike),
            ..self
        }
    }

    fn repeated(self) -> Verdict {
        Verdict {
            repeat: true,
            ..self
        }
    }

    fn kept(self) -> Verdict {
        Verdict { keep: true, ..self }
    }
}

/// A second attempt may help; a third would not.
fn once_more(about: &About<'_>) -> Then {
    let failure = sentence::network(about);
    if about.attempts == 0 {
        Then::Retry(failure)
    } else {
        Then::Refuse(failure)
    }
}

fn pause(about: &About<'_>) -> Then {
    let wait = about.retry_after.unwrap_or(PAUSE).min(LONGEST_PAUSE);
    let seconds = wait.as_secs();
    let court = about.court;
    Then::Snooze {
        wait,
        reason: format!("The court asked for a pause: {court}, {seconds} seconds."),
    }
}

/// What is said while the breaker of the court is open.
fn behind_breaker(about: &About<'_>, why: &str) -> Then {
    let court = about.court;
    Then::Snooze {
        wait: BEHIND_BREAKER,
        reason: format!("The court {why}: {court}. It is left alone for a while."),
    }
}

fn still_running(about: &About<'_>) -> Then {
    let court = about.court;
    Then::Snooze {
        wait: STILL_RUNNING,
        reason: format!("The court is still at an earlier request: {court}."),
    }
}
