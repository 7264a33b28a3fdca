//! Names as they are stored.

/// Names are indexed, and Postgres refuses to index a text of more than 2,700 bytes. No name is
/// that long, but a page that a court garbled may seem to have one, and it was paid for.
const LONGEST_NAME: usize = 2000;

/// A name or type as it is stored: as printed, up to a length.
pub(super) fn stored_name(name: &str) -> &str {
    &name[..name.floor_char_boundary(LONGEST_NAME)]
}
