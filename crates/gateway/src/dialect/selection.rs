//! `fields`, `omit` and `expand`: which keys of an answer a caller wants.

use super::{ApiError, FieldErrors, Item, Object, RequestUrl};

/// Which keys are wanted. Double underscores lead into nested objects.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selection {
    /// Only these, if there are any.
    only: Option<Vec<Vec<String>>>,
    /// None of these.
    without: Vec<Vec<String>>,
    /// These as well, which are there for those only who name them.
    also: Vec<Vec<String>>,
}

fn read(list: &str) -> Vec<Vec<String>> {
    let names = list
        .split(',')
        .map(str::trim)
        .filter(|name| !name.is_empty());
    names
        .map(|name| name.split("__").map(str::to_owned).collect())
        .collect()
}

impl Selection {
    /// The selection of a call.
    #[must_use]
    pub fn of(here: &RequestUrl) -> Selection {
        let list = |name| here.parameter(name).map(read);
        Selection::new(list("fields"), list("omit"), list("expand"))
    }

    fn new(
        only: Option<Vec<Vec<String>>>,
        without: Option<Vec<Vec<String>>>,
        also: Option<Vec<Vec<String>>>,
    ) -> Selection {
        let also = also.unwrap_or_default();
        Selection {
            only: only.map(|only| only.into_iter().chain(also.iter().cloned()).collect()),
            without: without.unwrap_or_default(),
            also,
        }
    }

    /// Whether a key of ours, which the contract does not have, is wanted: one that `expand` or `fields`
    /// names.
    #[must_use]
    pub fn adds(&self, path: &[&str]) -> bool {
        let only = self.only.iter().flatten();
        self.keeps(path) && self.also.iter().chain(only).any(|name| name == path)
    }

    /// Refuses what cannot be added, if anything can.
    ///
    /// # Errors
    /// 400 with the contract's sentence for what is none of several.
    pub fn check_added(&self, expandable: &[&str]) -> Result<(), ApiError> {
        let mut errors = FieldErrors::default();
        for name in self.also.iter().map(|name| name.join("__")) {
            if !expandable.contains(&name.as_str()) {
                let text =
                    format!("Select a valid choice. {name} is not one of the available choices.");
                errors.add("expand", text);
            }
        }
        match expandable.is_empty() || errors.is_empty() {
            true => Ok(()),
            false => Err(ApiError::Fields(errors)),
        }
    }

    /// Whether a key, named from the outside in, is wanted.
    #[must_use]
    pub fn keeps(&self, path: &[&str]) -> bool {
        let named = |name: &Vec<String>| name.iter().zip(path).all(|(word, key)| word == key);
        let omitted = self
            .without
            .iter()
            .any(|name| name.len() <= path.len() && named(name));
        let wanted = self.only.as_ref().is_none_or(|only| only.iter().any(named));
        wanted && !omitted
    }

    /// The object with the wanted keys only.
    #[must_use]
    pub fn apply(&self, object: Object) -> Object {
        if self.only.is_none() && self.without.is_empty() {
            return object;
        }
        self.apply_below(object, &mut Vec::new())
    }

    fn apply_below(&self, object: Object, path: &mut Vec<String>) -> Object {
        let mut kept = Vec::new();
        for (key, item) in object.into_pairs() {
            path.push(key);
            let here: Vec<&str> = path.iter().map(String::as_str).collect();
            let item = self.keeps(&here).then(|| self.apply_to_item(item, path));
            let key = path.pop().unwrap_or_default();
            kept.extend(item.map(|item| (key, item)));
        }
        kept.into_iter().collect()
    }

    fn apply_to_item(&self, item: Item, path: &mut Vec<String>) -> Item {
        match item {
            Item::Object(object) => Item::Object(self.apply_below(object, path)),
            Item::List(items) => Item::List(
                items
                    .into_iter()
                    .map(|item| self.apply_to_item(item, path))
                    .collect(),
            ),
            plain @ Item::Plain(_) => plain,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(fields: Option<&str>, omit: &str, expected: &str) {
        let document = |id| Object::new().with("id", id).with("plain_text", "x");
        let entry = Object::new()
            .with("id", 1)
            .with("recap_documents", Item::list([document(2), document(3)]))
            .with("description", "d");
        let selection = Selection::new(fields.map(read), Some(read(omit)), None);
        let text = serde_json::to_string(&selection.apply(entry)).unwrap();
        assert_eq!(text, expected, "{fields:?} {omit}");
    }

    #[test]
    fn keys_are_chosen_or_left_out_nested_ones_too() {
        check(Some("description,id"), "", r#"{"id":1,"description":"d"}"#);
        check(None, "recap_documents", r#"{"id":1,"description":"d"}"#);
        check(
            None,
            "recap_documents__plain_text,description",
            r#"{"id":1,"recap_documents":[{"id":2},{"id":3}]}"#,
        );
        check(
            Some("id,recap_documents__id"),
            "",
            r#"{"id":1,"recap_documents":[{"id":2},{"id":3}]}"#,
        );
        check(
            Some("recap_documents"),
            "recap_documents__id",
            r#"{"recap_documents":[{"plain_text":"x"},{"plain_text":"x"}]}"#,
        );
        check(Some("nothing"), "", "{}");
    }

    #[test]
    fn text_is_only_read_when_it_is_wanted() {
        let wants = |fields: Option<&str>, omit: &str| {
            let selection = Selection::new(fields.map(read), Some(read(omit)), None);
            selection.keeps(&["recap_documents", "plain_text"])
        };
        assert!(wants(None, ""));
        assert!(wants(Some("recap_documents"), ""));
        assert!(!wants(Some("id,recap_documents__id"), ""));
        assert!(!wants(None, "recap_documents__plain_text"));
        assert!(!wants(None, "recap_documents"));
    }

    #[test]
    fn keys_of_ours_are_there_for_those_who_name_them() {
        let url: &[&str] = &["recap_documents", "download_url"];
        let adds = |fields: Option<&str>, omit: &str, expand: &str| {
            let selection = Selection::new(fields.map(read), Some(read(omit)), Some(read(expand)));
            assert!(!selection.adds(&["download_url"]), "of another object");
            selection.adds(url)
        };
        assert!(!adds(None, "", ""));
        assert!(!adds(Some("recap_documents"), "", ""));
        assert!(adds(Some("id,recap_documents__download_url"), "", ""));
        assert!(adds(None, "", "recap_documents__download_url"));
        assert!(adds(Some("id"), "", "recap_documents__download_url"));
        assert!(!adds(
            None,
            "recap_documents",
            "recap_documents__download_url"
        ));
    }
}
