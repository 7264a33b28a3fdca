//! Documents of our own, made as the tests need them. Everyone in them is invented.

use noto_sans_mono_bitmap::{FontWeight, RasterHeight, get_raster};
use pdf_writer::{Content, Filter, Finish, Name, Pdf, Rect, Ref, Str};
use tempfile::NamedTempFile;

/// A stamp as courts print it.
pub const STAMP: &str = "Case 1:20-cv-00001 Document 5 Filed 01/02/20 Page 1 of 1";

/// First of the forms of an endless page; a file has one such page at most.
const ENDLESS: i32 = 1000;
/// Forms within forms; each shows the next ten times.
const ENDLESS_DEPTH: i32 = 15;
const ENDLESS_FORM: &[u8] = b"/X Do /X Do /X Do /X Do /X Do /X Do /X Do /X Do /X Do /X Do";

/// What a page of a fixture shows.
pub enum Page<'a> {
    /// Lines of Helvetica.
    Typed(&'a [&'a str]),
    /// A picture of lines, under a typed stamp if there is one.
    Scanned(&'a [&'a str], Option<&'a str>),
    /// A picture of lines that lies on its side.
    Lying(&'a [&'a str]),
    /// Lines of Helvetica, and a small picture of a line, as a rubber stamp.
    Stamped(&'a [&'a str], &'a str),
    /// Content that decodes to that many megabytes.
    Bomb(usize),
    /// Forms that show forms that show forms: more work than anyone has time for.
    Endless,
}

/// A file of one typed page.
pub fn typed(lines: &[&str]) -> Vec<u8> {
    document(&[Page::Typed(lines)])
}

/// Writes a fixture where a worker can open it.
pub fn saved(bytes: &[u8]) -> NamedTempFile {
    let file = NamedTempFile::new().unwrap();
    std::fs::write(file.path(), bytes).unwrap();
    file
}

/// A file with those pages.
pub fn document(pages: &[Page<'_>]) -> Vec<u8> {
    let mut pdf = Pdf::new();
    let (catalog, tree, font) = (Ref::new(1), Ref::new(2), Ref::new(3));
    let numbered = |index: usize, part: i32| Ref::new(4 + 3 * index as i32 + part);
    pdf.catalog(catalog).pages(tree);
    pdf.pages(tree)
        .kids((0..pages.len()).map(|index| numbered(index, 0)))
        .count(pages.len() as i32);
    pdf.type1_font(font).base_font(Name(b"Helvetica"));
    for (index, page) in pages.iter().enumerate() {
        let [number, content, picture] = [0, 1, 2].map(|part| numbered(index, part));
        let mut written = pdf.page(number);
        written
            .parent(tree)
            .media_box(Rect::new(0.0, 0.0, 612.0, 792.0))
            .contents(content);
        let mut resources = written.resources();
        resources.fonts().pair(Name(b"F"), font);
        if matches!(
            page,
            Page::Scanned(..) | Page::Lying(..) | Page::Stamped(..)
        ) {
            resources.x_objects().pair(Name(b"P"), picture);
        }
        if matches!(page, Page::Endless) {
            resources.x_objects().pair(Name(b"X"), Ref::new(ENDLESS));
        }
        resources.finish();
        written.finish();
        write_content(&mut pdf, page, content, picture);
    }
    pdf.finish()
}

fn write_content(pdf: &mut Pdf, page: &Page<'_>, content: Ref, picture: Ref) {
    match page {
        Page::Typed(lines) => {
            let mut drawn = Content::new();
            type_lines(&mut drawn, lines, 700.0);
            pdf.stream(content, &drawn.finish());
        }
        Page::Scanned(lines, stamp) => {
            let mut drawn = Content::new();
            draw(
                pdf,
                picture,
                &mut drawn,
                photographed(lines),
                200.0,
                (40.0, 700.0),
            );
            type_lines(&mut drawn, stamp.as_slice(), 775.0);
            pdf.stream(content, &drawn.finish());
        }
        Page::Lying(lines) => {
            let mut drawn = Content::new();
            let (width, height, pixels) = photographed(lines);
            let lying = turned((width as usize, height as usize), &pixels);
            let lying = (height, width, lying);
            draw(pdf, picture, &mut drawn, lying, 200.0, (40.0, 750.0));
            pdf.stream(content, &drawn.finish());
        }
        Page::Stamped(lines, stamp) => {
            let mut drawn = Content::new();
            let stamp = photographed(&[stamp]);
            draw(pdf, picture, &mut drawn, stamp, 600.0, (400.0, 100.0));
            type_lines(&mut drawn, lines, 700.0);
            pdf.stream(content, &drawn.finish());
        }
        Page::Endless => {
            pdf.stream(content, b"/X Do");
            for depth in 0..ENDLESS_DEPTH {
                let mut form = pdf.form_xobject(Ref::new(ENDLESS + depth), ENDLESS_FORM);
                form.bbox(Rect::new(0.0, 0.0, 612.0, 792.0));
                let mut resources = form.resources();
                let mut inner = resources.x_objects();
                inner.pair(Name(b"X"), Ref::new(ENDLESS + depth + 1));
            }
        }
        Page::Bomb(megabytes) => {
            // Two bytes of run length make 128.
            let runs = [129, b' '].repeat(megabytes * 1_000_000 / 128);
            pdf.stream(content, &runs).filter(Filter::RunLengthDecode);
        }
    }
}

/// Draws a picture with its upper left corner at a place.
fn draw(
    pdf: &mut Pdf,
    picture: Ref,
    drawn: &mut Content,
    (width, height, pixels): (i32, i32, Vec<u8>),
    dots_per_inch: f32,
    (left, top): (f32, f32),
) {
    pdf.image_xobject(picture, &pixels)
        .width(width)
        .height(height)
        .bits_per_component(8)
        .color_space()
        .device_gray();
    let shown = [width, height].map(|side| side as f32 * 72.0 / dots_per_inch);
    drawn.save_state();
    drawn.transform([shown[0], 0.0, 0.0, shown[1], left, top - shown[1]]);
    drawn.x_object(Name(b"P"));
    drawn.restore_state();
}

fn type_lines(drawn: &mut Content, lines: &[&str], top: f32) {
    for (row, line) in lines.iter().enumerate() {
        drawn.begin_text();
        drawn.set_font(Name(b"F"), 12.0);
        drawn.next_line(72.0, top - 16.0 * row as f32);
        drawn.show(Str(line.as_bytes()));
        drawn.end_text();
    }
}

/// Width, height and greys of lines in a fixed-width font, at 200 dots per inch.
pub fn photographed(lines: &[&str]) -> (i32, i32, Vec<u8>) {
    const ENLARGED: usize = 2;
    const MARGIN: usize = 40;
    let height = RasterHeight::Size16;
    let cell = noto_sans_mono_bitmap::get_raster_width(FontWeight::Regular, height);
    let longest = lines.iter().map(|line| line.len()).max().unwrap();
    let wide = longest * cell * ENLARGED + 2 * MARGIN;
    let row_height = (height.val() + 6) * ENLARGED;
    let high = lines.len() * row_height + 2 * MARGIN;
    let mut pixels = vec![255; wide * high];
    for (row, line) in lines.iter().enumerate() {
        for (column, character) in line.chars().enumerate() {
            let glyph = get_raster(character, FontWeight::Regular, height).unwrap();
            let (left, top) = (MARGIN + column * cell * ENLARGED, MARGIN + row * row_height);
            for y in 0..glyph.height() * ENLARGED {
                for x in 0..glyph.width() * ENLARGED {
                    let ink = glyph.raster()[y / ENLARGED][x / ENLARGED];
                    pixels[(top + y) * wide + left + x] = 255 - ink;
                }
            }
        }
    }
    (wide as i32, high as i32, pixels)
}

/// A picture of that width and height, turned by a quarter.
pub fn turned((width, height): (usize, usize), pixels: &[u8]) -> Vec<u8> {
    let column = |x: usize| (0..height).rev().map(move |y| pixels[y * width + x]);
    (0..width).flat_map(column).collect()
}
