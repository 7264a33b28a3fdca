//! What is done with rows once they are there.

use std::collections::HashMap;

/// Puts rows into the order in which their numbers were asked for.
#[must_use]
pub fn in_order<Row>(mut rows: Vec<Row>, ids: &[i64], id_of: impl Fn(&Row) -> i64) -> Vec<Row> {
    let places: HashMap<i64, usize> = ids
        .iter()
        .enumerate()
        .map(|(place, id)| (*id, place))
        .collect();
    rows.sort_by_key(|row| places.get(&id_of(row)).copied());
    rows
}
