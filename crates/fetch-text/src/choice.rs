//! Is the text layer of a page its text, or must the page be recognised?
//!
//! Decided from what one pass saw, without painting anything. A page may be a scan with a
//! court's stamp over it, letters turned into shapes, a typed page with a pasted exhibit, or text
//! whose fonts lie about their characters.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::layout::Line;
use crate::quality::Quality;
use crate::sight::{PageSight, Picture};
use crate::stamp;

/// Fewer letters and digits than this, stamps apart, and the page has no text to speak of.
const BODY_ALPHANUMERICS: usize = 50;
/// Share of the page's height at its top and bottom that never counts as body.
const MARGIN_SHARE: f32 = 0.055;
/// Curved outlines from which a page without text may hold letters turned into shapes.
const CURVED_OUTLINES: usize = 5;
/// The same for a page with little text: curves above, letters and digits below.
const MANY_CURVES: usize = 400;
const LITTLE_TEXT: usize = 300;
/// Characters per square inch below which a picture has no text over it.
const SPARSE_PER_SQUARE_INCH: f32 = 3.0;
/// Share of the page that such pictures must cover to matter on a page with text.
const MIXED_SHARE: f32 = 0.25;
const SQUARE_POINTS_PER_SQUARE_INCH: f32 = 72.0 * 72.0;

/// Why a page's text came from where it came from, or why it did not come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// The text layer is the text.
    TextLayer,
    /// A second reader of text layers did better than the first.
    SecondReader,
    /// The text layer is the text, once the codes of its font are moved back to characters.
    ShiftedCodes,
    /// The page shows nothing that could be text.
    NothingDrawn,
    /// The text layer's characters are not what the page shows.
    Garbled,
    /// The page is a picture.
    OnlyPictures,
    /// The page's letters are shapes.
    OutlinedText,
    /// The page has text, and pictures that may hold more.
    MixedPage,
    /// The page is a picture of blank paper.
    NothingPrinted,
    /// The page was recognised, and there was nothing on it.
    NothingRecognised,
    /// The page's picture is larger than the limit.
    PictureTooLarge,
    /// The page's picture cannot be decoded.
    PictureUnreadable,
    /// The recogniser failed or is not there.
    RecognitionFailed,
    /// The page took longer than allowed.
    TimeLimit,
    /// The page took more memory or stack than a worker has.
    ResourceLimit,
    /// The reader asked the system for something that workers may not do, and was ended.
    ForbiddenCall,
    /// The reader broke on the page.
    ReaderFailed,
    /// The document had cost too many workers before this page's turn.
    GivenUp,
}

impl fmt::Display for Reason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::TextLayer => "the text layer is the text",
            Self::SecondReader => "a second reader did better on the text layer",
            Self::ShiftedCodes => "the text layer is the text, its codes moved back to characters",
            Self::NothingDrawn => "the page shows nothing that could be text",
            Self::Garbled => "the text layer is not what the page shows",
            Self::OnlyPictures => "the page is a picture",
            Self::OutlinedText => "the page's letters are shapes",
            Self::MixedPage => "the page has text, and pictures that may hold more",
            Self::NothingPrinted => "the page is a picture of blank paper",
            Self::NothingRecognised => "nothing was recognised on the page",
            Self::PictureTooLarge => "the page's picture is larger than the limit",
            Self::PictureUnreadable => "the page's picture cannot be decoded",
            Self::RecognitionFailed => "the recogniser failed or is not there",
            Self::TimeLimit => "the page took longer than allowed",
            Self::ResourceLimit => "the page took more memory or stack than a worker has",
            Self::ForbiddenCall => "the reader did what is forbidden to it and was ended",
            Self::ReaderFailed => "the reader broke on the page",
            Self::GivenUp => "given up: the document had cost too many workers before",
        })
    }
}

/// Whether to recognise a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Choice {
    /// No: its text layer is its text.
    TextLayer,
    /// No: its text layer is its text, once its codes are moved back to characters.
    Decoded,
    /// No: there is nothing on it.
    Blank,
    /// Yes, for this reason.
    Recognise(Reason),
    /// Unknown: the page broke its reader.
    Failed(Reason),
}

/// Decides for one page, given the lines that its glyphs make.
pub fn choose(page: &PageSight, lines: &[Line]) -> Choice {
    let words: Vec<&str> = body_words(page, lines).collect();
    if is_garbled(page, &words) {
        return Choice::Recognise(Reason::Garbled);
    }
    let body = alphanumerics(words.into_iter()).count();
    if body < BODY_ALPHANUMERICS {
        without_body(page, lines)
    } else {
        with_body(page, body)
    }
}

/// Whether a page has next to no text, stamps apart.
pub fn is_nearly_empty(page: &PageSight, lines: &[Line]) -> bool {
    let enough = alphanumerics(body_words(page, lines)).take(BODY_ALPHANUMERICS);
    enough.count() < BODY_ALPHANUMERICS
}

/// Lines that a recognised page keeps from its text layer, because recognition does not see
/// them or reads them worse: on a garbled page the stamps that can be read, else all that is
/// visible.
pub fn kept_lines<'line>(page: &PageSight, lines: &'line [Line], why: Reason) -> Vec<&'line Line> {
    lines
        .iter()
        .filter(|line| match why {
            Reason::Garbled => stamp::is_stamp(line, page),
            _ => line.words.iter().any(|word| word.visible),
        })
        .collect()
}

fn without_body(page: &PageSight, lines: &[Line]) -> Choice {
    if page.pictures.iter().any(Picture::could_hold_text) {
        Choice::Recognise(Reason::OnlyPictures)
    } else if page.curved_outlines >= CURVED_OUTLINES {
        Choice::Recognise(Reason::OutlinedText)
    } else if lines.is_empty() {
        Choice::Blank
    } else {
        Choice::TextLayer
    }
}

fn with_body(page: &PageSight, body: usize) -> Choice {
    if sparse_picture_share(page) >= MIXED_SHARE {
        Choice::Recognise(Reason::MixedPage)
    } else if page.curves > MANY_CURVES && body < LITTLE_TEXT {
        Choice::Recognise(Reason::OutlinedText)
    } else {
        Choice::TextLayer
    }
}

fn is_garbled(page: &PageSight, body_words: &[&str]) -> bool {
    if page.unreadable_glyphs * 20 > page.glyphs.len() {
        return true;
    }
    let mut quality = Quality::default();
    body_words.iter().for_each(|word| quality.add(word));
    quality.is_garbled()
}

/// The letters and digits of words.
fn alphanumerics<'word>(words: impl Iterator<Item = &'word str>) -> impl Iterator<Item = char> {
    words
        .flat_map(str::chars)
        .filter(|character| character.is_alphanumeric())
}

/// The words outside the margins and the stamps.
fn body_words<'line>(
    page: &'line PageSight,
    lines: &'line [Line],
) -> impl Iterator<Item = &'line str> {
    let margin = MARGIN_SHARE * page.height;
    let inside = move |middle: f32| middle > margin && middle < page.height - margin;
    lines
        .iter()
        .filter(|line| !stamp::is_stamp(line, page))
        .flat_map(|line| &line.words)
        .filter(move |word| inside((word.area.top + word.area.bottom) / 2.0))
        .map(|word| word.text.as_str())
}

/// Share of the page under pictures that have next to no text over them.
fn sparse_picture_share(page: &PageSight) -> f32 {
    let sparse = |picture: &&Picture| {
        let seen = picture.area.shared(&page.area());
        let over = page
            .glyphs
            .iter()
            .filter(|glyph| seen.holds(glyph.start) && !glyph.text.trim().is_empty())
            .count();
        let square_inches = seen.size() / SQUARE_POINTS_PER_SQUARE_INCH;
        (over as f32) < SPARSE_PER_SQUARE_INCH * square_inches
    };
    let covered: f32 = page
        .pictures
        .iter()
        .filter(sparse)
        .map(|picture| picture.area.shared(&page.area()).size())
        .sum();
    covered / page.area().size().max(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layout;
    use crate::sight::{Area, Glyph};

    const STAMP: &str = "Case 1:20-cv-00001 Document 5 Filed 01/02/20 Page 1 of 3";
    const PROSE: &str = "The motion to compel is granted and the records shall be produced";

    fn letter() -> PageSight {
        PageSight {
            width: 612.0,
            height: 792.0,
            ..PageSight::default()
        }
    }

    fn write(page: &mut PageSight, text: &str, top: f32, visible: bool) {
        for (index, character) in text.chars().enumerate() {
            let x = 40.0 + 5.0 * index as f32;
            page.glyphs.push(Glyph {
                text: character.to_string().into(),
                start: (x, top),
                end: (x + 5.0, top),
                angle: 0.0,
                size: 10.0,
                visible,
            });
        }
    }

    fn draw(page: &mut PageSight, left: f32, top: f32, right: f32, bottom: f32) {
        page.pictures.push(Picture {
            area: Area {
                left,
                top,
                right,
                bottom,
            },
            pixel_width: 2550,
            pixel_height: 3300,
            components: 1,
            upright: true,
        });
    }

    fn choice(page: &PageSight) -> Choice {
        choose(page, &layout::lines(&page.glyphs))
    }

    #[test]
    fn a_typed_page_is_its_text() {
        let mut page = letter();
        write(&mut page, STAMP, 20.0, true);
        write(&mut page, PROSE, 300.0, true);
        assert_eq!(choice(&page), Choice::TextLayer);
    }

    #[test]
    fn an_empty_page_is_blank_and_a_stamped_one_is_its_stamp() {
        let mut page = letter();
        assert_eq!(choice(&page), Choice::Blank);
        write(&mut page, STAMP, 20.0, true);
        assert_eq!(choice(&page), Choice::TextLayer);
    }

    #[test]
    fn a_stamped_scan_is_recognised_and_keeps_its_stamp() {
        let mut page = letter();
        draw(&mut page, 0.0, 0.0, 612.0, 792.0);
        write(&mut page, STAMP, 20.0, true);
        assert_eq!(choice(&page), Choice::Recognise(Reason::OnlyPictures));
        let lines = layout::lines(&page.glyphs);
        let kept = kept_lines(&page, &lines, Reason::OnlyPictures);
        assert_eq!(layout::text(kept), STAMP);
    }

    #[test]
    fn the_invisible_text_of_a_searchable_scan_counts() {
        let mut page = letter();
        draw(&mut page, 0.0, 0.0, 612.0, 792.0);
        for row in 0..40 {
            write(&mut page, PROSE, 60.0 + 17.0 * row as f32, false);
        }
        assert_eq!(choice(&page), Choice::TextLayer);
    }

    #[test]
    fn a_pasted_exhibit_makes_a_mixed_page() {
        let mut page = letter();
        write(&mut page, PROSE, 80.0, true);
        write(&mut page, PROSE, 100.0, true);
        draw(&mut page, 50.0, 200.0, 560.0, 700.0);
        assert_eq!(choice(&page), Choice::Recognise(Reason::MixedPage));
    }

    #[test]
    fn a_small_logo_on_a_typed_page_changes_nothing() {
        let mut page = letter();
        write(&mut page, PROSE, 300.0, true);
        draw(&mut page, 50.0, 50.0, 150.0, 100.0);
        assert_eq!(choice(&page), Choice::TextLayer);
    }

    #[test]
    fn letters_turned_into_shapes_are_recognised() {
        let mut page = letter();
        page.curved_outlines = 5;
        assert_eq!(choice(&page), Choice::Recognise(Reason::OutlinedText));
        page.curved_outlines = 4;
        assert_eq!(choice(&page), Choice::Blank);
        write(&mut page, PROSE, 300.0, true);
        page.curves = 401;
        assert_eq!(choice(&page), Choice::Recognise(Reason::OutlinedText));
    }

    #[test]
    fn unreadable_glyphs_are_recognised_and_only_a_readable_stamp_is_kept() {
        let mut page = letter();
        write(&mut page, STAMP, 20.0, true);
        write(&mut page, &"\u{fffd}".repeat(60), 300.0, true);
        page.unreadable_glyphs = 60;
        assert_eq!(choice(&page), Choice::Recognise(Reason::Garbled));
        let lines = layout::lines(&page.glyphs);
        let kept = kept_lines(&page, &lines, Reason::Garbled);
        assert_eq!(layout::text(kept), STAMP);
    }
}
