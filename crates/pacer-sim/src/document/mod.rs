//! PDFs of the documents: some with a text layer, some scanned.
//!
//! A document is made anew from its words whenever it is asked for, and is the same every
//! time. [`scan`] paints the pictures.

mod scan;

use std::io::Write;

use flate2::Compression;
use flate2::write::ZlibEncoder;
use pdf_writer::{Content, Filter, Finish, Name, Pdf, Rect, Ref, Str};

use crate::dice::Dice;

const PAGE_WIDTH: f32 = 612.0;
const PAGE_HEIGHT: f32 = 792.0;
const LEFT: f32 = 60.0;
const TOP: f32 = 720.0;
const LEADING: f32 = 15.5;

/// What a PDF is made of.
pub struct Printing<'a> {
    /// The words, page by page.
    pub pages: &'a [String],
    /// Line that the court prints at the top of each page, before `Page 1 of 3`; none if the
    /// header was not wanted or the case is not known.
    pub stamp: Option<String>,
    /// The pages are pictures of the words.
    pub scanned: bool,
    /// Decides the noise of pictures.
    pub noise: u64,
}

impl Printing<'_> {
    fn pages(&self) -> impl Iterator<Item = Page<'_>> {
        let count = self.pages.len();
        let page = move |index: usize| Page {
            words: &self.pages[index],
            stamp: self
                .stamp
                .as_ref()
                .map(|stamp| format!("{stamp}   Page {} of {count}", index + 1)),
            scanned: self.scanned,
            noise: self.noise ^ index as u64,
        };
        (0..count).map(page)
    }
}

/// Prints documents, one behind the other in one file.
pub fn print(printings: &[Printing<'_>]) -> Vec<u8> {
    let mut pdf = Pdf::new();
    let (catalog, tree, body_font, stamp_font) =
        (Ref::new(1), Ref::new(2), Ref::new(3), Ref::new(4));
    pdf.catalog(catalog).pages(tree);
    let count = printings.iter().map(|printing| printing.pages.len()).sum();
    let page_ref = |index: usize| Ref::new(10 + index as i32 * 3);
    pdf.pages(tree)
        .kids((0..count).map(page_ref))
        .count(count as i32);
    let pages = printings.iter().flat_map(Printing::pages);
    for (index, page) in pages.enumerate() {
        let references = PageRefs {
            page: page_ref(index),
            tree,
            body_font,
            stamp_font,
        };
        page.write(&mut pdf, &references);
    }
    font(&mut pdf, body_font, b"Times-Roman");
    font(&mut pdf, stamp_font, b"Helvetica");
    pdf.finish()
}

fn font(pdf: &mut Pdf, at: Ref, name: &[u8]) {
    pdf.type1_font(at)
        .base_font(Name(name))
        .encoding_predefined(Name(b"WinAnsiEncoding"));
}

struct PageRefs {
    page: Ref,
    tree: Ref,
    body_font: Ref,
    stamp_font: Ref,
}

impl PageRefs {
    fn content(&self) -> Ref {
        Ref::new(self.page.get() + 1)
    }

    fn picture(&self) -> Ref {
        Ref::new(self.page.get() + 2)
    }
}

struct Page<'a> {
    words: &'a str,
    stamp: Option<String>,
    scanned: bool,
    noise: u64,
}

impl Page<'_> {
    fn write(&self, pdf: &mut Pdf, refs: &PageRefs) {
        let mut page = pdf.page(refs.page);
        page.media_box(Rect::new(0.0, 0.0, PAGE_WIDTH, PAGE_HEIGHT));
        page.parent(refs.tree).contents(refs.content());
        let mut resources = page.resources();
        resources
            .fonts()
            .pair(Name(b"F1"), refs.body_font)
            .pair(Name(b"F2"), refs.stamp_font);
        if self.scanned {
            resources.x_objects().pair(Name(b"Im1"), refs.picture());
        }
        resources.finish();
        page.finish();
        // Compressed, as courts' files are: nobody should find words by searching the bytes.
        let content = deflate(&self.content());
        pdf.stream(refs.content(), &content)
            .filter(Filter::FlateDecode);
        if self.scanned {
            self.picture(pdf, refs.picture());
        }
    }

    fn content(&self) -> Vec<u8> {
        let mut content = Content::new();
        if self.scanned {
            content.save_state();
            content.transform([PAGE_WIDTH, 0.0, 0.0, PAGE_HEIGHT, 0.0, 0.0]);
            content.x_object(Name(b"Im1")).restore_state();
        } else {
            content.begin_text();
            content
                .set_font(Name(b"F1"), 12.0)
                .set_leading(LEADING)
                .next_line(LEFT, TOP);
            for line in self.words.lines() {
                content.show(Str(line.as_bytes())).next_line_using_leading();
            }
            content.end_text();
        }
        if let Some(stamp) = &self.stamp {
            content.begin_text().set_fill_rgb(0.0, 0.0, 0.6);
            content.set_font(Name(b"F2"), 9.0).next_line(LEFT, 770.0);
            content.show(Str(stamp.as_bytes())).end_text();
        }
        content.finish().to_vec()
    }

    fn picture(&self, pdf: &mut Pdf, at: Ref) {
        let mut dice = Dice::new(self.noise, &[]);
        let picture = scan::paint(self.words, &mut dice);
        let (samples, filter, bits) = if dice.once_in(2) {
            (scan::jpeg(&picture), Filter::DctDecode, 8)
        } else {
            (deflate(&scan::one_bit(&picture)), Filter::FlateDecode, 1)
        };
        let mut image = pdf.image_xobject(at, &samples);
        image.filter(filter);
        image.width(scan::WIDTH as i32).height(scan::HEIGHT as i32);
        image.color_space().device_gray();
        image.bits_per_component(bits);
    }
}

fn deflate(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
    encoder
        .write_all(bytes)
        .expect("writing to memory cannot fail");
    encoder.finish().expect("writing to memory cannot fail")
}
