//! The life of a request, for people.

use chrono::{DateTime, Utc};

use crate::table::Table;

/// Each step on a line: seconds since the first, its name, a word about it.
pub(crate) fn told(steps: &[(DateTime<Utc>, String, String)]) -> String {
    let Some((start, _, _)) = steps.first() else {
        return "   nothing is known about its life\n".to_owned();
    };
    let mut table = Table::new();
    for (at, step, detail) in steps {
        let seconds = (*at - *start).as_seconds_f64();
        table.row([format!("{seconds:8.3} s"), step.clone(), detail.clone()]);
    }
    table.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_life_is_told_in_seconds_since_it_began() {
        let start = DateTime::from_timestamp(1_000, 0).unwrap();
        let later = DateTime::from_timestamp_millis(1_001_250).unwrap();
        let step = |at, name: &str, detail: &str| (at, name.to_owned(), detail.to_owned());
        let told = told(&[
            step(start, "accepted", ""),
            step(later, "bought", "3 pages"),
        ]);
        assert_eq!(
            told,
            "      0.000 s  accepted\n      1.250 s  bought    3 pages\n"
        );
    }
}
