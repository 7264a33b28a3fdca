//! Capitals for names that were lower-cased first.

use std::sync::LazyLock;

use regex::{Captures, Regex};

const PUNCTUATION: &str = r##"!"#$¢%&'‘()*+,-./:;?@[\]_—`{|}~"##;
const SMALL: &str = r"a|an|and|as|at|but|by|en|for|if|in|is|of|on|or|the|to|v\.?|via|vs\.?";
const SMALL_WORDS: &[&str] = &[
    "a", "an", "and", "as", "at", "but", "by", "en", "for", "if", "in", "is", "of", "on", "or",
    "the", "to", "v", "v.", "via", "vs", "vs.",
];
const UPPER_CASE: &[&str] = &[
    "3d", "afl", "aka", "a/k/a", "bmg", "cbs", "cdc", "cdt", "ceo", "cio", "cnmi", "d/b/a", "doj",
    "dva", "eff", "fcc", "ftc", "hsbc", "ibm", "ii", "iii", "iv", "jj", "llc", "llp", "mci", "mjl",
    "mspb", "nd", "nlrb", "pto", "rss", "sd", "sec", "umg", "ups", "us", "usa", "usc", "usps",
    "wto",
];

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("pattern is tested")
}

fn punctuation_class() -> String {
    format!("[{}]", regex::escape(PUNCTUATION))
}

static SMALL_FIRST: LazyLock<Regex> =
    LazyLock::new(|| pattern(&format!(r"^({}*)({SMALL})\b", punctuation_class())));
static SMALL_LAST: LazyLock<Regex> =
    LazyLock::new(|| pattern(&format!(r"\b({SMALL})({}?)$", punctuation_class())));
static SMALL_AFTER: LazyLock<Regex> = LazyLock::new(|| pattern(&format!("([:;?!] )({SMALL})")));
static LONE_V: LazyLock<Regex> = LazyLock::new(|| pattern(r"\WV\.\W"));

fn is_punctuation(letter: char) -> bool {
    PUNCTUATION.contains(letter)
}

/// Capitalizes a lower-cased text.
pub(crate) fn title_case(text: &str) -> String {
    let lines: Vec<String> = text
        .split(['\r', '\n'])
        .filter(|line| !line.is_empty())
        .map(title_line)
        .collect();
    lines.join("\n")
}

fn title_line(line: &str) -> String {
    let words: Vec<String> = line.split([' ', '\t']).map(title_word).collect();
    let line = words.join(" ");
    let line = SMALL_FIRST.replace(&line, |found: &Captures<'_>| {
        format!("{}{}", &found[1], upper_first(&found[2]))
    });
    let line = SMALL_LAST.replace(&line, |found: &Captures<'_>| {
        format!("{}{}", upper_first(&found[1]), &found[2])
    });
    let line = SMALL_AFTER.replace_all(&line, |found: &Captures<'_>| {
        format!("{}{}", &found[1], upper_first(&found[2]))
    });
    LONE_V.replace_all(&line, " v. ").into_owned()
}

fn title_word(word: &str) -> String {
    let letters: Vec<char> = word.chars().take(4).collect();
    if let [first, mark, rest, ..] = letters[..] {
        if matches!(first, 'd' | 'o' | 'l')
            && matches!(mark, '\'' | '‘')
            && only_letters_after(word, 2)
        {
            return upper_prefix(word, 3);
        }
        if has_between_letters(word, b'.') {
            return upper_single_parts(word, '.');
        }
        if has_between_letters(word, b'/') {
            return upper_single_parts(word, '/');
        }
        if first.is_ascii_alphabetic() && mark == '&' && rest.is_ascii_alphabetic() {
            return upper_prefix(word, 3);
        }
    }
    if SMALL_WORDS.contains(&word) {
        return word.to_owned();
    }
    if is_upper_case_word(word) {
        return word.to_ascii_uppercase();
    }
    if let Some(rest) = word
        .strip_prefix("mc")
        .filter(|rest| rest.starts_with(is_word_character))
    {
        return format!("Mc{}", upper_first(rest));
    }
    let parts: Vec<String> = word.split('-').map(upper_first_letter).collect();
    parts.join("-")
}

fn only_letters_after(word: &str, count: usize) -> bool {
    word.chars()
        .skip(count)
        .all(|letter| letter.is_ascii_alphabetic())
}

fn is_word_character(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

fn has_between_letters(word: &str, mark: u8) -> bool {
    word.as_bytes().windows(3).any(|three| {
        three[1] == mark && three[0].is_ascii_alphabetic() && three[2].is_ascii_alphabetic()
    })
}

fn upper_single_parts(word: &str, mark: char) -> String {
    let parts: Vec<String> = word
        .split(mark)
        .map(|part| {
            if part.chars().count() == 1 {
                part.to_uppercase()
            } else {
                part.to_owned()
            }
        })
        .collect();
    parts.join(&mark.to_string())
}

/// The word itself, or with one punctuation character after it.
fn is_upper_case_word(word: &str) -> bool {
    if UPPER_CASE.contains(&word) {
        return true;
    }
    let mut letters = word.chars();
    letters.next_back().is_some_and(is_punctuation) && UPPER_CASE.contains(&letters.as_str())
}

fn upper_prefix(word: &str, count: usize) -> String {
    let mut out = String::with_capacity(word.len());
    for (index, letter) in word.chars().enumerate() {
        if index < count {
            out.extend(letter.to_uppercase())
        } else {
            out.push(letter)
        }
    }
    out
}

/// Upper-cases the first character, whatever it is.
fn upper_first(word: &str) -> String {
    upper_prefix(word, 1)
}

/// Upper-cases the first letter if only punctuation comes before it.
fn upper_first_letter(part: &str) -> String {
    let start = part
        .find(|letter| !is_punctuation(letter))
        .unwrap_or(part.len());
    let (before, rest) = part.split_at(start);
    if rest.starts_with(|letter: char| letter.is_ascii_alphabetic()) {
        format!("{before}{}", upper_first(rest))
    } else {
        part.to_owned()
    }
}
