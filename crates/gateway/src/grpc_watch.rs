//! What watchers are told over gRPC: a request whenever it changes, or the events of all of them.

use fetch_bus::wire;
use fetch_model::{FetchId, FetchRequest};
use fetch_queue::events::Event;
use futures_util::{Stream, StreamExt, stream};
use tonic::Status;

use crate::{
    event_groups::{GroupReader, Requests},
    grpc::{message_of, timestamp},
    grpc_status::status_of,
    watch::{Ended, Watch, WatchAll},
};

/// The row as it was first, and whenever it has changed, until it is final or whoever listens is shut out.
pub(crate) fn rows(
    watch: Watch,
    first: FetchRequest,
    reader: GroupReader,
) -> impl Stream<Item = Result<wire::FetchRequest, Status>> {
    stream::unfold(Some((watch, first, true)), move |watching| {
        let reader = reader.clone();
        async move {
            let (mut watch, last, is_first) =
                watching.filter(|(_, last, is_first)| *is_first || !last.state.is_final())?;
            let now = match is_first {
                true => Ok(last),
                false => watch.changed(&last).await,
            };
            match told(now, &mut watch, &reader).await {
                Ok((message, now)) => Some((Ok(message), Some((watch, now, false)))),
                Err(ended) => Some((Err(status_of_end(ended)), None)),
            }
        }
    })
}

/// A row as it is told to a watcher.
async fn told(
    row: Result<FetchRequest, Ended>,
    watch: &mut Watch,
    reader: &GroupReader,
) -> Result<(wire::FetchRequest, FetchRequest), Ended> {
    let (row, about) = watch.tell_of(row?, reader).await?;
    let message = wire::FetchRequest {
        groups: groups_message(about.as_deref(), row.id, reader),
        ..message_of(&row)
    };
    Ok((message, row))
}

/// The events of a watcher, until it is shut out or has to come again.
pub(crate) fn events(
    watch: WatchAll,
    reader: GroupReader,
) -> impl Stream<Item = Result<wire::RequestEvent, Status>> {
    let events = stream::unfold(Some((watch, reader)), |watching| async move {
        let (mut watch, reader) = watching?;
        match next_events(&mut watch, &reader).await {
            Ok(events) => Some((events, Some((watch, reader)))),
            Err(ended) => Some((vec![Err(status_of_end(ended))], None)),
        }
    });
    events.flat_map(stream::iter)
}

/// Events as they are told.
async fn next_events(
    watch: &mut WatchAll,
    reader: &GroupReader,
) -> Result<Vec<Result<wire::RequestEvent, Status>>, Ended> {
    let told = watch.next(reader).await?.into_iter();
    let messages = told.map(|(event, about)| {
        Ok(wire::RequestEvent {
            groups: groups_message(about.as_deref(), event.request, reader),
            ..event_message(event)
        })
    });
    Ok(messages.collect())
}

fn groups_message(
    about: Option<&Requests>,
    id: FetchId,
    reader: &GroupReader,
) -> Option<wire::RequestGroups> {
    let (request, known) = about?.get(id)?;
    known.message(request, reader.groups)
}

fn status_of_end(ended: Ended) -> Status {
    match ended {
        Ended::Refused(refusal) => status_of(refusal),
        Ended::Stopping => Status::unavailable("The server is about to stop. Watch again."),
    }
}

fn event_message(event: Event) -> wire::RequestEvent {
    wire::RequestEvent {
        event: event.id,
        id: event.request.0,
        at: Some(timestamp(event.at)),
        status: event.status.into(),
        is_final: event.is_final(),
        state: event.state,
        message: event.message,
        groups: None,
    }
}
