//! Items that were charged more than once: what a careful client never causes.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Item, Sale};

/// An item that was charged more than once.
#[derive(Debug, Clone, Serialize)]
pub struct Duplicate {
    /// Who paid; several if accounts were not told apart.
    pub accounts: Vec<String>,
    /// Court.
    pub court: String,
    /// What was sold.
    pub item: Item,
    /// The charges.
    pub sales: Vec<u64>,
    /// What the charges after the first came to.
    pub wasted_cents: u64,
}

pub(super) fn find(sales: &[Sale], across_accounts: bool) -> Vec<Duplicate> {
    let mut by_item: BTreeMap<(&str, &str, String), Vec<&Sale>> = BTreeMap::new();
    for sale in sales {
        let account = if across_accounts { "" } else { &sale.account };
        let item = serde_json::to_string(&sale.item).expect("items can be written as JSON");
        let key = (account, sale.court.as_str(), item);
        by_item.entry(key).or_default().push(sale);
    }
    let repeated = by_item.into_values().filter(|sales| sales.len() > 1);
    repeated.filter_map(|sales| duplicate(&sales)).collect()
}

fn duplicate(sales: &[&Sale]) -> Option<Duplicate> {
    let (first, again) = sales.split_first()?;
    let mut accounts: Vec<String> = sales.iter().map(|sale| sale.account.clone()).collect();
    accounts.sort_unstable();
    accounts.dedup();
    Some(Duplicate {
        accounts,
        court: first.court.clone(),
        item: first.item.clone(),
        sales: sales.iter().map(|sale| sale.id).collect(),
        wasted_cents: again.iter().map(|sale| u64::from(sale.cents)).sum(),
    })
}

#[cfg(test)]
mod tests {
    use chrono::Utc;

    use crate::ledger::{Charge, Ledger, tests::charge};

    #[test]
    fn an_item_is_a_duplicate_if_one_account_paid_twice() {
        let ledger = Ledger::default();
        ledger.charge(charge(10), Utc::now());
        assert!(ledger.duplicates(true).is_empty());
        let other = Charge {
            account: "other".into(),
            ..charge(10)
        };
        ledger.charge(other, Utc::now());
        assert!(ledger.duplicates(false).is_empty());
        assert_eq!(ledger.duplicates(true)[0].accounts, ["demo", "other"]);
        ledger.charge(charge(10), Utc::now());
        let found = ledger.duplicates(false);
        assert_eq!(
            (&found[0].sales[..], found[0].wasted_cents),
            (&[1, 3][..], 10)
        );
    }
}
