//! Things that go wrong on purpose.

use std::sync::Mutex;

use serde::{Deserialize, Serialize};

/// A fault that is waiting for its request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// Only at this court (`cso` for the sign-on); anywhere if absent.
    #[serde(default)]
    pub court: Option<String>,
    /// Only if path and query contain this.
    #[serde(default)]
    pub path: Option<String>,
    /// Only with this HTTP method.
    #[serde(default)]
    pub method: Option<String>,
    /// How often it happens.
    #[serde(default = "once")]
    pub times: u32,
    /// What happens.
    #[serde(flatten)]
    pub kind: FaultKind,
}

fn once() -> u32 {
    1
}

/// What goes wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum FaultKind {
    /// Answers with this HTTP status; the request is not looked at.
    Status {
        /// The status code.
        status: u16,
        /// Value of a `Retry-After` header.
        #[serde(default)]
        retry_after: Option<String>,
    },
    /// Answers as usual, later.
    Delay {
        /// How much later.
        ms: u64,
    },
    /// Does what was asked, then resets the connection instead of answering.
    Reset,
    /// Resets the connection before doing anything.
    ResetBefore,
    /// Does what was asked, and breaks off in the middle of the answer.
    Truncate,
    /// Shows the login page although the session is good.
    LoginPage,
    /// Does what was asked, and never answers.
    Hang,
    /// Answers with XML where HTML belongs.
    Xml,
    /// Answers with a page without any evidence of a session.
    Maintenance,
}

/// Why a fault is refused.
#[derive(Debug, thiserror::Error)]
pub enum BadFault {
    /// No such fault.
    #[error("not a fault: {0}")]
    Form(#[from] serde_json::Error),
    /// A key that means nothing, so that a misspelt condition does not hit everything.
    #[error("a fault has no `{0}`")]
    Key(String),
    /// An impossible status.
    #[error("{0} is no HTTP status to answer with")]
    Status(u16),
}

/// What an order may say.
const KEYS: [&str; 8] = [
    "court",
    "path",
    "method",
    "times",
    "kind",
    "status",
    "retry_after",
    "ms",
];

impl Fault {
    /// Reads an order, and refuses what could not be carried out.
    pub fn read(json: &str) -> Result<Fault, BadFault> {
        let value: serde_json::Value = serde_json::from_str(json)?;
        let keys = value
            .as_object()
            .into_iter()
            .flat_map(|object| object.keys());
        if let Some(key) = keys.into_iter().find(|key| !KEYS.contains(&key.as_str())) {
            return Err(BadFault::Key(key.clone()));
        }
        let fault: Fault = serde_json::from_value(value)?;
        match fault.kind {
            FaultKind::Status { status, .. } if !(200..=599).contains(&status) => {
                Err(BadFault::Status(status))
            }
            _ => Ok(fault),
        }
    }

    fn fits(&self, court: &str, method: &str, path: &str) -> bool {
        self.court.as_ref().is_none_or(|wanted| wanted == court)
            && self
                .method
                .as_ref()
                .is_none_or(|wanted| wanted.eq_ignore_ascii_case(method))
            && self
                .path
                .as_ref()
                .is_none_or(|part| path.contains(part.as_str()))
    }
}

/// The faults that are waiting, in the order they were ordered.
#[derive(Debug, Default)]
pub struct Faults {
    waiting: Mutex<Vec<Fault>>,
}

impl Faults {
    /// Orders a fault.
    pub fn order(&self, fault: Fault) {
        self.lock().push(fault);
    }

    /// What is still to happen.
    pub fn waiting(&self) -> Vec<Fault> {
        self.lock().clone()
    }

    /// Cancels all.
    pub fn clear(&self) {
        self.lock().clear();
    }

    /// The fault for this request, if there is one; it is used up by that.
    pub fn take(&self, court: &str, method: &str, path: &str) -> Option<FaultKind> {
        let mut waiting = self.lock();
        let at = waiting
            .iter()
            .position(|fault| fault.fits(court, method, path))?;
        let kind = waiting[at].kind.clone();
        waiting[at].times = waiting[at].times.saturating_sub(1);
        waiting.retain(|fault| fault.times > 0);
        Some(kind)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Fault>> {
        self.waiting
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_happens_as_often_as_ordered_and_only_where_it_fits() {
        let faults = Faults::default();
        let json =
            r#"{"court": "okwd", "path": "DktRpt", "times": 2, "kind": "status", "status": 503}"#;
        faults.order(Fault::read(json).unwrap());
        assert_eq!(faults.take("canb", "GET", "/cgi-bin/DktRpt.pl"), None);
        let status = FaultKind::Status {
            status: 503,
            retry_after: None,
        };
        assert_eq!(
            faults.take("okwd", "GET", "/cgi-bin/DktRpt.pl"),
            Some(status.clone())
        );
        assert_eq!(
            faults.take("okwd", "POST", "/cgi-bin/DktRpt.pl"),
            Some(status)
        );
        assert_eq!(faults.take("okwd", "GET", "/cgi-bin/DktRpt.pl"), None);
    }
}
