//! How strings of a page are tidied.

use std::borrow::Cow;
use std::sync::LazyLock;

use memchr::memmem;
use regex::Regex;

use super::clean::chunk_with;
use super::title_case::title_case;
use super::tree::Page;

fn is_comma_after_space(text: &str) -> bool {
    let bytes = text.as_bytes();
    memchr::memchr_iter(b',', bytes)
        .any(|at| at > 0 && (bytes[at - 1] == b' ' || bytes[at - 1] >= 0x80))
}

/// Strips, makes each run of white space one space, and removes white space before a comma.
pub(crate) fn squeeze(text: &str) -> String {
    let mut squeezed = single_spaces(text);
    if is_comma_after_space(&squeezed) {
        squeezed = squeezed.replace(" ,", ",");
    }
    squeezed
}

/// Strips and makes each run of white space one space.
pub(crate) fn single_spaces(text: &str) -> String {
    let text = text.trim();
    if is_single_spaced(text.as_bytes()) {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
    }
    out
}

/// Whether a stripped text is ASCII without any white space but single spaces, as most are.
fn is_single_spaced(text: &[u8]) -> bool {
    let is_other = |byte: u8| !byte.is_ascii() || (b'\t'..=b'\r').contains(&byte);
    chunk_with(text, is_other).is_none() && memmem::find(text, b"  ").is_none()
}

/// The digits that a text begins with.
pub(crate) fn leading_digits(text: &str) -> &str {
    let end = text
        .find(|letter: char| !letter.is_ascii_digit())
        .unwrap_or(text.len());
    &text[..end]
}

/// Decodes what courts encode twice, straightens quotes, and removes the marks that courts put
/// around names.
pub(crate) fn clean(text: &str) -> String {
    let plain = plain(decode_twice(text));
    if !plain.contains(" v. ") {
        return single_spaces(plain.trim_matches(is_edge));
    }
    let sides: Vec<&str> = plain
        .split(" v. ")
        .map(|side| side.trim_matches(is_edge))
        .collect();
    single_spaces(&sides.join(" v. "))
}

/// Without those marks, and with straight quotes.
fn plain(text: Cow<'_, str>) -> Cow<'_, str> {
    // The curved quotes begin with this byte.
    if memchr::memchr3(b'*', b'#', 0xe2, text.as_bytes()).is_none() {
        return text;
    }
    let letters = text.chars();
    Cow::Owned(
        letters
            .filter(|letter| !matches!(letter, '*' | '#'))
            .map(straighten)
            .collect(),
    )
}

fn decode_twice(text: &str) -> Cow<'_, str> {
    if !text.contains('&') && !text.contains("%20") {
        return Cow::Borrowed(text);
    }
    let mut text = text.to_owned();
    for (from, to) in [
        ("&rsquo;", "'"),
        ("&rdquo;", "\""),
        ("&ldquo;", "\""),
        ("&nbsp;", " "),
        ("&#160;", " "),
        ("%20", " "),
        ("&amp;", "&"),
    ] {
        if text.contains(from) {
            text = text.replace(from, to);
        }
    }
    Cow::Owned(text)
}

/// Decodes the entities of HTML in a text that has no tags.
pub(crate) fn decode_entities(text: &str) -> Cow<'_, str> {
    if !text.contains('&') {
        return Cow::Borrowed(text);
    }
    match Page::parse(&text.replace('<', "&lt;")) {
        Ok(page) => Cow::Owned(page.text(0).to_owned()),
        // What has no tags cannot be nested.
        Err(_) => Cow::Borrowed(text),
    }
}

fn straighten(letter: char) -> char {
    match letter {
        '\u{2018}' | '\u{2019}' => '\'',
        '\u{201c}' | '\u{201d}' => '"',
        other => other,
    }
}

fn is_edge(letter: char) -> bool {
    matches!(letter, '-' | '\u{2013}' | '_' | '/' | ';' | ',') || letter.is_whitespace()
}

static VERSUS: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\s(?i:vs)\.?\s").expect("pattern is tested"));
static VERSUS_SHORT: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\sv\.?\s").expect("pattern is tested"));
static ROLE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?xi)^(?:
        (?: appellee | appellant | claimant | complainant | defendant | petitioner | plaintiff
          | respond[ae]nt
          | (?:defendant|petitioner|plaintiff|respond[ae]nt)s?(?:-{1,2}|/)(?:appellee|appellant)
          | petitioner(?:-{1,2}|/)defendant
          | cross(?:-{1,2}|/)(?:respondent|appellant)
          | crosss?(?:-{1,2}|/)petitioner
        )s?
        | cross(?:-{1,2}|/)appellees
        | pet\. | devisee | executor | executrix | deceased
        )[,.]?$",
    )
    .expect("pattern is tested")
});
static UNITED_STATES: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"^(?:(?i:(?:USA|U\.S\.A\.|U\.S\.?|U\.\ S\.?|(?:The\ )?United\ States|(?:The\ )?United\ States\ of\ America)[,.]?)|US)$",
    )
    .expect("pattern is tested")
});
static ET_AL: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i),?\set\.?\s(?:alii|aliae|alia|als|al)\b\.?").expect("pattern is tested")
});
static NUMBER_LABEL: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^Nos?\.\s*").expect("pattern is tested"));

/// Gives a case name the form that all sources share: `A v. B`, without roles and `et al`.
pub(crate) fn harmonize(text: &str) -> String {
    let text = VERSUS.replace_all(text, " v. ");
    let text = VERSUS_SHORT.replace_all(&text, " v. ");
    let words: Vec<&str> = text
        .split_whitespace()
        .map(|word| if ROLE.is_match(word) { "" } else { word })
        .collect();
    let text = words.join(" ");
    let sides: Vec<&str> = text
        .split(" v. ")
        .map(|side| harmonize_side(side.trim()))
        .collect();
    let text = sides.join(" v. ");
    let text = ET_AL.replace_all(&text, "");
    clean(&NUMBER_LABEL.replace(&text, ""))
}

fn harmonize_side(side: &str) -> &str {
    if UNITED_STATES.is_match(side) {
        "United States"
    } else if side.eq_ignore_ascii_case("the state") {
        "State"
    } else {
        side
    }
}

/// A harmonized and cleaned case name.
pub(crate) fn case_name(text: &str) -> String {
    clean(&harmonize(text))
}

static PARTY_TYPES: LazyLock<Vec<(Regex, &'static str)>> = LazyLock::new(|| {
    [
        (r"defendant\s+\([0-9]+\)", "defendant"),
        (r"debtor\s+[0-9]+", "debtor"),
        (r"thirdparty|3rd pty|3rd party", "third party"),
        (r"fourthparty|4th pty|4th party", "fourth party"),
        (r"counter-defendant", "counter defendant"),
        (r"counter-claimaint", "counter claimaint"),
        (r"\bus\b", "u.s."),
        (r"u\. s\.", "u.s."),
        (r"united states", "u.s."),
        (r"jointadmin", "jointly administered"),
        (r"consolidated-debtor", "consolidated debtor"),
        (r"plaintiff-? consolidated", "consolidated plaintiff"),
        (r"defendant-? consolidated", "consolidated defendant"),
        (r"intervenor-plaintiff", "intervenor plaintiff"),
        (r"intervenor pla\b", "intervenor plaintiff"),
        (r"intervenor dft\b", "intervenor defendant"),
    ]
    .into_iter()
    .map(|(pattern, to)| (Regex::new(pattern).expect("pattern is tested"), to))
    .collect()
});

/// The role of a party, without its number and in one spelling.
pub(crate) fn party_type(text: &str) -> String {
    let mut text = text.to_lowercase().trim().to_owned();
    for (pattern, to) in PARTY_TYPES.iter() {
        if let Cow::Owned(changed) = pattern.replace_all(&text, *to) {
            text = changed;
        }
    }
    title_case(&text)
}
