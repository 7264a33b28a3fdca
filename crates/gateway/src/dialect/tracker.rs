//! The fields of a tracker, decoded: `docs/API.md#trackers`.

use chrono::{DateTime, Utc};
use fetch_control::trackers::most_of_a_docket;
use fetch_model::{Cents, fields::FieldId};
use fetch_queue::trackers::TrackerChange;

use super::{
    FieldErrors, Sent, Source,
    field::{BOOLEAN, INSTANT, INTEGER, NULL, REQUIRED, truth_of},
    misspelt::Names,
    moment,
};
use crate::openapi::{Described, Shape, key};

/// The fields that are looked at, and those that are shown.
pub const FIELDS: Names = Names {
    read: &[
        DOCKET,
        EVERY_HOURS,
        UNTIL,
        MAX_COST_CENTS,
        "lane",
        "pacer_username",
        "pacer_password",
        "client_code",
        "otp_code",
    ],
    ignored: &SHOWN,
};

/// The fields of a change.
pub const CHANGES: Names = Names {
    read: &[PAUSED, EVERY_HOURS, UNTIL, MAX_COST_CENTS],
    ignored: &SHOWN,
};

const SHOWN: [&str; 17] = [
    "id",
    "user",
    "docket",
    "court",
    "lane",
    "client_code",
    "state",
    "message",
    "spent_cents",
    "recap_fetch",
    "is_asking",
    "next_due",
    "date_asked",
    "date_found",
    "date_created",
    "date_modified",
    "csrfmiddlewaretoken",
];

/// The fields that callers send.
#[rustfmt::skip]
pub(crate) const WRITTEN: Described = Described {
    name: "NewTracker",
    about: "A docket that is to be looked at again and again, and who pays for it.",
    keys: &[
        key(DOCKET, Shape::Integer).means("The stored docket."),
        key(EVERY_HOURS, Shape::Integer).optional().means("How often it asks: every 1 to 744 hours, 24 unless sent."),
        key(UNTIL, Shape::Instant).or_null().optional().means("When it ends, if not only when it is removed."),
        key(MAX_COST_CENTS, Shape::Integer)
            .means("The most that all of its requests may cost together in a quarter, in cents; at least 300, which is what a docket may cost."),
        key("lane", Shape::Word(&["interactive", "bulk"])).optional().means("`bulk` unless sent."),
        key("pacer_username", Shape::Text).means("The PACER login that pays."),
        key("pacer_password", Shape::Text).means("Its password; used once, in memory."),
        key("client_code", Shape::Text).optional().means("PACER's billing label."),
        key("otp_code", Shape::Text).optional().means("The current one-time code, for an account with two-factor authentication."),
    ],
};

/// Those that can be changed.
#[rustfmt::skip]
pub(crate) const CHANGED: Described = Described {
    name: "TrackerChange",
    about: "What is to be different. What is not sent stays.",
    keys: &[
        key(PAUSED, Shape::Boolean).optional().means("Whether it asks nothing."),
        key(EVERY_HOURS, Shape::Integer).optional().means("How often it asks: every 1 to 744 hours."),
        key(UNTIL, Shape::Instant).or_null().optional().means("When it ends; null for not at all."),
        key(MAX_COST_CENTS, Shape::Integer).optional()
            .means("The most that all of its requests may cost together in a quarter, in cents; at least 300."),
    ],
};

const DOCKET: &str = "docket";
const EVERY_HOURS: &str = "every_hours";
const UNTIL: &str = "until";
const MAX_COST_CENTS: &str = "max_cost_cents";
const PAUSED: &str = "paused";

/// How often a tracker asks of which nobody says, in hours.
const DAILY: i32 = 24;

/// How often it may ask at least and at most, in hours.
const EVERY: (i32, i32) = (1, 744);

const LATER: &str = "Ensure this time is in the future.";

/// The refusal of a second tracker of a docket.
pub const NOT_UNIQUE: &str = "You have a tracker of this docket already: change that one.";

/// What is a tracker's own of what a caller wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wanted {
    /// How often it asks, in hours.
    pub every_hours: i32,
    /// Until when, if not for good.
    pub until: Option<DateTime<Utc>>,
    /// What all of its requests may cost together in a quarter.
    pub max_cost: Cents,
}

/// The fields of a tracker as those of a request that asks once what it asks again and again.
#[derive(Debug)]
pub struct AsRequest<'a>(pub &'a dyn Source);

impl Source for AsRequest<'_> {
    fn get(&self, field: FieldId) -> Sent<'_> {
        match field {
            FieldId::RequestType => Sent::Number(1.into()),
            FieldId::SkipIfUnchanged => Sent::Truth(true),
            FieldId::ShowPartiesAndCounsel => Sent::Truth(false),
            FieldId::Docket
            | FieldId::Lane
            | FieldId::PacerUsername
            | FieldId::PacerPassword
            | FieldId::ClientCode
            | FieldId::OtpCode => self.0.get(field),
            _ => Sent::Absent,
        }
    }

    fn named(&self, name: &str) -> Sent<'_> {
        self.0.named(name)
    }

    fn absent_truth(&self) -> Option<bool> {
        self.0.absent_truth()
    }

    fn names(&self) -> Vec<&str> {
        Vec::new()
    }
}

/// Decodes what is a new tracker's own, and adds what is wrong with it to `errors`.
pub fn decode_new(source: &dyn Source, now: DateTime<Utc>, errors: &mut FieldErrors) -> Wanted {
    let mut decoder = Decoder { source, errors };
    decoder.require(DOCKET);
    decoder.require(MAX_COST_CENTS);
    let wanted = Wanted {
        every_hours: decoder.every_hours().unwrap_or(DAILY),
        until: decoder.until(now).flatten(),
        max_cost: decoder.max_cost().unwrap_or_default(),
    };
    FIELDS.check(source.names(), errors);
    wanted
}

/// Decodes a change of a tracker. What was not sent stays, in a form as well.
///
/// # Errors
/// All that is wrong with its fields.
pub fn decode_change(
    source: &dyn Source,
    now: DateTime<Utc>,
) -> Result<TrackerChange, FieldErrors> {
    let mut errors = FieldErrors::default();
    let mut decoder = Decoder {
        source,
        errors: &mut errors,
    };
    let change = TrackerChange {
        paused: decoder.paused(),
        every_hours: decoder.every_hours(),
        until: decoder.until(now),
        max_cost: decoder.max_cost(),
    };
    CHANGES.check(source.names(), &mut errors);
    match errors.is_empty() {
        true => Ok(change),
        false => Err(errors),
    }
}

struct Decoder<'a> {
    source: &'a dyn Source,
    errors: &'a mut FieldErrors,
}

impl Decoder<'_> {
    fn refuse<T>(&mut self, name: &str, message: impl Into<String>) -> Option<T> {
        self.errors.add(name, message);
        None
    }

    fn require(&mut self, name: &str) {
        if let Sent::Absent | Sent::Blank = self.source.named(name) {
            self.errors.add(name, REQUIRED);
        }
    }

    /// A whole number that lies between these, or its text; none if it was not sent.
    fn number(&mut self, name: &str, least: i32, most: i32) -> Option<i32> {
        let text = match self.source.named(name) {
            Sent::Absent | Sent::Blank => return None,
            Sent::Null => return self.refuse(name, NULL),
            Sent::Text(text) => text.trim().to_owned(),
            Sent::Number(number) => number.to_string(),
            _ => return self.refuse(name, INTEGER),
        };
        let bound = |word: &str, bound: i32| {
            format!("Ensure this value is {word} than or equal to {bound}.")
        };
        match text.parse::<i64>() {
            Err(_) => self.refuse(name, INTEGER),
            Ok(number) if number < least.into() => self.refuse(name, bound("greater", least)),
            Ok(number) if number > most.into() => self.refuse(name, bound("less", most)),
            Ok(number) => i32::try_from(number).ok(),
        }
    }

    fn every_hours(&mut self) -> Option<i32> {
        self.number(EVERY_HOURS, EVERY.0, EVERY.1)
    }

    fn max_cost(&mut self) -> Option<Cents> {
        let least = most_of_a_docket().0;
        self.number(MAX_COST_CENTS, least, i32::MAX).map(Cents)
    }

    /// A time in the future, or null; none if it was not sent.
    fn until(&mut self, now: DateTime<Utc>) -> Option<Option<DateTime<Utc>>> {
        let text = match self.source.named(UNTIL) {
            Sent::Absent | Sent::Blank => return None,
            Sent::Null => return Some(None),
            Sent::Text(text) => text,
            _ => return self.refuse(UNTIL, INSTANT),
        };
        let at = DateTime::parse_from_rfc3339(text.trim()).ok();
        match at.map(|at| at.to_utc()).filter(moment::is_of_our_era) {
            None => self.refuse(UNTIL, INSTANT),
            Some(at) if at <= now => self.refuse(UNTIL, LATER),
            Some(at) => Some(Some(at)),
        }
    }

    fn paused(&mut self) -> Option<bool> {
        let truth = match self.source.named(PAUSED) {
            Sent::Absent | Sent::Blank => return None,
            Sent::Null => return self.refuse(PAUSED, NULL),
            Sent::Truth(truth) => Some(truth),
            sent => truth_of(&sent.display()),
        };
        truth.or_else(|| self.refuse(PAUSED, BOOLEAN))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::dialect::Json;

    fn now() -> DateTime<Utc> {
        "2026-03-01T00:00:00Z".parse().unwrap()
    }

    fn source(body: &Value) -> Json {
        Json::parse(body.to_string().as_bytes()).unwrap()
    }

    fn new(body: &Value) -> (Wanted, Value) {
        let mut errors = FieldErrors::default();
        let wanted = decode_new(&source(body), now(), &mut errors);
        (wanted, serde_json::to_value(errors.into_object()).unwrap())
    }

    #[test]
    fn a_tracker_asks_once_a_day_and_for_good_unless_said_otherwise() {
        let (wanted, errors) = new(&json!({"docket": 7, "max_cost_cents": 300}));
        assert_eq!(errors, json!({}));
        let usual = Wanted {
            every_hours: 24,
            until: None,
            max_cost: Cents(300),
        };
        assert_eq!(wanted, usual);
        let sent = json!({"docket": 7, "max_cost_cents": "900", "every_hours": 6, "until": "2026-04-01T00:00:00-05:00"});
        let (wanted, errors) = new(&sent);
        assert_eq!(errors, json!({}));
        assert_eq!((wanted.every_hours, wanted.max_cost), (6, Cents(900)));
        assert_eq!(wanted.until, "2026-04-01T05:00:00Z".parse().ok());
    }

    #[test]
    fn all_that_is_wrong_is_said_at_once() {
        let (_, errors) = new(&json!({
            "max_cost_cents": 299, "every_hours": 745, "until": "2026-02-01T00:00:00Z", "max_cost_cent": 1,
        }));
        let expected = json!({
            "docket": ["This field is required."],
            "every_hours": ["Ensure this value is less than or equal to 744."],
            "until": ["Ensure this time is in the future."],
            "max_cost_cents": ["Ensure this value is greater than or equal to 300."],
            "max_cost_cent": ["There is no field with this name. Did you mean max_cost_cents?"],
        });
        assert_eq!(errors, expected);
        let (_, errors) = new(&json!({"docket": 7}));
        assert_eq!(
            errors,
            json!({"max_cost_cents": ["This field is required."]})
        );
    }

    #[test]
    fn a_change_leaves_what_was_not_sent() {
        let change = |body: Value| decode_change(&source(&body), now());
        assert_eq!(change(json!({"docket": 8})), Ok(TrackerChange::default()));
        let sent = change(json!({"paused": true, "until": null, "every_hours": "48"})).unwrap();
        assert_eq!(
            (sent.paused, sent.until, sent.every_hours),
            (Some(true), Some(None), Some(48))
        );
        let errors = change(json!({"paused": "perhaps", "max_cost_cents": null})).unwrap_err();
        let fields: Vec<_> = errors.iter().map(|(field, _)| field.to_owned()).collect();
        assert_eq!(fields, ["paused", "max_cost_cents"]);
    }
}
