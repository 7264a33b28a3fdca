//! Second factors of accounts: codes of an authenticator and backup codes, each good once.

use std::collections::{HashMap, HashSet};

use secrecy::ExposeSecret;
use serde::Serialize;
use subtle::ConstantTimeEq;

use crate::account::Account;
use crate::totp::{STEP_SECONDS, Secret};

/// Codes of so many steps before and after the current one are accepted as well. The
/// tolerance of the real sign-on is not known.
const TOLERANCE: u64 = 1;

/// The code of an account, for tests without an authenticator.
#[derive(Debug, Clone, Serialize)]
pub struct CurrentCode {
    /// The six digits.
    pub code: String,
    /// Seconds until an authenticator shows another one.
    pub seconds_left: u64,
    /// A login used it up.
    pub used: bool,
}

/// Which codes were used up.
#[derive(Debug, Default)]
pub struct UsedCodes {
    steps: HashMap<String, HashSet<u64>>,
    backup: HashSet<(String, usize)>,
}

impl UsedCodes {
    /// True if the code opens the account, which uses it up. An account without a secret
    /// takes no notice of codes.
    pub fn accept(&mut self, account: &Account, code: &str, now: u64) -> bool {
        let Some(secret) = &account.totp_secret else {
            return true;
        };
        self.accept_step(account, secret, code, now / STEP_SECONDS)
            || self.accept_backup(account, code)
    }

    fn accept_step(&mut self, account: &Account, secret: &Secret, code: &str, step: u64) -> bool {
        let used = self.steps.entry(account.login.clone()).or_default();
        let steps = step.saturating_sub(TOLERANCE)..=step + TOLERANCE;
        used.retain(|old| steps.contains(old));
        let fits = |step: &u64| same(&secret.code(*step), code) && !used.contains(step);
        let Some(step) = steps.clone().find(fits) else {
            return false;
        };
        used.insert(step)
    }

    fn accept_backup(&mut self, account: &Account, code: &str) -> bool {
        let codes = account.backup_codes.iter().enumerate();
        let found = codes
            .into_iter()
            .find(|(_, backup)| same(backup.expose_secret(), code));
        found.is_some_and(|(at, _)| self.backup.insert((account.login.clone(), at)))
    }

    /// The code of the step that is `ahead` of the current one; none without a secret.
    pub fn current(&self, account: &Account, now: u64, ahead: u64) -> Option<CurrentCode> {
        let secret = account.totp_secret.as_ref()?;
        let step = (now / STEP_SECONDS).saturating_add(ahead);
        let used = self.steps.get(&account.login);
        Some(CurrentCode {
            code: secret.code(step),
            seconds_left: STEP_SECONDS - now % STEP_SECONDS + ahead.saturating_mul(STEP_SECONDS),
            used: used.is_some_and(|used| used.contains(&step)),
        })
    }
}

fn same(expected: &str, given: &str) -> bool {
    expected.as_bytes().ct_eq(given.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account() -> Account {
        Account {
            totp_secret: Secret::read("JBSWY3DPEHPK3PXP").ok(),
            backup_codes: vec!["spare".to_owned().into()],
            ..Account::new("me", "sesame")
        }
    }

    #[test]
    fn a_code_is_good_once_and_within_a_step_of_its_time() {
        let (mut used, account) = (UsedCodes::default(), account());
        let code = used.current(&account, 3_000, 0).unwrap();
        assert!((code.seconds_left, code.used) == (30, false));
        assert!(used.accept(&account, &code.code, 3_029));
        assert!(!used.accept(&account, &code.code, 3_029));
        assert!(used.current(&account, 3_000, 0).unwrap().used);
        let next = used.current(&account, 3_000, 1).unwrap().code;
        assert!(used.accept(&account, &next, 3_000));
        assert!(!used.accept(&account, &code.code, 9_000));
        assert!(!used.accept(&account, "", 9_000));
    }

    #[test]
    fn a_backup_code_is_good_once() {
        let (mut used, account) = (UsedCodes::default(), account());
        assert!(used.accept(&account, "spare", 0));
        assert!(!used.accept(&account, "spare", 0));
    }
}
