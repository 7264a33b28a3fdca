//! What is seen in pictures: nothing where nothing is printed, and columns one after the other.

use ocr::verdict::Reason;
use ocr::{PageSource, PageText};
use pdf_writer::{Content, Finish, Name, Pdf, Rect, Ref};

use crate::fixture::{photographed, saved};

/// A picture in greys.
struct Paper {
    width: usize,
    height: usize,
    pixels: Vec<u8>,
}

impl Paper {
    /// Letter paper at 100 dots to the inch, of one grey with noise around it.
    fn noisy(grey: u8, noise: u32) -> Self {
        // Numbers that are random enough, and the same in every run.
        let mut state = 0x2545_f491_u32;
        let mut random = move || {
            state ^= state << 13;
            state ^= state >> 17;
            state ^= state << 5;
            state % (noise + 1)
        };
        let (width, height) = (850, 1100);
        let pixels = (0..width * height)
            .map(|_| {
                (u32::from(grey) + random() + random())
                    .saturating_sub(noise)
                    .min(255) as u8
            })
            .collect();
        Self {
            width,
            height,
            pixels,
        }
    }

    /// White paper at 200 dots to the inch with blocks of print, each with its upper left corner.
    fn printed(width: usize, height: usize, blocks: &[(&[&str], usize, usize)]) -> Self {
        let mut paper = Self {
            width,
            height,
            pixels: vec![255; width * height],
        };
        for (lines, left, top) in blocks {
            let (wide, _, print) = photographed(lines);
            for (row, print) in print.chunks(wide as usize).enumerate() {
                let start = (top + row) * width + left;
                paper.pixels[start..start + print.len()].copy_from_slice(print);
            }
        }
        paper
    }

    /// Mirrored, and so faint as print is on the other side of a sheet.
    fn shone_through(mut self) -> Self {
        for row in self.pixels.chunks_mut(self.width) {
            row.reverse();
        }
        for pixel in &mut self.pixels {
            *pixel = 215 + *pixel / 8;
        }
        self
    }

    /// The document whose only page is this picture.
    fn document(&self, dots_per_inch: f32) -> Vec<u8> {
        let [wide, high] = [self.width, self.height].map(|side| side as f32 / dots_per_inch);
        self.document_of(wide, high)
    }

    /// The same on a page of so many inches.
    fn document_of(&self, wide: f32, high: f32) -> Vec<u8> {
        let [catalog, tree, page, content, picture] = [1, 2, 3, 4, 5].map(Ref::new);
        let [wide, high] = [wide, high].map(|inches| inches * 72.0);
        let mut pdf = Pdf::new();
        pdf.catalog(catalog).pages(tree);
        pdf.pages(tree).kids([page]).count(1);
        let mut written = pdf.page(page);
        written
            .parent(tree)
            .media_box(Rect::new(0.0, 0.0, wide, high))
            .contents(content);
        written.resources().x_objects().pair(Name(b"P"), picture);
        written.finish();
        let mut drawn = Content::new();
        drawn.transform([wide, 0.0, 0.0, high, 0.0, 0.0]);
        drawn.x_object(Name(b"P"));
        pdf.stream(content, &drawn.finish());
        pdf.image_xobject(picture, &self.pixels)
            .width(self.width as i32)
            .height(self.height as i32)
            .bits_per_component(8)
            .color_space()
            .device_gray();
        pdf.finish()
    }
}

async fn read(paper: &Paper, dots_per_inch: f32) -> PageText {
    let file = saved(&paper.document(dots_per_inch));
    let mut document = crate::pool(1).read(file.path()).await.unwrap();
    document.pages.remove(0)
}

const PROSE: [&str; 6] = [
    "The council met on Tuesday and",
    "heard eleven speakers about the",
    "harbour. Most of them asked that",
    "the old quay be kept, since the",
    "boats of the inner bay have no",
    "other place to land their catch.",
];
const OTHER: [&str; 6] = [
    "The school will open its library",
    "to all on Saturdays. Readers must",
    "bring a card, which costs nothing",
    "and is made while they wait. The",
    "hours are from nine to four, and",
    "the reading room stays warm then.",
];

#[tokio::test(flavor = "multi_thread")]
async fn blank_paper_is_blank_whatever_its_grey() {
    for (grey, noise) in [(250, 6), (225, 16), (120, 10), (245, 30)] {
        let page = read(&Paper::noisy(grey, noise), 100.0).await;
        assert_eq!(
            page.source,
            PageSource::Blank,
            "{grey}, {noise}: {}",
            page.text
        );
        assert_eq!(page.reason, Reason::NothingPrinted);
        assert_eq!((page.text.as_str(), page.mean_confidence), ("", None));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn print_of_the_other_side_is_not_read() {
    for block in [
        &PROSE[..],
        &OTHER[..],
        &["SCHEDULE OF CREDITORS", "filed under seal"],
    ] {
        let page = Paper::printed(1700, 2200, &[(block, 300, 300), (block, 300, 900)]);
        let page = read(&page.shone_through(), 200.0).await;
        assert_eq!(page.text, "", "{block:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn little_print_and_white_print_are_read() {
    let short = Paper::printed(1700, 2200, &[(&["EXHIBIT 12"], 600, 1000)]);
    assert_eq!(read(&short, 200.0).await.text, "EXHIBIT 12");
    let mut negative = Paper::printed(1700, 2200, &[(&PROSE, 300, 300)]);
    negative
        .pixels
        .iter_mut()
        .for_each(|pixel| *pixel = 255 - *pixel);
    let text = read(&negative, 200.0).await.text;
    assert!(text.contains("boats of the inner bay"), "{text}");
    let mut grey = Paper::printed(1700, 2200, &[(&PROSE, 300, 300)]);
    grey.pixels
        .iter_mut()
        .for_each(|pixel| *pixel = 130 + *pixel / 3);
    let page = read(&grey, 200.0).await;
    assert!(
        page.text.contains("boats of the inner bay"),
        "{}",
        page.text
    );
    assert!(page.sure_words > Some(0.8), "{:?}", page.sure_words);
}

#[tokio::test(flavor = "multi_thread")]
async fn faxes_are_read_whose_pixels_are_higher_than_wide() {
    // Every second row, and two of three.
    for (keep, of) in [(1, 2), (2, 3)] {
        let mut fax = Paper::printed(1700, 2200, &[(&PROSE, 300, 300), (&OTHER, 300, 900)]);
        let (width, dots) = (fax.width, 200.0);
        let rows: Vec<&[u8]> = fax.pixels.chunks(width).collect();
        let kept = rows
            .chunks(of)
            .flat_map(|rows| &rows[..keep.min(rows.len())]);
        fax.pixels = kept.copied().flatten().copied().collect();
        fax.height = fax.pixels.len() / width;
        let file = saved(&fax.document_of(width as f32 / dots, 11.0));
        let document = crate::pool(1).read(file.path()).await.unwrap();
        let text = &document.pages[0].text;
        for phrase in [
            "boats of the inner bay",
            "bring a card, which costs nothing",
        ] {
            assert!(text.contains(phrase), "{keep} of {of}: {text}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn columns_of_a_picture_are_read_one_after_the_other() {
    let twice = |lines: &[&'static str]| [lines, lines].concat();
    let (left, right) = (twice(&PROSE), twice(&OTHER));
    // On the same lines, and half a line apart.
    for shift in [0, 9, 22] {
        let blocks: [(&[&str], usize, usize); 2] = [(&left, 20, 200), (&right, 720, 200 + shift)];
        let page = read(&Paper::printed(1500, 1100, &blocks), 200.0).await;
        let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let text = words(&page.text);
        let [left, right] = [&left, &right].map(|lines| words(&lines.join(" ")));
        let read = [&left, &right].map(|column| text.contains(column.as_str()));
        assert_eq!(read, [true; 2], "{shift}: {}", page.text);
    }
}
