//! Pictures of paper, and documents made of them.

use ocr::PageText;
use pdf_writer::{Content, Finish, Name, Pdf, Rect, Ref};

use crate::fixture::{photographed, saved};

/// A picture in greys.
pub struct Paper {
    pub width: usize,
    pub height: usize,
    pub pixels: Vec<u8>,
}

impl Paper {
    /// Letter paper at 100 dots to the inch, of one grey with noise around it.
    pub fn noisy(grey: u8, noise: u32) -> Self {
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
    pub fn printed(width: usize, height: usize, blocks: &[(&[&str], usize, usize)]) -> Self {
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
    pub fn shone_through(mut self) -> Self {
        for row in self.pixels.chunks_mut(self.width) {
            row.reverse();
        }
        for pixel in &mut self.pixels {
            *pixel = 215 + *pixel / 8;
        }
        self
    }

    /// The document whose only page is this picture.
    pub fn document(&self, dots_per_inch: f32) -> Vec<u8> {
        let [wide, high] = [self.width, self.height].map(|side| side as f32 / dots_per_inch);
        self.document_of(wide, high)
    }

    /// The same on a page of so many inches.
    pub fn document_of(&self, wide: f32, high: f32) -> Vec<u8> {
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

/// The only page of a document of such a picture.
pub async fn read(paper: &Paper, dots_per_inch: f32) -> PageText {
    let file = saved(&paper.document(dots_per_inch));
    let mut document = crate::pool(1).read(file.path()).await.unwrap();
    document.pages.remove(0)
}
