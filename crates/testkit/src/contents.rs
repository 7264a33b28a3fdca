//! What NATS holds, for tests that look for what must not be there.

use anyhow::Context;
use async_nats::jetstream::{self, stream::Stream};
use futures_util::TryStreamExt;

/// Stream and subject of every stored message whose subject, headers or body contain `text`.
/// The streams behind key-value buckets are streams like others.
pub(crate) async fn containing(nats_url: &str, text: &str) -> anyhow::Result<Vec<String>> {
    let jetstream = jetstream::new(async_nats::connect(nats_url).await?);
    let names: Vec<String> = jetstream.stream_names().try_collect().await?;
    anyhow::ensure!(!names.is_empty(), "there are no streams to search");
    let mut found = Vec::new();
    for name in names {
        let stream = jetstream.get_stream(&name).await?;
        found.extend(in_stream(&stream, text).await.with_context(|| name)?);
    }
    Ok(found)
}

async fn in_stream(stream: &Stream, text: &str) -> anyhow::Result<Vec<String>> {
    let state = &stream.cached_info().state;
    let mut found = Vec::new();
    for sequence in state.first_sequence..=state.last_sequence {
        // Deleted ones leave gaps.
        let Ok(message) = stream.get_raw_message(sequence).await else {
            continue;
        };
        let searched = format!(
            "{} {:?} {}",
            message.subject,
            message.headers,
            String::from_utf8_lossy(&message.payload)
        );
        if searched.contains(text) {
            found.push(format!(
                "{} {}",
                stream.cached_info().config.name,
                message.subject
            ));
        }
    }
    Ok(found)
}
