//! The catalog of a file that has lost its index, where it is packed into a stream together with other
//! objects: the reader finds packed objects by itself, and takes only a catalog that is not packed for
//! the root.

use std::io::Read;

use flate2::read::ZlibDecoder;
use memchr::memmem;

/// Bytes of the dictionary of a stream before and after its type.
const DICTIONARY: usize = 512;
/// More than this of a stream of objects is not unpacked.
const MOST_UNPACKED: u64 = 16 << 20;

/// What says where the root is, to be written behind the file; none if no packed object is a catalog.
pub(super) fn trailer(bytes: &[u8]) -> Option<Vec<u8>> {
    let places = memmem::find_iter(bytes, b"/ObjStm");
    let number = places
        .filter_map(|place| packed_catalog(bytes, place))
        .last()?;
    Some(format!("\ntrailer\n<</Root {number} 0 R>>\n").into_bytes())
}

/// The number of the catalog in the stream of objects whose type stands there.
fn packed_catalog(bytes: &[u8], place: usize) -> Option<u32> {
    let before = &bytes[place.saturating_sub(DICTIONARY)..place];
    let before = &before[memmem::rfind(before, b" obj")?..];
    let after = &bytes[place..];
    let end = memmem::find(&after[..after.len().min(DICTIONARY)], b"stream")?;
    let dictionary = [before, &after[..end]].concat();
    let mut data = &after[end + b"stream".len()..];
    for line_end in [b'\r', b'\n'] {
        data = data.strip_prefix(&[line_end]).unwrap_or(data);
    }
    let is_packed = memmem::find(&dictionary, b"/FlateDecode").is_some();
    let objects = unpacked(data, is_packed);
    let first = value_of(&dictionary, b"/First")?;
    let heads = str::from_utf8(objects.get(..first)?).ok()?;
    let numbers: Vec<usize> = heads
        .split_ascii_whitespace()
        .map_while(|number| number.parse().ok())
        .collect();
    let (heads, _) = numbers.as_chunks::<2>();
    // Places count from the first object.
    let begins = |[_, start]: &[usize; 2]| first.saturating_add(*start);
    let ends = heads.iter().skip(1).map(begins).chain([objects.len()]);
    let found = heads.iter().zip(ends).find(|(head, end)| {
        let object = objects.get(begins(head)..*end).unwrap_or_default();
        let has = |name: &[u8]| memmem::find(object, name).is_some();
        has(b"/Catalog") && has(b"/Pages")
    });
    found.and_then(|([number, _], _)| u32::try_from(*number).ok())
}

/// What a stream holds; of a torn one, what there is.
fn unpacked(data: &[u8], is_packed: bool) -> Vec<u8> {
    let mut objects = Vec::new();
    let read = match is_packed {
        true => ZlibDecoder::new(data)
            .take(MOST_UNPACKED)
            .read_to_end(&mut objects),
        false => data.take(MOST_UNPACKED).read_to_end(&mut objects),
    };
    if let Err(error) = read {
        tracing::debug!(%error, "a stream of objects is torn");
    }
    objects
}

/// The number that follows a name.
fn value_of(dictionary: &[u8], name: &[u8]) -> Option<usize> {
    let start = memmem::find(dictionary, name)? + name.len();
    let rest = dictionary[start..].trim_ascii_start();
    let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    str::from_utf8(&rest[..digits]).ok()?.parse().ok()
}
