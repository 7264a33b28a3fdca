//! A court's receipt as it is kept: without the name of the account.

use chrono::NaiveDateTime;
use pacer::page::receipt::Receipt;
use serde::Serialize;

/// How many characters of a username are kept, for people.
const KEPT_CHARACTERS: usize = 2;

/// What is kept of a receipt. The username is not; see [`Payer`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct KeptReceipt<'a> {
    time: Option<NaiveDateTime>,
    payer: Option<Payer>,
    client_code: Option<&'a str>,
    description: Option<&'a str>,
    search_criteria: Option<&'a str>,
    billable_pages: Option<u32>,
    cost_cents: Option<u32>,
    is_exempt: bool,
}

/// The account that a receipt names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Payer {
    /// The same for the same account, and told by nobody without the key.
    account_digest: String,
    /// The last characters of its name.
    ends_in: String,
}

impl<'a> KeptReceipt<'a> {
    /// What may be kept of that receipt; `digest` makes the digest of an account of its name.
    pub(crate) fn of(receipt: &'a Receipt, digest: &dyn Fn(&str) -> String) -> Self {
        let payer = receipt.pacer_login.as_deref().map(|login| Payer {
            account_digest: digest(login),
            ends_in: last_of(login),
        });
        KeptReceipt {
            time: receipt.time,
            payer,
            client_code: receipt.client_code.as_deref(),
            description: receipt.description.as_deref(),
            search_criteria: receipt.search_criteria.as_deref(),
            billable_pages: receipt.billable_pages,
            cost_cents: receipt.cost_cents,
            is_exempt: receipt.is_exempt,
        }
    }
}

fn last_of(login: &str) -> String {
    let count = login.chars().count();
    login
        .chars()
        .skip(count.saturating_sub(KEPT_CHARACTERS))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_username_leaves_its_last_two_characters_and_its_digest() {
        let receipt = Receipt {
            pacer_login: Some("somebodyé!".to_owned()),
            client_code: Some("matter 7".to_owned()),
            ..Receipt::default()
        };
        let kept = KeptReceipt::of(&receipt, &|login| format!("{} bytes", login.len()));
        let kept = serde_json::to_value(kept).unwrap();
        assert_eq!(kept["payer"]["ends_in"], "é!");
        assert_eq!(kept["payer"]["account_digest"], "11 bytes");
        assert_eq!(kept["client_code"], "matter 7");
        assert!(!kept.to_string().contains("somebody"), "{kept}");
    }

    #[test]
    fn a_receipt_without_a_name_has_no_payer() {
        let kept = Receipt::default();
        let kept = KeptReceipt::of(&kept, &|_| unreachable!("there is no name"));
        assert_eq!(kept.payer, None);
    }
}
