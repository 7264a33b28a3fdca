//! `docs/FAILURES.md`, written from the tables, so that it cannot say anything else.

use std::fmt::Write;

use chrono::{DateTime, Utc};
use pacer::page::answer::{
    Answer,
    table::{Asked, Billed},
};

use crate::{
    Cents, DocumentId, Failure, FetchId, FetchKind, JobError, UserId,
    budget::{Shortfall, Standing},
    verdict::{About, Mender, Strike, Then, Verdict, verdict},
};

const HEAD: &str = "\
# What courts answer, and what becomes of the request

Every answer that a court is known to give, what it does to a request, and what the client reads.
Written by `make failures` from `pacer/page/answer/table.rs` and `fetch-model/verdict`; edit those.

- **Money**: *no*, nothing was billed; *receipt*, it was billed if the page has a receipt; *yes*;
  *perhaps*, nobody knows, the ledger says `doubt`, and the request's `on_doubt` says whether to buy
  once more (`once_more`, flagged) or to end (`stop`).
- **Then**: *retry* counts as one of six attempts, *wait* counts none, *refuse* ends the request.
  *wait for a login* counts as an attempt, and holds no place and no turn meanwhile: any login of the same
  user with the same PACER account and client code lets it go on. It waits for a day at most, and not beyond
  a week after the first login that let it go on. A request that finds no session at all waits in the same way, and
  counts nothing.
- **Replay**: whether the operator may have the request tried again (`pacer-fetch dead replay`) when
  it has ended so. Never while the ledger is in doubt about its money, nor when the doubt was settled
  as billed; and what was billed and is no docket is not asked for again.
- **Breaker**: *1 of 3*, three of these in a row leave the court alone for 600 seconds, doubling to
  six hours; *1 of 5*, five within five minutes do; *opens*, one does. While it is open, requests
  wait and count no attempt. After a day they end with `Blocked by court`.
- Sentences are those for court `cand` (`ca1` among appellate courts), request 1, document 2, case 3.

";

const AGAIN: &str = "
## Pages that could not be read

A page that nobody knows is kept, and its request says so. The makers of pacer-fetch mend the reader; after the
upgrade, `pacer-fetch reparse` reads it again, and nothing is bought ([why so](adr/0040-read-again.md)).

1. `pacer-fetch reparse --dry-run` shows what would be different, docket by docket, and which requests would be
   done. `--failure docket_not_recognised` (or `any`), `--court`, `--kind`, `--since`, `--until` or the number of
   a capture say which pages are meant; `--all` means every one that is kept.
2. The same without `--dry-run` does it. Requests that had failed by what their page was taken for are done, and those
   that were done with less than their page says are told; money stays as it is, also in doubt.
3. What it names as `CANNOT BE READ` is to be [sent to the makers](#sending-a-page-to-the-makers); `DAMAGED` has to
   be brought back from a backup; `LEFT` is older than such a page of its case, and is left so as not to overwrite
   what is newer. All of them make the status 1. It may be stopped at any time and run again.

## Sending a page to the makers

The makers see nothing of what you have bought, and can mend only what they are shown. Where the operator's commands
run:

```sh
pacer-fetch reparse --failure any --dry-run        # capture 17 (unrecognised/204, request 204): CANNOT BE READ: …
pacer-fetch capture 17 page-17.html                # the page as the court sent it, for your eyes alone (mode 0600)
pacer-fetch parse docket --court cand page-17.html # what the reader says of it: of a menu, attachment-page
grep -n -i -E 'PACER Login|Client Code|Search Criteria' page-17.html
```

`--court` is the court's id in its own address, `cand` in `ecf.cand.uscourts.gov`.

**What is in it.** The page is a public record, and has what everybody can buy: names, addresses and numbers of
parties, lawyers and cases. Beside that it has what is yours alone: on the receipt at its end the **PACER login** and
the **client code**, and what was searched for; in its addresses, numbers of a session that is over. Sealed and
restricted pages, and menus of a filer's account, may show what is not for everybody.

**Before it is sent.** In a copy, put other letters in the place of login and client code, as many as there were, and
of names that are to stay with you; leave every tag, space and line end as it is, since those are what the reader
stumbled over. Then run `parse` on the copy: it has to say the same as before.

**What to send.** The copy; the four lines that `reparse`, `capture` and `parse` printed; `pacer-fetch --version`.
What is not for everybody goes the way that [SECURITY.md](../SECURITY.md) names.
";

/// The page.
#[must_use]
pub fn failures_page() -> String {
    let mut page = HEAD.to_owned();
    for (asked, title) in SECTIONS {
        let _ = write!(
            page,
            "## {title}\n\n\
             | Answer | How it is told | See | Money | Then | Replay | Breaker | Who can help | What \
             is said |\n\
             |---|---|---|---|---|---|---|---|---|\n"
        );
        for answer in Answer::ALL {
            if answer.row().asked == asked {
                page.push_str(&line(answer));
            }
        }
        page.push('\n');
    }
    page.push_str(OURS);
    for failure in ours() {
        let _ = writeln!(page, "- {failure}");
    }
    page.push_str(AGAIN);
    page
}

const OURS: &str = "\
## What we end ourselves

The table has no answer of a court for these; they are about money, about our own machines, or
about the page as a whole, and retried by nobody.

";

/// One of each kind.
fn ours() -> Vec<Failure> {
    let (allowed, needs) = (Cents(250), Cents(300));
    let standing = Standing {
        spent: Cents(120),
        reserved: Cents(60),
    };
    let limits = [
        Shortfall::MaxCost { allowed, needs },
        Shortfall::PerRequest { allowed, needs },
        Shortfall::PerQuarter {
            allowed,
            needs,
            standing,
        },
    ];
    let limits = limits.map(|shortfall| Failure::OverBudget { shortfall });
    let after = Failure::BlockedByCourt {
        court: "cand".to_owned(),
    };
    let others = [
        Failure::MONEY_IN_DOUBT,
        Failure::MoneyInDoubt {
            after: Some(Box::new(after)),
        },
        Failure::NoLogin {
            after: Box::new(Failure::SessionGone {
                kind: FetchKind::Docket,
                user: UserId(1),
            }),
        },
        Failure::NoWorker {
            kind: FetchKind::Pdf,
        },
        Failure::PutOff {
            reason: "The store for documents cannot be written; nothing was bought.".to_owned(),
        },
        Failure::OtherCase {
            wanted: "5:16-cv-00432".to_owned(),
            came: "5:16-cv-00433".to_owned(),
        },
    ];
    limits.into_iter().chain(others).collect()
}

const SECTIONS: [(Asked, &str); 7] = [
    (Asked::SignOn, "The sign-on"),
    (Asked::Anything, "Whatever was asked"),
    (Asked::Lookup, "Which case has a number"),
    (Asked::Docket, "A docket"),
    (Asked::Appeal, "An appellate court"),
    (Asked::Document, "A document"),
    (Asked::Menu, "An attachment menu"),
];

fn line(answer: Answer) -> String {
    let row = answer.row();
    let kind = match row.asked {
        Asked::Document => FetchKind::Pdf,
        Asked::Menu => FetchKind::Attachments,
        Asked::SignOn | Asked::Anything | Asked::Lookup | Asked::Docket | Asked::Appeal => {
            FetchKind::Docket
        }
    };
    let mut about = example(kind);
    if row.asked == Asked::Appeal {
        about.court = "ca1";
    }
    let verdict = verdict(answer, &about);
    let signal = row.signal.replace('|', "\\|");
    let section = row.section;
    format!(
        "| {answer:?} | {signal} | [{section}](PACER.md#{section}) | {} | {} | {} | {} | {} | {} |\n",
        money(row.billed),
        then(&verdict, row.again),
        replay(&verdict.then),
        breaker(verdict.strike),
        mender(verdict.mender),
        said(&verdict.then).replace('|', "\\|"),
    )
}

/// When a day to log in again is over, to speak about.
const EXAMPLE_TIME: DateTime<Utc> = DateTime::from_timestamp(1_796_126_400, 0).expect("a time");

/// A request to speak about.
#[must_use]
pub fn example(kind: FetchKind) -> About<'static> {
    static CASES: std::sync::LazyLock<Vec<String>> = std::sync::LazyLock::new(|| {
        vec!["3 (1:20-cv-7 …)".to_owned(), "4 (3:20-cv-7 …)".to_owned()]
    });
    About {
        kind,
        request: FetchId(1),
        user: UserId(1),
        document: Some(DocumentId(2)),
        court: "cand",
        case: "3",
        url: "https://…",
        attempts: 0,
        retry_after: None,
        limit_bytes: 200_000_000,
        candidates: &CASES,
    }
}

fn money(billed: Billed) -> &'static str {
    match billed {
        Billed::No => "no",
        Billed::ByReceipt => "receipt",
        Billed::Yes => "yes",
        Billed::Perhaps => "perhaps",
    }
}

fn then(verdict: &Verdict, again: bool) -> String {
    let mut text = match &verdict.then {
        Then::GoOn => "go on",
        Then::Nothing => "succeed, with nothing",
        Then::Stop(JobError::Retry { .. }) => "retry",
        Then::Stop(JobError::NeedsLogin { .. }) => "wait for a login",
        Then::Stop(JobError::Snooze { .. } | JobError::PutOff { .. } | JobError::Lost) => "wait",
        Then::Stop(JobError::Refuse(_)) => "refuse",
        Then::NotAccepted(_) => "not accepted",
    }
    .to_owned();
    if again {
        text.insert_str(0, "ask once more at once, then ");
    }
    if verdict.keep {
        text.push_str("; the page is kept");
    }
    if verdict.alarm {
        text.push_str("; the operator is told");
    }
    text
}

fn replay(then: &Then) -> &'static str {
    let Then::Stop(stop) = then else { return "" };
    match stop.failure().map(Failure::may_be_replayed) {
        Some(true) => "yes",
        Some(false) => "no",
        None => "",
    }
}

fn breaker(strike: Option<Strike>) -> &'static str {
    match strike {
        None => "",
        Some(Strike::Turned) => "1 of 3",
        Some(Strike::TimedOut) => "1 of 5",
        Some(Strike::Opens) => "opens",
    }
}

fn mender(mender: Mender) -> &'static str {
    match mender {
        Mender::Nobody => "",
        Mender::Caller => "the caller",
        Mender::AccountOwner => "the owner of the PACER account",
        Mender::Court => "the court; time",
        Mender::Operator => "the operator",
        Mender::Makers => "the makers of pacer-fetch",
    }
}

fn said(then: &Then) -> String {
    match then {
        Then::GoOn => String::new(),
        Then::Nothing => Failure::NOTHING.to_owned(),
        Then::Stop(JobError::Retry { failure } | JobError::Refuse(failure)) => failure.to_string(),
        Then::Stop(JobError::NeedsLogin { failure, .. }) => failure.until_login(EXAMPLE_TIME),
        Then::Stop(JobError::Snooze { reason, .. } | JobError::PutOff { reason, .. }) => {
            reason.clone()
        }
        Then::Stop(JobError::Lost) => String::new(),
        Then::NotAccepted(text) => (*text).to_owned(),
    }
}
