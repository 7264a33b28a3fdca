//! Things that go wrong on purpose: where, when and how often.

mod kind;

use std::sync::Mutex;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::dice::{Dice, word};
pub use kind::FaultKind;

/// A fault that is waiting for its request.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
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
    /// Only for requests of this account.
    #[serde(default)]
    pub account: Option<String>,
    /// Not before the nth request that fits, counted from 1.
    #[serde(default)]
    pub nth: Option<u32>,
    /// By chance: 0.1 is once in ten times.
    #[serde(default)]
    pub probability: Option<f64>,
    /// How often it happens; without end if absent. When it is read, a fault without
    /// probability happens once unless it says otherwise.
    #[serde(default)]
    pub times: Option<u32>,
    /// What happens.
    #[serde(flatten)]
    pub kind: FaultKind,
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
    /// Something impossible.
    #[error("{0}")]
    Impossible(String),
}

/// What an order may say about where and when.
const WHERE: [&str; 7] = [
    "court",
    "path",
    "method",
    "account",
    "nth",
    "probability",
    "times",
];

/// What an order and a step may say about what happens.
const WHAT: [&str; 11] = [
    "kind",
    "status",
    "retry_after",
    "ms",
    "notice",
    "body",
    "as_pdf",
    "billed",
    "location",
    "pacer_case_id",
    "steps",
];

impl Fault {
    /// Reads an order, and refuses what could not be carried out.
    pub fn read(json: &str) -> Result<Fault, BadFault> {
        Fault::from_value(serde_json::from_str(json)?)
    }

    /// The same from JSON that was read already.
    pub fn from_value(value: Value) -> Result<Fault, BadFault> {
        check_keys(&value, true)?;
        for step in value["steps"].as_array().into_iter().flatten() {
            check_keys(step, false)?;
        }
        let endless = value.get("times").is_some_and(Value::is_null);
        let mut fault: Fault = serde_json::from_value(value)?;
        if fault.times.is_none() && fault.probability.is_none() && !endless {
            fault.times = Some(1);
        }
        match fault.objection() {
            Some(objection) => Err(BadFault::Impossible(objection)),
            None => Ok(fault),
        }
    }

    fn objection(&self) -> Option<String> {
        let chance = self.probability.unwrap_or(1.0);
        if !(0.0..=1.0).contains(&chance) {
            return Some(format!("{chance} is no probability"));
        }
        if self.nth == Some(0) {
            return Some("the first request is number 1".to_owned());
        }
        self.kind.objection()
    }

    fn fits(&self, asked: &FaultTarget<'_>) -> bool {
        let is = |wanted: &Option<String>, what: &str| {
            wanted
                .as_ref()
                .is_none_or(|wanted| wanted.eq_ignore_ascii_case(what))
        };
        let part = |part: &String| asked.path.contains(part.as_str());
        is(&self.court, asked.court)
            && is(&self.method, asked.method)
            && self.path.as_ref().is_none_or(part)
            && self
                .account
                .as_ref()
                .is_none_or(|wanted| asked.account == Some(wanted))
    }
}

fn check_keys(value: &Value, whole: bool) -> Result<(), BadFault> {
    let keys = value
        .as_object()
        .into_iter()
        .flat_map(|object| object.keys());
    let known = |key: &str| WHAT.contains(&key) || (whole && WHERE.contains(&key));
    match keys.into_iter().find(|key| !known(key)) {
        Some(key) => Err(BadFault::Key(key.clone())),
        None => Ok(()),
    }
}

/// A request, as far as faults look at it.
#[derive(Debug, Clone, Copy)]
pub struct FaultTarget<'a> {
    /// The court, or `cso`.
    pub court: &'a str,
    /// HTTP method.
    pub method: &'a str,
    /// Path and query, without the court's prefix.
    pub path: &'a str,
    /// Who asks, if known.
    pub account: Option<&'a str>,
}

/// The faults that are waiting, in the order they were ordered.
#[derive(Debug, Default)]
pub struct Faults {
    seed: u64,
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    ordered: u64,
    waiting: Vec<Waiting>,
}

#[derive(Debug)]
struct Waiting {
    fault: Fault,
    number: u64,
    seen: u32,
    step: usize,
}

impl Faults {
    /// No faults yet. The seed decides about probabilities.
    pub fn new(seed: u64) -> Faults {
        Faults {
            seed,
            inner: Mutex::default(),
        }
    }

    /// Orders a fault.
    pub fn order(&self, fault: Fault) {
        let mut inner = self.lock();
        let number = inner.ordered;
        inner.ordered += 1;
        inner.waiting.push(Waiting {
            fault,
            number,
            seen: 0,
            step: 0,
        });
    }

    /// What is still to happen.
    pub fn waiting(&self) -> Vec<Fault> {
        let inner = self.lock();
        let waiting = inner.waiting.iter().map(|waiting| waiting.fault.clone());
        waiting.collect()
    }

    /// Cancels all.
    pub fn clear(&self) {
        self.lock().waiting.clear();
    }

    /// The fault for this request, if there is one; that may use it up.
    pub fn take(&self, asked: &FaultTarget<'_>) -> Option<FaultKind> {
        let mut inner = self.lock();
        let mut taken = None;
        for waiting in &mut inner.waiting {
            if !waiting.fault.fits(asked) {
                continue;
            }
            waiting.seen += 1;
            if taken.is_none() {
                taken = waiting.happen(self.seed);
            }
        }
        let is_over = |waiting: &Waiting| waiting.fault.times == Some(0);
        inner.waiting.retain(|waiting| !is_over(waiting));
        taken
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Inner> {
        self.inner
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl Waiting {
    fn happen(&mut self, seed: u64) -> Option<FaultKind> {
        let early = self.fault.nth.is_some_and(|nth| self.seen < nth);
        if early || !self.by_chance(seed) {
            return None;
        }
        let FaultKind::Script { steps } = &self.fault.kind else {
            self.count();
            return Some(self.fault.kind.clone());
        };
        let step = steps.get(self.step).cloned();
        self.step += 1;
        if self.step >= steps.len() {
            self.step = 0;
            self.count();
        }
        step.filter(|step| *step != FaultKind::Pass)
    }

    /// The same for the same seed, fault and request, however often it is asked.
    fn by_chance(&self, seed: u64) -> bool {
        let Some(probability) = self.fault.probability else {
            return true;
        };
        let parts = [word("fault"), self.number, u64::from(self.seen)];
        let rolled = Dice::new(seed, &parts).below(1_000_000);
        (rolled as f64) < probability * 1_000_000.0
    }

    fn count(&mut self) {
        self.fault.times = self.fault.times.map(|times| times.saturating_sub(1));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn docket<'a>(court: &'a str, account: Option<&'a str>) -> FaultTarget<'a> {
        FaultTarget {
            court,
            method: "POST",
            path: "/cgi-bin/DktRpt.pl?1-L_1_0-1",
            account,
        }
    }

    /// How each of so many requests fares: `+` well, `x` badly.
    fn fates(fault: &str, asked: &FaultTarget<'_>, requests: usize) -> String {
        let faults = Faults::new(1);
        faults.order(Fault::read(fault).unwrap());
        let fate = |_| faults.take(asked).map_or('+', |_| 'x');
        (0..requests).map(fate).collect()
    }

    #[test]
    fn a_fault_happens_as_often_as_ordered_and_only_where_it_fits() {
        let okwd = docket("okwd", Some("demo"));
        let here = r#"{"court": "okwd", "path": "DktRpt", "times": 2, "kind": "reset"}"#;
        assert_eq!(fates(here, &okwd, 4), "xx++");
        assert_eq!(fates(here, &docket("canb", None), 2), "++");
        assert_eq!(
            fates(r#"{"method": "GET", "kind": "reset"}"#, &okwd, 2),
            "++"
        );
        let other = r#"{"account": "other", "kind": "reset"}"#;
        assert_eq!(fates(other, &okwd, 2), "++");
        assert_eq!(
            fates(r#"{"account": "demo", "kind": "reset"}"#, &okwd, 2),
            "x+"
        );
        assert_eq!(
            fates(r#"{"times": null, "kind": "reset"}"#, &okwd, 3),
            "xxx"
        );
    }

    #[test]
    fn a_fault_waits_for_its_request() {
        let okwd = docket("okwd", None);
        assert_eq!(fates(r#"{"nth": 3, "kind": "reset"}"#, &okwd, 5), "++x++");
    }

    #[test]
    fn a_script_plays_its_steps_as_often_as_ordered() {
        let script = r#"{"kind": "script", "times": 2,
            "steps": [{"kind": "pass"}, {"kind": "status", "status": 503}, {"kind": "reset"}]}"#;
        assert_eq!(fates(script, &docket("okwd", None), 8), "+xx+xx++");
    }

    #[test]
    fn chance_follows_from_the_seed() {
        let fault = r#"{"probability": 0.1, "kind": "reset"}"#;
        let okwd = docket("okwd", None);
        let first = fates(fault, &okwd, 1000);
        assert_eq!(first, fates(fault, &okwd, 1000));
        let happened = first.matches('x').count();
        assert!((60..140).contains(&happened), "{happened}");
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        for order in [
            r#"{"kind": "earthquake"}"#,
            r#"{"kind": "reset", "cort": "okwd"}"#,
            r#"{"kind": "status", "status": 42}"#,
            r#"{"kind": "reset", "probability": 1.5}"#,
            r#"{"kind": "reset", "nth": 0}"#,
            r#"{"kind": "script", "steps": []}"#,
            r#"{"kind": "script", "steps": [{"kind": "reset", "court": "okwd"}]}"#,
            r#"{"kind": "script", "steps": [{"kind": "script", "steps": [{"kind": "pass"}]}]}"#,
            r#"{"kind": "notice", "notice": "no_such_notice"}"#,
        ] {
            assert!(Fault::read(order).is_err(), "{order}");
        }
    }
}
