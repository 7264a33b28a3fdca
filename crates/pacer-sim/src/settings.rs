//! What is particular about single courts, and may be changed while they serve.

use std::collections::BTreeMap;
use std::sync::Mutex;

use serde::{Deserialize, Serialize};

use crate::court::Delivery;

/// The page that a court shows without a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum LoginPage {
    /// A form of its own, as before NextGen.
    CurrentGen,
    /// A script that goes to the central sign-on.
    NextGen,
}

/// How one court is to be instead of as it is by itself.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CourtSettings {
    /// The page that it shows without a session.
    pub login_page: Option<LoginPage>,
    /// How it delivers documents.
    pub delivery: Option<Delivery>,
    /// From how many entries on a docket is a large one.
    pub large_docket: Option<usize>,
}

/// The settings of all courts; `default` is for those without their own.
#[derive(Debug, Default)]
pub struct Settings {
    inner: Mutex<BTreeMap<String, CourtSettings>>,
}

/// Name under which the settings of all other courts are found.
const DEFAULT: &str = "default";

impl Settings {
    /// These settings to begin with.
    pub fn new(courts: BTreeMap<String, CourtSettings>) -> Settings {
        Settings {
            inner: Mutex::new(courts),
        }
    }

    /// How a court is to be.
    pub fn of(&self, court: &str) -> CourtSettings {
        let courts = self.lock();
        let get = |name| courts.get(name).copied().unwrap_or_default();
        let (own, usual) = (get(court), get(DEFAULT));
        CourtSettings {
            login_page: own.login_page.or(usual.login_page),
            delivery: own.delivery.or(usual.delivery),
            large_docket: own.large_docket.or(usual.large_docket),
        }
    }

    /// Changes how a court is.
    pub fn set(&self, court: &str, settings: CourtSettings) {
        self.lock().insert(court.to_owned(), settings);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, CourtSettings>> {
        self.inner
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_court_without_settings_of_its_own_is_as_all() {
        let all = r#"{"default": {"login_page": "next-gen"}, "okwd": {"delivery": "iframe"}}"#;
        let settings = Settings::new(serde_json::from_str(all).unwrap());
        assert_eq!(settings.of("okwd").login_page, Some(LoginPage::NextGen));
        assert_eq!(settings.of("okwd").delivery, Some(Delivery::Iframe));
        assert_eq!(settings.of("canb").delivery, None);
    }
}
