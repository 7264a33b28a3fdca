//! Pages of our own. Everyone on them is invented.

use std::fmt::Write as _;

use pdf_writer::{Content, Finish, Name, Pdf, Rect, Ref, Str};

/// An order, in lines of a letter page.
pub const ORDER: [&str; 6] = [
    "The motion of the plaintiff to compel the production of documents is",
    "before the court. It was filed on a Monday and is opposed by the",
    "defendant, which has not shown that the records are privileged. For",
    "the reasons that follow, the motion is granted in part, and the",
    "records shall be produced within fourteen days of this order. Each of",
    "the parties shall bear its own costs. The clerk shall close the motion.",
];

/// A stamp as courts print it.
pub const STAMP: &str = "Case 1:20-cv-00001 Document 5 Filed 01/02/20 Page 1 of 1";

/// A page under construction; places are in points from its upper left corner.
pub struct Sheet {
    pub content: Content,
    width: f32,
    height: f32,
}

impl Sheet {
    pub fn letter() -> Self {
        Self::of(612.0, 792.0)
    }

    pub fn of(width: f32, height: f32) -> Self {
        Self {
            content: Content::new(),
            width,
            height,
        }
    }

    /// Writes in Helvetica.
    pub fn write(&mut self, size: f32, at: (f32, f32), text: &str) {
        let bytes: Vec<u8> = text.chars().map(|character| character as u8).collect();
        self.show(b"F", size, at, &bytes);
    }

    /// Writes lines in Helvetica below each other.
    pub fn write_lines(&mut self, size: f32, (left, top): (f32, f32), lines: &[&str]) {
        for (row, line) in lines.iter().enumerate() {
            self.write(size, (left, top + 1.3 * size * row as f32), line);
        }
    }

    /// Shows codes of a font.
    pub fn show(&mut self, font: &[u8], size: f32, (left, top): (f32, f32), codes: &[u8]) {
        self.content.begin_text();
        self.content.set_font(Name(font), size);
        self.content.next_line(left, self.height - top);
        self.content.show(Str(codes));
        self.content.end_text();
    }

    /// Fills a box.
    pub fn fill(&mut self, grey: f32, left: f32, top: f32, width: f32, height: f32) {
        self.content.save_state();
        self.content.set_fill_gray(grey);
        self.content
            .rect(left, self.height - top - height, width, height);
        self.content.fill_nonzero();
        self.content.restore_state();
    }

    /// The document of this page, whose font `F` is Helvetica.
    pub fn document(self) -> Vec<u8> {
        self.document_with(|_, _, _| None)
    }

    /// The same with one more font, `L`, that is written under the first of two free numbers.
    pub fn document_with(self, font: impl FnOnce(&mut Pdf, Ref, Ref) -> Option<()>) -> Vec<u8> {
        let [catalog, tree, page, content, honest, other, map] =
            [1, 2, 3, 4, 5, 6, 7].map(Ref::new);
        let mut pdf = Pdf::new();
        pdf.catalog(catalog).pages(tree);
        pdf.pages(tree).kids([page]).count(1);
        pdf.type1_font(honest)
            .base_font(Name(b"Helvetica"))
            .encoding_predefined(Name(b"WinAnsiEncoding"));
        let has_other = font(&mut pdf, other, map).is_some();
        let mut written = pdf.page(page);
        written
            .parent(tree)
            .media_box(Rect::new(0.0, 0.0, self.width, self.height))
            .contents(content);
        let mut resources = written.resources();
        let mut fonts = resources.fonts();
        fonts.pair(Name(b"F"), honest);
        if has_other {
            fonts.pair(Name(b"L"), other);
        }
        fonts.finish();
        let mut states = resources.ext_g_states();
        states
            .insert(Name(b"Multiply"))
            .start::<pdf_writer::writers::ExtGraphicsState<'_>>()
            .blend_mode(pdf_writer::types::BlendMode::Multiply);
        states.finish();
        resources.finish();
        written.finish();
        pdf.stream(content, &self.content.finish());
        pdf.finish()
    }
}

/// The characters that [`lying_font`] has glyphs for, and the names of those.
const NAMED: [(char, &str); 14] = [
    (' ', "space"),
    ('.', "period"),
    (',', "comma"),
    ('-', "hyphen"),
    ('0', "zero"),
    ('1', "one"),
    ('2', "two"),
    ('3', "three"),
    ('4', "four"),
    ('5', "five"),
    ('6', "six"),
    ('7', "seven"),
    ('8', "eight"),
    ('9', "nine"),
];

/// Writes a font that draws the glyphs of Times by codes of its own, and says of each code what
/// `said` says it is: UTF-16 in hexadecimal, or nothing.
pub fn lying_font(
    pdf: &mut Pdf,
    font: Ref,
    map: Ref,
    code: impl Fn(char) -> u8,
    said: impl Fn(char) -> Option<String>,
) -> Option<()> {
    let letters = ('a'..='z')
        .chain('A'..='Z')
        .map(|letter| (letter, letter.to_string()));
    let named = NAMED.map(|(character, name)| (character, name.to_owned()));
    let glyphs: Vec<(char, String)> = letters.chain(named).collect();
    let mut written = pdf.type1_font(font);
    written.base_font(Name(b"Times-Roman")).to_unicode(map);
    let mut encoding = written.encoding_custom();
    let mut differences = encoding.differences();
    for (character, name) in &glyphs {
        differences.consecutive(code(*character), [Name(name.as_bytes())]);
    }
    differences.finish();
    encoding.finish();
    written.finish();
    let mut pairs = String::new();
    for (character, _) in &glyphs {
        if let Some(said) = said(*character) {
            writeln!(
                pairs,
                "1 beginbfchar <{:02x}> <{said}> endbfchar",
                code(*character)
            )
            .unwrap();
        }
    }
    let cmap = format!(
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /L def\n\
         /CMapType 2 def 1 begincodespacerange <00> <ff> endcodespacerange\n\
         {pairs}endcmap end end"
    );
    pdf.stream(map, cmap.as_bytes());
    Some(())
}
