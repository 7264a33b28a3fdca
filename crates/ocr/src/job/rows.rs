//! Pages as they are stored, and back.

use anyhow::Context;
use fetch_library::texts::StoredPage;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::{
    HiddenText, PagePlan, PageText,
    choice::{Choice, Reason},
};

/// A page whose text is there.
pub(super) fn read(page: &PageText) -> StoredPage {
    StoredPage {
        page: number(page.number),
        text: page.text.clone(),
        source: Some(word(&page.source)),
        reason: word(&page.reason),
        confidence: page.mean_confidence,
        millis: number(page.millis),
        cut: page.cut,
        sure_words: page.sure_words,
        hidden_text: hidden(&page.hidden),
    }
}

/// A page after the pass over the document: its text, or what is kept of it until the page is
/// recognised.
pub(super) fn planned(plan: &PagePlan) -> StoredPage {
    if let Some(page) = plan.finished() {
        return read(&page);
    }
    let why = match plan.choice {
        Choice::Recognise(why) => why,
        _ => Reason::ReaderFailed,
    };
    StoredPage {
        page: number(plan.number),
        text: plan.text.clone(),
        source: None,
        reason: word(&why),
        confidence: None,
        millis: number(plan.millis),
        cut: plan.cut,
        sure_words: None,
        hidden_text: hidden(&plan.hidden),
    }
}

/// A stored page as the engine knows it.
///
/// # Errors
/// When it is not there yet, or was stored by a version with other words.
pub(super) fn stored(page: StoredPage) -> anyhow::Result<PageText> {
    let source = page.source.context("a page is not read yet")?;
    Ok(PageText {
        number: u32::try_from(page.page)?,
        text: page.text,
        source: meaning(source)?,
        reason: meaning(page.reason)?,
        mean_confidence: page.confidence,
        millis: u32::try_from(page.millis)?,
        cut: page.cut,
        sure_words: page.sure_words,
        // Words of another version are told as they are; the text does not need them.
        hidden: serde_json::from_value(page.hidden_text).unwrap_or_default(),
    })
}

/// The word that the engine's own JSON has for it.
pub(super) fn word(value: &impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(Value::String(word)) => word,
        other => unreachable!("reasons and sources are words: {other:?}"),
    }
}

fn meaning<T: DeserializeOwned>(word: String) -> anyhow::Result<T> {
    Ok(serde_json::from_value(Value::String(word))?)
}

fn hidden(hidden: &[HiddenText]) -> Value {
    match serde_json::to_value(hidden) {
        Ok(hidden) => hidden,
        Err(error) => unreachable!("places and words are JSON: {error}"),
    }
}

fn number(value: u32) -> i32 {
    i32::try_from(value).unwrap_or(i32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::PageSource;
    use fetch_text::hidden::HiddenBy;

    #[test]
    fn a_page_survives_the_store() {
        let page = PageText {
            number: 3,
            text: "ORDER".to_owned(),
            source: PageSource::TextLayerPlusOcr,
            reason: Reason::OnlyPictures,
            mean_confidence: Some(91.5),
            millis: 812,
            cut: false,
            sure_words: Some(0.75),
            hidden: vec![HiddenText {
                by: HiddenBy::Box,
                area: [72.0, 100.0, 144.0, 112.0],
                text: "Odile Roe".to_owned(),
            }],
        };
        let row = read(&page);
        assert_eq!(row.source.as_deref(), Some("text-layer+ocr"));
        assert_eq!(row.reason, "only-pictures");
        assert_eq!(stored(row).unwrap(), page);
    }

    #[test]
    fn a_page_to_be_recognised_has_no_source_yet() {
        let plan = PagePlan {
            text: "Document 5 Page 1 of 1".to_owned(),
            choice: Choice::Recognise(Reason::OnlyPictures),
            ..PagePlan::failed(1, Reason::OnlyPictures)
        };
        let row = planned(&plan);
        assert_eq!(row.source, None);
        assert_eq!(row.text, plan.text);
        assert!(stored(row).is_err());
    }
}
