//! Attachments as listed by a menu, or by a report with "view multiple documents".

use pacer::page::{attachment_page::Attachment, docket::EntryAttachment};

use super::documents::{ATTACHMENT, Wanted};

/// A line of such a list.
pub(super) struct Listed<'a> {
    number: Option<i64>,
    description: &'a str,
    pacer_doc_id: Option<&'a str>,
    page_count: Option<u32>,
    byte_count: Option<u64>,
}

impl<'a> From<&'a EntryAttachment> for Listed<'a> {
    fn from(line: &'a EntryAttachment) -> Listed<'a> {
        Listed {
            number: line.attachment_number.map(i64::from),
            description: &line.description,
            pacer_doc_id: line.pacer_doc_id.as_deref(),
            page_count: line.page_count,
            byte_count: line.file_size_bytes,
        }
    }
}

impl<'a> From<&'a Attachment> for Listed<'a> {
    fn from(line: &'a Attachment) -> Listed<'a> {
        Listed {
            number: line.attachment_number,
            description: &line.description,
            pacer_doc_id: line.pacer_doc_id.as_deref(),
            page_count: line.page_count,
            byte_count: line.file_size_bytes,
        }
    }
}

/// The documents of an entry: the main one and those listed with it. A line without a number or
/// a document is a sealed one, and one without pages a restricted one: they are passed over.
/// Number 0 is the main document once more, and completes it.
pub(super) fn wanted<'a>(
    mut main: Wanted,
    listed: impl Iterator<Item = Listed<'a>>,
) -> Vec<Wanted> {
    let mut attachments: Vec<Wanted> = Vec::new();
    for line in listed {
        let (Some(number), Some(pacer_doc_id), Some(pages)) =
            (line.number, line.pacer_doc_id, line.page_count)
        else {
            continue;
        };
        let page_count = pages.try_into().ok();
        let file_size = line.byte_count.and_then(|bytes| bytes.try_into().ok());
        if number == 0 {
            complete(&mut main, pacer_doc_id, page_count, file_size);
            continue;
        }
        let Ok(number) = i16::try_from(number) else {
            continue;
        };
        let attachment = Wanted {
            entry: main.entry,
            document_type: ATTACHMENT,
            document_number: main.document_number.clone(),
            attachment_number: Some(number),
            pacer_doc_id: pacer_doc_id.to_owned(),
            description: line.description.to_owned(),
            page_count,
            file_size,
        };
        if !attachments.contains(&attachment) {
            attachments.push(attachment);
        }
    }
    attachments.insert(0, main);
    attachments
}

fn complete(
    main: &mut Wanted,
    pacer_doc_id: &str,
    page_count: Option<i32>,
    file_size: Option<i64>,
) {
    if main.pacer_doc_id.is_empty() {
        pacer_doc_id.clone_into(&mut main.pacer_doc_id);
    }
    main.page_count = main.page_count.or(page_count);
    main.file_size = main.file_size.or(file_size);
}
