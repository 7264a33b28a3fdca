//! Whether text is language or rubble, told from the text alone.

use crate::spelling::Spelling;

/// Share of glyphs without a known character above which a layer is garbled.
const UNREADABLE_SHARE: f32 = 0.05;
/// Words below which the language test says nothing.
const WORDS_FOR_LANGUAGE: usize = 40;
/// And words of at least three letters: a table of numbers and codes is no language.
const LONG_WORDS_FOR_LANGUAGE: usize = 20;

/// Words that have fewer letters on average are abbreviations.
const ABBREVIATION: usize = 4;
/// Fewer letters cannot be told from rubble.
const FEW_LETTERS: u32 = 30;

/// Letters of the longest word that every English text is full of.
const LONGEST_STOP_WORD: usize = 9;

/// Whether it is one of the words that English court papers cannot do without.
fn is_stop_word(word: &str) -> bool {
    matches!(
        word,
        "the"
            | "of"
            | "and"
            | "to"
            | "in"
            | "a"
            | "that"
            | "is"
            | "for"
            | "on"
            | "by"
            | "as"
            | "with"
            | "be"
            | "or"
            | "this"
            | "was"
            | "not"
            | "it"
            | "an"
            | "from"
            | "at"
            | "are"
            | "any"
            | "which"
            | "his"
            | "no"
            | "has"
            | "court"
            | "have"
            | "shall"
            | "will"
            | "been"
            | "were"
            | "he"
            | "plaintiff"
            | "defendant"
            | "case"
            | "all"
            | "order"
    )
}

/// The letters of a word, of which no more are kept than a stop word has.
#[derive(Default)]
struct LowerCase {
    kept: [u8; LONGEST_STOP_WORD],
    count: usize,
    has_vowel: bool,
    /// Whether one is of another alphabet, as none of a stop word is.
    is_foreign: bool,
}

impl LowerCase {
    fn push(&mut self, letter: char) {
        if let Some(kept) = self.kept.get_mut(self.count) {
            *kept = u8::try_from(letter).unwrap_or_default();
        }
        self.count += 1;
        self.has_vowel |= matches!(letter, 'a' | 'e' | 'i' | 'o' | 'u' | 'y');
        self.is_foreign |= !letter.is_ascii();
    }

    /// All of them, if that can be a stop word.
    fn text(&self) -> Option<&str> {
        let text = self.kept.get(..self.count).filter(|_| !self.is_foreign)?;
        str::from_utf8(text).ok()
    }
}

/// What was counted in a text.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Quality {
    /// Characters or glyphs, white space apart.
    pub glyphs: usize,
    /// Those without a known character: none, private use, or U+FFFD.
    pub unreadable: usize,
    /// Words of at least two letters.
    pub words: usize,
    /// Words that every English text is full of.
    pub stop_words: usize,
    /// Words of at least three letters; shorter ones are too often abbreviations to judge by.
    pub long_words: usize,
    /// Those of them without a vowel.
    pub vowelless: usize,
    /// Letters of the Latin alphabet.
    pub latin_letters: usize,
    /// Letters of any alphabet.
    pub letters: usize,
    /// Letters `e`.
    pub letters_e: usize,
    /// How its letters follow each other.
    pub spelling: Spelling,
}

impl Quality {
    /// Counts a text.
    pub fn of_text(text: &str) -> Self {
        let mut quality = Self::default();
        text.split_whitespace().for_each(|word| quality.add(word));
        quality
    }

    /// Counts one more word.
    pub fn add(&mut self, word: &str) {
        let mut letters = LowerCase::default();
        for character in word.chars() {
            self.add_character(character);
            // Most are, and the way for all alphabets is long.
            if character.is_ascii_alphabetic() {
                letters.push(character.to_ascii_lowercase());
            } else if character.is_alphabetic() {
                character
                    .to_lowercase()
                    .for_each(|letter| letters.push(letter));
            }
        }
        self.spelling.add(word);
        // A lone "a" counts as a stop word, other lone letters as nothing.
        if letters.count < 2 && letters.text() != Some("a") {
            return;
        }
        self.words += 1;
        self.stop_words += usize::from(letters.text().is_some_and(is_stop_word));
        if letters.count >= 3 {
            self.long_words += 1;
            self.vowelless += usize::from(!letters.has_vowel);
        }
    }

    fn add_character(&mut self, character: char) {
        self.glyphs += 1;
        self.unreadable += usize::from(is_unreadable(character));
        self.letters += usize::from(character.is_alphabetic());
        self.latin_letters += usize::from(is_latin(character));
        self.letters_e += usize::from(matches!(character, 'e' | 'E'));
    }

    /// Whether the text layer is unusable although it is there: fonts that do not say which
    /// characters their glyphs are, or say it wrongly.
    pub fn is_garbled(&self) -> bool {
        share(self.unreadable, self.glyphs) > UNREADABLE_SHARE
            || self.is_no_language()
            || self.is_misspelt()
    }

    /// Whether it reads like language, or is too short to tell.
    pub fn reads_well(&self) -> bool {
        !self.is_garbled() && (self.spelling.letters() < FEW_LETTERS || self.spelling.is_likely())
    }

    /// Better means: fewer unreadable glyphs first, then more of what language is made of.
    pub fn is_better_than(&self, other: &Self) -> bool {
        self.score() > other.score()
    }

    fn score(&self) -> f32 {
        share(self.stop_words, self.words) * 2.0
            - share(self.vowelless, self.long_words)
            - share(self.unreadable, self.glyphs) * 4.0
    }

    /// A page too short to count its words still has letters. Abbreviations are unlikely spellings
    /// too, and languages that are not English.
    fn is_misspelt(&self) -> bool {
        let mostly_latin = self.latin_letters * 2 > self.letters;
        let are_abbreviations = self.letters < ABBREVIATION * self.words;
        mostly_latin
            && !are_abbreviations
            && self.spelling.is_unlikely()
            && share(self.stop_words, self.words) < 0.03
            && share(self.vowelless, self.long_words) > 0.12
    }

    fn is_no_language(&self) -> bool {
        let mostly_latin = self.latin_letters * 2 > self.letters;
        let enough = self.words >= WORDS_FOR_LANGUAGE && self.long_words >= LONG_WORDS_FOR_LANGUAGE;
        if !mostly_latin || !enough {
            return false;
        }
        let stop_words = share(self.stop_words, self.words);
        let vowelless = share(self.vowelless, self.long_words);
        let letters_e = share(self.letters_e, self.letters);
        (stop_words < 0.015 && vowelless > 0.15) || (stop_words < 0.01 && letters_e < 0.02)
    }
}

/// Text as it may be stored: ligatures spelled out, no control characters, one space between
/// words, no white space at line ends, at most one empty line in a row.
pub fn clean(text: &str) -> String {
    let mut cleaned = String::with_capacity(text.len());
    let mut empty_lines = 1;
    for line in text.lines() {
        let words: Vec<String> = line.split_whitespace().map(clean_word).collect();
        let line = words.join(" ");
        empty_lines = if line.trim().is_empty() {
            empty_lines + 1
        } else {
            0
        };
        if empty_lines < 2 {
            cleaned.push_str(line.trim());
            cleaned.push('\n');
        }
    }
    cleaned.truncate(cleaned.trim_end().len());
    cleaned
}

/// One word with its ligatures spelled out and without control characters; soft hyphens are hyphens.
pub fn clean_word(word: &str) -> String {
    let mut cleaned = String::with_capacity(word.len());
    for character in word.chars() {
        match character {
            '\u{fb00}' => cleaned.push_str("ff"),
            '\u{fb01}' => cleaned.push_str("fi"),
            '\u{fb02}' => cleaned.push_str("fl"),
            '\u{fb03}' => cleaned.push_str("ffi"),
            '\u{fb04}' => cleaned.push_str("ffl"),
            '\u{fb05}' | '\u{fb06}' => cleaned.push_str("st"),
            // Symbol fonts keep their bullet here.
            '\u{f0b7}' => cleaned.push('•'),
            // What a file draws is a hyphen, also inside a number.
            '\u{ad}' => cleaned.push('-'),
            '\u{200b}' | '\u{feff}' => {}
            _ if character.is_control() => {}
            _ => cleaned.push(character),
        }
    }
    cleaned
}

/// Whether a character says that the file does not know which one it is.
pub fn is_unreadable(character: char) -> bool {
    matches!(character, '\u{fffd}' | '\u{e000}'..='\u{f8ff}') || character.is_control()
}

fn is_latin(character: char) -> bool {
    character.is_ascii_alphabetic() || matches!(character, '\u{c0}'..='\u{24f}')
}

fn share(part: usize, whole: usize) -> f32 {
    part as f32 / whole.max(1) as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROSE: &str = "The motion of the plaintiff to compel is before the court. It was filed \
        on a Monday and is opposed by the defendant, which has not shown that the records are \
        privileged. For the reasons that follow, the motion is granted in part, and the records \
        shall be produced.";

    fn shifted(text: &str, by: u8) -> String {
        let shift = |letter: u8, first: u8| ((letter - first + by) % 26 + first) as char;
        text.bytes()
            .map(|byte| match byte {
                b'a'..=b'z' => shift(byte, b'a'),
                b'A'..=b'Z' => shift(byte, b'A'),
                _ => byte as char,
            })
            .collect()
    }

    #[test]
    fn prose_is_language() {
        assert!(!Quality::of_text(PROSE).is_garbled());
    }

    #[test]
    fn letters_moved_along_the_alphabet_are_not() {
        let quality = Quality::of_text(&shifted(PROSE, 1));
        assert!(quality.is_garbled(), "{quality:?}");
        assert!(Quality::of_text(PROSE).is_better_than(&quality));
    }

    #[test]
    fn glyphs_without_characters_are_not() {
        assert!(Quality::of_text("\u{fffd}\u{fffd} docket").is_garbled());
        assert!(Quality::of_text("\u{e001}\u{e002} docket").is_garbled());
        assert!(!Quality::of_text(&format!("\u{f0b7} {PROSE}")).is_garbled());
    }

    #[test]
    fn lists_of_names_and_addresses_are_left_alone() {
        let address = "Jane Roe Roe & Doe LLP 12 N.W. Main St. Apt. 3B Springfield, NH 00501 ";
        let quality = Quality::of_text(&address.repeat(8));
        assert!(!quality.is_garbled(), "{quality:?}");
    }

    #[test]
    fn short_and_foreign_texts_are_left_alone() {
        assert!(!Quality::of_text("XKCD BRTZ 1:20-cv-00001").is_garbled());
        assert!(!Quality::of_text(&"r1c4 12.50 QB 7-A ".repeat(40)).is_garbled());
        assert!(!Quality::of_text(&"суд отказал ".repeat(40)).is_garbled());
    }

    #[test]
    fn stored_text_has_no_control_characters_and_no_ligatures() {
        assert_eq!(
            clean("e\u{fb03}cient\u{0} o\u{fb03}ce \n\n\n\n filed\t on\u{7}\n"),
            "efficient office\n\nfiled on"
        );
        assert_eq!(clean("No. 18\u{ad}1885"), "No. 18-1885");
    }
}
