//! Commands of the operator for the running queue: limits and pauses of courts, and failed
//! requests.

use std::process::ExitCode;

use anyhow::{Context, ensure};
use chrono::{DateTime, Utc};
use clap::{Args, Subcommand};
use fetch_control::Control;
use fetch_model::{BulkWindow, FetchId};
use fetch_queue::{
    DeadRequest, Replay,
    court_settings::{CourtChange, CourtSettings},
    workers::KindOfWork,
};

use crate::{
    operate,
    table::{Table, counted, shortened},
};

/// Requests that a list shows unless told otherwise.
const LISTED: i64 = 100;

#[derive(Debug, Subcommand)]
pub(crate) enum QueueVerb {
    /// Show, pause and resume courts, and set how fast requests are sent to them
    Court {
        #[command(subcommand)]
        verb: CourtVerb,
    },
    /// Show or set how many requests of one PACER account may run at once, over all courts
    AccountCap {
        /// The new limit
        #[arg(value_parser = clap::value_parser!(i32).range(1..))]
        cap: Option<i32>,
    },
    /// List failed requests and try them again
    Dead {
        #[command(subcommand)]
        verb: DeadVerb,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum CourtVerb {
    /// Show settings, pauses, breakers and queues of one court, or of all courts with work
    Show {
        /// CourtListener's id of the court, such as nysd, or all
        court: Option<String>,
    },
    /// Change settings; they apply from the next request to the court
    Set(SetArguments),
    /// Send nothing to a court until it is resumed; its requests stay in the queue
    Pause {
        /// CourtListener's id of the court, or all
        court: String,
        /// Resume automatically after this many minutes
        #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
        minutes: Option<u32>,
        /// The reason, shown by `court show`
        #[arg(long, default_value = "")]
        reason: String,
    },
    /// End a pause, whether set by an operator or requested by the court; an open breaker stays
    /// open
    Resume {
        /// CourtListener's id of the court, or all
        court: String,
    },
}

#[derive(Debug, Args)]
pub(crate) struct SetArguments {
    /// CourtListener's id of the court, or all
    court: String,
    /// The least time between two requests, in milliseconds
    #[arg(long, value_parser = clap::value_parser!(i32).range(0..))]
    gap_ms: Option<i32>,
    /// The most requests at once
    #[arg(long, value_parser = clap::value_parser!(i32).range(1..))]
    cap: Option<i32>,
    /// The most requests of one PACER account at once
    #[arg(long, value_parser = clap::value_parser!(i32).range(1..))]
    account_cap: Option<i32>,
    /// When bulk work may run, in America/Chicago time: a window such as 18:00-06:00, or always
    #[arg(long)]
    bulk_window: Option<BulkWindow>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum DeadVerb {
    /// List failed requests, latest first, and which of them may be tried again
    List {
        /// Only requests to this court
        #[arg(long)]
        court: Option<String>,
        /// The most requests to list
        #[arg(long, default_value_t = LISTED, value_parser = clap::value_parser!(i64).range(1..))]
        limit: i64,
    },
    /// Queue failed requests again, if the cause of their failure may be gone
    Replay {
        /// The numbers of the requests
        #[arg(required_unless_present = "all", conflicts_with = "all")]
        ids: Vec<i64>,
        /// All requests that may be tried again
        #[arg(long)]
        all: bool,
        /// With --all: only requests to this court
        #[arg(long, requires = "all", conflicts_with = "ids")]
        court: Option<String>,
    },
}

pub(crate) async fn run(verb: QueueVerb) -> anyhow::Result<ExitCode> {
    let control = operate::control().await?;
    match verb {
        QueueVerb::Court { verb } => court(&control, verb).await?,
        QueueVerb::AccountCap { cap } => account_cap(&control, cap).await?,
        QueueVerb::Dead {
            verb: DeadVerb::List { court, limit },
        } => list_dead(&control, court.as_deref(), limit).await?,
        QueueVerb::Dead {
            verb: DeadVerb::Replay { ids, all, court },
        } => return replay(&control, &ids, all, court.as_deref()).await,
    }
    Ok(ExitCode::SUCCESS)
}

async fn court(control: &Control, verb: CourtVerb) -> anyhow::Result<()> {
    match verb {
        CourtVerb::Show { court } => return show(control, court.as_deref()).await,
        CourtVerb::Set(set) => {
            let change = CourtChange {
                gap_ms: set.gap_ms,
                cap: set.cap,
                account_cap: set.account_cap,
                bulk_window: set.bulk_window,
            };
            ensure!(
                change != CourtChange::default(),
                "give at least one of --gap-ms, --cap, --account-cap and --bulk-window"
            );
            let count = control
                .queue
                .change_courts(one_or_all(&set.court), change)
                .await?;
            told("changed", count, &set.court)
        }
        CourtVerb::Pause {
            court,
            minutes,
            reason,
        } => {
            let seconds = minutes.map(|minutes| f64::from(minutes) * 60.0);
            let count = control
                .queue
                .pause_courts(one_or_all(&court), seconds, &reason)
                .await?;
            told("paused", count, &court)
        }
        CourtVerb::Resume { court } => {
            let count = control.queue.resume_courts(one_or_all(&court)).await?;
            told("resumed", count, &court)?;
            let courts = control.queue.court_settings(one_or_all(&court)).await?;
            let now = Utc::now();
            for line in courts.iter().filter_map(|court| still_open(court, now)) {
                println!("{line}");
            }
            Ok(())
        }
    }
}

fn one_or_all(court: &str) -> Option<&str> {
    (court != "all").then_some(court)
}

fn told(done: &str, courts: u64, court: &str) -> anyhow::Result<()> {
    ensure!(
        courts > 0,
        "there is no court {court:?}; use CourtListener's id, such as nysd"
    );
    match court {
        "all" => println!("{done} {}", counted(courts, "court")),
        court => println!("{done} {court}"),
    }
    Ok(())
}

async fn show(control: &Control, court: Option<&str>) -> anyhow::Result<()> {
    let mut courts = control
        .queue
        .court_settings(court.and_then(one_or_all))
        .await?;
    if court.is_none() {
        let is_busy = |it: &CourtSettings| {
            it.queued + it.under_way > 0
                || it.pause.is_some()
                || it.breaker.is_some()
                || it.asked_pause.is_some()
                || it.next_turn.is_some()
        };
        courts.retain(is_busy);
        if courts.is_empty() {
            println!(
                "no court has work, a pause or an open breaker; use `court show all` to list all \
                 courts"
            );
            print!("{}", workers_of(&control.queue.kinds_of_work().await?));
            return Ok(());
        }
    }
    ensure!(
        !courts.is_empty(),
        "there is no such court; use CourtListener's id, such as nysd"
    );
    print!("{}", table_of(&courts, Utc::now()));
    print!("{}", workers_of(&control.queue.kinds_of_work().await?));
    Ok(())
}

/// Who does each kind of work, a line each; nothing of a kind that nobody does and nobody wants.
fn workers_of(kinds: &[KindOfWork]) -> String {
    let line = |kind: &KindOfWork| {
        let (service, name) = (kind.service(), &kind.kind);
        match (kind.workers, kind.waiting) {
            (0, 0) => None,
            (0, waiting) => Some(format!(
                "NO {service} is running for {name} work, and {}\n",
                match waiting {
                    1 => "one request waits".to_owned(),
                    _ => format!("{waiting} requests wait"),
                }
            )),
            (workers, _) => Some(format!(
                "{name}: {workers} x {service}, {} at a time\n",
                kind.slots
            )),
        }
    };
    kinds.iter().filter_map(line).collect()
}

fn table_of(courts: &[CourtSettings], now: DateTime<Utc>) -> Table {
    let mut table = Table::new();
    table.row([
        "court",
        "gap",
        "cap",
        "per account",
        "bulk work",
        "queued",
        "under way",
        "",
    ]);
    for court in courts {
        table.row([
            court.court.clone(),
            format!("{} ms", court.gap_ms),
            court.cap.to_string(),
            court.account_cap.to_string(),
            court.bulk_window.to_string(),
            court.queued.to_string(),
            court.under_way.to_string(),
            stopped(court, now),
        ]);
    }
    table
}

/// Minutes until then, begun ones counted.
fn minutes_until(until: DateTime<Utc>, now: DateTime<Utc>) -> i64 {
    (until - now).num_seconds().max(0).div_euclid(60) + 1
}

fn because(reason: &str) -> String {
    match reason {
        "" => String::new(),
        reason => format!(": {reason}"),
    }
}

/// What is said of a court that is resumed, and not asked all the same.
fn still_open(court: &CourtSettings, now: DateTime<Utc>) -> Option<String> {
    let (until, reason) = court.breaker.as_ref()?;
    Some(format!(
        "{}: its breaker stays open for {} min{}. After that one request is tried, and the breaker \
         stays open longer if it fails; its requests stay in the queue.",
        court.court,
        minutes_until(*until, now),
        because(reason)
    ))
}

/// Why a court is not asked at this moment, if it is not.
fn stopped(court: &CourtSettings, now: DateTime<Utc>) -> String {
    let minutes = |until| minutes_until(until, now);
    let mut parts = Vec::new();
    if let Some(pause) = &court.pause {
        let end = pause.until.map_or_else(
            || "until resumed".to_owned(),
            |until| format!("for {} min", minutes(until)),
        );
        parts.push(format!("paused {end}{}", because(&pause.reason)));
    }
    if let Some((until, reason)) = &court.breaker {
        let left = minutes(*until);
        parts.push(format!("breaker open for {left} min{}", because(reason)));
    }
    if let Some((until, by)) = &court.asked_pause {
        let (at, left) = (until.format("%H:%M UTC"), minutes(*until));
        parts.push(format!(
            "the court asked for a pause until {at} ({left} min) with {by}"
        ));
    }
    if let Some(next) = court.next_turn {
        let left = minutes(next);
        parts.push(format!(
            "no request for {left} min for no known reason; `court resume` ends that"
        ));
    }
    parts.join("; ")
}

async fn account_cap(control: &Control, cap: Option<i32>) -> anyhow::Result<()> {
    if let Some(cap) = cap {
        control.queue.set_account_cap(cap).await?;
    }
    println!(
        "at most {} of one PACER account at once, over all courts",
        counted(control.queue.account_cap().await?, "request")
    );
    Ok(())
}

async fn list_dead(control: &Control, court: Option<&str>, limit: i64) -> anyhow::Result<()> {
    let dead = control.queue.dead(court, limit).await?;
    if dead.is_empty() {
        println!("no request has failed");
        return Ok(());
    }
    let mut table = Table::new();
    table.row([
        "id",
        "kind",
        "court",
        "attempts",
        "ended",
        "may be replayed",
        "why",
    ]);
    for request in &dead {
        table.row(line_of(request));
    }
    print!("{table}");
    Ok(())
}

fn line_of(request: &DeadRequest) -> [String; 7] {
    let ended = request.date_completed;
    [
        request.id.to_string(),
        request.kind.token().to_owned(),
        request.court.clone(),
        request.attempts.to_string(),
        ended.map_or_else(String::new, |at| at.format("%Y-%m-%d %H:%M").to_string()),
        if request.may_be_replayed() {
            "yes"
        } else {
            "no"
        }
        .to_owned(),
        shortened(&request.message, 80),
    ]
}

/// Says of each what became of it; fails when one could not be queued that was named.
async fn replay(
    control: &Control,
    ids: &[i64],
    all: bool,
    court: Option<&str>,
) -> anyhow::Result<ExitCode> {
    let ids: Vec<FetchId> = if all {
        let dead = control.queue.dead(court, i64::MAX).await?;
        let mut ids: Vec<FetchId> = dead
            .iter()
            .filter(|request| request.may_be_replayed())
            .map(|request| request.id)
            .collect();
        // Oldest first, as they were accepted.
        ids.reverse();
        ids
    } else {
        ids.iter().copied().map(FetchId).collect()
    };
    let mut queued = 0;
    for id in &ids {
        let replayed = control
            .replay(*id)
            .await
            .with_context(|| format!("request {id}"))?;
        queued += usize::from(replayed == Replay::Queued);
        println!("{id}: {}", sentence(&replayed));
    }
    println!("{queued} of {} queued again", ids.len());
    if queued < ids.len() && !all {
        return Ok(ExitCode::FAILURE);
    }
    Ok(ExitCode::SUCCESS)
}

fn sentence(replay: &Replay) -> String {
    match replay {
        Replay::Queued => "queued again".to_owned(),
        Replay::NotFound => "there is no such request".to_owned(),
        Replay::NotFailed(state) => format!("has not failed, it is {state}"),
        Replay::Final(Some(failure)) => format!("cannot be tried again: {failure}"),
        Replay::Final(None) => "cannot be tried again".to_owned(),
        Replay::InDoubt => {
            "it may have been billed: look it up on PACER's statement and settle it (`pacer-fetch \
             doubt list`) before trying it again"
                .to_owned()
        }
        Replay::Billed => "PACER billed it but the answer was lost: its owner must send a new \
                           request, which buys it once more"
            .to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Debug, Parser)]
    struct Command {
        #[command(subcommand)]
        verb: QueueVerb,
    }

    fn understood(line: &str) -> bool {
        Command::try_parse_from(line.split_whitespace()).is_ok()
    }

    #[test]
    fn what_makes_no_sense_is_refused_before_anything_is_asked() {
        for line in [
            "x court show",
            "x court show nysd",
            "x court set nysd --gap-ms 2000 --bulk-window 18:00-06:00",
            "x court pause all --minutes 5 --reason maintenance",
            "x account-cap",
            "x dead list --court nysd",
            "x dead replay 1 2",
            "x dead replay --all --court nysd",
        ] {
            assert!(understood(line), "{line}");
        }
        for line in [
            "x court set",
            "x court set nysd --cap 0",
            "x court set nysd --gap-ms -1",
            "x court set nysd --bulk-window night",
            "x court pause nysd --minutes 0",
            "x account-cap 0",
            "x dead list --limit 0",
            "x dead replay",
            "x dead replay 1 --all",
            "x dead replay 1 --court nysd",
        ] {
            assert!(!understood(line), "{line}");
        }
    }

    #[test]
    fn a_kind_of_work_that_nobody_does_is_named() {
        let kind = |kind: &str, workers, waiting| KindOfWork {
            kind: kind.to_owned(),
            workers,
            slots: 16 * workers,
            seen: DateTime::UNIX_EPOCH,
            waiting,
        };
        let kinds = [kind("docket", 2, 0), kind("ocr", 0, 0), kind("pdf", 0, 7)];
        assert_eq!(
            workers_of(&kinds),
            "docket: 2 x docket-fetcher, 32 at a time\n\
             NO pdf-fetcher is running for pdf work, and 7 requests wait\n"
        );
    }

    #[test]
    fn a_court_that_is_not_asked_says_why() {
        let now: DateTime<Utc> = "2026-11-28T12:00:00Z".parse().unwrap();
        let mut court = CourtSettings {
            court: "nysd".to_owned(),
            gap_ms: 2000,
            cap: 2,
            account_cap: 1,
            bulk_window: "18:00-06:00".parse().unwrap(),
            pause: None,
            breaker: None,
            asked_pause: None,
            next_turn: None,
            queued: 17,
            under_way: 0,
        };
        assert_eq!(stopped(&court, now), "");
        assert_eq!(still_open(&court, now), None);
        court.breaker = Some((now + chrono::TimeDelta::minutes(9), "HTTP 403".to_owned()));
        assert_eq!(stopped(&court, now), "breaker open for 10 min: HTTP 403");
        let said = still_open(&court, now).unwrap();
        assert!(
            said.starts_with("nysd: its breaker stays open for 10 min: HTTP 403. "),
            "{said}"
        );
        court.pause = Some(fetch_queue::court_settings::Pause {
            until: None,
            reason: String::new(),
        });
        court.asked_pause = Some((now + chrono::TimeDelta::minutes(59), "HTTP 429".to_owned()));
        assert_eq!(
            stopped(&court, now).split("; ").last(),
            Some("the court asked for a pause until 12:59 UTC (60 min) with HTTP 429")
        );
        let line = table_of(&[court], now).to_string();
        assert!(
            line.contains("nysd   2000 ms  2    1            18:00-06:00  17"),
            "{line}"
        );
        assert!(
            line.contains("paused until resumed; breaker open"),
            "{line}"
        );
    }
}
