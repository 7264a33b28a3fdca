//! Settings of the login service.

use std::time::Duration;

use fetch_bus::{BusConfig, LoginKeyPair, LoginSharedKey, SessionSealingKey};
use fetch_runtime::{FromEnv, Settings};
use pacer_client::CourtsConfig;

use crate::{AccountLimits, PaceConfig, TotpSecrets, keeper::LIFE};

/// What the login service needs to know.
#[derive(Debug, Clone)]
pub struct Config {
    /// The message server.
    pub bus: BusConfig,
    /// PACER's sign-on.
    pub courts: CourtsConfig,
    /// What sessions are sealed with; the fetchers have the same.
    pub session_key: SessionSealingKey,
    /// Authenticates the gateway and this service to each other.
    pub login_shared_key: LoginSharedKey,
    /// What credentials are opened with. Replicas must share it; one alone can do without.
    pub login_key: Option<LoginKeyPair>,
    /// How often one account may be logged in.
    pub pace: PaceConfig,
    /// The same of single accounts.
    pub account_limits: AccountLimits,
    /// How long a session is used.
    pub session_life: Duration,
    /// What one-time codes are made of, for accounts that need them.
    pub totp_secrets: TotpSecrets,
}

impl FromEnv for Config {
    fn from_env(settings: &mut Settings) -> Config {
        let usual = CourtsConfig::default();
        Config {
            bus: BusConfig::from_env(settings),
            courts: CourtsConfig {
                cso_url: settings.url_of_secrets("CSO_URL", &usual.cso_url, "COURTS_ALLOW_PLAIN"),
                user_agent: settings.text("USER_AGENT", &usual.user_agent),
                login_timeout: settings.duration_ms("CSO_TIMEOUT_MS", usual.login_timeout),
                ..usual
            },
            session_key: settings.key(
                "SESSION_KEY",
                SessionSealingKey::from_hex,
                SessionSealingKey::generate,
            ),
            login_shared_key: settings.key(
                "LOGIN_SHARED_KEY",
                LoginSharedKey::from_hex,
                LoginSharedKey::generate,
            ),
            login_key: login_key(settings),
            pace: pace(settings),
            account_limits: settings.parsed_secret("LOGIN_LIMITS_OF", AccountLimits::parse),
            session_life: session_life(settings),
            totp_secrets: settings.parsed_secret("TOTP_SECRETS", TotpSecrets::parse),
        }
    }
}

fn session_life(settings: &mut Settings) -> Duration {
    let usual = LIFE.as_secs();
    Duration::from_secs(settings.number("SESSION_SECONDS", usual, 1..=usual))
}

fn login_key(settings: &mut Settings) -> Option<LoginKeyPair> {
    let secret = settings.optional_secret("LOGIN_KEY")?;
    let keys = LoginKeyPair::from_hex(&secret);
    keys.inspect_err(|error| settings.mistake("LOGIN_KEY", &error.to_string()))
        .ok()
}

fn pace(settings: &mut Settings) -> PaceConfig {
    let usual = PaceConfig::default();
    PaceConfig {
        min_gap: settings.duration_ms("LOGIN_MIN_GAP_MS", usual.min_gap),
        max_per_hour: settings.number("LOGIN_MAX_PER_HOUR", usual.max_per_hour, 1..=3600),
        max_refused_per_hour: settings.number(
            "LOGIN_MAX_REFUSED_PER_HOUR",
            usual.max_refused_per_hour,
            1..=3600,
        ),
    }
}

#[cfg(test)]
mod tests {
    use fetch_runtime::{Mistakes, names_of};

    use super::*;

    #[test]
    fn only_the_keys_that_others_have_too_must_be_given() {
        let keys = ["SESSION_KEY", "LOGIN_SHARED_KEY"].map(|name| (name, "ab".repeat(32)));
        let config: Config = Settings::of(keys).read().unwrap();
        assert!(config.login_key.is_none());
        assert_eq!(config.pace, PaceConfig::default());
        assert_eq!(names_of::<Config>().len(), 19);
    }

    #[test]
    fn no_password_goes_to_another_host_in_plain_text() {
        let keys = ["SESSION_KEY", "LOGIN_SHARED_KEY"].map(|name| (name, "ab".repeat(32)));
        let read = |more: &[(&str, &str)]| {
            let more = more
                .iter()
                .map(|(name, value)| (*name, (*value).to_owned()));
            Settings::of(keys.clone().into_iter().chain(more)).read::<Config>()
        };
        let plain = ("CSO_URL", "http://sign-on:8400");
        let Mistakes(mistakes) = read(&[plain]).unwrap_err();
        assert!(
            mistakes[0].starts_with("PACER_FETCH_CSO_URL"),
            "{mistakes:?}"
        );
        read(&[plain, ("COURTS_ALLOW_PLAIN", "true")]).unwrap();
        read(&[("CSO_URL", "http://127.0.0.1:8400")]).unwrap();
    }

    #[test]
    fn keys_that_are_no_keys_are_reported_and_not_repeated() {
        let mut settings = Settings::of([
            ("SESSION_KEY", "canary"),
            ("LOGIN_KEY", "canary"),
            ("LOGIN_SHARED_KEY", "canary"),
            ("TOTP_SECRETS", "jan:canary-"),
            ("LOGIN_LIMITS_OF", "canary:1"),
        ]);
        let Mistakes(mistakes) = settings.read::<Config>().unwrap_err();
        assert_eq!(mistakes.len(), 5, "{mistakes:?}");
        assert!(!mistakes.concat().contains("canary"));
    }
}
