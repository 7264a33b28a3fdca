//! Defaults as documents and deployments tell them, beside those of the programs.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, ensure};
use fetch_runtime::{FromEnv, Settings, defaults_of};

use super::grace_of;
use super::kubernetes::{applied, given, pods};
use super::needs::{file, variables};

const PREFIX: &str = "PACER_FETCH_";

/// What the example shows nothing for, because each process or each version has its own.
const ITS_OWN: [&str; 4] = ["DATABASE_CONNECTIONS", "SLOTS", "USER_AGENT", "WORKER_NAME"];

/// The settings of a process that have a default, without the prefix, and that.
type Defaults = BTreeMap<String, String>;

fn of<C: FromEnv>() -> Defaults {
    let short = |name: &str| name.trim_start_matches(PREFIX).to_owned();
    let mut defaults: Defaults = defaults_of::<C>()
        .into_iter()
        .filter(|(_, default)| !default.is_empty())
        .map(|(name, default)| (short(&name), default))
        .collect();
    let grace = grace_of::<C>().as_millis().to_string();
    defaults.insert("GRACE_MS".to_owned(), grace);
    defaults
}

fn processes() -> BTreeMap<&'static str, Defaults> {
    let mut gateway = of::<gateway::Config>();
    // It tells itself apart from one that is set, and so has none to show.
    let once_more = gateway::Config::from_env(&mut Settings::of::<&str, &str>([])).once_more;
    gateway.insert("ONCE_MORE_CENTS".to_owned(), once_more.0.to_string());
    BTreeMap::from([
        ("gateway", gateway),
        ("login", of::<login::Config>()),
        ("docket-fetcher", of::<docket_fetcher::Config>()),
        ("pdf-fetcher", of::<pdf_fetcher::Config>()),
        ("ocr", of::<ocr::service::Config>()),
    ])
}

/// The lines `NAME=VALUE` of the example: those that are commented out, and those that are not.
fn example() -> anyhow::Result<(Defaults, Defaults)> {
    let text = file("deploy/example.env")?;
    let lines = |begin: &str| -> Defaults {
        text.lines()
            .filter_map(|line| line.strip_prefix(begin)?.split_once('='))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect()
    };
    Ok((lines("#PACER_FETCH_"), lines(PREFIX)))
}

/// What is commented out has the default that is shown, unless no process has one: then it is an
/// example. What is not commented out has to be said, because it has none that would do.
#[test]
fn the_example_shows_the_defaults_of_the_programs() -> anyhow::Result<()> {
    let (shown, said) = example()?;
    let processes = processes();
    let (mut wrong, mut compared) = (BTreeSet::new(), 0);
    for (process, defaults) in &processes {
        for (setting, default) in defaults {
            // That of the fetchers follows from another setting, as the example says.
            let follows = setting == "GRACE_MS" && process.ends_with("-fetcher");
            if follows || ITS_OWN.contains(&setting.as_str()) {
                continue;
            }
            if let Some(value) = shown.get(setting) {
                compared += 1;
                if value != default {
                    wrong.insert(format!("{process}: {setting} is {default}, not {value:?}"));
                }
            }
            if said.get(setting).is_some_and(|value| value == default) {
                wrong.insert(format!(
                    "{process}: {setting} need not be said, it is the default"
                ));
            }
        }
    }
    for setting in ITS_OWN {
        let value = shown.get(setting).context(setting)?;
        ensure!(value.is_empty(), "{setting} is not always {value}");
    }
    ensure!(compared > 50, "only {compared} were compared");
    ensure!(wrong.is_empty(), "{wrong:#?}");
    Ok(())
}

/// A deployment says what differs from the defaults. What repeats one keeps it when it changes.
#[test]
fn no_deployment_repeats_a_default() -> anyhow::Result<()> {
    let processes = processes();
    let mut repeated = Vec::new();
    let mut look = |place: &str, process: &str, told: &Defaults| -> anyhow::Result<()> {
        let defaults = processes.get(process).context(process.to_owned())?;
        for (name, value) in told {
            let setting = name.trim_start_matches(PREFIX);
            if defaults.get(setting) == Some(value) {
                repeated.push(format!("{place}: {name}={value}"));
            }
        }
        Ok(())
    };
    for process in processes.keys() {
        let place = format!("deploy/{process}.env");
        look(&place, process, &variables(&place)?)?;
    }
    let objects = applied("k8s/base")?;
    let mut seen = 0;
    for (process, pod) in pods(&objects)? {
        if processes.contains_key(process.name) {
            look("k8s/base", process.name, &given(&objects, pod)?)?;
            seen += 1;
        }
    }
    ensure!(seen == processes.len(), "{seen} pods");
    ensure!(repeated.is_empty(), "{repeated:#?}");
    Ok(())
}

/// A sentence of a document that tells a default: `{}` stands for it.
struct Saying {
    document: &'static str,
    sentence: &'static str,
    process: &'static str,
    setting: &'static str,
    /// The default as the sentence has it.
    words: fn(&str) -> anyhow::Result<String>,
}

const fn saying(
    document: &'static str,
    sentence: &'static str,
    (process, setting): (&'static str, &'static str),
    words: fn(&str) -> anyhow::Result<String>,
) -> Saying {
    Saying {
        document,
        sentence,
        process,
        setting,
        words,
    }
}

const API: &str = "docs/API.md";
const EXAMPLE: &str = "deploy/example.env";
const PACER: &str = "docs/PACER.md";
const SESSION: (&str, &str) = ("login", "SESSION_SECONDS");
const GAP: (&str, &str) = ("login", "LOGIN_MIN_GAP_MS");
const LOGINS: (&str, &str) = ("login", "LOGIN_MAX_PER_HOUR");

const SAYINGS: [Saying; 24] = [
    saying(
        "README.md",
        "A session serves for {} minutes",
        SESSION,
        minutes,
    ),
    saying(
        "README.md",
        "at most {} and ten times an hour",
        GAP,
        how_often,
    ),
    saying(
        "README.md",
        "at most once a minute and {} times an hour",
        LOGINS,
        spelled_out,
    ),
    saying(PACER, "We use a session for {} minutes", SESSION, minutes),
    saying(
        PACER,
        "an account in at most {} and ten times an hour",
        GAP,
        how_often,
    ),
    saying(
        PACER,
        "at most once a minute and {} times an hour",
        LOGINS,
        spelled_out,
    ),
    saying(
        PACER,
        "silence {} s",
        ("docket-fetcher", "COURT_SILENCE_SECONDS"),
        grouped,
    ),
    saying(
        PACER,
        "the whole answer {} s",
        ("docket-fetcher", "COURT_ANSWER_SECONDS"),
        grouped,
    ),
    saying(
        PACER,
        "the sign-on {} s",
        ("login", "CSO_TIMEOUT_MS"),
        seconds,
    ),
    saying(
        PACER,
        "pages of up to {} MB",
        ("docket-fetcher", "COURT_PAGE_BYTES"),
        megabytes,
    ),
    saying(API, "A session serves for {} minutes", SESSION, minutes),
    saying(
        API,
        "more than {} bytes (`PACER_FETCH_BODY_LIMIT_BYTES`)",
        ("gateway", "BODY_LIMIT_BYTES"),
        grouped,
    ),
    saying(
        API,
        "not there within {} s (`PACER_FETCH_BODY_TIMEOUT_MS`)",
        ("gateway", "BODY_TIMEOUT_MS"),
        seconds,
    ),
    saying(
        API,
        "at most {} (`PACER_FETCH_ONCE_MORE_CENTS`)",
        ("gateway", "ONCE_MORE_CENTS"),
        dollars,
    ),
    saying(
        API,
        "| {} a minute | `PACER_FETCH_RATE_FETCH` |",
        ("gateway", "RATE_FETCH"),
        a_minute,
    ),
    saying(
        API,
        "| {} a minute | `PACER_FETCH_RATE_READ` |",
        ("gateway", "RATE_READ"),
        a_minute,
    ),
    saying(
        API,
        "| {} a minute | `PACER_FETCH_RATE_ANONYMOUS` |",
        ("gateway", "RATE_ANONYMOUS"),
        a_minute,
    ),
    saying(
        API,
        "| {} | `PACER_FETCH_IN_FLIGHT_PER_USER` |",
        ("gateway", "IN_FLIGHT_PER_USER"),
        grouped,
    ),
    saying(
        API,
        "| {} | `PACER_FETCH_WATCHED_PER_USER` |",
        ("gateway", "WATCHED_PER_USER"),
        grouped,
    ),
    saying(
        EXAMPLE,
        "hold: {} in the gateway and the fetchers, 8 in ocr",
        ("gateway", "DATABASE_CONNECTIONS"),
        grouped,
    ),
    saying(
        EXAMPLE,
        "hold: {} in the gateway and the fetchers, 8 in ocr",
        ("pdf-fetcher", "DATABASE_CONNECTIONS"),
        grouped,
    ),
    saying(
        EXAMPLE,
        "in the gateway and the fetchers, {} in ocr",
        ("ocr", "DATABASE_CONNECTIONS"),
        grouped,
    ),
    saying(
        EXAMPLE,
        "side by side: {} in the fetchers, one a core in ocr",
        ("docket-fetcher", "SLOTS"),
        grouped,
    ),
    saying(
        EXAMPLE,
        "side by side: {} in the fetchers, one a core in ocr",
        ("pdf-fetcher", "SLOTS"),
        grouped,
    ),
];

#[test]
fn documents_tell_the_defaults_of_the_programs() -> anyhow::Result<()> {
    let processes = processes();
    let mut wrong = Vec::new();
    for saying in &SAYINGS {
        let default = processes[saying.process].get(saying.setting);
        let default = default.with_context(|| format!("{} has no default", saying.setting))?;
        let sentence = saying.sentence.replace("{}", &(saying.words)(default)?);
        if !in_one_line(&file(saying.document)?).contains(&sentence) {
            let (document, setting) = (saying.document, saying.setting);
            wrong.push(format!(
                "{document}: {setting} is {default}, and it does not say {sentence:?}"
            ));
        }
    }
    ensure!(wrong.is_empty(), "{wrong:#?}");
    Ok(())
}

/// A text without its line ends, and without the signs that begin its comments.
fn in_one_line(text: &str) -> String {
    let lines = text.lines().map(|line| line.trim_start_matches("# "));
    let words = lines.flat_map(str::split_whitespace);
    words.collect::<Vec<_>>().join(" ")
}

fn whole(text: &str, unit: u64) -> anyhow::Result<u64> {
    let number: u64 = text.parse().with_context(|| text.to_owned())?;
    ensure!(
        number.is_multiple_of(unit),
        "{text} is no multiple of {unit}"
    );
    Ok(number / unit)
}

/// `1,200`
fn grouped(text: &str) -> anyhow::Result<String> {
    let number = whole(text, 1)?;
    Ok(match number {
        0..1000 => number.to_string(),
        _ => format!("{},{:03}", number / 1000, number % 1000),
    })
}

fn seconds(milliseconds: &str) -> anyhow::Result<String> {
    Ok(whole(milliseconds, 1000)?.to_string())
}

fn minutes(seconds: &str) -> anyhow::Result<String> {
    Ok(whole(seconds, 60)?.to_string())
}

fn megabytes(bytes: &str) -> anyhow::Result<String> {
    Ok(whole(bytes, 1_000_000)?.to_string())
}

fn dollars(cents: &str) -> anyhow::Result<String> {
    let cents = whole(cents, 1)?;
    Ok(format!("${}.{:02}", cents / 100, cents % 100))
}

fn a_minute(rate: &str) -> anyhow::Result<String> {
    grouped(rate.strip_suffix("/min").context(rate.to_owned())?)
}

fn how_often(milliseconds: &str) -> anyhow::Result<String> {
    Ok(match whole(milliseconds, 60_000)? {
        1 => "once a minute".to_owned(),
        minutes => format!("every {minutes} minutes"),
    })
}

fn spelled_out(number: &str) -> anyhow::Result<String> {
    const NUMBERS: [&str; 11] = [
        "no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
    ];
    let number = usize::try_from(whole(number, 1)?)?;
    Ok(NUMBERS
        .get(number)
        .map_or_else(|| number.to_string(), |word| (*word).to_owned()))
}
