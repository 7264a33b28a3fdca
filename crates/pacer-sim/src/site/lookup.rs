//! `possible_case_numbers.pl`: from a docket number to case ids. Free.

use super::reply::Reply;
use super::visit::Call;
use crate::dice::word;
use crate::page::escape;
use crate::replay::ReplayPage;
use crate::world::{Oddity, Stub};

/// A docket number as it was asked for; parts that were left out match everything.
#[derive(Debug, PartialEq, Eq)]
struct Asked {
    office: Option<char>,
    year: u16,
    letters: Option<String>,
    serial: u32,
}

/// Answers with XML, whatever happens.
pub(super) fn answer(call: &Call) -> Reply {
    let number = asked_number(&call.query);
    // Some courts quote attributes with one mark, some with the other.
    let quote = if word(&call.place.court.id).is_multiple_of(3) {
        '\''
    } else {
        '"'
    };
    let xml = Xml {
        quote,
        echo: &number,
    };
    if call.visitor().is_none() {
        return xml.message("Not logged in.  Please refresh this page.");
    }
    let court = &call.place.court.id;
    if let Some(page) = call.simulator.replay.by_number(court, &number) {
        return xml.cases(&[replayed(page, quote)]);
    }
    let Some(asked) = Asked::parse(&number) else {
        return xml.message(&format!("Cannot find case {number}"));
    };
    let stubs = call
        .simulator
        .world
        .stubs(court)
        .iter()
        .filter(|stub| asked.fits(stub));
    let (sealed, open): (Vec<_>, Vec<_>) = stubs.partition(|stub| stub.oddity == Oddity::Sealed);
    if open.is_empty() {
        let text = if sealed.is_empty() {
            format!("Cannot find case {number}")
        } else {
            "Case Under Seal".to_owned()
        };
        return xml.message(&text);
    }
    let cases: Vec<String> = open
        .iter()
        .flat_map(|stub| rows(call, stub, quote))
        .collect();
    xml.cases(&cases)
}

/// The bare query, without what browsers append against caches. Numbers are not parameters,
/// so that `+` is no space.
fn asked_number(query: &str) -> String {
    let bare = query.split([';', '&']).next().unwrap_or_default();
    let as_value = format!("n={}", bare.replace('+', "%2B"));
    url::form_urlencoded::parse(as_value.as_bytes())
        .next()
        .map(|(_, value)| value.trim().to_owned())
        .unwrap_or_default()
}

impl Asked {
    /// Reads `o:yy-tt-nnnnn` with or without office and letters, and the condensed `yynnnnn`.
    /// Judges' initials and defendants are not understood, as nobody knows that they are.
    fn parse(number: &str) -> Option<Asked> {
        let (office, rest) = match number.split_once(':') {
            Some((office, rest)) => (Some(office_of(office)?), rest),
            None => (None, number),
        };
        let parts: Vec<&str> = rest.split('-').collect();
        let (year, letters, serial) = match parts[..] {
            [condensed]
                if office.is_none()
                    && (7..=8).contains(&condensed.len())
                    && is_digits(condensed) =>
            {
                (&condensed[..2], None, &condensed[2..])
            }
            [year, serial] => (year, None, serial),
            [year, letters, serial] if is_letters(letters) => {
                (year, Some(letters.to_owned()), serial)
            }
            _ => return None,
        };
        if year.len() != 2 || !is_digits(year) || !is_digits(serial) {
            return None;
        }
        Some(Asked {
            office,
            year: year.parse().ok()?,
            letters,
            serial: serial.parse().ok()?,
        })
    }

    fn fits(&self, stub: &Stub) -> bool {
        self.serial == stub.serial
            && self.year == stub.year % 100
            && self
                .office
                .is_none_or(|office| office.eq_ignore_ascii_case(&stub.office))
            && self
                .letters
                .as_ref()
                .is_none_or(|letters| letters == stub.kind.letters())
    }
}

/// Numbers are asked for in lower case, letters of offices too.
fn office_of(text: &str) -> Option<char> {
    let mut letters = text.chars();
    let office = letters
        .next()
        .filter(|office| office.is_ascii_digit() || office.is_ascii_lowercase());
    office.filter(|_| letters.next().is_none())
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_letters(text: &str) -> bool {
    (1..=5).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte == b'~')
}

/// One `case` element, or one for the main case and one for each defendant.
fn rows(call: &Call, stub: &Stub, quote: char) -> Vec<String> {
    let case = call.simulator.world.case(stub);
    let closed = case
        .terminated
        .map(|day| format!(" (closed {})", day.format("%m/%d/%Y")))
        .unwrap_or_default();
    let short = format!(
        "{}:{:02}-{}-{}",
        stub.office,
        stub.year % 100,
        stub.kind.letters(),
        stub.serial
    );
    let judges = case
        .number_with_judges()
        .trim_start_matches(&stub.docket_number())
        .to_owned();
    let row = |defendant: Option<u64>| {
        let suffix = defendant
            .filter(|number| *number > 0)
            .map(|number| format!("-{number}"))
            .unwrap_or_default();
        let mut attributes = vec![
            ("number", format!("{short}{suffix}")),
            ("id", (stub.id + defendant.unwrap_or_default()).to_string()),
            (
                "title",
                format!(
                    "{}{judges}{suffix} {}{closed}",
                    stub.full_number(),
                    case.title
                ),
            ),
            (
                "sortable",
                format!(
                    "{}:{}-{}-{:05}{judges}{suffix}",
                    stub.office,
                    stub.year,
                    stub.kind.letters(),
                    stub.serial
                ),
            ),
        ];
        attributes.extend(defendant.map(|number| ("defendant", number.to_string())));
        element(&attributes, quote)
    };
    if stub.defendants.is_empty() {
        return vec![row(None)];
    }
    std::iter::once(0)
        .chain(stub.defendants.iter().copied())
        .map(|number| row(Some(number)))
        .collect()
}

fn replayed(page: &ReplayPage, quote: char) -> String {
    let number = page.docket_number.clone().unwrap_or_default();
    let title = format!("{number} {}", page.case_name);
    let attributes = [
        ("number", number),
        ("id", page.pacer_case_id.to_string()),
        ("title", title),
    ];
    element(&attributes, quote)
}

fn element(attributes: &[(&str, String)], quote: char) -> String {
    let attribute = |(name, value): &(&str, String)| {
        format!(
            " {name}={quote}{}{quote}",
            escape(value).replace('\'', "&apos;")
        )
    };
    format!(
        "<case{}/>",
        attributes.iter().map(attribute).collect::<String>()
    )
}

struct Xml<'a> {
    quote: char,
    echo: &'a str,
}

impl Xml<'_> {
    fn cases(&self, cases: &[String]) -> Reply {
        self.request(&cases.join("\n"))
    }

    fn message(&self, text: &str) -> Reply {
        let quote = self.quote;
        self.request(&format!(
            "<message text={quote}{}{quote}/>",
            escape(text).replace('\'', "&apos;")
        ))
    }

    fn request(&self, content: &str) -> Reply {
        let (quote, echo) = (self.quote, escape(self.echo).replace('\'', "&apos;"));
        Reply::xml(format!(
            "<request number={quote}{echo}{quote}>\n{content}\n</request>\n"
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(number: &str, expected: Option<(Option<char>, u16, Option<&str>, u32)>) {
        let asked = Asked::parse(number)
            .map(|asked| (asked.office, asked.year, asked.letters, asked.serial));
        let expected = expected.map(|(office, year, letters, serial)| {
            (office, year, letters.map(str::to_owned), serial)
        });
        assert_eq!(asked, expected, "{number}");
    }

    #[test]
    fn the_forms_that_courts_understand() {
        check("5:16-cv-00432", Some((Some('5'), 16, Some("cv"), 432)));
        check("5:16-cv-432", Some((Some('5'), 16, Some("cv"), 432)));
        check("16-cv-432", Some((None, 16, Some("cv"), 432)));
        check("16-00432", Some((None, 16, None, 432)));
        check("1600432", Some((None, 16, None, 432)));
        check("a:16-cv-00432", Some((Some('a'), 16, Some("cv"), 432)));
        check("A:16-cv-00432", None);
        check("5:16-cv-00432-ABC", None);
        check("5:16-CV-00432", None);
        check("2016-00432", None);
        check("hello", None);
        check("", None);
    }

    #[test]
    fn the_number_is_the_bare_query() {
        assert_eq!(asked_number("5:16-cv-00432;number=0.25"), "5:16-cv-00432");
        assert_eq!(asked_number("mdl%20no.%202168"), "mdl no. 2168");
    }
}
