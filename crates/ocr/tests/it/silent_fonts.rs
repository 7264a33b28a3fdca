//! Fonts whose glyphs are drawn and named, and of which nothing says which characters they are.

use std::fmt::Write as _;

use noto_sans_mono_bitmap::{FontWeight, RasterHeight, get_raster, get_raster_width};
use ocr::choice::Reason;
use ocr::{PageSource, PageText};
use pdf_writer::{Content, Finish, Name, Pdf, Rect, Ref, Str};

use crate::fixture::saved;

const ORDER: [&str; 5] = [
    "The motion of the conservancy for leave to file a brief",
    "is granted. The clerk shall file the brief that was sent",
    "on the second of October. Appellees may answer within",
    "twenty-one days. No further extension will be given",
    "without a showing of diligence.",
];

/// Size of a glyph's raster, and how much of it is below the line.
const RASTER: RasterHeight = RasterHeight::Size16;
const BELOW: usize = 4;
/// From this much ink on a pixel is black.
const INK: u8 = 110;

/// How a font is made.
struct Silent {
    what: &'static str,
    stamp: &'static str,
    /// The code of a character that is the so-manieth of its page.
    code: fn(usize, char) -> u8,
    /// The name of the glyph of that number.
    name: fn(usize) -> String,
    /// Glyphs are shapes, and not bitmaps.
    are_shapes: bool,
    /// What the font says that a code is, if it says anything.
    said: Option<fn(u8) -> u16>,
}

const FONTS: [Silent; 3] = [
    Silent {
        what: "bitmaps under shuffled codes",
        stamp: "Case: 31-5998, 10/03/2031, DktEntry: 46.1, Page 1 of 1",
        code: |_, character| ((u32::from(character) - 32) * 37 % 97 + 32) as u8,
        name: |place| format!("g{place}"),
        are_shapes: false,
        said: None,
    },
    Silent {
        what: "shapes, numbered as they were first used",
        stamp: "Case 2:31-cv-00114-AQR Document 27 Filed 03/04/31 Page 1 of 1",
        code: |place, _| 1 + place as u8,
        name: |place| format!("C{place:04}"),
        are_shapes: true,
        said: None,
    },
    Silent {
        what: "bitmaps that are said to be other letters",
        stamp: "Case 31-40085 Doc 12 Filed 03/15/31 Entered 03/15/31 10:20:30 Page 1 of 1",
        code: |_, character| match character {
            'a'..='z' => (character as u8 - b'a' + 7) % 26 + b'a',
            _ => character as u8,
        },
        name: |place| format!("a{}", 500 + place),
        are_shapes: false,
        said: Some(u16::from),
    },
];

impl Silent {
    fn document(&self) -> Vec<u8> {
        let mut characters: Vec<char> = Vec::new();
        for character in ORDER.iter().flat_map(|line| line.chars()) {
            if !characters.contains(&character) {
                characters.push(character);
            }
        }
        let [catalog, tree, page, content, honest, font, map] = [1, 2, 3, 4, 5, 6, 7].map(Ref::new);
        let mut pdf = Pdf::new();
        pdf.catalog(catalog).pages(tree);
        pdf.pages(tree).kids([page]).count(1);
        pdf.type1_font(honest).base_font(Name(b"Helvetica"));
        self.write_font(&mut pdf, font, map, &characters);
        let mut written = pdf.page(page);
        written
            .parent(tree)
            .media_box(Rect::new(0.0, 0.0, 612.0, 792.0))
            .contents(content);
        let mut resources = written.resources();
        resources
            .fonts()
            .pair(Name(b"F"), honest)
            .pair(Name(b"T"), font);
        resources.finish();
        written.finish();
        let mut drawn = Content::new();
        let mut show = |font: &[u8], size: f32, top: f32, codes: &[u8]| {
            drawn.begin_text();
            drawn.set_font(Name(font), size);
            drawn.next_line(60.0, 792.0 - top);
            drawn.show(Str(codes));
            drawn.end_text();
        };
        show(b"F", 9.0, 20.0, self.stamp.as_bytes());
        for (row, line) in ORDER.iter().enumerate() {
            let code = |character| {
                let place = characters.iter().position(|it| *it == character).unwrap();
                (self.code)(place, character)
            };
            let codes: Vec<u8> = line.chars().map(code).collect();
            show(b"T", 14.0, 120.0 + 22.0 * row as f32, &codes);
        }
        pdf.stream(content, &drawn.finish());
        pdf.finish()
    }

    fn write_font(&self, pdf: &mut Pdf, font: Ref, map: Ref, characters: &[char]) {
        let glyph = |place: usize| Ref::new(20 + i32::try_from(place).unwrap());
        let names: Vec<String> = (0..characters.len()).map(self.name).collect();
        let [width, high] = [get_raster_width(FontWeight::Regular, RASTER), RASTER.val()];
        let mut written = pdf.type3_font(font);
        written
            .bbox(Rect::new(
                0.0,
                -(BELOW as f32),
                width as f32,
                (high - BELOW) as f32,
            ))
            .matrix([1.0 / high as f32, 0.0, 0.0, 1.0 / high as f32, 0.0, 0.0])
            .first_char(0)
            .last_char(255)
            .widths([width as f32; 256]);
        if self.said.is_some() {
            written.to_unicode(map);
        }
        let mut procedures = written.char_procs();
        for (place, name) in names.iter().enumerate() {
            procedures.pair(Name(name.as_bytes()), glyph(place));
        }
        procedures.finish();
        let mut encoding = written.encoding_custom();
        let mut differences = encoding.differences();
        for (place, (character, name)) in characters.iter().zip(&names).enumerate() {
            differences.consecutive((self.code)(place, *character), [Name(name.as_bytes())]);
        }
        differences.finish();
        encoding.finish();
        written.finish();
        for (place, character) in characters.iter().enumerate() {
            let drawn = match self.are_shapes {
                true => shapes(*character),
                false => bitmap(*character),
            };
            pdf.stream(glyph(place), &drawn);
        }
        if let Some(said) = self.said {
            let codes = characters
                .iter()
                .enumerate()
                .map(|(place, character)| (self.code)(place, *character));
            pdf.stream(map, characters_of(codes, said).as_bytes());
        }
    }
}

/// What says of each code which character it is.
fn characters_of(codes: impl Iterator<Item = u8>, said: fn(u8) -> u16) -> String {
    let mut pairs = String::new();
    for code in codes {
        writeln!(
            pairs,
            "1 beginbfchar <{code:02x}> <{:04x}> endbfchar",
            said(code)
        )
        .unwrap();
    }
    format!(
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /T def\n\
         /CMapType 2 def 1 begincodespacerange <00> <ff> endcodespacerange\n\
         {pairs}endcmap end end"
    )
}

/// The rows of a glyph, from above.
fn rows(character: char) -> Vec<Vec<bool>> {
    let raster = get_raster(character, FontWeight::Regular, RASTER).unwrap();
    let rows = raster.raster().iter();
    rows.map(|row| row.iter().map(|ink| *ink >= INK).collect())
        .collect()
}

fn head(width: usize) -> String {
    let (below, above) = (BELOW, RASTER.val() - BELOW);
    format!("{width} 0 0 -{below} {width} {above} d1\n")
}

/// A glyph as the mask of a picture.
fn bitmap(character: char) -> Vec<u8> {
    let rows = rows(character);
    let (width, high) = (rows[0].len(), rows.len());
    let bits: Vec<u8> = rows
        .iter()
        .flat_map(|row| {
            row.chunks(8).map(|pixels| {
                let bit = |(place, black): (usize, &bool)| u8::from(!black) << (7 - place);
                pixels.iter().enumerate().map(bit).sum::<u8>()
            })
        })
        .collect();
    let hexadecimal: String = bits.iter().map(|bits| format!("{bits:02x}")).collect();
    format!(
        "{}q {width} 0 0 {high} 0 -{BELOW} cm\n\
         BI /W {width} /H {high} /IM true /BPC 1 /F /AHx ID {hexadecimal}> EI Q",
        head(width)
    )
    .into_bytes()
}

/// A glyph as boxes.
fn shapes(character: char) -> Vec<u8> {
    let rows = rows(character);
    let mut drawn = head(rows[0].len());
    for (row, pixels) in rows.iter().enumerate() {
        let bottom = (RASTER.val() - BELOW) as f32 - row as f32 - 1.0;
        for (left, black) in pixels.iter().enumerate() {
            if *black {
                // A little larger, so that no gap is seen between them.
                writeln!(drawn, "{left} {bottom} 1.1 1.1 re").unwrap();
            }
        }
    }
    drawn.push('f');
    drawn.into_bytes()
}

async fn read(document: &[u8]) -> PageText {
    let file = saved(document);
    let mut document = crate::pool(1).read(file.path()).await.unwrap();
    document.pages.remove(0)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_in_a_font_that_says_nothing_is_recognised_and_its_stamp_is_kept() {
    for font in FONTS {
        let page = read(&font.document()).await;
        let what = font.what;
        assert_eq!(page.reason, Reason::Garbled, "{what}: {}", page.text);
        assert_eq!(page.source, PageSource::TextLayerPlusOcr, "{what}");
        let lines: Vec<&str> = page.text.lines().filter(|line| !line.is_empty()).collect();
        assert_eq!(lines[0], font.stamp, "{what}");
        assert_eq!(lines[1..], ORDER, "{what}");
    }
}
