//! Longer sequences, by chance.

use proptest::prelude::*;

use super::properties::check;
use super::*;

/// Tells what comes to a machine, until it is over, and looks after each turn.
fn tell(mut machine: Machine, comes: &[usize]) {
    let alphabet = alphabet();
    let mut story = Story::new();
    for came in comes {
        let came = alphabet[came % alphabet.len()].clone();
        let step = machine.after(came.clone());
        let is_over = matches!(step, Step::End(_));
        story.push((came, step));
        check(&machine, &story);
        if is_over {
            return;
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn longer_sequences_keep_the_promises(
        machine in 0_usize..7,
        comes in prop::collection::vec(0_usize..1_000, 1..12),
    ) {
        tell(Machine::all().swap_remove(machine), &comes);
    }

    /// Few sequences by chance come to where the bytes are put, so these begin there.
    #[test]
    fn sequences_after_a_sale_keep_the_promises(
        machine in 3_usize..7,
        is_ordered: bool,
        comes in prop::collection::vec(0_usize..1_000, 1..10),
    ) {
        let alphabet = alphabet();
        let place = |wanted: &Came| alphabet.iter().position(|came| came == wanted).unwrap();
        let [to_bytes, to_sale, _] = leads();
        let mut all = Vec::new();
        if is_ordered && machine < 5 {
            all.push(place(&price(Some(to_sale), 30)));
        }
        all.push(place(&Came::Link(to_bytes)));
        all.extend(comes);
        tell(Machine::all().swap_remove(machine), &all);
    }
}
