//! Every limit that reading keeps, in one place.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// What one document and one worker may cost. The defaults were measured on court files and on
/// files made to break readers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Limits {
    /// Largest file that is opened, in bytes.
    pub file_bytes: u64,
    /// Most pages that a file may have.
    pub pages: u32,
    /// Largest picture that is decoded: width × height × components, in bytes.
    pub image_bytes: u64,
    /// Largest picture handed to recognition, in pixels; bigger ones are made smaller.
    pub recognised_pixels: u64,
    /// Largest picture of a page that is drawn, in pixels; the resolution is lowered to fit.
    pub raster_pixels: u64,
    /// Longest text of a page, in bytes; the rest is cut.
    pub page_text_bytes: usize,
    /// Longest text of a document, in bytes; later pages are cut.
    pub document_text_bytes: usize,
    /// Wall time for opening a file and reading its text layers, on a core of its own.
    pub open_time: Duration,
    /// Wall time for each page to be recognised, added to `open_time`.
    pub recognise_time_per_page: Duration,
    /// Address space of a worker, in bytes.
    pub worker_memory_bytes: u64,
    /// Pages after which a worker is replaced.
    pub worker_pages: u32,
    /// Workers that one document may cost in a row, without a page that is answered between,
    /// before its unread pages are given up.
    pub worker_deaths: u32,
    /// Wall time that dead workers may cost one document before its unread pages are given up.
    pub lost_time: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            file_bytes: 200_000_000,
            pages: 20_000,
            image_bytes: 100_000_000,
            recognised_pixels: 40_000_000,
            raster_pixels: 12_000_000,
            page_text_bytes: 5_000_000,
            document_text_bytes: 64_000_000,
            open_time: Duration::from_secs(20),
            recognise_time_per_page: Duration::from_secs(10),
            worker_memory_bytes: 2 << 30,
            worker_pages: 500,
            worker_deaths: 8,
            lost_time: Duration::from_secs(300),
        }
    }
}

impl Limits {
    /// Wall time for recognising that many pages of one document.
    pub fn recognise_time(&self, pages: usize) -> Duration {
        self.open_time + self.recognise_time_per_page * u32::try_from(pages).unwrap_or(u32::MAX)
    }
}
