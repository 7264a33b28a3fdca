//! `pacer-fetch reparse`: reads kept pages again, and says what that changed.

mod print;

use std::process::ExitCode;

use anyhow::{Context, ensure};
use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use clap::{Args, ValueEnum};
use fetch_model::{CaptureId, FetchKind};
use fetch_reparse::{Choice, Place, WhichFailure};

use crate::operate;
use print::Printer;

/// Parse stored pages again with this version's parsers; nothing is bought
///
/// Pages that were stored when they were bought are parsed again, and the results are saved. No court is asked.
/// Requests that failed because their page was not understood succeed, and their message says so.
///
/// Without --all, the latest page of each report or menu is parsed, and every page on which a request failed,
/// followed by the later pages of the same case in order, so that nothing newer is overwritten.
///
/// The exit status is 0 when every page was parsed or was found to be something other than requested, and 1 when a
/// page could not be parsed or was skipped.
#[derive(Debug, Args)]
pub(crate) struct ReparseArguments {
    /// Only this page, by its capture number
    #[arg(conflicts_with_all = ["kind", "court", "since", "until", "failure", "limit", "after"])]
    capture: Option<i64>,
    /// Only pages of this kind; may be repeated. Default: docket and attachments
    #[arg(long, value_enum)]
    kind: Vec<Kind>,
    /// Only pages of this court (CourtListener's id, such as nysd)
    #[arg(long)]
    court: Option<String>,
    /// Only pages fetched on or after this day (UTC)
    #[arg(long, value_name = "YYYY-MM-DD")]
    since: Option<NaiveDate>,
    /// Only pages fetched on or before this day (UTC)
    #[arg(long, value_name = "YYYY-MM-DD")]
    until: Option<NaiveDate>,
    /// Only pages on which a request failed with this code, such as docket_not_recognised, or with any code; not
    /// with --kind pdf
    #[arg(long, value_name = "CODE|any")]
    failure: Option<WhichFailure>,
    /// Every stored page, each case in the order in which its pages were fetched
    #[arg(long)]
    all: bool,
    /// The most pages or texts to parse; the output says where to continue
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
    limit: Option<u32>,
    /// Continue after this page, where a run with --limit stopped
    #[arg(long, value_name = "COURT:CAPTURE")]
    after: Option<Place>,
    /// Show what would change, and write nothing
    #[arg(long)]
    dry_run: bool,
    /// Print a line of JSON for each case, and one with the totals
    #[arg(long)]
    json: bool,
}

/// What was fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Kind {
    /// Dockets
    Docket,
    /// Attachment menus
    Attachments,
    /// Texts of documents: the ocr service extracts them again, as bulk work
    Pdf,
}

impl Kind {
    fn fetched(self) -> FetchKind {
        match self {
            Kind::Docket => FetchKind::Docket,
            Kind::Attachments => FetchKind::Attachments,
            Kind::Pdf => FetchKind::Pdf,
        }
    }
}

impl ReparseArguments {
    fn choice(&self) -> anyhow::Result<Choice> {
        let midnight = |day: NaiveDate| day.and_time(NaiveTime::MIN).and_utc();
        let day_after = |day: NaiveDate| -> anyhow::Result<DateTime<Utc>> {
            Ok(midnight(day.succ_opt().context("--until is too late")?))
        };
        let kinds = match self.kind.is_empty() {
            true => vec![FetchKind::Docket, FetchKind::Attachments],
            false => self.kind.iter().map(|kind| kind.fetched()).collect(),
        };
        let texts = kinds.contains(&FetchKind::Pdf);
        ensure!(
            !texts || self.failure.is_none(),
            "--failure cannot be used with --kind pdf: requests fail on pages, never on texts"
        );
        let in_order = self.limit.is_some() || self.after.is_some();
        ensure!(
            !(texts && in_order) || kinds.iter().all(|kind| *kind == FetchKind::Pdf),
            "with --limit or --after, use --kind pdf alone: texts and pages are counted separately"
        );
        if let (Some(since), Some(until)) = (self.since, self.until) {
            ensure!(since <= until, "--since {since} is after --until {until}");
        }
        Ok(Choice {
            kinds,
            court: self.court.clone(),
            capture: None,
            since: self.since.map(midnight),
            before: self.until.map(day_after).transpose()?,
            failure: self.failure.clone(),
            all: self.all,
            limit: self.limit.map(|limit| limit as usize),
            after: self.after.clone(),
            dry_run: self.dry_run,
        })
    }
}

/// `pacer-fetch reparse …`
pub(crate) async fn run(arguments: ReparseArguments) -> anyhow::Result<ExitCode> {
    let control = operate::control_with_blobs().await?;
    let choice = match arguments.capture {
        Some(capture) => {
            let single = fetch_reparse::single(&control, CaptureId(capture)).await?;
            let single = single.with_context(|| format!("there is no capture {capture}"))?;
            Choice {
                dry_run: arguments.dry_run,
                ..single
            }
        }
        None => arguments.choice()?,
    };
    if let Some(court) = &choice.court {
        let is_known = !control.queue.court_settings(Some(court)).await?.is_empty();
        ensure!(
            is_known,
            "there is no court {court:?}; use CourtListener's id, such as nysd"
        );
    }
    let mut printer = Printer::new(arguments.json, arguments.dry_run);
    let totals = fetch_reparse::run(&control, &choice, &mut printer).await;
    printer.finish(totals.as_ref().ok())?;
    Ok(match totals?.has_trouble() {
        true => ExitCode::FAILURE,
        false => ExitCode::SUCCESS,
    })
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Debug, Parser)]
    struct Command {
        #[command(flatten)]
        arguments: ReparseArguments,
    }

    fn choice(line: &str) -> Option<Choice> {
        let command = Command::try_parse_from(line.split_whitespace()).ok()?;
        command.arguments.choice().ok()
    }

    #[test]
    fn texts_are_recognised_again_only_when_they_are_asked_for() {
        let kinds = |line| choice(line).unwrap().kinds;
        assert_eq!(kinds("x"), [FetchKind::Docket, FetchKind::Attachments]);
        assert_eq!(kinds("x --kind pdf"), [FetchKind::Pdf]);
        assert_eq!(
            kinds("x --kind docket --kind pdf"),
            [FetchKind::Docket, FetchKind::Pdf]
        );
    }

    #[test]
    fn both_days_of_a_range_are_in_it() {
        let choice = choice("x --since 2026-11-01 --until 2026-11-02").unwrap();
        let time = |text: &str| Some(text.parse::<DateTime<Utc>>().unwrap());
        assert_eq!(choice.since, time("2026-11-01T00:00:00Z"));
        assert_eq!(choice.before, time("2026-11-03T00:00:00Z"));
    }

    #[test]
    fn what_contradicts_itself_is_refused() {
        for line in [
            "x 7 --court nysd",
            "x 7 --kind pdf",
            "x --limit 0",
            "x --since yesterday",
            "x --since 2026-11-02 --until 2026-11-01",
            // Misspelt, or no failure that a page brings about: nothing would be read, and all look well.
            "x --failure docket_not_recognized",
            "x --failure blocked_by_court",
            "x --kind history",
            // No request fails on a text: all of them would be begun again.
            "x --kind pdf --failure docket_not_recognised",
            "x --kind docket --kind pdf --failure any",
            "x --kind docket --kind pdf --limit 3",
            "x --after nysd",
            "x 7 --after nysd:3",
        ] {
            assert!(choice(line).is_none(), "{line}");
        }
        assert!(choice("x --since 2026-11-01 --until 2026-11-01").is_some());
        assert!(choice("x --failure docket_not_recognised").is_some());
        assert!(choice("x 7 --dry-run --json").is_some());
        assert!(choice("x --kind docket --failure any --limit 3 --after nysd:7").is_some());
        assert!(choice("x --kind pdf --limit 3").is_some());
    }
}
