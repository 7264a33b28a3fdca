//! The text of a document's file, page by page.

use chrono::{DateTime, Utc};

use crate::{Error, Library, texts::StoredPage};

/// How far the text of a document's file is.
#[derive(Debug, Clone, PartialEq)]
pub struct TextRow {
    /// `planning`, `recognising`, `assembling` or `done`; none if nobody wanted it yet.
    pub state: Option<String>,
    /// All pages, as soon as they are counted.
    pub pages: Option<i32>,
    /// Pages that are read, or failed for good.
    pub pages_read: Option<i32>,
    /// How the document's text was come by (`ocr_status`).
    pub ocr_status: Option<i16>,
    /// Why the file has no pages to give, for people.
    pub refusal: Option<String>,
    /// What is wrong with the file as a whole, in the reader's words.
    pub problems: serde_json::Value,
    /// When all its pages had been looked at.
    pub date_planned: Option<DateTime<Utc>>,
    /// When the text was there.
    pub date_completed: Option<DateTime<Utc>>,
}

impl Library {
    /// How far the text of a document's file is; `None` if there is no such document.
    pub async fn text_of_document(&self, document: i64) -> Result<Option<TextRow>, Error> {
        Ok(sqlx::query_as!(
            TextRow,
            r#"select state as "state?", coalesce(texts.pages, page_count) as pages,
                   pages_read as "pages_read?", ocr_status, refusal,
                   coalesce(problems, '[]') as "problems!", date_planned, date_completed
               from recap_documents
               left join texts on texts.sha256 = recap_documents.sha256
               where recap_documents.id = $1"#,
            document
        )
        .fetch_optional(self.db.pool())
        .await?)
    }

    /// At most `count` pages of a document's file, from page `first` on, as far as they were
    /// looked at; if `sure_below` is given, only those of whose words a smaller share is sure, and
    /// those that failed.
    pub async fn pages_of_document(
        &self,
        document: i64,
        first: i32,
        count: i32,
        sure_below: Option<f32>,
    ) -> Result<Vec<StoredPage>, Error> {
        Ok(sqlx::query_as!(
            StoredPage,
            "select page, text, source, reason, confidence, millis, cut, sure_words, hidden_text
             from text_pages
             where sha256 = (select sha256 from recap_documents where id = $1) and page >= $2
               and ($4::real is null or sure_words < $4 or source = 'failed')
             order by page limit $3",
            document,
            first,
            i64::from(count),
            sure_below
        )
        .fetch_all(self.db.pool())
        .await?)
    }
}
