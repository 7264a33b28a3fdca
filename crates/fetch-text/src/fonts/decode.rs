//! Codes that are characters moved by one number.

use std::collections::HashMap;

use super::Font;
use crate::quality::Quality;
use crate::sight::Glyph;
use crate::spelling::Spelling;

/// Letters that a decoding has to have to be shown right.
const ENOUGH_LETTERS: u32 = 40;
/// Share of the drawn glyphs that have to become letters. Subsets that number their glyphs as they are first
/// used become digits and signs with a letter here and there, which no spelling can be held against.
const LETTERS_SHARE: f32 = 0.5;
/// Share of the drawn glyphs that a decoding has to cover.
const COVERED_SHARE: f32 = 0.98;
/// Share of what is not drawn that must be spaces.
const GAPS_SHARE: f32 = 0.9;
/// Words from which a text must have some of those that every English text has, and their share.
const ENOUGH_WORDS: usize = 25;
const STOP_WORDS_SHARE: f32 = 0.05;
/// How far codes may be moved.
const FURTHEST: i64 = 256;
/// What TrueType fonts are moved by: their first three glyphs are no characters, and the fourth is
/// the space.
const TRUE_TYPE: i64 = 29;
/// The last glyph of such fonts that is in ASCII, and the last before one is left out.
const LAST_ASCII_GLYPH: i64 = 97;
const LAST_BEFORE_GAP: i64 = 171;
/// Characters of Mac OS from 0x80 on, in whose order those fonts go on.
const MAC_OS: &str = "ÄÅÇÉÑÖÜáàâäãåçéèêëíìîïñóòôöõúùûü†°¢£§•¶ß®©™´¨≠ÆØ∞±≤≥¥µ∂∑∏π∫ªºΩæø\
                      ¿¡¬√ƒ≈∆«»…\u{a0}ÀÃÕŒœ–—“”‘’÷◊ÿŸ";
/// Letters that are narrow, and letters that are wide, in every font that has widths at all.
const NARROW: &str = "ijltfI";
const WIDE: &str = "mwMWGOQ";
/// How much wider these are at least.
const WIDER: f32 = 1.3;

/// The characters of a font's glyphs, one for each; `None` when no move of its codes gives a text
/// of which it can be shown that it is the right one.
pub(super) fn decoded(font: &Font<'_>) -> Option<Vec<char>> {
    let codes: Vec<i64> = font.codes(|_, code| Some(code.into()));
    let said: Vec<i64> = font.codes(|glyph, _| single(glyph).map(said));
    [codes, said]
        .into_iter()
        .filter(|codes| codes.len() == font.indices.len())
        .filter_map(|codes| best_move(font, &codes))
        .min_by(|(one, _), (other, _)| one.total_cmp(other))
        .map(|(_, text)| text)
}

/// The one character that a font says a glyph is.
fn single(glyph: &Glyph) -> Option<char> {
    let mut characters = glyph.text.chars();
    characters.next().filter(|_| characters.next().is_none())
}

/// Private characters are mostly codes that were moved out of the way.
fn said(character: char) -> i64 {
    match character {
        '\u{e000}'..='\u{f8ff}' => (u32::from(character) & 0xff).into(),
        _ => u32::from(character).into(),
    }
}

fn best_move(font: &Font<'_>, codes: &[i64]) -> Option<(f32, Vec<char>)> {
    let mut counts: HashMap<(i64, bool), usize> = HashMap::new();
    for (code, index) in codes.iter().zip(font.indices) {
        let is_drawn = font.painted[*index].is_drawn;
        *counts.entry((*code, is_drawn)).or_default() += 1;
    }
    (-FURTHEST..=FURTHEST)
        .filter(|by| covers(&counts, *by))
        .filter_map(|by| {
            let text: Vec<char> = codes
                .iter()
                .zip(font.indices)
                .map(|(code, index)| match font.painted[*index].is_drawn {
                    true => moved(*code, by).unwrap_or(char::REPLACEMENT_CHARACTER),
                    false => ' ',
                })
                .collect();
            let bits = is_shown_right(font, &text)?;
            Some((bits, text))
        })
        .min_by(|(one, _), (other, _)| one.total_cmp(other))
}

/// Whether a move makes characters of what is drawn, and spaces of what is not.
fn covers(counts: &HashMap<(i64, bool), usize>, by: i64) -> bool {
    let (mut drawn, mut covered, mut gaps, mut spaces) = (0, 0, 0, 0);
    for ((code, is_drawn), count) in counts {
        if *is_drawn {
            drawn += count;
            covered += count * usize::from(moved(*code, by).is_some());
        } else {
            gaps += count;
            spaces += count * usize::from(matches!(code + by, 0x20 | 0xa0));
        }
    }
    covered as f32 >= COVERED_SHARE * drawn as f32 && spaces as f32 >= GAPS_SHARE * gaps as f32
}

/// The visible character of a code that is moved by that much.
fn moved(code: i64, by: i64) -> Option<char> {
    if by == TRUE_TYPE && code > LAST_ASCII_GLYPH {
        let left_out = i64::from(code > LAST_BEFORE_GAP);
        let place = usize::try_from(code - LAST_ASCII_GLYPH - 1 + left_out).ok()?;
        return MAC_OS.chars().nth(place);
    }
    let character = u32::try_from(code + by).ok().and_then(char::from_u32)?;
    (character.is_ascii_graphic() || matches!(character, '\u{a1}'..='\u{ff}')).then_some(character)
}

/// Bits a pair of a text that reads like language and whose letters are as wide as they should be.
fn is_shown_right(font: &Font<'_>, text: &[char]) -> Option<f32> {
    let mut buffers = vec![[0_u8; 4]; text.len()];
    let words = {
        let said: Vec<&str> = text
            .iter()
            .zip(&mut buffers)
            .map(|(character, buffer)| &*character.encode_utf8(buffer))
            .collect();
        font.text(|place| said[place])
    };
    let spelling = Spelling::of_text(&words);
    let quality = Quality::of_text(&words);
    let has_stop_words = quality.words < ENOUGH_WORDS
        || quality.stop_words as f32 >= STOP_WORDS_SHARE * quality.words as f32;
    let are_letters = spelling.letters() as f32 >= LETTERS_SHARE * font.drawn().count() as f32;
    let is_right = spelling.letters() >= ENOUGH_LETTERS
        && are_letters
        && spelling.is_likely()
        && has_stop_words
        && !quality.is_garbled()
        && widths_agree(font, text);
    is_right.then(|| spelling.bits())
}

/// Whether narrow letters are narrower than wide ones, if the font has widths.
fn widths_agree(font: &Font<'_>, text: &[char]) -> bool {
    let mean = |letters: &str| {
        let widths = text
            .iter()
            .zip(font.indices)
            .filter(|(character, _)| letters.contains(**character))
            .map(|(_, index)| font.painted[*index].advance);
        let (sum, count) = widths.fold((0.0, 0), |(sum, count), width| (sum + width, count + 1));
        (count > 0).then(|| sum / count as f32)
    };
    let one = font
        .indices
        .first()
        .map(|index| font.painted[*index].advance);
    let is_fixed = font
        .drawn()
        .all(|(_, painted)| one.is_some_and(|one| (painted.advance - one).abs() < 1.0));
    match (mean(NARROW), mean(WIDE)) {
        (Some(narrow), Some(wide)) => is_fixed || wide > WIDER * narrow,
        _ => true,
    }
}

impl Font<'_> {
    fn codes(&self, code: impl Fn(&Glyph, u32) -> Option<i64>) -> Vec<i64> {
        self.indices
            .iter()
            .filter_map(|index| code(&self.glyphs[*index], self.painted[*index].code))
            .collect()
    }
}
