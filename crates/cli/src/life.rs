//! The life of a request, for people.

use chrono::{DateTime, Utc};
use fetch_model::{Cents, Durations};

use crate::table::Table;

/// What a request has cost, with what it may have cost besides.
pub(crate) fn cost(billed: Cents, in_doubt: Cents) -> String {
    match in_doubt {
        Cents(0) => billed.to_string(),
        in_doubt => format!("{billed}, and up to {in_doubt} in doubt"),
    }
}

/// Each step on a line: seconds since the first, its name, a word about it.
pub(crate) fn told(steps: &[(DateTime<Utc>, String, String)]) -> String {
    let Some((start, _, _)) = steps.first() else {
        return "   no steps are recorded\n".to_owned();
    };
    let mut table = Table::new();
    for (at, step, detail) in steps {
        let seconds = (*at - *start).as_seconds_f64();
        table.row([format!("{seconds:8.3} s"), step.clone(), detail.clone()]);
    }
    format!("{table}{}", durations(steps))
}

/// What the time went to, on a line: as much of it as is over.
fn durations(steps: &[(DateTime<Utc>, String, String)]) -> String {
    let durations = Durations::of(steps.iter().map(|(at, step, _)| (*at, step.as_str())));
    let stretches = [
        ("queue", durations.queue()),
        ("buy", durations.buy()),
        ("read", durations.read()),
    ];
    let told: Vec<String> = stretches
        .into_iter()
        .filter_map(|(name, stretch)| Some(format!("{name} {:.3} s", stretch?.as_secs_f64())))
        .collect();
    if told.is_empty() {
        return String::new();
    }
    format!("   {}\n", told.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_in_doubt_is_not_told_as_nothing() {
        assert_eq!(cost(Cents(0), Cents(0)), "$0.00");
        assert_eq!(cost(Cents(30), Cents(0)), "$0.30");
        assert_eq!(
            cost(Cents(0), Cents(300)),
            "$0.00, and up to $3.00 in doubt"
        );
        assert_eq!(
            cost(Cents(30), Cents(600)),
            "$0.30, and up to $6.00 in doubt"
        );
    }

    #[test]
    fn a_life_is_told_in_seconds_since_it_began() {
        let start = DateTime::from_timestamp(1_000, 0).unwrap();
        let later = DateTime::from_timestamp_millis(1_001_250).unwrap();
        let step = |at, name: &str, detail: &str| (at, name.to_owned(), detail.to_owned());
        let told = told(&[
            step(start, "accepted", ""),
            step(later, "claimed", "a-fetcher"),
        ]);
        assert_eq!(
            told,
            "      0.000 s  accepted\n      1.250 s  claimed   a-fetcher\n   queue 1.250 s\n"
        );
    }
}
