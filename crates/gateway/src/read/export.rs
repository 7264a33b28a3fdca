//! The whole archive as lines of JSON (`docs/API.md#export`), each row once, with the place to follow its changes from.
//!
//! A few rows are read at a time, when the caller has taken those before, so however much there is takes no more memory.

use std::io;

use axum::{
    body::{Body, Bytes},
    http::{
        HeaderMap, HeaderValue,
        header::{CACHE_CONTROL, CONTENT_TYPE},
    },
    response::{IntoResponse, Response},
};
use fetch_library::feed::Archive;
use futures_util::stream;
use tracing::warn;

use super::{
    changes::{self, Form, Place},
    endpoint::View,
};
use crate::{
    dialect::{ApiError, Caller, Object, auth, filter::ALWAYS_ALLOWED, misspelt::Names},
    openapi::names_of,
};

/// Rows that are read at once.
const AT_ONCE: i64 = 50;

const QUERY: Names = Names {
    read: &names_of(&changes::told::OF_EXPORT),
    ignored: ALWAYS_ALLOWED,
};

/// All rows, or those that were added or changed after a place.
pub(super) async fn lines(caller: Caller, view: View) -> Result<Response, ApiError> {
    let mut headers = QUERY.check_query(&view.here)?;
    let form = Form::of(&view)?;
    let archive = view.api.control.library.archive().await?;
    let begin = Place::of(&view, "cursor", &archive)?.unwrap_or(0);
    let up_to = changes::known(&view).await?;
    describe(&mut headers);
    let export = Export {
        caller,
        view,
        form,
        archive,
        begin,
        after: begin,
        up_to,
        is_over: false,
    };
    Ok((headers, Body::from_stream(export.pieces())).into_response())
}

/// Proxies that keep answers until they are whole would keep this one for long.
fn describe(headers: &mut HeaderMap) {
    let lines = HeaderValue::from_static("application/x-ndjson");
    headers.insert(CONTENT_TYPE, lines);
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
}

/// Somebody who takes all rows.
struct Export {
    caller: Caller,
    view: View,
    form: Form,
    archive: Archive,
    /// Where it began.
    begin: i64,
    /// The last place that was told.
    after: i64,
    /// Where it ends.
    up_to: i64,
    is_over: bool,
}

impl Export {
    /// An answer that breaks off has no last line.
    fn pieces(self) -> impl futures_util::Stream<Item = Result<Bytes, io::Error>> + Send {
        stream::try_unfold(self, |mut export| async move {
            if export.is_over {
                return Ok(None);
            }
            match export.next().await {
                Ok(lines) => Ok(Some((lines, export))),
                Err(refusal) => {
                    warn!(why = ?refusal, "an export ended early");
                    Err(io::Error::other("the export ended early"))
                }
            }
        })
    }

    async fn next(&mut self) -> Result<Bytes, ApiError> {
        auth::look_again(&self.view.api, &self.caller).await?;
        let library = &self.view.api.control.library;
        let mut changes = library
            .rows_after(self.begin, self.after, self.up_to, AT_ONCE)
            .await?;
        changes::cut(&self.view, self.form, &mut changes).await?;
        let Some(last) = changes.last() else {
            // What was left out at the end need not be told again.
            let last = library.last_change_up_to(self.up_to).await?;
            self.after = self.after.max(last);
            self.is_over = true;
            return Ok(line(self.end()));
        };
        self.after = last.place;
        let items = changes::items(&self.view, &self.archive, self.form, &changes).await?;
        let lines: Vec<Bytes> = items.into_iter().map(line).collect();
        Ok(lines.concat().into())
    }

    fn end(&self) -> Object {
        Object::new()
            .with("cursor", changes::cursor(&self.archive, self.after))
            .with("archive", self.archive.id.as_str())
            .with("end", true)
    }
}

fn line(object: Object) -> Bytes {
    let mut line = serde_json::to_vec(&object).expect("an object of text keys has a JSON form");
    line.push(b'\n');
    line.into()
}
