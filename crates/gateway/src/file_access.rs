//! Who may open a stored file: an account, whoever holds a link that we signed, or everybody.
//!
//! A link names one file and the moment at which it ends, and carries a tag over both. Any gateway
//! checks what any other has signed, by a key that they derive from the one that they share. Whoever
//! steals a link has that file until then, and nothing else.

use std::{fmt, time::Duration};

use axum::http::StatusCode;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use fetch_bus::LoginSharedKey;
use fetch_runtime::{FromEnv, Settings};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use url::form_urlencoded;
use zeroize::Zeroizing;

use crate::dialect::{ApiError, RequestUrl, auth, percent};

/// What the key of links is derived for.
const PURPOSE: &[u8] = b"links to files";

/// The parameters of a link.
const EXPIRES: &str = "expires";
const SIGNATURE: &str = "signature";

/// A week. Whoever needs a file for longer has an account, or keeps the file.
const LONGEST_SECONDS: u64 = 7 * 24 * 60 * 60;

/// What the operator says about files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileRules {
    /// Whether everybody may open them, as in the reference.
    pub open: bool,
    /// How long a link opens its file.
    pub link_life: Duration,
}

impl Default for FileRules {
    fn default() -> FileRules {
        FileRules {
            open: false,
            link_life: Duration::from_secs(60 * 60),
        }
    }
}

impl FromEnv for FileRules {
    fn from_env(settings: &mut Settings) -> FileRules {
        let default = FileRules::default();
        let seconds = default.link_life.as_secs();
        let seconds = settings.number("FILE_LINK_SECONDS", seconds, 1..=LONGEST_SECONDS);
        FileRules {
            open: settings.flag("FILES_OPEN", default.open),
            link_life: Duration::from_secs(seconds),
        }
    }
}

/// Makes links to files, and says who may open one.
pub struct FileAccess {
    rules: FileRules,
    key: Zeroizing<[u8; 32]>,
}

impl fmt::Debug for FileAccess {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = formatter.debug_struct("FileAccess");
        shown.field("rules", &self.rules).finish_non_exhaustive()
    }
}

impl FileAccess {
    /// The same for all gateways that share this key.
    #[must_use]
    pub fn new(rules: FileRules, shared: &LoginSharedKey) -> FileAccess {
        FileAccess {
            rules,
            key: shared.derive(PURPOSE),
        }
    }

    /// Whether everybody may open files.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.rules.open
    }

    /// Where the file at a path (`recap/…`) can be opened without an account: for some time from
    /// `now`, or at any time where files are open.
    #[must_use]
    pub fn link(&self, here: &RequestUrl, path: &str, now: DateTime<Utc>) -> String {
        let url = format!("{}/{}", here.base, percent::path(path));
        if self.rules.open {
            return url;
        }
        let life = i64::try_from(self.rules.link_life.as_secs()).unwrap_or(i64::MAX);
        let expires = now.timestamp().saturating_add(life);
        let tag = self.mac(path, expires).finalize().into_bytes();
        let query = form_urlencoded::Serializer::new(String::new())
            .append_pair(EXPIRES, &expires.to_string())
            .append_pair(SIGNATURE, &URL_SAFE_NO_PAD.encode(tag))
            .finish();
        format!("{url}?{query}")
    }

    /// Lets a caller without an account open the file at a path, if anybody may or if the link says so.
    ///
    /// # Errors
    /// 401 when the call has no link, 403 when that has ended or is none of ours. Nothing was looked
    /// up by then, so it tells nobody which files there are.
    pub fn admit(&self, here: &RequestUrl, path: &str, now: DateTime<Utc>) -> Result<(), ApiError> {
        if self.rules.open {
            return Ok(());
        }
        let (expires, signature) = (here.parameter(EXPIRES), here.parameter(SIGNATURE));
        if expires.is_none() && signature.is_none() {
            return Err(auth::nothing_sent());
        }
        let forged = || refuse("This link is not valid.");
        let expires: i64 = expires
            .and_then(|text| text.parse().ok())
            .ok_or_else(forged)?;
        let tag = signature
            .and_then(|text| URL_SAFE_NO_PAD.decode(text).ok())
            .ok_or_else(forged)?;
        // In a time that does not tell where it differs.
        self.mac(path, expires)
            .verify_slice(&tag)
            .map_err(|_| forged())?;
        match now.timestamp() < expires {
            true => Ok(()),
            false => Err(refuse("This link has expired.")),
        }
    }

    /// The moment has always eight bytes, so that no two pairs look alike.
    fn mac(&self, path: &str, expires: i64) -> Hmac<Sha256> {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.key.as_slice())
            .expect("a key of any length will do");
        mac.update(&expires.to_be_bytes());
        mac.update(path.as_bytes());
        mac
    }
}

fn refuse(why: &str) -> ApiError {
    let text = format!("{why} Ask for the document again, which has a new link, or send a token.");
    ApiError::detail(StatusCode::FORBIDDEN, text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialect::Version;

    const PATH: &str = "recap/gov.uscourts.cand.1/gov.uscourts.cand.1.7.0.pdf";

    fn access(shared: &LoginSharedKey) -> FileAccess {
        let rules = FileRules {
            open: false,
            link_life: Duration::from_secs(60),
        };
        FileAccess::new(rules, shared)
    }

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(seconds, 0).unwrap()
    }

    /// The call that opens a link.
    fn call(link: &str) -> RequestUrl {
        let (path, query) = link.split_once('?').unwrap_or((link, ""));
        RequestUrl {
            base: "https://host".into(),
            path: path.to_owned(),
            version: Version::V4,
            parameters: form_urlencoded::parse(query.as_bytes())
                .into_owned()
                .collect(),
        }
    }

    fn sentence(answer: Result<(), ApiError>) -> String {
        match answer.unwrap_err() {
            ApiError::Detail(StatusCode::FORBIDDEN, text) => text,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_link_opens_its_file_until_it_ends_at_any_gateway() {
        let shared = LoginSharedKey::generate();
        let link = access(&shared).link(&call(""), PATH, at(1000));
        assert!(link.starts_with(&format!("https://host/{PATH}?expires=1060&signature=")));
        let another = access(&shared);
        for now in [1000, 1059] {
            assert_eq!(another.admit(&call(&link), PATH, at(now)), Ok(()));
        }
        for now in [1060, 1061, 9_999_999_999] {
            let refused = sentence(another.admit(&call(&link), PATH, at(now)));
            assert!(refused.starts_with("This link has expired."), "{refused}");
        }
        let bare = another.admit(&call(""), PATH, at(1000));
        assert!(
            matches!(bare, Err(ApiError::Unauthenticated(_))),
            "{bare:?}"
        );
    }

    #[test]
    fn nothing_but_the_very_link_opens_anything() {
        let shared = LoginSharedKey::generate();
        let ours = access(&shared);
        let link = ours.link(&call(""), PATH, at(1000));
        let (start, signature) = link.split_once("&signature=").unwrap();
        let another = "recap/gov.uscourts.cand.1/gov.uscourts.cand.1.7.1.pdf";
        let others = ours.link(&call(""), another, at(1000));
        let (_, others) = others.split_once("&signature=").unwrap();
        let later = ours.link(&call(""), PATH, at(1001));
        let (_, later) = later.split_once("&signature=").unwrap();
        let flipped = if signature.starts_with('A') { "B" } else { "A" };
        let forged = [
            // A later end, an end that is no moment, and none.
            format!("https://host/{PATH}?expires=2000&signature={signature}"),
            format!("https://host/{PATH}?expires=soon&signature={signature}"),
            format!("https://host/{PATH}?expires=99999999999999999999&signature={signature}"),
            format!("https://host/{PATH}?expires=-1&signature={signature}"),
            format!("https://host/{PATH}?signature={signature}"),
            // The signature of another file, of another end, a wrong one, a short one and none.
            format!("{start}&signature={others}"),
            format!("{start}&signature={later}"),
            format!("{start}&signature={flipped}{}", &signature[1..]),
            format!("{start}&signature={}", &signature[..40]),
            format!("{start}&signature="),
            start.to_owned(),
            format!("{start}&signature={signature}&signature={others}"),
        ];
        for link in forged {
            let refused = sentence(ours.admit(&call(&link), PATH, at(1000)));
            assert!(refused.starts_with("This link is not valid."), "{link}");
        }
        // The link to one file, at another.
        for path in [another, "recap/", "", &PATH[1..], &format!("{PATH}x")] {
            let refused = sentence(ours.admit(&call(&link), path, at(1000)));
            assert!(refused.starts_with("This link is not valid."), "{path}");
        }
        // Other keys: another deployment's, and one that was derived for something else.
        let strangers = [
            access(&LoginSharedKey::generate()),
            FileAccess {
                key: shared.derive(b"something else"),
                ..access(&shared)
            },
        ];
        for stranger in strangers {
            let theirs = stranger.link(&call(""), PATH, at(1000));
            let refused = sentence(ours.admit(&call(&theirs), PATH, at(1000)));
            assert!(refused.starts_with("This link is not valid."), "{theirs}");
        }
    }

    #[test]
    fn the_names_of_files_are_spelled_for_a_url() {
        let access = access(&LoginSharedKey::generate());
        let link = access.link(&call(""), "recap/a b?c=1#d%/é.pdf", at(0));
        let url = url::Url::parse(&link).unwrap();
        assert_eq!(url.path(), "/recap/a%20b%3Fc%3D1%23d%25/%C3%A9.pdf");
        assert_eq!(url.fragment(), None);
    }

    #[test]
    fn where_files_are_open_everybody_is_let_in_and_links_do_not_end() {
        let open = FileAccess {
            rules: FileRules {
                open: true,
                ..FileRules::default()
            },
            ..access(&LoginSharedKey::generate())
        };
        let link = open.link(&call(""), PATH, at(0));
        assert_eq!(link, format!("https://host/{PATH}"));
        assert_eq!(open.admit(&call("?signature=x"), PATH, at(0)), Ok(()));
    }

    #[test]
    fn the_key_is_not_shown() {
        let shown = format!("{:?}", access(&LoginSharedKey::generate()));
        assert!(shown.ends_with(" .. }") && !shown.contains('['), "{shown}");
    }
}
