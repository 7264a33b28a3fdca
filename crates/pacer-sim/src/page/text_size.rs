//! How much text a page has, by which reports are billed.

/// Bytes of text that make a billable page of a report.
pub const PAGE_BYTES: usize = 4320;

/// Most pages charged for a report or a document.
pub const PAGE_CAP: u32 = 30;

/// Bytes of the text of a page: without tags, scripts and styles; white space runs and
/// character references count as one.
pub fn text_bytes(html: &[u8]) -> usize {
    let mut count = 0;
    let mut rest = html;
    let mut in_space = true;
    while let Some((byte, after)) = rest.split_first() {
        rest = after;
        match byte {
            b'<' => rest = after_markup(after),
            byte if byte.is_ascii_whitespace() => {
                count += usize::from(!in_space);
                in_space = true;
            }
            b'&' => {
                rest = after_reference(after);
                count += 1;
                in_space = false;
            }
            _ => {
                count += 1;
                in_space = false;
            }
        }
    }
    count
}

/// Billable pages of a report, before the cap is applied.
pub fn report_pages(html: &[u8]) -> u32 {
    let pages = text_bytes(html).div_ceil(PAGE_BYTES).max(1);
    u32::try_from(pages).unwrap_or(u32::MAX)
}

fn after_markup(inside: &[u8]) -> &[u8] {
    if inside.starts_with(b"!--") {
        return after(inside, b"-->");
    }
    for hidden in [&b"script"[..], b"style"] {
        let name = inside.get(..hidden.len());
        if name.is_some_and(|name| name.eq_ignore_ascii_case(hidden)) {
            return after_closing(inside, hidden);
        }
    }
    after(inside, b">")
}

fn after_closing<'a>(inside: &'a [u8], name: &[u8]) -> &'a [u8] {
    let closes =
        |window: &[u8]| window.starts_with(b"</") && window[2..].eq_ignore_ascii_case(name);
    match inside.windows(name.len() + 2).position(closes) {
        Some(at) => after(&inside[at..], b">"),
        None => &[],
    }
}

fn after<'a>(text: &'a [u8], mark: &[u8]) -> &'a [u8] {
    let found = text.windows(mark.len()).position(|window| window == mark);
    found.map_or(&[], |at| &text[at + mark.len()..])
}

fn after_reference(text: &[u8]) -> &[u8] {
    let name = text
        .iter()
        .take(8)
        .take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'#')
        .count();
    match text.get(name) {
        Some(b';') if name > 0 => &text[name + 1..],
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(html: &str, expected: usize) {
        assert_eq!(text_bytes(html.as_bytes()), expected, "{html}");
    }

    #[test]
    fn only_text_counts() {
        check("", 0);
        check("<p class='a'>abc</p>", 3);
        check("a<script>var b = '<i>';</SCRIPT>c<!-- d -->e", 3);
        check("a  \n b", 3);
        check("a&nbsp;b &#38; c & d", 11);
        check("<unclosed", 0);
    }

    #[test]
    fn a_page_ends_at_4320_bytes() {
        assert_eq!(report_pages(b""), 1);
        assert_eq!(report_pages(&[b'x'; 4320]), 1);
        assert_eq!(report_pages(&[b'x'; 4321]), 2);
    }
}
