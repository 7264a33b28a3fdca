//! The fields of a form, sent the way courts read them: as multipart, each a part without a
//! file name.

use std::collections::BTreeMap;

use axum::extract::{FromRequest, Multipart, Request};

/// Fields by name. Of two with one name, the last counts.
#[derive(Debug, Clone, Default)]
pub(super) struct Fields(BTreeMap<String, String>);

impl Fields {
    /// Reads them; nothing if the request is not such a form.
    pub async fn read(request: Request) -> Option<Fields> {
        let mut form = Multipart::from_request(request, &()).await.ok()?;
        let mut fields = BTreeMap::new();
        while let Some(part) = form.next_field().await.ok()? {
            let name = part.name()?.to_owned();
            if part.file_name().is_some() {
                return None;
            }
            fields.insert(name, part.text().await.ok()?);
        }
        Some(Fields(fields))
    }

    /// The value as it was sent.
    pub fn raw(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// The value without white space around it, unless that leaves nothing.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.raw(name)
            .map(str::trim)
            .filter(|value| !value.is_empty())
    }

    /// True for a box that was ticked.
    pub fn is_on(&self, name: &str) -> bool {
        self.get(name) == Some("on")
    }

    /// With another value for one field.
    pub fn with(mut self, name: &str, value: &str) -> Fields {
        self.0.insert(name.to_owned(), value.to_owned());
        self
    }

    /// What was asked for, without the case and without empty fields.
    pub fn filters(&self) -> BTreeMap<String, String> {
        let of_the_case = ["all_case_ids", "case_num", "button1"];
        let filter = |(name, value): &(&String, &String)| {
            !of_the_case.contains(&name.as_str()) && !value.trim().is_empty()
        };
        self.0
            .iter()
            .filter(filter)
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect()
    }
}

#[cfg(test)]
impl<const N: usize> From<[(&str, &str); N]> for Fields {
    fn from(pairs: [(&str, &str); N]) -> Fields {
        Fields(
            pairs
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
        )
    }
}
