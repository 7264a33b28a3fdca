//! Files that carry other files, as courts deliver the sound of a hearing.

use fetch_text::{PageSource, PageText};

use crate::raw::{Index, file, order, packed, stream};
use crate::read;
use crate::sheet::ORDER;

/// The number of what names the carried file; the file itself comes after it.
const NAMED: usize = 6;

/// A page with an order on it, and a sound that is long in comparison.
fn carrying(catalog: &str, page: &str, rest: &[Vec<u8>]) -> PageText {
    let mut sound = b"\xff\xfb\x90\x44".to_vec();
    sound.extend((0..200_000_u32).map(|sample| (sample.wrapping_mul(2_654_435_761) >> 24) as u8));
    let mut objects = order();
    let add = |object: &mut Vec<u8>, entries: &str| {
        object.truncate(object.len() - b">>".len());
        object.extend_from_slice(format!("{entries}>>").as_bytes());
    };
    add(&mut objects[0], catalog);
    add(&mut objects[3], page);
    objects.push(
        b"<</Type/Filespec/F(hearing.mp3)/UF(hearing.mp3)/Desc(Hearing)/EF<</F 7 0 R>>>>".to_vec(),
    );
    let entries = "/Type/EmbeddedFile/Subtype/audio#2Fmpeg/Filter/FlateDecode";
    objects.push(stream(entries, &packed(&sound)));
    objects.extend_from_slice(rest);
    let mut document = read(file(&objects, Index::Stream));
    assert_eq!(document.problems, []);
    assert_eq!(document.page_count, 1);
    document.pages.remove(0)
}

#[test]
fn a_page_that_carries_the_sound_of_a_hearing_is_its_text() {
    let annotation =
        |entries: &str| vec![format!("<</Type/Annot/Rect[90 90 320 260]{entries}>>").into_bytes()];
    let sound = stream("/Type/Sound/R 8000/B 8/E/Raw", &[0x80; 8000]);
    let pages = [
        (
            "among the files of the document",
            carrying(
                &format!("/Names<</EmbeddedFiles<</Names[(hearing.mp3) {NAMED} 0 R]>>>>"),
                "",
                &[],
            ),
        ),
        (
            "a collection of files",
            carrying(
                &format!(
                    "/Collection<</Type/Collection/View/D>>\
                     /Names<</EmbeddedFiles<</Names[(hearing.mp3) {NAMED} 0 R]>>>>"
                ),
                "",
                &[],
            ),
        ),
        (
            "pinned to the page",
            carrying(
                "",
                "/Annots[8 0 R]",
                &annotation(&format!(
                    "/Subtype/FileAttachment/FS {NAMED} 0 R/Name/PushPin"
                )),
            ),
        ),
        (
            "a player on the page",
            carrying(
                "",
                "/Annots[8 0 R]",
                &annotation(&format!(
                    "/Subtype/Screen/A<</S/Rendition/R<</S/MR/C<</S/MCD/CT(audio/mpeg)\
                     /D {NAMED} 0 R>>>>>>"
                )),
            ),
        ),
        (
            "a sound of its own",
            carrying(
                "",
                "/Annots[8 0 R]",
                &[annotation("/Subtype/Sound/Sound 9 0 R"), vec![sound]].concat(),
            ),
        ),
    ];
    for (where_it_is, page) in pages {
        assert_eq!(page.source, PageSource::TextLayer, "{where_it_is}");
        assert_eq!(page.text, ORDER.join("\n"), "{where_it_is}");
    }
}
