//! Money, always whole US cents.

use std::{fmt, iter::Sum, ops::Add};

use serde::{Deserialize, Serialize};

/// An amount in US cents.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Cents(pub i32);

impl Add for Cents {
    type Output = Cents;

    fn add(self, other: Cents) -> Cents {
        // What comes to more than can be written is the most that can be, not a debt.
        Cents(self.0.saturating_add(other.0))
    }
}

impl Sum for Cents {
    fn sum<I: Iterator<Item = Cents>>(amounts: I) -> Cents {
        amounts.fold(Cents::default(), Add::add)
    }
}

impl fmt::Display for Cents {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let cents = self.0.unsigned_abs();
        write!(formatter, "{sign}${}.{:02}", cents / 100, cents % 100)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_sum_turns_into_a_debt() {
        let most = Cents(i32::MAX);
        assert_eq!([most, Cents(300), most].into_iter().sum::<Cents>(), most);
    }

    #[test]
    fn cents_read_as_dollars() {
        assert_eq!(Cents(5).to_string(), "$0.05");
        assert_eq!(Cents(300).to_string(), "$3.00");
        assert_eq!(Cents(-120).to_string(), "-$1.20");
        assert_eq!(
            [Cents(10), Cents(290)].into_iter().sum::<Cents>(),
            Cents(300)
        );
    }
}
