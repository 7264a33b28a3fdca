//! The fields of a webhook endpoint, decoded: `docs/API.md#webhooks`.

use fetch_webhooks::{EVENT_TYPES, Endpoint, LATEST_VERSION, RECAP_FETCH, Targets, VERSIONS};

use super::{
    FieldErrors, Sent, Source,
    field::{BLANK, BOOLEAN, NO_TEXT, NUL, NULL, REQUIRED, no_choice, truth_of},
    misspelt::Names,
};
use crate::openapi::{Described, Shape, key};

/// The fields that are looked at, and those that are shown.
pub const FIELDS: Names = Names {
    read: &[EVENT_TYPE, VERSION, URL, ENABLED],
    ignored: &[
        "id",
        "user",
        "failure_count",
        "warning",
        "secret",
        "date_disabled",
        "previous_secret_until",
        "date_created",
        "date_modified",
        "csrfmiddlewaretoken",
    ],
};

/// The fields that callers send, in the order of `OPTIONS`.
pub(crate) const WRITTEN: Described = Described {
    name: "NewWebhook",
    about: "Where to send your requests when they have ended, or what was filed in dockets that you track.",
    keys: &[
        key(
            EVENT_TYPE,
            Shape::Choice(&[
                (3, "a request that has ended"),
                (100, "something was filed in a docket that is tracked"),
            ]),
        )
        .optional()
        .means("What is sent: 3, a request that has ended, or 100, that something was filed; 3 unless sent."),
        key(
            VERSION,
            Shape::Choice(&[(1, "the older one"), (2, "the latest")]),
        )
        .optional()
        .means("Of what is sent: 1 or 2."),
        key(URL, Shape::Text).means("Where it is sent, by https."),
        key(ENABLED, Shape::Boolean)
            .optional()
            .means("Whether it is sent."),
    ],
};

/// Those that can be changed.
pub(crate) const CHANGED: Described = Described {
    name: "WebhookChange",
    about: "What is to be different. What is not sent stays.",
    keys: &[
        key(URL, Shape::Text)
            .optional()
            .means("Where it is sent, by https."),
        key(ENABLED, Shape::Boolean)
            .optional()
            .means("Whether it is sent."),
    ],
};

pub(crate) const EVENT_TYPE: &str = "event_type";
pub(crate) const VERSION: &str = "version";
pub(crate) const URL: &str = "url";
pub(crate) const ENABLED: &str = "enabled";

/// The refusal of a second endpoint of a user for the same, in the words of the reference's framework.
pub const NOT_UNIQUE: &str = "The fields user, event_type, version must make a unique set. You have such an endpoint already: change that one.";

const FIXED: &str = "This cannot be changed. Register another endpoint.";

/// An endpoint that a caller wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// What is sent.
    pub event_type: i16,
    /// Of what is sent.
    pub version: i16,
    /// Where.
    pub url: String,
    /// Whether something is sent.
    pub enabled: bool,
}

/// What a caller wants to be different; none stays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WantedChange {
    /// Where.
    pub url: Option<String>,
    /// Whether something is sent.
    pub enabled: Option<bool>,
}

struct Decoder<'a> {
    source: &'a dyn Source,
    targets: Targets,
    errors: FieldErrors,
}

/// Decodes a new endpoint.
///
/// # Errors
/// All that is wrong with its fields.
pub fn decode_new(source: &dyn Source, targets: Targets) -> Result<Wanted, FieldErrors> {
    let mut decoder = Decoder::new(source, targets);
    let event_type = decoder.number(EVENT_TYPE, &EVENT_TYPES);
    let version = decoder.number(VERSION, &VERSIONS);
    let url = match source.named(URL) {
        Sent::Absent => decoder.refuse(URL, REQUIRED),
        _ => decoder.url(),
    };
    let enabled = match source.named(ENABLED) {
        Sent::Absent => source.absent_truth(),
        _ => decoder.truth(),
    };
    let wanted = Wanted {
        event_type: event_type.unwrap_or(RECAP_FETCH),
        version: version.unwrap_or(LATEST_VERSION),
        url: url.unwrap_or_default(),
        enabled: enabled.unwrap_or(false),
    };
    decoder.finish(wanted)
}

/// Decodes a change of an endpoint. What was not sent stays, in a form as well.
///
/// # Errors
/// All that is wrong with its fields.
pub fn decode_change(
    source: &dyn Source,
    targets: Targets,
    present: &Endpoint,
) -> Result<WantedChange, FieldErrors> {
    let mut decoder = Decoder::new(source, targets);
    for (name, fixed) in [(EVENT_TYPE, present.event_type), (VERSION, present.version)] {
        let is_same = match source.named(name) {
            Sent::Absent => true,
            sent => sent.display().trim() == fixed.to_string(),
        };
        if !is_same {
            decoder.errors.add(name, FIXED);
        }
    }
    let wanted = WantedChange {
        url: decoder.url(),
        enabled: decoder.truth(),
    };
    decoder.finish(wanted)
}

impl<'a> Decoder<'a> {
    fn new(source: &'a dyn Source, targets: Targets) -> Decoder<'a> {
        Decoder {
            source,
            targets,
            errors: FieldErrors::default(),
        }
    }

    fn finish<T>(mut self, wanted: T) -> Result<T, FieldErrors> {
        FIELDS.check(self.source.names(), &mut self.errors);
        match self.errors.is_empty() {
            true => Ok(wanted),
            false => Err(self.errors),
        }
    }

    fn refuse<T>(&mut self, name: &str, message: impl Into<String>) -> Option<T> {
        self.errors.add(name, message);
        None
    }

    /// One of a few numbers, or its text; none if it was not sent.
    fn number(&mut self, name: &str, choices: &[i16]) -> Option<i16> {
        let text = match self.source.named(name) {
            Sent::Absent | Sent::Blank => return None,
            Sent::Null => return self.refuse(name, NULL),
            sent => sent.display(),
        };
        let found = choices.iter().find(|number| number.to_string() == text);
        match found {
            Some(number) => Some(*number),
            None => self.refuse(name, no_choice(&text)),
        }
    }

    /// A URL that may be sent to; none if it was not sent.
    fn url(&mut self) -> Option<String> {
        let text = match self.source.named(URL) {
            Sent::Absent => return None,
            Sent::Null => return self.refuse(URL, NULL),
            Sent::Blank => String::new(),
            Sent::Text(text) => text.trim().to_owned(),
            _ => return self.refuse(URL, NO_TEXT),
        };
        if text.is_empty() {
            return self.refuse(URL, BLANK);
        }
        // The parser would write it otherwise, and the database takes none.
        if text.contains('\0') {
            return self.refuse(URL, NUL);
        }
        match self.targets.read(&text) {
            Ok(_) => Some(text),
            Err(refused) => self.refuse(URL, refused.to_string()),
        }
    }

    /// A truth value; none if it was not sent.
    fn truth(&mut self) -> Option<bool> {
        let truth = match self.source.named(ENABLED) {
            Sent::Absent | Sent::Blank => return None,
            Sent::Null => return self.refuse(ENABLED, NULL),
            Sent::Truth(truth) => Some(truth),
            sent => truth_of(&sent.display()),
        };
        truth.or_else(|| self.refuse(ENABLED, BOOLEAN))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::dialect::{Form, Json};

    const GOOD: &str = "https://hooks.example.com/3f1c9a52e7";

    fn new(body: &Value) -> Result<Wanted, String> {
        let source = Json::parse(body.to_string().as_bytes()).unwrap();
        decode_new(&source, Targets::default())
            .map_err(|errors| serde_json::to_string(&errors.into_object()).unwrap())
    }

    fn form(pairs: &[(&str, &str)]) -> Form {
        let pairs = pairs.iter();
        Form::new(pairs.map(|&(name, value)| (name.to_owned(), value.to_owned())))
    }

    #[test]
    fn an_endpoint_is_off_and_of_the_latest_version_unless_said_otherwise() {
        let usual = Wanted {
            event_type: 3,
            version: 2,
            url: GOOD.to_owned(),
            enabled: false,
        };
        assert_eq!(new(&json!({"url": GOOD})), Ok(usual.clone()));
        assert_eq!(
            new(&json!({"url": format!(" {GOOD} "), "event_type": "3"})),
            Ok(usual.clone())
        );
        let other = Wanted {
            version: 1,
            enabled: true,
            ..usual.clone()
        };
        let of_trackers = Wanted {
            event_type: 100,
            ..usual.clone()
        };
        assert_eq!(
            new(&json!({"url": GOOD, "event_type": 100})),
            Ok(of_trackers)
        );
        let sent = json!({"url": GOOD, "event_type": 3, "version": 1, "enabled": true});
        assert_eq!(new(&sent), Ok(other.clone()));
        let sent = form(&[("url", GOOD), ("version", "1"), ("enabled", "on")]);
        assert_eq!(decode_new(&sent, Targets::default()), Ok(other));
        let sent = form(&[("url", GOOD), ("enabled", "")]);
        assert_eq!(decode_new(&sent, Targets::default()), Ok(usual));
    }

    #[test]
    fn all_that_is_wrong_is_said_at_once_in_the_words_of_the_contract() {
        let errors = new(&json!({
            "event_type": 1, "version": 3, "enabled": "perhaps", "url": "http://hooks.example.com/",
        }));
        let expected = concat!(
            r#"{"event_type":["\"1\" is not a valid choice."],"#,
            r#""version":["\"3\" is not a valid choice."],"#,
            r#""url":["Enter a URL that begins with https://."],"#,
            r#""enabled":["Must be a valid boolean."]}"#
        );
        assert_eq!(errors.unwrap_err(), expected);
        for (url, message) in [
            (json!(null), "This field may not be null."),
            (json!(""), "This field may not be blank."),
            (json!(7), "Not a valid string."),
            (
                json!("https://a.example/\0"),
                "Null characters are not allowed.",
            ),
            (json!("hooks"), "Enter a valid URL."),
            (
                json!("https://[::1]/"),
                "::1 is not a public address, and this server sends to no others.",
            ),
            (
                json!(format!("https://a.example/{}", "x".repeat(2000))),
                "Ensure this field has no more than 2000 characters.",
            ),
        ] {
            let expected = format!(r#"{{"url":["{message}"]}}"#);
            assert_eq!(new(&json!({"url": url})).unwrap_err(), expected, "{url}");
        }
        assert_eq!(
            new(&json!({})).unwrap_err(),
            r#"{"url":["This field is required."]}"#
        );
        let misspelt = new(&json!({"url": GOOD, "enable": true})).unwrap_err();
        assert!(misspelt.contains("Did you mean enabled?"), "{misspelt}");
    }

    #[test]
    fn a_change_leaves_what_was_not_sent_in_a_form_as_well() {
        let present = Endpoint {
            id: fetch_webhooks::WebhookId(7),
            user: fetch_model::UserId(7),
            event_type: 3,
            version: 2,
            url: GOOD.to_owned(),
            enabled: true,
            date_disabled: None,
            failure_count: 0,
            previous_secret_until: None,
            date_created: chrono::DateTime::UNIX_EPOCH,
            date_modified: chrono::DateTime::UNIX_EPOCH,
            waiting: None,
        };
        let change = |source: &dyn Source| decode_change(source, Targets::default(), &present);
        let nothing = WantedChange {
            url: None,
            enabled: None,
        };
        assert_eq!(change(&form(&[])), Ok(nothing.clone()));
        let same = Json::parse(br#"{"event_type":3,"version":"2","failure_count":9}"#).unwrap();
        assert_eq!(change(&same), Ok(nothing));
        let off = change(&form(&[("enabled", "off")])).unwrap();
        assert_eq!(off.enabled, Some(false));
        let other =
            Json::parse(br#"{"event_type":1,"version":1,"url":"https://10.0.0.1/"}"#).unwrap();
        let refused = change(&other).unwrap_err();
        let fields: Vec<_> = refused.iter().map(|(field, _)| field.to_owned()).collect();
        assert_eq!(fields, ["event_type", "version", "url"]);
    }
}
