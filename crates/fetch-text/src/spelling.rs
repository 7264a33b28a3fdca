//! How likely the letters of a text are to follow each other in English, told without a dictionary.
//!
//! Text whose font lies about its letters is wrong from the first word on, long before there are
//! words enough to count those that every page has. Counted in public opinions and orders, whose
//! pages have 3.2 to 3.8 bits a pair; the same pages with their letters exchanged, in whatever way,
//! have 5.1 to 6.7. Names, citations and other languages with Latin letters stay below 4.3.

/// Bits for each letter after each, first of all the edge of a word.
const BITS: [[u8; 27]; 27] = [
    digits(b"934445465477555449543675989"),
    digits(b"495559768597352959333768759"),
    digits(b"438992999479379389455499949"),
    digits(b"339693894495599299693479979"),
    digits(b"149872979387879599779589989"),
    digits(b"257535679799464968345977688"),
    digits(b"158994499399799299466599979"),
    digits(b"249993874599666399566399999"),
    digits(b"339991899399879499796799989"),
    digits(b"757455569998452369533969999"),
    digits(b"338884878888888488588187888"),
    digits(b"159992989299795999764999989"),
    digits(b"349553869399399389966679949"),
    digits(b"335992999399959459459699989"),
    digits(b"249434749578778499943789959"),
    digits(b"367579399999642769254366999"),
    digits(b"429992996699489439385599989"),
    digits(b"677777777477777777777077777"),
    digits(b"249642979397865479644679959"),
    digits(b"169683995496999569943499999"),
    digits(b"249993992399796499556799969"),
    digits(b"646464769499343969234999999"),
    digits(b"339791999299999599999999999"),
    digits(b"339992993299695399679996999"),
    digits(b"349493997599999929993999999"),
    digits(b"089994999599858589959999998"),
    digits(b"146882888488868688888688866"),
];
/// Fewer letters than this say nothing.
const ENOUGH_LETTERS: u32 = 60;
/// More bits a pair than this, and the letters do not stand for themselves.
const UNLIKELY: f32 = 4.85;
/// Fewer than this, and they do.
const LIKELY: f32 = 4.4;

const fn digits(row: &[u8; 27]) -> [u8; 27] {
    let mut bits = *row;
    let mut place = 0;
    while place < bits.len() {
        bits[place] -= b'0';
        place += 1;
    }
    bits
}

/// What was counted of a text's spelling.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Spelling {
    bits: u32,
    pairs: u32,
    letters: u32,
}

impl Spelling {
    /// Counts the words of a text.
    pub fn of_text(text: &str) -> Self {
        let mut spelling = Self::default();
        text.split_whitespace().for_each(|word| spelling.add(word));
        spelling
    }

    /// Counts one more word. Letters of other alphabets end a word; their own is not judged.
    pub fn add(&mut self, word: &str) {
        let mut before = 0;
        for byte in word.bytes() {
            let letter = match byte {
                b'a'..=b'z' => byte - b'a' + 1,
                b'A'..=b'Z' => byte - b'A' + 1,
                _ => 0,
            };
            if letter > 0 || before > 0 {
                self.bits += u32::from(BITS[usize::from(before)][usize::from(letter)]);
                self.pairs += 1;
                self.letters += u32::from(letter > 0);
            }
            before = letter;
        }
        if before > 0 {
            self.bits += u32::from(BITS[usize::from(before)][0]);
            self.pairs += 1;
        }
    }

    /// Letters of the Latin alphabet without marks.
    pub fn letters(&self) -> u32 {
        self.letters
    }

    /// Bits a pair: the fewer, the more it is like English.
    pub fn bits(&self) -> f32 {
        self.bits as f32 / self.pairs.max(1) as f32
    }

    /// Whether there are letters enough to say that these do not stand for themselves.
    pub fn is_unlikely(&self) -> bool {
        self.letters >= ENOUGH_LETTERS && self.bits() > UNLIKELY
    }

    /// Whether these follow each other as those of a language do.
    pub fn is_likely(&self) -> bool {
        self.letters > 0 && self.bits() < LIKELY
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROSE: &str =
        "The motion to compel is granted in part. The records shall be produced within a week.";

    #[test]
    fn prose_names_and_citations_are_likely() {
        let names = "Johnson Williams Martinez Anderson Nguyen Schwartz Okafor Lindqvist Takahashi";
        let citations = "Fed. R. Civ. P. 12(b)(6); 28 U.S.C. § 1331; 550 U.S. 544; cert. denied; \
            Id. at 570; see also Bell Atl. Corp.; 5 C. Wright & A. Miller, Federal Practice";
        for text in [PROSE, &PROSE.to_uppercase(), names, citations] {
            let spelling = Spelling::of_text(text);
            assert!(spelling.is_likely(), "{text}: {spelling:?}");
        }
    }

    #[test]
    fn other_languages_are_not_unlikely() {
        for text in [
            "El tribunal considera que la demanda presentada por el actor no cumple los requisitos",
            "Das Gericht hat entschieden, dass die Klage abgewiesen wird, weil der Beklagte nicht",
            "La cour a jugé que le défendeur n'était pas tenu d'exécuter le contrat en cause ici",
            "Toa an nhan dan thanh pho da xet xu vu an dan su giua nguyen don va bi don ve hop dong",
        ] {
            let spelling = Spelling::of_text(text);
            assert!(!spelling.is_unlikely(), "{text}: {}", spelling.bits());
        }
    }

    #[test]
    fn exchanged_letters_are_unlikely() {
        for by in [1_u8, 3, 7, 13, 21] {
            let turned: String = PROSE
                .bytes()
                .map(|byte| match byte.is_ascii_alphabetic() {
                    true => ((byte.to_ascii_lowercase() - b'a' + by) % 26 + b'a') as char,
                    false => byte as char,
                })
                .collect();
            let spelling = Spelling::of_text(&turned);
            assert!(spelling.is_unlikely(), "{turned}: {}", spelling.bits());
        }
    }

    #[test]
    fn few_letters_say_nothing() {
        assert!(!Spelling::of_text("XKCD BRTZ QQ 7").is_unlikely());
        assert!(!Spelling::of_text("12:15 13:4 22").is_likely());
    }
}
