//! What becomes of requests, as server-sent events: of one request until it is final, or of all of a caller's.

use std::{convert::Infallible, time::Duration};

use axum::{
    Extension,
    extract::{Path, State},
    http::{HeaderMap, StatusCode, header::CACHE_CONTROL},
    response::{
        IntoResponse, Response,
        sse::{Event as Message, KeepAlive, Sse},
    },
};
use chrono_tz::Tz;
use fetch_queue::events::Event;
use futures_util::{Stream, StreamExt, stream};

use super::read_id;
use crate::{
    api::Api,
    dialect::{
        ApiError, Caller, Object, RequestUrl, filter::ALWAYS_ALLOWED, misspelt::Names, moment,
    },
    event_groups::{GroupReader, Requests, Told},
    expand,
    openapi::{Answer, Content, Operation, Parameter, Shape, in_header, in_query, names_of, tag},
    submit::{Intake, told::GROUPS},
    watch::{Watch, WatchAll},
};

/// After which event: what a browser sends by itself when it comes again, and the same in the query.
pub(crate) const LAST_EVENT_ID: &str = "last-event-id";
const AFTER: &str = "after";

/// What is said of one that is none.
pub(crate) const WRONG_AFTER: &str =
    "Send the number of an event, here or as Last-Event-ID, or 0 for all that are kept.";

/// Something is sent at least so often, so that proxies keep the connection and a dead one is noticed.
const HEARTBEAT: Duration = Duration::from_secs(15);

const PARAMETERS: [Parameter; 2] = [
    in_query(
        AFTER,
        Shape::Integer,
        "Begin after the event with this number; 0 is before the first one that is kept.",
    ),
    GROUPS,
];

const TOLD_PARAMETERS: [Parameter; 3] = [
    PARAMETERS[0],
    PARAMETERS[1],
    in_header(
        LAST_EVENT_ID,
        Shape::Integer,
        "The same, as browsers send it. It goes before the parameter.",
    ),
];

const STREAM: Answer = Answer::new(
    200,
    "A stream of server-sent events of the type `request` (`event: request`), which browsers hand to listeners of that \
     name alone. The `id` of each is its number, and its `data` an object with `event` (the number again), `id` (of the \
     request), `at`, `state`, `status`, `message` and `is_final`, and the groups of `expand`, as they are when it is sent. A \
     comment comes every 15 s of silence.",
    Content::Text("text/event-stream"),
);

pub(super) const OF_ALL: Operation = Operation::get("recap_fetch_events", tag::REQUESTS, "Changes of all your requests")
    .about(
        "A stream without an end, of what happens from now on or after a number. It begins with an `id` alone, without \
         an event: the number after which it goes on. To go on after a lost connection, send the last number.",
    )
    .parameters(&TOLD_PARAMETERS)
    .names_ignored()
.answers(&[STREAM]);

pub(super) const OF_ONE: Operation = Operation::get(
    "recap_fetch_row_events",
    tag::REQUESTS,
    "Changes of a request",
)
.about("A stream from the first change, or after a number, to the final one.")
.parameters(&TOLD_PARAMETERS)
.names_ignored()
.answers(&[
    STREAM,
    Answer::new(204, "Nothing more comes.", Content::Nothing),
    Answer::refusal(404, "There is no such request, or it is somebody else's."),
]);

/// What the query may say.
const QUERY: Names = Names {
    read: &names_of(&PARAMETERS),
    ignored: ALWAYS_ALLOWED,
};

/// What becomes of all requests of a caller, for as long as it listens.
pub(super) async fn of_all(
    caller: Caller,
    here: RequestUrl,
    State(api): State<Api>,
    Extension(intake): Extension<Intake>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let ignored = QUERY.check_query(&here)?;
    let after = after(&here, &headers)?;
    let groups = expand::groups_of(&caller, &here)?;
    let watch = WatchAll::begin(&intake, &caller, after).await?;
    let teller = Teller::new(&api, GroupReader::new(&intake, &caller, groups));
    // A number alone is no event, and browsers remember it: whoever comes again before the first one misses nothing.
    let begin = Message::default().id(watch.after().to_string());
    // Whoever is told nothing more comes again, and is told then if it may not.
    let messages = stream::unfold((watch, teller), |(mut watch, teller)| async move {
        let told = watch.next(&teller.reader).await.ok()?;
        let messages = teller.messages(&told);
        Some((stream::iter(messages.into_iter().map(Ok)), (watch, teller)))
    });
    let messages = messages.flatten();
    let messages = stream::once(async { Ok(begin) }).chain(messages);
    Ok((ignored, answer(messages)).into_response())
}

/// What becomes of one request, from its beginning or after an event, to its end. 204 where nothing more comes:
/// browsers then stop asking.
pub(super) async fn of_one(
    caller: Caller,
    here: RequestUrl,
    State(api): State<Api>,
    Extension(intake): Extension<Intake>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let ignored = QUERY.check_query(&here)?;
    let after = after(&here, &headers)?.unwrap_or(0);
    let groups = expand::groups_of(&caller, &here)?;
    let id = fetch_model::FetchId(read_id(&id)?);
    let mut watch = Watch::begin(&intake, &caller, id);
    let request = watch.look().await?;
    let events = watch.events(after).await?;
    if request.state.is_final() && events.is_empty() {
        return Ok((ignored, StatusCode::NO_CONTENT).into_response());
    }
    let teller = Teller::new(&api, GroupReader::new(&intake, &caller, groups));
    let following = Following {
        events: teller.reader.tell(events).await?.into_iter(),
        teller,
        watch,
        after,
        is_over: false,
    };
    Ok((ignored, answer(following.messages())).into_response())
}

fn answer<S>(messages: S) -> Response
where
    S: Stream<Item = Result<Message, Infallible>> + Send + 'static,
{
    let heartbeat = KeepAlive::new().interval(HEARTBEAT);
    // It is polled once more after its end.
    let events = Sse::new(messages.fuse()).keep_alive(heartbeat);
    // Proxies that keep answers until they are whole would keep these for ever.
    let headers = [
        (CACHE_CONTROL.as_str(), "no-cache"),
        ("x-accel-buffering", "no"),
    ];
    (headers, events).into_response()
}

/// The event after which the caller wants to hear.
///
/// # Errors
/// 400 for anything but a number.
fn after(here: &RequestUrl, headers: &HeaderMap) -> Result<Option<i64>, ApiError> {
    let header = headers.get(LAST_EVENT_ID);
    let header = header.map(|value| value.to_str().unwrap_or("?").trim());
    // A browser that comes again says what it heard last, whatever the address says.
    let Some(sent) = header
        .filter(|sent| !sent.is_empty())
        .or(here.parameter(AFTER))
    else {
        return Ok(None);
    };
    match sent.parse() {
        Ok(number @ 0..) => Ok(Some(number)),
        _ => Err(ApiError::field(AFTER, WRONG_AFTER)),
    }
}

/// Writes events for a listener.
struct Teller {
    reader: GroupReader,
    zone: Tz,
}

impl Teller {
    fn new(api: &Api, reader: GroupReader) -> Teller {
        Teller {
            reader,
            zone: api.time_zone,
        }
    }

    /// Events as they are sent.
    fn messages(&self, told: &[Told]) -> Vec<Message> {
        let messages = told
            .iter()
            .map(|(event, about)| self.message(event, about.as_deref()));
        messages.collect()
    }

    fn message(&self, event: &Event, about: Option<&Requests>) -> Message {
        Message::default()
            .id(event.id.to_string())
            .event("request")
            .json_data(self.with_groups(event, about))
            .expect("an object of text keys has a JSON form")
    }

    /// Of a request that is there no more nothing is known.
    fn with_groups(&self, event: &Event, about: Option<&Requests>) -> Object {
        let (object, groups) = (described(event, self.zone), self.reader.groups);
        match about.and_then(|about| about.get(event.request)) {
            Some((request, known)) => known.added_to(object, request, groups, self.zone),
            None => expand::unknown(object, groups),
        }
    }
}

/// `docs/API.md#events`.
fn described(event: &Event, zone: Tz) -> Object {
    Object::new()
        .with("event", event.id)
        .with("id", event.request.0)
        .with("at", moment::write(event.at, zone))
        .with("state", event.state.as_str())
        .with("status", event.status)
        .with("message", event.message.as_str())
        .with("is_final", event.is_final())
}

/// Somebody who listens to one request.
struct Following {
    watch: Watch,
    teller: Teller,
    /// The last event that was told.
    after: i64,
    events: std::vec::IntoIter<Told>,
    /// The last event that was told was final.
    is_over: bool,
}

impl Following {
    fn messages(self) -> impl Stream<Item = Result<Message, Infallible>> + Send {
        stream::unfold(self, |mut following| async move {
            let (event, about) = following.next().await?;
            let message = following.teller.message(&event, about.as_deref());
            Some((Ok(message), following))
        })
    }

    async fn next(&mut self) -> Option<Told> {
        loop {
            if let Some((event, about)) = self.events.next() {
                self.after = event.id;
                // The operator may have begun it anew since.
                self.is_over = event.is_final();
                return Some((event, about));
            }
            if self.is_over {
                return None;
            }
            let events = self.watch.next_events(self.after).await.ok()?;
            self.is_over = events.is_empty();
            let told = self.watch.tell(events, &self.teller.reader).await;
            self.events = told.ok()?.into_iter();
        }
    }
}
