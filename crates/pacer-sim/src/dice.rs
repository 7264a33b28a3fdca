//! Numbers that look random and are always the same.
//!
//! Everything fictional is derived from the seed and from what it belongs to, so that a
//! document reads the same in every process, whatever was asked before it. The generator is
//! SplitMix64, written out here so that no upgrade of a crate can change a docket.

/// A stream of reproducible numbers for one thing.
pub struct Dice {
    state: u64,
}

impl Dice {
    /// Dice for the thing that `parts` name, within the world of `seed`.
    pub fn new(seed: u64, parts: &[u64]) -> Dice {
        let mut dice = Dice { state: seed };
        for part in parts {
            dice.state = dice.next() ^ part.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        }
        dice
    }

    /// Any number.
    #[allow(clippy::should_implement_trait, reason = "dice never run out")]
    pub fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number below `limit`, which must not be zero.
    pub fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    /// A number from `low` to `high`, both included.
    pub fn between(&mut self, low: u64, high: u64) -> u64 {
        low + self.below(high - low + 1)
    }

    /// True once in `n` times.
    pub fn once_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }

    /// One of the choices, which must not be empty.
    pub fn pick<'a, T: ?Sized>(&mut self, choices: &[&'a T]) -> &'a T {
        choices[self.below(choices.len() as u64) as usize]
    }
}

/// A number that stands for a word in [`Dice::new`] (FNV-1a).
pub fn word(text: &str) -> u64 {
    let start = 0xCBF2_9CE4_8422_2325;
    let mix = |hash: u64, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3);
    text.bytes().fold(start, mix)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_thing_always_rolls_the_same() {
        let roll = |parts: &[u64]| Dice::new(7, parts).next();
        assert_eq!(roll(&[1, 2]), roll(&[1, 2]));
        assert_ne!(roll(&[1, 2]), roll(&[2, 1]));
        assert_ne!(roll(&[word("okwd")]), roll(&[word("okwb")]));
    }

    #[test]
    fn both_ends_of_a_range_are_reached() {
        let mut dice = Dice::new(1, &[]);
        let rolls: Vec<u64> = (0..200).map(|_| dice.between(3, 5)).collect();
        assert!(rolls.contains(&3) && rolls.contains(&5));
        assert!(rolls.iter().all(|roll| (3..=5).contains(roll)));
    }
}
