//! The same thing is being bought for another request, or has just been.

use std::time::Duration;

use fetch_model::AttemptError;

use super::Item;
use crate::Conversation;

/// The least and the longest time between two looks at somebody else's purchase.
const LOOK_AGAIN: (Duration, Duration) = (Duration::from_secs(2), Duration::from_secs(30));

impl Conversation<'_> {
    /// What is being bought for another request is waited for, without taking a turn at the court.
    pub(crate) async fn wait_for_other_buyer(&self, item: &Item) -> Result<(), AttemptError> {
        let stores = &self.purchases.stores;
        let request = self.attempt.request.id;
        match stores.ledger.under_way_for(request, &item.key).await? {
            Some(for_so_long) => Err(bought_by_another(for_so_long)),
            None => Ok(()),
        }
    }
}

/// Somebody else has bought it since it was last looked for.
pub(crate) fn bought_meanwhile() -> AttemptError {
    AttemptError::PutOff {
        wait: Duration::from_secs(1),
        reason: "The same item has just been bought for another request. This one uses that \
                 purchase."
            .to_owned(),
    }
}

/// It is being bought for another request, and has been for so long. It is looked for again when that
/// time has doubled.
pub(crate) fn bought_by_another(for_so_long: Duration) -> AttemptError {
    AttemptError::PutOff {
        wait: for_so_long.clamp(LOOK_AGAIN.0, LOOK_AGAIN.1),
        reason: "The same item is being bought for another request. This one waits for that \
                 purchase."
            .to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn somebody_elses_purchase_is_looked_for_when_its_age_has_doubled() {
        let waits = [0, 2, 9, 300].map(|age| match bought_by_another(Duration::from_secs(age)) {
            AttemptError::PutOff { wait, .. } => wait.as_secs(),
            other => panic!("{other:?}"),
        });
        assert_eq!(waits, [2, 2, 9, 30]);
    }
}
