//! Unknown names: whether one is a misspelt known name.
//!
//! The contract ignores unknown names. A guard that is ignored because of a letter spends money, so what
//! is nearly a known name is refused; the rest is ignored, and the answer says so.

use axum::http::{HeaderMap, HeaderValue};

use super::{ApiError, FieldErrors, RequestUrl};

/// What was sent and is not looked at: a header.
pub const IGNORED: &str = "pacer-fetch-ignored";

/// A field over gRPC, and a header over HTTP. As a field of a form it would be ignored, and a repeat would
/// buy again.
const IDEMPOTENCY_KEY: &str = "idempotency_key";

/// Names of no more than so many letters are like many others: one edit makes another one.
const SHORT: usize = 4;

/// In a header, so many names, of so many letters.
const MOST_NAMES: usize = 20;
const MOST_LETTERS: usize = 60;

/// The names that a place knows.
#[derive(Debug, Clone, Copy)]
pub struct Names {
    /// Those that it looks at.
    pub read: &'static [&'static str],
    /// Those that clients of the contract, or browsers, send all the same; nothing is said about them.
    pub ignored: &'static [&'static str],
}

impl Names {
    /// Refuses a name that resembles a known one.
    pub fn check<'n>(self, sent: impl IntoIterator<Item = &'n str>, errors: &mut FieldErrors) {
        self.check_but(&[], sent, errors);
    }

    /// The same, but for names that resemble one of these, which are not looked at now: what was meant for one
    /// of them is no loss.
    pub fn check_but<'n>(
        self,
        unread: &[&str],
        sent: impl IntoIterator<Item = &'n str>,
        errors: &mut FieldErrors,
    ) {
        for name in self.unknown(sent) {
            if plain(name) == IDEMPOTENCY_KEY {
                errors.add(
                    name,
                    "This is a header, not a field: send it as Idempotency-Key.".to_owned(),
                );
            } else if let Some(meant) = self.meant(name)
                && !unread.contains(&meant)
            {
                errors.add(
                    name,
                    format!("There is no field with this name. Did you mean {meant}?"),
                );
            }
        }
    }

    /// What of this is not known, sorted.
    pub fn unknown<'n>(self, sent: impl IntoIterator<Item = &'n str>) -> Vec<&'n str> {
        let is_known = |name: &&str| self.read.contains(name) || self.ignored.contains(name);
        let mut unknown: Vec<&str> = sent.into_iter().filter(|name| !is_known(name)).collect();
        unknown.sort_unstable();
        unknown.dedup();
        unknown
    }

    /// The known name that an unknown one was meant for.
    fn meant(self, name: &str) -> Option<&'static str> {
        let name = plain(name);
        let near = self.read.iter().filter_map(|known| {
            let edits = strsim::osa_distance(&name, known);
            (edits <= allowed(&name, known) || is_beginning(&name, known))
                .then_some((edits, *known))
        });
        near.min().map(|(_, known)| known)
    }

    /// What of this is ignored, for the header of an answer; none if nothing is.
    fn ignored_of<'n>(self, sent: impl IntoIterator<Item = &'n str>) -> Option<HeaderValue> {
        let unknown = self.unknown(sent);
        let names = unknown.iter().take(MOST_NAMES).map(|name| printable(name));
        let names: Vec<String> = names.collect();
        let names = Some(names.join(", ")).filter(|names| !names.is_empty())?;
        HeaderValue::from_str(&names).ok()
    }

    /// Says in these headers what of this is ignored.
    pub fn tell_ignored<'n>(
        self,
        sent: impl IntoIterator<Item = &'n str>,
        headers: &mut HeaderMap,
    ) {
        if let Some(ignored) = self.ignored_of(sent) {
            headers.append(IGNORED, ignored);
        }
    }

    /// Checks the parameters of a query, and says in `headers` which are ignored.
    ///
    /// # Errors
    /// 400 when one is nearly a known one.
    pub fn check_query(self, here: &RequestUrl) -> Result<HeaderMap, ApiError> {
        let sent = || here.parameters.iter().map(|(name, _)| name.as_str());
        let mut errors = FieldErrors::default();
        self.check(sent(), &mut errors);
        if !errors.is_empty() {
            return Err(ApiError::Fields(errors));
        }
        let mut headers = HeaderMap::new();
        self.tell_ignored(sent(), &mut headers);
        Ok(headers)
    }
}

/// A name in the letters of known ones.
fn plain(name: &str) -> String {
    name.to_lowercase().replace('-', "_")
}

/// How many edits make a known name of what was sent.
fn allowed(name: &str, known: &str) -> usize {
    match name.chars().count().min(known.len()) {
        0..=SHORT => 1,
        _ => 2,
    }
}

/// Several words of a known name, without its last: `max_cost`.
fn is_beginning(name: &str, known: &str) -> bool {
    name.contains('_')
        && known
            .strip_prefix(name)
            .is_some_and(|rest| rest.starts_with('_'))
}

/// A name as a header may have it.
fn printable(name: &str) -> String {
    let fits = |letter: char| letter.is_ascii_alphanumeric() || "_-.[]".contains(letter);
    name.chars()
        .take(MOST_LETTERS)
        .map(|letter| if fits(letter) { letter } else { '?' })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialect::submission::FIELDS;

    fn meant(name: &str) -> Option<&'static str> {
        FIELDS.meant(name)
    }

    #[test]
    fn what_is_two_edits_from_a_known_name_was_meant_for_it() {
        for (sent, known) in [
            ("max_cost_cent", "max_cost_cents"),
            ("max_costs_cents", "max_cost_cents"),
            ("max_cost_cnets", "max_cost_cents"),
            ("maxCostCents", "max_cost_cents"),
            ("MAX-COST-CENTS", "max_cost_cents"),
            ("max_cost", "max_cost_cents"),
            ("mx_cst_cents", "max_cost_cents"),
            ("on_doubts", "on_doubt"),
            ("ondoubt", "on_doubt"),
            ("not_befor", "not_before"),
            ("skip_if_unchangd", "skip_if_unchanged"),
            ("lanes", "lane"),
            ("lan", "lane"),
            ("cuort", "court"),
            ("client_cod", "client_code"),
            ("show_parties", "show_parties_and_counsel"),
            ("pacer_user_name", "pacer_username"),
        ] {
            assert_eq!(meant(sent), Some(known), "{sent}");
        }
    }

    #[test]
    fn names_of_others_are_left_alone() {
        for name in [
            "",
            "x",
            "ui",
            "la",
            "foo",
            "name",
            "note",
            "page",
            "date",
            "case",
            "reference",
            "comment",
            "cost_cents",
            "max",
            "cost_center",
            "webhook_url",
            "priority",
            "user_id",
            "docket_id",
            "de",
            "pacer",
            "show",
        ] {
            assert_eq!(meant(name), None, "{name}");
        }
    }

    #[test]
    fn a_key_that_is_a_header_is_no_field() {
        for name in ["idempotency_key", "Idempotency-Key"] {
            let mut errors = FieldErrors::default();
            FIELDS.check([name], &mut errors);
            assert!(
                format!("{errors:?}").contains("header"),
                "{name}: {errors:?}"
            );
        }
    }

    #[test]
    fn known_names_are_near_to_none_that_would_be_refused() {
        let mut errors = FieldErrors::default();
        let all = FIELDS.read.iter().chain(FIELDS.ignored).copied();
        FIELDS.check(all.clone(), &mut errors);
        assert!(errors.is_empty(), "{errors:?}");
        assert_eq!(FIELDS.ignored_of(all), None);
    }

    #[test]
    fn what_is_ignored_is_named_once_and_in_letters() {
        let sent = ["foo", "court", "b\u{e4}r\r\nx: y", "foo", "status"];
        let named = FIELDS.ignored_of(sent).unwrap();
        assert_eq!(named, "b?r??x??y, foo");
        let many: Vec<String> = (0..99)
            .map(|n| format!("{n:02}{}", "x".repeat(99)))
            .collect();
        let named = FIELDS.ignored_of(many.iter().map(String::as_str)).unwrap();
        assert_eq!(named.len(), 20 * 60 + 19 * 2);
    }
}
