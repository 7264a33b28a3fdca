//! What follows from an answer of a court: for every row of the table ([`Answer`]) whether to
//! continue, to try again, to wait or to end, and the message for the client.
//!
//! The one `match` from answer to decision is [`decide`]. It has no wildcard: a new answer has to
//! be decided and cannot inherit.

mod document;
mod sentence;

use std::time::Duration;

use pacer::page::answer::Answer;

use crate::{AttemptError, DocumentId, Failure, FetchId, FetchKind, UserId};

/// The request that an answer belongs to, as far as decisions and messages depend on it.
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
    /// How long the court asks us to wait, if it does.
    pub retry_after: Option<Duration>,
    /// The most bytes that are accepted.
    pub limit_bytes: u64,
    /// The cases to choose from, a line each.
    pub candidates: &'a [String],
}

/// What follows from an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// What becomes of the attempt, once the same was asked again where that helps
    /// ([`again`](pacer::page::answer::table::Row::again)).
    pub then: Then,
    /// What counts against the court.
    pub breaker_event: Option<BreakerEvent>,
    /// Who can do something about it.
    pub who_can_help: WhoCanHelp,
    /// The page is stored, so that the parser can be fixed.
    pub keep: bool,
    /// The operator has to look at once.
    pub alarm: bool,
}

/// What becomes of an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Then {
    /// It continues: this is an intermediate step, or the requested item.
    GoOn,
    /// It succeeds without a result.
    Nothing,
    /// It ends without success.
    Stop(AttemptError),
    /// There is no attempt: the request was not accepted in the first place.
    NotAccepted(&'static str),
}

/// An answer that counts against a court. Its breaker counts them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BreakerEvent {
    /// It refused us or was unreachable. Three in a row open the breaker.
    Refused,
    /// It did not answer in time. Five in five minutes open the breaker.
    TimedOut,
    /// The breaker opens at once.
    Trip,
}

/// Who can do something about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum WhoCanHelp {
    /// Nothing is wrong.
    Nobody,
    /// The caller, by requesting something else or later.
    Caller,
    /// The owner of the PACER account.
    AccountOwner,
    /// The court; time helps.
    Court,
    /// The operator of pacer-fetch.
    Operator,
    /// The developers of pacer-fetch: a parser must learn a page.
    Makers,
}

/// How long to pause when a court asked for it without saying how long.
pub const PAUSE: Duration = Duration::from_secs(30);

/// The longest pause that a court gets at once, whatever it asks for: a header that says a year, by mistake or from
/// a proxy, once stopped a court for a year. After an hour it is asked again and may ask for another pause, at the
/// cost of one request.
pub const LONGEST_PAUSE: Duration = Duration::from_secs(3600);

/// How long to stay away from a report that the court is still making.
const STILL_RUNNING: Duration = Duration::from_secs(300);

/// Once the breaker is open, the court's row decides when work is released again. This wait only
/// keeps the request from being looked at in between.
pub const BEHIND_BREAKER: Duration = Duration::from_secs(1);

/// Decides. The table of `docs/FAILURES.md` is this function and the table of `pacer`.
#[must_use]
pub fn decide(answer: Answer, about: &About<'_>) -> Decision {
    use WhoCanHelp::{AccountOwner, Caller, Court, Makers, Nobody, Operator};
    let network = || sentence::network(about);
    let docket = |reason| refuse(sentence::no_docket(about, reason));
    match answer {
        Answer::CredentialsRefused => end(
            Then::NotAccepted("The request is not accepted: HTTP 400."),
            AccountOwner,
        ),
        Answer::SignOnAway => end(
            Then::NotAccepted("The request is not accepted: the PACER sign-on did not respond."),
            Court,
        ),
        Answer::NotReached => {
            end(retry(sentence::blocked(about)), Court).breaker_event(BreakerEvent::Refused)
        }
        Answer::TimedOut => end(retry(network()), Court).breaker_event(BreakerEvent::TimedOut),
        Answer::BrokenOff => end(retry(network()), Court),
        Answer::TooLarge => end(refuse(sentence::too_large(about)), Caller),
        Answer::Forbidden => {
            end(retry(sentence::blocked(about)), Operator).breaker_event(BreakerEvent::Refused)
        }
        Answer::NotFound | Answer::OtherStatus => end(once_more(about), Court),
        Answer::WrongPath => end(once_more(about), Court),
        Answer::Refresh => end(retry(network()), Court),
        Answer::RequestTimeout | Answer::ServerFailed | Answer::GatewayFailed => {
            end(retry(network()), Court)
        }
        Answer::TooManyRequests => end(pause(about), Operator),
        Answer::Unavailable if about.retry_after.is_some() => end(pause(about), Court),
        Answer::Unavailable => end(retry(network()), Court),
        Answer::Xml => end(behind_breaker(about, "is refusing our requests"), Operator)
            .breaker_event(BreakerEvent::Trip),
        Answer::Maintenance => end(behind_breaker(about, "is down for maintenance"), Court)
            .breaker_event(BreakerEvent::Trip)
            .kept(),
        Answer::ExcessiveUsage => {
            let then = behind_breaker(about, "reports excessive usage");
            let decision = end(then, Operator).breaker_event(BreakerEvent::Trip).kept();
            Decision {
                alarm: true,
                ..decision
            }
        }
        Answer::LoginPage => end(log_in(sentence::session(about)), Caller),
        Answer::NoPrivileges => end(retry(network()), Court),
        Answer::ClientCodeRequired => end(document::client_code(about), AccountOwner),
        Answer::NumberUnknown => end(refuse(Failure::NumberUnknown), Caller),
        Answer::NumberSealed | Answer::CaseSealed => end(refuse(Failure::CaseSealed), Caller),
        Answer::SeveralCases => end(refuse(sentence::several(about)), Caller),
        Answer::CaseFound
        | Answer::Docket
        | Answer::EmptyDocket
        | Answer::LargeDocket
        | Answer::DocketPrice
        | Answer::Pdf
        | Answer::PricePage
        | Answer::Redirect
        | Answer::Frame
        | Answer::Menu
        | Answer::OutsideLink => end(Then::GoOn, Nobody),
        Answer::NoDocuments => end(Then::Nothing, Nobody),
        Answer::OptionForm => end(
            docket("The court did not accept the report options of the request."),
            Caller,
        ),
        Answer::CaseNotFound | Answer::CaseNumberNotFound => {
            end(refuse(Failure::CaseNotFound), Caller)
        }
        Answer::StalePageToken | Answer::IncompleteRequest => end(once_more(about), Court),
        Answer::BadDateRange => end(docket("The start date is after the end date."), Caller),
        Answer::BadNumberRange => end(
            docket("The first entry number is greater than the last."),
            Caller,
        ),
        Answer::WrongCaseType => end(
            docket("The court does not offer this report for a case of this type."),
            Caller,
        ),
        Answer::AdministrativelyClosed => {
            end(docket("The case was administratively closed."), Nobody)
        }
        // Asking again on our own would be billed each time.
        Answer::BeingOpened => end(
            docket("The court is still opening this case; try again tomorrow."),
            Caller,
        ),
        Answer::NotPermitted => end(
            docket("The PACER account may not view it, or it does not exist."),
            Caller,
        ),
        Answer::PdfFailed => end(docket("The court could not produce the report."), Court),
        Answer::DoubleSubmit => end(still_running(about), Court),
        Answer::TextFormat => end(
            refuse(sentence::unread_docket(
                about,
                "The court sent plain text instead of a web page.",
            )),
            Makers,
        ),
        Answer::MenuInstead => end(refuse(Failure::PartOfAttachmentPage), Caller),
        Answer::SoleDocument => end(refuse(Failure::SoleDocument), Caller),
        Answer::NoMenu => end(refuse(Failure::NoMenu), Caller).kept(),
        Answer::Audio => end(document::audio(about), Nobody),
        Answer::RestrictedWarning => end(document::restricted(about), Nobody),
        Answer::PdfInHtml => end(document::pdf_in_html(about), Makers).kept(),
        Answer::NotAPdf => end(document::not_a_pdf(about), Court).kept(),
        Answer::WrongCase => end(document::wrong_case(about), Caller),
        Answer::EntryGone => end(document::entry_gone(about), Nobody),
        Answer::NotAvailable => end(document::not_available(about), Nobody),
        Answer::NoPermission => end(document::no_permission(about), Nobody),
        Answer::TranscriptRestricted => end(document::transcript(about), Caller),
        Answer::NotPublic => end(document::not_public(about), Nobody),
        Answer::DocumentSealed => end(document::sealed(about), Nobody),
        Answer::CourtUsersOnly => end(document::court_users(about), Nobody),
        Answer::NatureOfSuit => end(document::nature_of_suit(about), Nobody),
        Answer::CannotBeDisplayed => end(document::cannot_be_displayed(about), Court),
        Answer::Unrecognised => end(document::unrecognised(about), Makers)
            .breaker_event(BreakerEvent::Trip)
            .kept(),
    }
}

/// The failure for an answer that was billed and does not end the request by itself. The court is
/// not asked again, since its answer is stored and would only be parsed again.
#[must_use]
pub fn billed_in_vain(about: &About<'_>) -> Failure {
    document::billed_in_vain(about)
}

/// How an attempt ends if the court kept sending intermediate pages. Nothing was billed.
#[must_use]
pub fn kept_asking(about: &About<'_>) -> AttemptError {
    match about.kind {
        FetchKind::Docket => {
            let reason = "The court kept sending intermediate pages instead of the docket.";
            sentence::unread_docket(about, reason).into()
        }
        FetchKind::Pdf | FetchKind::Attachments => AttemptError::retry(sentence::network(about)),
    }
}

/// How an attempt ends if something may have been sold but did not arrive, and the request's policy allows it to
/// continue; with the note for the ledger.
#[must_use]
pub fn not_delivered(about: &About<'_>) -> (&'static str, AttemptError) {
    let why = match about.kind {
        FetchKind::Docket => "the price of the docket was accepted, but the docket did not arrive",
        FetchKind::Pdf => "the document may have been sold, but did not arrive",
        FetchKind::Attachments => "a document was sold in place of the menu, but did not arrive",
    };
    (why, AttemptError::retry(sentence::network(about)))
}

/// The failure for a docket that our parser does not understand, for this reason.
#[must_use]
pub fn unread_docket(about: &About<'_>, reason: &str) -> Failure {
    sentence::unread_docket(about, reason)
}

fn end(then: Then, who_can_help: WhoCanHelp) -> Decision {
    Decision {
        then,
        breaker_event: None,
        who_can_help,
        keep: false,
        alarm: false,
    }
}

impl Decision {
    fn breaker_event(self, breaker_event: BreakerEvent) -> Decision {
        Decision {
            breaker_event: Some(breaker_event),
            ..self
        }
    }

    fn kept(self) -> Decision {
        Decision { keep: true, ..self }
    }
}

/// It may work later; counts as an attempt.
fn retry(failure: Failure) -> Then {
    Then::Stop(AttemptError::retry(failure))
}

/// Never again.
fn refuse(failure: Failure) -> Then {
    Then::Stop(failure.into())
}

/// A court turned the session away.
fn log_in(failure: Failure) -> Then {
    Then::Stop(AttemptError::NeedsLogin {
        failure,
        turned_away: true,
    })
}

/// Not our turn; counts no attempt.
fn snooze(wait: Duration, reason: String) -> Then {
    Then::Stop(AttemptError::Snooze { wait, reason })
}

/// A second attempt may help; a third would not.
fn once_more(about: &About<'_>) -> Then {
    let failure = sentence::network(about);
    if about.attempts == 0 {
        retry(failure)
    } else {
        refuse(failure)
    }
}

fn pause(about: &About<'_>) -> Then {
    let wait = about.retry_after.unwrap_or(PAUSE).min(LONGEST_PAUSE);
    let seconds = wait.as_secs();
    let court = about.court;
    let reason = format!(
        "Court {court} asked us to pause for {seconds} seconds. The request is tried again after \
         that."
    );
    snooze(wait, reason)
}

/// What is said while the breaker of the court is open.
fn behind_breaker(about: &About<'_>, why: &str) -> Then {
    let court = about.court;
    let reason =
        format!("Court {court} {why}. Requests to it are paused; this one stays in the queue.");
    snooze(BEHIND_BREAKER, reason)
}

fn still_running(about: &About<'_>) -> Then {
    let court = about.court;
    let reason = format!(
        "Court {court} is still processing an earlier submission. The request is tried again in a \
         few minutes."
    );
    snooze(STILL_RUNNING, reason)
}
