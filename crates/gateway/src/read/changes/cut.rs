//! How much is told at once: rows are in memory together, and whoever asks waits for all of them.

use std::collections::HashMap;

use fetch_library::{
    feed::{ChangeKind, RowChange},
    read::Resource,
};

use super::{super::endpoint::View, Form, wanted};
use crate::dialect::ApiError;

/// Bytes of text in an answer, or in a piece of an export. A single row may have more.
const MOST_TEXT: i64 = 4 << 20;

/// Leaves the last changes out if their rows have too much text; whether some were. One stays always.
pub(in crate::read) async fn cut(
    view: &View,
    form: Form,
    changes: &mut Vec<RowChange>,
) -> Result<bool, ApiError> {
    let mut sizes: HashMap<Resource, HashMap<i64, i64>> = HashMap::new();
    for (resource, ids) in wanted(changes) {
        // As it is stored, an entry comes without its documents.
        if form != Form::Rows || resource != Resource::DocketEntries {
            let of_kind = view.api.control.library.text_bytes(resource, &ids).await?;
            sizes.insert(resource, of_kind);
        }
    }
    let size = |change: &RowChange| match change.change {
        Some(ChangeKind::Added | ChangeKind::Changed) => change
            .resource
            .and_then(|resource| sizes.get(&resource)?.get(&change.id).copied())
            .unwrap_or(0),
        _ => 0,
    };
    let mut left = MOST_TEXT;
    let fitting = changes.iter().take_while(|change| {
        left -= size(change);
        left >= 0
    });
    let fitting = fitting.count().max(1);
    let is_cut = fitting < changes.len();
    changes.truncate(fitting);
    Ok(is_cut)
}
