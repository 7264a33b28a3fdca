//! What the header of a message or of a part says.

use super::transfer::Encoding;

/// A header, as far as we ask.
pub(super) struct Header<'a> {
    /// The first subject, with its line ends.
    pub(super) subject: Option<&'a [u8]>,
    pub(super) kind: Kind,
    pub(super) encoding: Encoding,
    /// Bytes of the header, with the empty line after it.
    pub(super) length: usize,
}

/// What the content is.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Html,
    Plain,
    Picture,
    /// Parts, with what is between them.
    Multipart(Vec<u8>),
    /// A message with a header of its own.
    Message,
    Other,
}

impl<'a> Header<'a> {
    pub(super) fn read(text: &'a [u8]) -> Self {
        let mut header = Self {
            subject: None,
            kind: Kind::Plain,
            encoding: Encoding::None,
            length: 0,
        };
        let (mut kind, mut encoding) = (None, None);
        while let Some(field) = Field::read(&text[header.length..]) {
            header.length += field.length;
            let place = match () {
                () if field.name.eq_ignore_ascii_case(b"subject") => &mut header.subject,
                () if field.name.eq_ignore_ascii_case(b"content-type") => &mut kind,
                () if field
                    .name
                    .eq_ignore_ascii_case(b"content-transfer-encoding") =>
                {
                    &mut encoding
                }
                () => continue,
            };
            place.get_or_insert(field.value);
        }
        header.length += empty_line(&text[header.length..]);
        header.kind = kind.map_or(Kind::Plain, Kind::of);
        header.encoding = encoding.map_or(Encoding::None, Encoding::of);
        header
    }
}

/// The length of the empty line that ends a header. Without one the content begins at once.
fn empty_line(text: &[u8]) -> usize {
    match text {
        [b'\r', b'\n', ..] => 2,
        [b'\n', ..] => 1,
        _ => 0,
    }
}

struct Field<'a> {
    name: &'a [u8],
    value: &'a [u8],
    length: usize,
}

impl<'a> Field<'a> {
    /// A line with a name, and those after it that begin with white space. Also the line that
    /// mail boxes put first, which has no name: `From someone@example.com Fri Mar 15 ...`.
    fn read(text: &'a [u8]) -> Option<Self> {
        if text.starts_with(b"--") {
            return None;
        }
        let mut length = line_length(text);
        let colon = match text.starts_with(b"From ") {
            true => 0,
            false => colon(&text[..length])?,
        };
        while matches!(text.get(length), Some(b' ' | b'\t')) {
            length += line_length(&text[length..]);
        }
        Some(Self {
            name: text[..colon].trim_ascii(),
            value: &text[(colon + 1).min(length)..length],
            length,
        })
    }
}

fn line_length(text: &[u8]) -> usize {
    let end = text.iter().position(|byte| *byte == b'\n');
    end.map_or(text.len(), |end| end + 1)
}

/// Where a name ends, if there is one.
fn colon(line: &[u8]) -> Option<usize> {
    let colon = line.iter().position(|byte| *byte == b':')?;
    let is_name = line[..colon]
        .trim_ascii_end()
        .iter()
        .all(u8::is_ascii_graphic);
    is_name.then_some(colon)
}

impl Kind {
    fn of(value: &[u8]) -> Self {
        let mut parameters = parameters(value);
        let name = parameters.next().unwrap_or_default().to_ascii_lowercase();
        match name.split(|byte| *byte == b'/').collect::<Vec<_>>()[..] {
            [b"text", b"html"] => Self::Html,
            [b"text", b"plain"] => Self::Plain,
            [b"image", _] => Self::Picture,
            [b"message", b"rfc822"] => Self::Message,
            [b"multipart", _] => parameters
                .find_map(boundary)
                .map_or(Self::Other, Self::Multipart),
            [_, _] => Self::Other,
            // What is no type at all counts as the usual one.
            _ => Self::Plain,
        }
    }
}

/// What stands between semicolons that are not quoted.
fn parameters(value: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut quoted = false;
    value
        .split(move |byte| {
            quoted ^= *byte == b'"';
            *byte == b';' && !quoted
        })
        .map(<[u8]>::trim_ascii)
}

fn boundary(parameter: &[u8]) -> Option<Vec<u8>> {
    let equals = parameter.iter().position(|byte| *byte == b'=')?;
    let (name, value) = (parameter[..equals].trim_ascii(), &parameter[equals + 1..]);
    let value = value.trim_ascii();
    let unquoted = value
        .strip_prefix(b"\"")
        .map(|value| value.strip_suffix(b"\"").unwrap_or(value));
    let is_boundary = name.eq_ignore_ascii_case(b"boundary");
    is_boundary.then(|| unquoted.unwrap_or(value).trim_ascii_end().to_vec())
}
