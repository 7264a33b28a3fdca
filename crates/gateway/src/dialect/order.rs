//! What a list is ordered by.

use fetch_library::read::{Order, Resource};

/// The order of a list, and how it may be walked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ordering {
    /// What comes first.
    pub steps: Vec<Order>,
    /// Whether it may be walked with cursors: a single field that allows it, or the default.
    pub by_cursor: bool,
}

/// Reads `order_by`. Names that mean nothing are ignored; if none is left, newest first, and courts in
/// their own order.
#[must_use]
pub fn read(resource: Resource, order_by: Option<&str>) -> Ordering {
    let Some(order_by) = order_by else {
        return Ordering {
            steps: vec![usual(resource)],
            by_cursor: true,
        };
    };
    let names: Vec<&str> = order_by.split(',').map(str::trim).collect();
    let mut steps: Vec<Order> = names
        .iter()
        .filter_map(|name| step(resource, name))
        .collect();
    let by_cursor = match (names.as_slice(), steps.as_slice()) {
        ([_], [only]) => resource.cursor_orderings().contains(&only.column),
        _ => false,
    };
    if steps.is_empty() {
        steps.push(usual(resource));
    }
    Ordering { steps, by_cursor }
}

fn usual(resource: Resource) -> Order {
    match resource {
        Resource::Courts => Order {
            column: "position",
            descending: false,
        },
        _ => Order {
            column: "id",
            descending: true,
        },
    }
}

fn step(resource: Resource, name: &str) -> Option<Order> {
    let bare = name.strip_prefix('-').unwrap_or(name);
    let column = resource
        .orderings()
        .iter()
        .copied()
        .find(|known| *known == bare)?;
    Some(Order {
        column,
        descending: bare != name,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(order_by: &str, steps: &[(&'static str, bool)], by_cursor: bool) {
        let given = Some(order_by).filter(|text| !text.is_empty());
        let read = read(Resource::DocketEntries, given);
        let steps: Vec<Order> = steps
            .iter()
            .map(|(column, descending)| Order {
                column,
                descending: *descending,
            })
            .collect();
        assert_eq!(read, Ordering { steps, by_cursor }, "{order_by}");
    }

    #[test]
    fn one_known_field_allows_cursors() {
        check("", &[("id", true)], true);
        check("date_created", &[("date_created", false)], true);
        check("-date_modified", &[("date_modified", true)], true);
        check("date_filed", &[("date_filed", false)], false);
        let docket_order = &[("recap_sequence_number", false), ("entry_number", false)];
        check("recap_sequence_number,entry_number", docket_order, false);
        check("zzz", &[("id", true)], false);
        check("zzz,id", &[("id", false)], false);
    }
}
