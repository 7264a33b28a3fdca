//! Names that nobody has: people, firms, towns and ways to reach them.
//!
//! They are put together from words that do not occur as names, and use the ranges that are
//! reserved for fiction (`555-01xx`, `example.com`), so that no page of ours can be taken for
//! a record about anybody.

use crate::dice::Dice;

const GIVEN: &[&str] = &[
    "Abelard",
    "Bettony",
    "Corwick",
    "Dulcinda",
    "Ezmerel",
    "Fennimore",
    "Gwillam",
    "Hespera",
    "Ignatz",
    "Jorunda",
    "Kettil",
    "Lisbetha",
    "Mortimus",
    "Nerissa",
    "Ozric",
    "Pernilla",
    "Quillan",
    "Rosamunde",
    "Septima",
    "Thaddeo",
    "Ulrika",
    "Vortimer",
    "Wilhemina",
    "Xanthippe",
    "Yorick",
    "Zenobia",
];

const FAMILY_FRONT: &[&str] = &[
    "Amber", "Bramble", "Clover", "Dapple", "Elder", "Fiddle", "Gander", "Hobble", "Inkle",
    "Jumble", "Kettle", "Lantern", "Marrow", "Nettle", "Otter", "Puddle", "Quibble", "Ripple",
    "Snuffle", "Thistle", "Umber", "Velvet", "Whistle", "Yonder",
];

const FAMILY_BACK: &[&str] = &[
    "bottom", "croft", "dale", "fiddle", "gate", "hatch", "kin", "mere", "nook", "pott", "quick",
    "rake", "sop", "thwaite", "wick", "worthy",
];

const TRADES: &[&str] = &[
    "Teapot",
    "Umbrella",
    "Lantern",
    "Marmalade",
    "Bicycle Bell",
    "Weathervane",
    "Kite",
    "Buttonhole",
    "Toffee",
    "Hammock",
    "Gramophone",
    "Sundial",
    "Periscope",
    "Snow Globe",
];

const FIRM_KINDS: &[&str] = &[
    "Company",
    "Works LLC",
    "Holdings, Inc.",
    "Partners LP",
    "Corporation",
];

const TOWNS: &[&str] = &[
    "Nowhere Falls",
    "Imaginary Springs",
    "Exampleton",
    "Fableton",
    "Pretend Harbor",
    "Mythic Junction",
    "Placeholder City",
    "Fictionville",
];

const STREETS: &[&str] = &[
    "Invented Street",
    "Makebelieve Avenue",
    "Whimsy Lane",
    "Storybook Road",
];

/// A person: given name, initial, family name.
pub fn person(dice: &mut Dice) -> String {
    let initial = char::from(b'A' + dice.below(26) as u8);
    format!("{} {initial}. {}", dice.pick(GIVEN), family(dice))
}

/// A family name.
pub fn family(dice: &mut Dice) -> String {
    format!("{}{}", dice.pick(FAMILY_FRONT), dice.pick(FAMILY_BACK))
}

/// A company.
pub fn company(dice: &mut Dice) -> String {
    format!(
        "{} {} {}",
        family(dice),
        dice.pick(TRADES),
        dice.pick(FIRM_KINDS)
    )
}

/// A law firm.
pub fn law_firm(dice: &mut Dice) -> String {
    format!("{} & {} LLP", family(dice), family(dice))
}

/// The lines of an address; the postal code is one that is not in use.
pub fn address(dice: &mut Dice) -> Vec<String> {
    let street = format!("{} {}", dice.between(1, 999), dice.pick(STREETS));
    vec![street, format!("{}, ZZ 00000", dice.pick(TOWNS))]
}

/// A telephone number from the range kept for fiction.
pub fn phone(dice: &mut Dice) -> String {
    format!("(555) 555-01{:02}", dice.below(100))
}

/// An address for the person that reaches nobody.
pub fn email(person: &str) -> String {
    let local: String = person.chars().filter(char::is_ascii_alphabetic).collect();
    format!("{}@example.com", local.to_lowercase())
}

/// The family name of a person.
pub fn last_word(person: &str) -> &str {
    person.rsplit(' ').next().unwrap_or(person)
}

/// The initials that a court writes behind a docket number for a judge.
pub fn initials(person: &str) -> String {
    person
        .split_whitespace()
        .filter_map(|word| word.chars().next())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_plain_ascii_and_addresses_reach_nobody() {
        let mut dice = Dice::new(5, &[]);
        for _ in 0..200 {
            let name = person(&mut dice);
            assert!(name.is_ascii() && company(&mut dice).is_ascii());
            assert!(email(&name).ends_with("@example.com"));
            assert_eq!(initials(&name).len(), 3);
        }
    }
}
