//! Numbers of documents, which some courts replace by words.

/// Whether there is no number, or one of digits only. Some courts number the documents of a sealed
/// entry with words; such an entry is none.
pub(crate) fn has_plain_number(number: Option<&str>) -> bool {
    number.is_none_or(is_number)
}

/// Whether there are digits and nothing else.
pub(crate) fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|letter| letter.is_ascii_digit())
}

/// A number without what may be written around it, `(7)` or `#7`; anything else as it is.
pub(crate) fn bare_number(text: &str) -> &str {
    let text = text.trim();
    let bare = text.trim_matches(['(', ')', '[', ']', '#', '.']).trim();
    match is_number(bare) {
        true => bare,
        false => text,
    }
}

/// The number that a text shows, without what is written around it. A text with digits that is no
/// number, `3-1`, shows none; a word is given as it is.
pub(crate) fn shown_number(text: &str) -> Option<&str> {
    let bare = bare_number(text);
    let has_digits = bare.contains(|sign: char| sign.is_ascii_digit());
    (is_number(bare) || !has_digits && !bare.is_empty()).then_some(bare)
}
