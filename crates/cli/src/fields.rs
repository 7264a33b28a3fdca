//! Fields of a request as arguments: `court=okwd`.

use std::{fmt::Write as _, str::FromStr};

use fetch_model::fields::{FIELDS, Field, by_name, type_of};

/// A field of a request that is not of the login, and its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FieldArgument {
    field: &'static Field,
    value: String,
}

impl FieldArgument {
    /// The field and its value, unless it was left empty, which says nothing.
    pub(crate) fn given(&self) -> Option<(&'static Field, &str)> {
        (!self.value.is_empty()).then_some((self.field, &*self.value))
    }
}

impl FromStr for FieldArgument {
    type Err = String;

    fn from_str(text: &str) -> Result<FieldArgument, String> {
        let (name, value) = text
            .split_once('=')
            .ok_or_else(|| format!("{text} is not of the form NAME=VALUE"))?;
        let field = by_name(name).ok_or_else(|| format!("no field is called {name}"))?;
        if is_of_login_alone(field) {
            let what = "other users could see it in the process list, and no login is needed here";
            return Err(format!("leave {name} out: {what}"));
        }
        Ok(FieldArgument {
            field,
            value: value.to_owned(),
        })
    }
}

/// Whom PACER books a purchase on is part of the request, too.
fn is_of_login_alone(field: &Field) -> bool {
    field.is_of_login && field.name != "client_code"
}

/// All fields that can be given so, with what they may hold and what they do.
pub(crate) fn help() -> String {
    let mut help = "Fields:\n".to_owned();
    let fields = FIELDS.iter().filter(|field| field.is_read());
    for field in fields.filter(|field| !is_of_login_alone(field)) {
        let (kind, name) = (plain(&type_of(field)), field.name);
        let meaning = plain(field.meaning);
        let _ = writeln!(help, "  {name:<26} {kind}: {meaning}");
    }
    help
}

/// Markdown as words for a terminal: of a link, those that are shown.
fn plain(markdown: &str) -> String {
    let mut text = markdown.replace('`', "");
    while let Some((before, link)) = text.split_once('[')
        && let Some((shown, target)) = link.split_once("](")
        && let Some((_, after)) = target.split_once(')')
    {
        text = format!("{before}{shown}{after}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<(String, String), String> {
        let FieldArgument { field, value } = text.parse()?;
        Ok((field.name.to_owned(), value))
    }

    #[test]
    fn a_field_is_a_name_of_the_table_and_any_value() {
        let pair = |name: &str, value: &str| Ok((name.to_owned(), value.to_owned()));
        assert_eq!(read("court=okwd"), pair("court", "okwd"));
        assert_eq!(read("docket_number=a=b"), pair("docket_number", "a=b"));
        assert_eq!(read("client_code="), pair("client_code", ""));
        for wrong in ["court", "cuort=okwd", "=x", "status=2", "COURT=okwd"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_password_is_no_argument() {
        for name in ["pacer_username", "pacer_password", "otp_code"] {
            assert!(read(&format!("{name}=x")).is_err(), "{name}");
            assert!(!help().contains(name), "{name}");
        }
    }

    #[test]
    fn the_help_names_every_other_field_in_words_for_a_terminal() {
        let help = help();
        for name in ["max_cost_cents", "lane", "client_code", "de_date_start"] {
            assert!(help.contains(&format!("  {name} ")), "{name}\n{help}");
        }
        assert!(!help.contains(['`', '[', '#']), "{help}");
    }
}
