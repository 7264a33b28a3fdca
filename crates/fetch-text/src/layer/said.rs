//! What glyphs say. To look a glyph's characters up takes longer than all the rest that is noted of it,
//! and a run of glyphs says the same few again and again.

use std::borrow::Cow;

use hayro::hayro_interpret::font::PositionedGlyph;
use hayro::hayro_interpret::hayro_cmap::BfString;

use crate::quality::is_unreadable;

/// Codes that are remembered; most fonts have no more.
const CODES: usize = 256;
const SOFT_HYPHEN: char = '\u{ad}';

/// The characters of a glyph.
#[derive(Debug, Clone, Default)]
pub(super) struct Characters {
    /// U+FFFD when the file does not say which they are; a hyphen where it says a soft one.
    pub(super) text: Cow<'static, str>,
    /// Whether it does not say, or says something that is no character.
    pub(super) is_unreadable: bool,
    /// Whether it says a soft hyphen.
    pub(super) is_soft_hyphen: bool,
}

impl Characters {
    fn of(glyph: &PositionedGlyph<'_>) -> Self {
        let text = match glyph.as_unicode() {
            Some(BfString::Char(character)) => text_of(character),
            Some(BfString::String(characters)) => Cow::Owned(characters),
            None => text_of(char::REPLACEMENT_CHARACTER),
        };
        let is_soft_hyphen = text.starts_with(SOFT_HYPHEN);
        let text = if is_soft_hyphen { "-".into() } else { text };
        Self {
            is_unreadable: text.chars().any(is_unreadable),
            is_soft_hyphen,
            text,
        }
    }
}

/// The text of one character, without a place of its own in memory for the usual ones.
fn text_of(character: char) -> Cow<'static, str> {
    const PRINTABLE: &str = " !\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ\
        [\\]^_`abcdefghijklmnopqrstuvwxyz{|}~";
    let place = (character as usize).wrapping_sub(' ' as usize);
    match PRINTABLE.get(place..place.wrapping_add(1)) {
        Some(text) => Cow::Borrowed(text),
        None => Cow::Owned(character.to_string()),
    }
}

/// What the glyphs of a run say, by their codes: a run is of one font.
#[derive(Default)]
pub(super) struct Said {
    run: u32,
    codes: Vec<Code>,
}

#[derive(Clone, Default)]
struct Code {
    /// The run in which it was looked up; the first is 1.
    run: u32,
    code: u32,
    characters: Characters,
}

impl Said {
    /// The glyphs that follow are of one font, and perhaps not of that of those before.
    pub(super) fn begin_run(&mut self) {
        self.run += 1;
    }

    /// The characters of a glyph of the run.
    pub(super) fn by(&mut self, glyph: &PositionedGlyph<'_>) -> &Characters {
        if self.codes.is_empty() {
            self.codes.resize(CODES, Code::default());
        }
        let code = glyph.char_code();
        let known = &mut self.codes[code as usize % CODES];
        if known.run != self.run || known.code != code {
            *known = Code {
                run: self.run,
                code,
                characters: Characters::of(glyph),
            };
        }
        &known.characters
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_character_is_its_own_text() {
        for character in '\0'..='\u{2ff}' {
            assert_eq!(text_of(character), character.to_string());
        }
    }
}
