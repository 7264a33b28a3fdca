//! When a delivery is tried again, and when its endpoint is given up: CourtListener's schedule, without a clock.

use std::time::Duration;

/// Retries after the first try. When the last one fails, the endpoint is switched off.
pub const MOST_RETRIES: i16 = 7;

/// What was parked for so long is not sent any more when its endpoint is switched on again. It is a little longer
/// than all tries take.
pub const PARKED_FOR: Duration = Duration::from_secs(60 * 60 * 60);

/// Where a delivery stands, by CourtListener's numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(i16)]
pub enum EventStatus {
    /// To be tried for the first time, or being tried.
    InProgress = 0,
    /// The last try has failed; there will be another one.
    WaitingForRetry = 1,
    /// An answer with a status of 2xx came.
    Delivered = 2,
    /// It is not tried any more.
    Failed = 3,
    /// Its endpoint is switched off.
    EndpointDisabled = 4,
}

impl EventStatus {
    /// All of them, and what they are called.
    pub const ALL: [(EventStatus, &'static str); 5] = [
        (EventStatus::InProgress, "Delivery in progress"),
        (EventStatus::WaitingForRetry, "Enqueued for retry"),
        (EventStatus::Delivered, "Delivered successfully"),
        (EventStatus::Failed, "Failed"),
        (EventStatus::EndpointDisabled, "Endpoint disabled"),
    ];

    /// The status of this number.
    #[must_use]
    pub fn from_number(number: i16) -> Option<EventStatus> {
        let mut all = EventStatus::ALL.into_iter();
        all.find_map(|(status, _)| (status as i16 == number).then_some(status))
    }

    /// What it is called.
    #[must_use]
    pub fn label(self) -> &'static str {
        let mut all = EventStatus::ALL.into_iter();
        all.find_map(|(status, label)| (status == self).then_some(label))
            .unwrap_or_default()
    }
}

/// What comes after a try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// Nothing: it has arrived.
    Delivered,
    /// Nothing: a test is tried once.
    Failed,
    /// The retry of this number, after so long.
    Retry(i16, Duration),
    /// Nothing, and the endpoint is switched off.
    GiveUp,
}

/// What comes after the try that followed so many retries. A test counts for nothing.
#[must_use]
pub fn after_try(succeeded: bool, retries: i16, is_test: bool) -> Next {
    match (succeeded, is_test) {
        (true, _) => Next::Delivered,
        (false, true) => Next::Failed,
        (false, false) if retries >= MOST_RETRIES => Next::GiveUp,
        (false, false) => Next::Retry(retries + 1, wait_before(retries + 1)),
    }
}

/// How long the retry of this number waits: 3ⁿ minutes.
#[must_use]
pub fn wait_before(retry: i16) -> Duration {
    let exponent = u32::from(retry.clamp(0, MOST_RETRIES).unsigned_abs());
    Duration::from_secs(60 * 3_u64.pow(exponent))
}

/// Whether an answer of this status means that it has arrived: any 2xx, and no redirect.
#[must_use]
pub fn is_success(status_code: u16) -> bool {
    (200..300).contains(&status_code)
}

/// What the owner of an endpoint is to know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Warning {
    /// The first retry has failed.
    First,
    /// Several have failed for hours.
    Second,
    /// The last one has failed, and the endpoint is switched off.
    Disabled,
}

/// What the owner is to know when the try fails that followed so many retries, if it is of the oldest delivery that
/// waits for the endpoint.
#[must_use]
pub fn warning(retries: i16) -> Option<Warning> {
    match retries {
        1 => Some(Warning::First),
        5 => Some(Warning::Second),
        MOST_RETRIES.. => Some(Warning::Disabled),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: u64 = 60;

    /// The table of the contract: the retry, its wait, and when that is since the first try; in minutes.
    const RETRIES: [(i16, u64, u64, Option<Warning>); 8] = [
        (0, 0, 0, None),
        (1, 3, 3, Some(Warning::First)),
        (2, 9, 12, None),
        (3, 27, 39, None),
        (4, 81, 2 * 60, None),
        (5, 4 * 60 + 3, 6 * 60 + 3, Some(Warning::Second)),
        (6, 12 * 60 + 9, 18 * 60 + 12, None),
        (7, 36 * 60 + 27, 54 * 60 + 39, Some(Warning::Disabled)),
    ];

    #[test]
    fn a_delivery_is_tried_again_when_the_contract_says() {
        let (mut retries, mut since) = (0, Duration::ZERO);
        for (retry, wait, at, told) in RETRIES {
            assert_eq!(retries, retry);
            assert_eq!(since, Duration::from_secs(at * MINUTE), "retry {retry}");
            assert_eq!(warning(retry), told, "retry {retry}");
            if retry > 0 {
                assert_eq!(wait_before(retry), Duration::from_secs(wait * MINUTE));
            }
            match after_try(false, retries, false) {
                Next::Retry(next, wait) => (retries, since) = (next, since + wait),
                next => assert_eq!((next, retries), (Next::GiveUp, 7)),
            }
        }
        assert!(since < PARKED_FOR);
    }

    #[test]
    fn whatever_try_arrives_is_the_last() {
        for retries in 0..=MOST_RETRIES {
            for is_test in [false, true] {
                assert_eq!(after_try(true, retries, is_test), Next::Delivered);
            }
        }
    }

    #[test]
    fn a_test_is_tried_once_and_switches_nothing_off() {
        for retries in 0..=MOST_RETRIES {
            assert_eq!(after_try(false, retries, true), Next::Failed);
        }
    }

    #[test]
    fn only_an_answer_of_2xx_means_that_it_has_arrived() {
        for (status, arrived) in [
            (100, false),
            (199, false),
            (200, true),
            (204, true),
            (299, true),
            (301, false),
            (302, false),
            (304, false),
            (400, false),
            (410, false),
            (500, false),
        ] {
            assert_eq!(is_success(status), arrived, "{status}");
        }
    }

    #[test]
    fn numbers_are_those_of_the_contract() {
        for (number, (status, label)) in (0..).zip(EventStatus::ALL) {
            assert_eq!(EventStatus::from_number(number), Some(status));
            assert_eq!(status.label(), label);
        }
        assert_eq!(EventStatus::from_number(5), None);
    }
}
