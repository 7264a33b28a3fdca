//! The name of a judge, without titles, initials of magistrates, and remarks.

use super::title_case::title_case;

const TITLES: &[&str] = &[
    "bankruptcy",
    "chief",
    "district",
    "judge",
    "mag",
    "mag.",
    "mag/judge",
    "magistrate",
    "magistrate-judge",
    "master",
    "senior",
    "senior-judge",
    "special",
    "u.s.magistrate",
    "visiting",
];

const IGNORED: &[&str] = &[
    "a998",
    "agb",
    "am",
    "associated",
    "ca",
    "cases",
    "cet",
    "ch.",
    "cla",
    "clerk",
    "cp",
    "cvb",
    "db",
    "debt-magistrate",
    "discovery",
    "dj",
    "docket",
    "duty",
    "ec",
    "eck",
    "general",
    "grc",
    "gs",
    "hhl",
    "hon",
    "honorable",
    "inactive",
    "jne",
    "jv",
    "kec",
    "law",
    "lc",
    "llh",
    "lq",
    "maryland",
    "mediator",
    "merged",
    "mj",
    "mmh",
    "msh",
    "mwd",
    "no",
    "none",
    "prisoner",
    "pro",
    "pslc",
    "pso",
    "pt",
    "rmh",
    "se",
    "sf",
    "show",
    "successor",
    "tjc",
    "u.s.",
    "unassigned",
    "unassigned2",
    "unassigneddj",
    "unknown",
    "us",
    "usdc",
    "vjdistrict",
];

/// What is left of a judge as a page names one, which may be nothing.
pub(crate) fn judge_name(text: &str) -> String {
    let lower = text.replace(',', "").to_lowercase();
    let words: Vec<&str> = lower
        .split_whitespace()
        .filter(|word| is_name(word))
        .collect();
    let titled = title_case(&words.join(" "));
    let mut words: Vec<String> = titled.split_whitespace().map(with_dot).collect();
    if words.first().is_some_and(|first| first == "J.")
        && !words.get(1).is_some_and(|second| is_initial(second))
    {
        words.remove(0);
    }
    words.join(" ")
}

fn is_name(word: &str) -> bool {
    let is_long_with_dot =
        word.chars().count() > 2 && word.contains('.') && !matches!(word, "jr." | "sr.");
    !(word.contains(['(', ')'])
        || word.starts_with(['-', '~'])
        || is_long_with_dot
        || IGNORED.contains(&word)
        || TITLES.contains(&word))
}

fn with_dot(word: &str) -> String {
    let is_letter = word.chars().count() == 1 && word.chars().all(char::is_alphabetic);
    if is_letter || word.eq_ignore_ascii_case("jr") || word.eq_ignore_ascii_case("sr") {
        format!("{word}.")
    } else {
        word.to_owned()
    }
}

fn is_initial(word: &str) -> bool {
    let letters: Vec<char> = word.chars().take(3).collect();
    matches!(letters[..], [_] | [_, '.'])
}
