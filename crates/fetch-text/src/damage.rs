//! Whether what a page is drawn from is whole. The reader takes what it can of a damaged stream and
//! says nothing, so a page can come out empty that was not.

use flate2::{Decompress, FlushDecompress, Status};
use hayro::hayro_syntax::Filter;
use hayro::hayro_syntax::object::{Array, Object, Stream};
use hayro::hayro_syntax::page::Page;

/// Bytes at the start of a zlib stream that are not its data, and at its end that are its checksum.
const ZLIB_HEADER: usize = 2;
const ZLIB_CHECKSUM: usize = 4;
/// More than this is not unpacked only to see whether it can be.
const MOST_UNPACKED: u64 = 64 << 20;
/// What ends a JPEG, and within how many bytes of its end.
const JPEG_END: [u8; 2] = [0xff, 0xd9];
const JPEG_END_WITHIN: usize = 64;

/// Whether some of a page's content is missing or cannot be unpacked.
pub fn is_content_damaged(page: &Page<'_>) -> bool {
    let contents = page.raw();
    if !contents.contains_key(b"Contents".as_slice()) {
        return false;
    }
    if let Some(stream) = contents.get::<Stream<'_>>(b"Contents".as_slice()) {
        // The reader keeps what it made of a page's one stream, so its checksum costs little.
        let unpacked = page.page_stream().unwrap_or_default();
        return !has_checksum(&stream, unpacked) && is_damaged(&stream);
    }
    match contents.get::<Array<'_>>(b"Contents".as_slice()) {
        Some(parts) => parts.iter::<Object<'_>>().any(|part| match part {
            Object::Stream(stream) => is_damaged(&stream),
            _ => true,
        }),
        None => !matches!(
            contents.get::<Object<'_>>(b"Contents".as_slice()),
            Some(Object::Null(_))
        ),
    }
}

/// Whether a form or a picture that a page names cannot be unpacked: what is looked at when a page
/// shows next to nothing.
pub fn is_resource_damaged(page: &Page<'_>) -> bool {
    let objects = &page.resources().x_objects;
    objects.keys().any(|name| {
        let stream = objects.get::<Stream<'_>>(&*name);
        stream.is_some_and(|stream| is_damaged(&stream))
    })
}

fn is_damaged(stream: &Stream<'_>) -> bool {
    let filters = stream.filters();
    match filters.first() {
        Some(Filter::FlateDecode) => !is_whole_flate(&stream.raw_data()),
        Some(Filter::DctDecode) => !is_whole_jpeg(&stream.raw_data()),
        Some(
            Filter::LzwDecode
            | Filter::AsciiHexDecode
            | Filter::Ascii85Decode
            | Filter::RunLengthDecode,
        ) if filters.len() == 1 => stream.decoded_data().is_err(),
        _ => false,
    }
}

fn is_whole_jpeg(data: &[u8]) -> bool {
    let tail = &data[data.len().saturating_sub(JPEG_END_WITHIN)..];
    tail.windows(JPEG_END.len()).any(|end| end == JPEG_END)
}

/// Whether packed data ends where it says that it does.
fn is_whole_flate(packed: &[u8]) -> bool {
    let is_zlib = matches!(packed, [method, flags, ..]
        if method & 0x0f == 8 && (u16::from(*method) << 8 | u16::from(*flags)) % 31 == 0);
    let data = &packed[if is_zlib { ZLIB_HEADER } else { 0 }..];
    // Its checksum is not asked for: some programs write a wrong one over data that is whole.
    let mut unpacking = Decompress::new(false);
    let mut room = vec![0; 32 << 10];
    loop {
        let read = usize::try_from(unpacking.total_in()).unwrap_or(usize::MAX);
        let before = (unpacking.total_in(), unpacking.total_out());
        let rest = data.get(read..).unwrap_or_default();
        match unpacking.decompress(rest, &mut room, FlushDecompress::None) {
            Ok(Status::StreamEnd) => return true,
            Err(_) => return false,
            Ok(_) if unpacking.total_out() > MOST_UNPACKED => return true,
            Ok(_) if (unpacking.total_in(), unpacking.total_out()) == before => return false,
            Ok(_) => {}
        }
    }
}

/// Whether the checksum at the end of a zlib stream is that of what the reader made of it.
fn has_checksum(stream: &Stream<'_>, unpacked: &[u8]) -> bool {
    let filters = stream.filters();
    if filters.is_empty() {
        return true;
    }
    if filters.as_slice() != [Filter::FlateDecode] {
        return false;
    }
    let packed = stream.raw_data();
    let told = packed.last_chunk::<ZLIB_CHECKSUM>();
    told.is_some_and(|told| u32::from_be_bytes(*told) == adler32(unpacked))
}

/// The checksum of zlib.
fn adler32(data: &[u8]) -> u32 {
    const MODULUS: u32 = 65_521;
    /// So many bytes can be added up before the sums grow too large.
    const AT_ONCE: usize = 5552;
    let (mut one, mut two) = (1_u32, 0_u32);
    for bytes in data.chunks(AT_ONCE) {
        for byte in bytes {
            one += u32::from(*byte);
            two += one;
        }
        one %= MODULUS;
        two %= MODULUS;
    }
    two << 16 | one
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::{Compression, write::ZlibEncoder};

    use super::*;

    fn packed(data: &[u8]) -> Vec<u8> {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(data).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn the_checksum_is_that_of_zlib() {
        let text = b"The motion to compel is granted. ".repeat(500);
        let packed = packed(&text);
        let told = packed.last_chunk::<4>().unwrap();
        assert_eq!(u32::from_be_bytes(*told), adler32(&text));
    }

    #[test]
    fn packed_data_is_whole_whatever_its_checksum_and_what_follows() {
        let mut whole = packed(&b"The motion to compel is granted. ".repeat(50));
        assert!(is_whole_flate(&whole));
        assert!(is_whole_flate(&[&whole[..], b"\r\n"].concat()));
        let end = whole.len() - 1;
        whole[end] ^= 0xff;
        assert!(is_whole_flate(&whole));
        assert!(!is_whole_flate(&whole[..whole.len() / 2]));
        assert!(!is_whole_flate(b"no zlib stream at all"));
        assert!(!is_whole_flate(b""));
    }
}
