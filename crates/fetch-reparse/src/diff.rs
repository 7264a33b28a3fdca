//! What is different about a docket, as people read differences: field by field, and row by row.

use std::collections::{BTreeMap, HashMap, HashSet};

use fetch_library::{
    changes::Touched,
    content::{Content, Part, Row},
};
use fetch_model::DocketId;
use serde::Serialize;
use serde_json::{Map, Value};

/// A field that is different.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FieldDiff {
    /// The column.
    pub field: String,
    /// What it was.
    pub before: Value,
    /// What it is.
    pub after: Value,
}

/// A row that is there before and after.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RowDiff {
    /// How people call it.
    pub name: String,
    /// What is different.
    pub fields: Vec<FieldDiff>,
}

/// What is different about the rows of a table.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct RowsDiff {
    /// Rows that were not there.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub added: Vec<RowDiff>,
    /// Rows that were there and are different.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub changed: Vec<RowDiff>,
    /// Rows that are gone, by name: parties' roles, which a page lists anew.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub removed: Vec<String>,
    /// Entries that are stored, and that the latest whole docket does not list; they stay.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<String>,
}

/// What is different about a docket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DocketDiff {
    /// Its number; of a dry run that would make it, one that it will not have.
    pub docket: DocketId,
    /// Whether it is made.
    pub is_new: bool,
    /// The number of the case.
    pub docket_number: String,
    /// The name of the case.
    pub case_name: String,
    /// Its own fields.
    pub fields: Vec<FieldDiff>,
    /// What hangs off it, by kind: `entries`, `documents`, `parties`, `counts`, `attorneys`, `roles`.
    #[serde(flatten)]
    pub rows: BTreeMap<&'static str, RowsDiff>,
}

const PARTS: [(Part, &str); 6] = [
    (Part::Entry, "entries"),
    (Part::Document, "documents"),
    (Part::Party, "parties"),
    (Part::Count, "counts"),
    (Part::Attorney, "attorneys"),
    (Part::Role, "roles"),
];

/// What one page changed in a docket, so that it can be told whether any of it is still so after the
/// others: an older page says much that a later one takes back.
#[derive(Debug, Clone)]
pub(crate) struct Changes {
    pub(crate) docket: DocketId,
    /// Fields of rows as the page left them; no field of rows that it took away.
    rows: HashMap<(Part, String), Map<String, Value>>,
    /// The entries that it lists.
    listed: HashSet<String>,
}

impl Changes {
    /// What is different since `before`, where nothing was if there is none.
    pub(crate) fn of(
        docket: DocketId,
        before: Option<&Content>,
        after: &Content,
        listed: Vec<String>,
    ) -> Changes {
        let mut gone = before.map_or_else(HashMap::new, by_key);
        let mut rows = HashMap::new();
        for row in &after.0 {
            let known = gone.remove(&(row.part, row.key.as_str()));
            let fields = of_fields(known, row).into_iter();
            let fields: Map<String, Value> = fields.map(|it| (it.field, it.after)).collect();
            if known.is_none() || !fields.is_empty() {
                rows.insert((row.part, row.key.clone()), fields);
            }
        }
        let gone = gone.into_keys().map(|(part, key)| (part, key.to_owned()));
        rows.extend(gone.map(|row| (row, Map::new())));
        Changes {
            docket,
            rows,
            listed: listed.into_iter().collect(),
        }
    }

    /// Whether any of it is different now from what it was before all pages, or an entry is there now
    /// that the page lists as well as others.
    pub(crate) fn last(&self, touched: &Touched) -> bool {
        let Some(before) = &touched.before else {
            return true;
        };
        let (before, after) = (by_key(before), by_key(&touched.after));
        let lasts = |((part, key), fields): (&(Part, String), &Map<String, Value>)| {
            let row = (*part, key.as_str());
            match (before.get(&row), after.get(&row)) {
                (Some(was), Some(is)) => fields.iter().any(|(field, value)| {
                    is.fields.get(field) == Some(value) && was.fields.get(field) != Some(value)
                }),
                (was, is) => was.is_some() != is.is_some(),
            }
        };
        let is_new = |(part, key): &(Part, &str)| {
            *part == Part::Entry
                && !before.contains_key(&(*part, *key))
                && self.listed.contains(*key)
        };
        self.rows.iter().any(lasts) || after.keys().any(is_new)
    }
}

fn by_key(content: &Content) -> HashMap<(Part, &str), &Row> {
    let rows = content.0.iter();
    rows.map(|row| ((row.part, row.key.as_str()), row))
        .collect()
}

/// What is different about a docket, if anything is. `listed` are the entries that its latest whole page
/// lists and those after it, if there is one.
pub(crate) fn of_docket(touched: &Touched, listed: Option<&HashSet<String>>) -> Option<DocketDiff> {
    let nothing = Content::default();
    let before = touched.before.as_ref().unwrap_or(&nothing);
    let own = of_rows(before, &touched.after, Part::Docket);
    let fields = own
        .added
        .into_iter()
        .chain(own.changed)
        .flat_map(|row| row.fields);
    let mut rows = BTreeMap::new();
    for (part, name) in PARTS {
        let mut diff = of_rows(before, &touched.after, part);
        if let (Part::Entry, Some(listed)) = (part, listed) {
            diff.missing = of_part(before, part)
                .filter(|row| !listed.contains(&row.key))
                .map(|row| row.name.clone())
                .collect();
        }
        if diff != RowsDiff::default() {
            rows.insert(name, diff);
        }
    }
    let is = |field: &str| {
        let docket = of_part(&touched.after, Part::Docket).next();
        let text = docket.and_then(|row| row.fields.get(field)?.as_str());
        text.unwrap_or_default().to_owned()
    };
    let diff = DocketDiff {
        docket: touched.docket,
        is_new: touched.before.is_none(),
        docket_number: is("docket_number_raw"),
        case_name: is("case_name"),
        fields: fields.collect(),
        rows,
    };
    diff.is_any().then_some(diff)
}

impl DocketDiff {
    /// Whether anything stored is different: an entry that the page does not list is not.
    fn is_any(&self) -> bool {
        let changes = |rows: &RowsDiff| {
            !(rows.added.is_empty() && rows.changed.is_empty() && rows.removed.is_empty())
        };
        self.is_new || !self.fields.is_empty() || self.rows.values().any(changes)
    }
}

fn of_part(content: &Content, part: Part) -> impl Iterator<Item = &Row> {
    content.0.iter().filter(move |row| row.part == part)
}

fn of_rows(before: &Content, after: &Content, part: Part) -> RowsDiff {
    let mut gone: HashMap<&str, &Row> = of_part(before, part)
        .map(|row| (row.key.as_str(), row))
        .collect();
    let mut diff = RowsDiff::default();
    for row in of_part(after, part) {
        let known = gone.remove(row.key.as_str());
        let fields = of_fields(known, row);
        let named = RowDiff {
            name: row.name.clone(),
            fields,
        };
        match known {
            None => diff.added.push(named),
            Some(_) if !named.fields.is_empty() => diff.changed.push(named),
            Some(_) => {}
        }
    }
    // In their order, which the map has lost.
    let gone = of_part(before, part).filter(|row| gone.contains_key(row.key.as_str()));
    diff.removed = gone.map(|row| row.name.clone()).collect();
    diff
}

/// Fields that are different; of a row that was not there, those that say something.
fn of_fields(before: Option<&Row>, after: &Row) -> Vec<FieldDiff> {
    let is_empty = |value: &Value| value.is_null() || value.as_str() == Some("");
    let fields = after.fields.iter().filter_map(|(field, after)| {
        let was = before.and_then(|row| row.fields.get(field));
        let differs = match was {
            Some(before) => before != after,
            None => !is_empty(after),
        };
        differs.then(|| FieldDiff {
            field: field.clone(),
            before: was.cloned().unwrap_or_default(),
            after: after.clone(),
        })
    });
    fields.collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn row(part: Part, key: &str, fields: Value) -> Row {
        Row {
            part,
            key: key.to_owned(),
            name: format!("the {key}"),
            fields: fields.as_object().cloned().unwrap_or_default(),
        }
    }

    fn touched(before: Vec<Row>, after: Vec<Row>) -> Touched {
        Touched {
            docket: DocketId(7),
            before: Some(Content(before)),
            after: Content(after),
        }
    }

    #[test]
    fn a_difference_names_rows_and_fields() {
        let before = vec![
            row(
                Part::Docket,
                "docket",
                json!({"case_name": "A v. B", "cause": ""}),
            ),
            row(Part::Entry, "1", json!({"description": "Complaint"})),
            row(Part::Entry, "2", json!({"description": "Answer"})),
            row(Part::Role, "lead", json!({})),
        ];
        let after = vec![
            row(
                Part::Docket,
                "docket",
                json!({"case_name": "A v. C", "cause": ""}),
            ),
            row(Part::Entry, "1", json!({"description": "COMPLAINT"})),
            row(Part::Entry, "2", json!({"description": "Answer"})),
            row(
                Part::Entry,
                "3",
                json!({"description": "Order", "time_filed": null}),
            ),
        ];
        let listed = HashSet::from(["1".to_owned(), "3".to_owned()]);
        let diff = of_docket(&touched(before, after), Some(&listed)).unwrap();
        assert_eq!(
            serde_json::to_value(&diff).unwrap(),
            json!({
                "docket": 7, "is_new": false, "docket_number": "", "case_name": "A v. C",
                "fields": [{"field": "case_name", "before": "A v. B", "after": "A v. C"}],
                "entries": {
                    "added": [{"name": "the 3", "fields": [
                        {"field": "description", "before": null, "after": "Order"}]}],
                    "changed": [{"name": "the 1", "fields": [
                        {"field": "description", "before": "Complaint", "after": "COMPLAINT"}]}],
                    "missing": ["the 2"],
                },
                "roles": {"removed": ["the lead"]},
            })
        );
    }

    #[test]
    fn an_entry_that_no_page_lists_is_no_difference() {
        let same = || vec![row(Part::Entry, "1", json!({"description": "Complaint"}))];
        let nothing_listed = HashSet::new();
        assert_eq!(
            of_docket(&touched(same(), same()), Some(&nothing_listed)),
            None
        );
    }
}
