//! Files made to break readers that are too large to keep: made here, and read within limits.

use std::fmt::Write as _;
use std::io::Write as _;

use flate2::{Compression, write::ZlibEncoder};
use ocr::choice::Reason;
use ocr::{PageSource, ReadError, Refusal};

use crate::fixture::saved;

/// A file of numbered objects, the first of which is the catalog; places are written for it.
fn file(objects: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = b"%PDF-1.7\n".to_vec();
    let mut places = Vec::with_capacity(objects.len());
    for (index, object) in objects.iter().enumerate() {
        places.push(bytes.len());
        bytes.extend_from_slice(format!("{} 0 obj\n", index + 1).as_bytes());
        bytes.extend_from_slice(object);
        bytes.extend_from_slice(b"\nendobj\n");
    }
    let start = bytes.len();
    let mut end = format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1);
    for place in places {
        writeln!(end, "{place:010} 00000 n ").unwrap();
    }
    let size = objects.len() + 1;
    write!(
        end,
        "trailer\n<</Size {size}/Root 1 0 R>>\nstartxref\n{start}\n%%EOF\n"
    )
    .unwrap();
    bytes.extend_from_slice(end.as_bytes());
    bytes
}

fn stream(entries: &str, data: &[u8]) -> Vec<u8> {
    let length = data.len();
    [
        format!("<<{entries}/Length {length}>>\nstream\n").as_bytes(),
        data,
        b"\nendstream",
    ]
    .concat()
}

fn deflated(data: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(data).unwrap();
    encoder.finish().unwrap()
}

/// Catalog, tree and page, with what the page refers to from object 4 on.
fn one_page(page: &str, rest: &[Vec<u8>]) -> Vec<u8> {
    let mut objects = vec![
        b"<</Type/Catalog/Pages 2 0 R>>".to_vec(),
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>".to_vec(),
        format!("<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]{page}>>").into_bytes(),
    ];
    objects.extend_from_slice(rest);
    file(&objects)
}

/// A picture of 40,000 × 40,000 colours: 4.8 GB, packed twice into some kilobytes.
fn vast_picture() -> Vec<u8> {
    let runs = [129_u8, 0].repeat(4_800_000_000 / 128);
    let picture = stream(
        "/Type/XObject/Subtype/Image/Width 40000/Height 40000/ColorSpace/DeviceRGB\
         /BitsPerComponent 8/Filter[/FlateDecode/RunLengthDecode]",
        &deflated(&runs),
    );
    let shown = stream("", b"612 0 0 792 0 0 cm /P Do");
    one_page(
        "/Contents 5 0 R/Resources<</XObject<</P 4 0 R>>>>",
        &[picture, shown],
    )
}

fn nested_arrays(depth: usize) -> Vec<u8> {
    let nested = [b"[".repeat(depth), b"]".repeat(depth)].concat();
    let page = "/Contents 5 0 R/Annots 4 0 R/Resources<</Font<</F 4 0 R>>>>";
    one_page(page, &[nested, stream("", b"BT /F 12 Tf (hello) Tj ET")])
}

/// Nodes that hold one node each, and a page below all.
fn deep_tree(depth: usize) -> Vec<u8> {
    let mut objects = vec![b"<</Type/Catalog/Pages 2 0 R>>".to_vec()];
    for node in 0..depth {
        let (parent, kid) = (node + 1, node + 3);
        let parent = if node == 0 {
            String::new()
        } else {
            format!("/Parent {parent} 0 R")
        };
        objects.push(format!("<</Type/Pages/Count 1/Kids[{kid} 0 R]{parent}>>").into_bytes());
    }
    let parent = depth + 1;
    objects.push(format!("<</Type/Page/Parent {parent} 0 R/MediaBox[0 0 612 792]>>").into_bytes());
    file(&objects)
}

fn many_pages(count: usize) -> Vec<u8> {
    let mut kids = String::new();
    for page in 0..count {
        write!(kids, "{} 0 R ", page + 3).unwrap();
    }
    let mut objects = vec![
        b"<</Type/Catalog/Pages 2 0 R>>".to_vec(),
        format!("<</Type/Pages/Count {count}/Kids[{kids}]>>").into_bytes(),
    ];
    let page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]>>";
    objects.extend(std::iter::repeat_n(page.to_vec(), count));
    file(&objects)
}

#[tokio::test]
async fn a_vast_picture_is_not_even_decoded() {
    let pool = crate::pool(1);
    let file = saved(&vast_picture());
    let read = pool.read(file.path()).await.unwrap();
    assert_eq!(read.pages[0].source, PageSource::Failed);
    assert_eq!(read.pages[0].reason, Reason::PictureTooLarge);
}

#[tokio::test]
async fn too_many_pages_are_refused_and_a_great_many_are_not() {
    let pool = crate::pool(1);
    let file = saved(&many_pages(50_000));
    match pool.read(file.path()).await {
        Err(ReadError::Refused(refusal)) => assert_eq!(
            refusal,
            Refusal::TooManyPages {
                pages: 50_000,
                limit: 20_000
            }
        ),
        other => panic!("{other:?}"),
    }
    let file = saved(&many_pages(2_000));
    let read = pool.read(file.path()).await.unwrap();
    assert_eq!(read.page_count, 2_000);
    assert!(
        read.pages
            .iter()
            .all(|page| page.source == PageSource::Blank)
    );
}

#[tokio::test]
async fn nesting_without_end_is_survived_and_named() {
    let pool = crate::pool(1);
    for bytes in [nested_arrays(5_000_000), deep_tree(50_000)] {
        let file = saved(&bytes);
        match pool.read(file.path()).await {
            Ok(read) => assert_eq!(read.page_count, 1),
            Err(ReadError::Refused(
                Refusal::Damaged | Refusal::ResourceLimit | Refusal::TimeLimit,
            )) => {}
            Err(error) => panic!("{error:?}"),
        }
    }
    let sound = saved(&crate::fixture::typed(&["It is so ordered."]));
    assert_eq!(pool.read(sound.path()).await.unwrap().ocr_status, Some(2));
}
