//! Files that are written object by object, with or without what says where those are.

use std::fmt::Write as _;
use std::io::Write as _;

use flate2::{Compression, write::ZlibEncoder};

use crate::sheet::ORDER;

/// How a file says where its objects are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Index {
    /// A table and a trailer.
    Table,
    /// A stream, as files of the last twenty years have.
    Stream,
}

/// Catalog, tree, font and one page with an order on it, in objects from 1 on.
pub fn order() -> Vec<Vec<u8>> {
    vec![
        b"<</Type/Catalog/Pages 2 0 R>>".to_vec(),
        b"<</Type/Pages/Kids[4 0 R]/Count 1>>".to_vec(),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>".to_vec(),
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 5 0 R\
          /Resources<</Font<</F 3 0 R>>>>>>"
            .to_vec(),
        stream("", &content()),
    ]
}

/// The content of a page with an order on it.
pub fn content() -> Vec<u8> {
    let mut content = String::new();
    for (row, line) in ORDER.iter().enumerate() {
        let top = 700 - 16 * row;
        writeln!(content, "BT /F 12 Tf 72 {top} Td ({line}) Tj ET").unwrap();
    }
    content.into_bytes()
}

/// A stream of those bytes, with more entries in its dictionary.
pub fn stream(entries: &str, data: &[u8]) -> Vec<u8> {
    let head = format!("<<{entries}/Length {}>>\nstream\n", data.len());
    [head.as_bytes(), data, b"\nendstream"].concat()
}

/// Packed bytes.
pub fn packed(data: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(data).unwrap();
    encoder.finish().unwrap()
}

/// Objects of such numbers, parted by such line ends, and where each of them begins.
pub fn body(objects: &[(usize, &[u8])], line_end: &str) -> (Vec<u8>, Vec<(usize, usize)>) {
    let mut bytes = format!("%PDF-1.7{line_end}").into_bytes();
    let mut places = Vec::new();
    for (number, object) in objects {
        places.push((*number, bytes.len()));
        bytes.extend_from_slice(format!("{number} 0 obj{line_end}").as_bytes());
        bytes.extend_from_slice(object);
        bytes.extend_from_slice(format!("{line_end}endobj{line_end}").as_bytes());
    }
    (bytes, places)
}

/// Objects with the numbers of their places.
pub fn numbered(objects: &[Vec<u8>]) -> Vec<(usize, &[u8])> {
    objects
        .iter()
        .enumerate()
        .map(|(place, object)| (place + 1, object.as_slice()))
        .collect()
}

/// A whole file, whose catalog is its first object.
pub fn file(objects: &[Vec<u8>], index: Index) -> Vec<u8> {
    let (mut bytes, places) = body(&numbered(objects), "\n");
    let start = bytes.len();
    let size = objects.len() + 1;
    match index {
        Index::Table => {
            let mut table = format!("xref\n0 {size}\n0000000000 65535 f \n");
            for (_, place) in places {
                writeln!(table, "{place:010} 00000 n ").unwrap();
            }
            write!(table, "trailer\n<</Size {size}/Root 1 0 R>>\n").unwrap();
            bytes.extend_from_slice(table.as_bytes());
        }
        Index::Stream => {
            let mut rows = vec![0, 0, 0, 0, 0, 255, 255];
            for place in places.iter().map(|(_, place)| *place).chain([start]) {
                rows.push(1);
                rows.extend_from_slice(&u32::try_from(place).unwrap().to_be_bytes());
                rows.extend_from_slice(&[0, 0]);
            }
            let entries = format!("/Type/XRef/W[1 4 2]/Size {}/Root 1 0 R", size + 1);
            let object = stream(&entries, &rows);
            bytes.extend_from_slice(format!("{size} 0 obj\n").as_bytes());
            bytes.extend_from_slice(&object);
            bytes.extend_from_slice(b"\nendobj\n");
        }
    }
    bytes.extend_from_slice(format!("startxref\n{start}\n%%EOF\n").as_bytes());
    bytes
}
