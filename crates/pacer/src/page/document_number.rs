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
