//! The same service over gRPC: Submit, Get, Watch, with health and reflection. What has to do with
//! many requests and with the queue is in `grpc_queue.rs`, what is watched is told by `grpc_watch.rs`, and webhooks are in
//! `grpc_webhooks.rs`.

use std::{any::Any, pin::Pin};

use axum::{Router, body::Body, middleware};
use chrono::{DateTime, Utc};
use fetch_bus::wire::{
    self, CancelRequest, DocketOptions, GetRequest, ListRequest, LogInRequest, SubmitRequest,
    WatchAllRequest, WatchRequest,
    fetch_server::{Fetch, FetchServer},
    webhooks_server::WebhooksServer,
};
use fetch_model::{FetchId, FetchRequest, UserId};
use futures_util::Stream;
use prost_types::Timestamp;
use tonic::{
    Request, Response, Status, Streaming, codec::CompressionEncoding, metadata::MetadataValue,
    server::NamedService, service::Routes,
};
use tonic_health::{ServingStatus, server::HealthReporter};
use tower_http::catch_panic::CatchPanicLayer;

use crate::{
    dialect::{Caller, auth, moment, refusal::SERVER_ERROR},
    event_groups::GroupReader,
    expand::code_of,
    grpc_gate, grpc_queue,
    grpc_source::Message,
    grpc_status::{self, status_of},
    grpc_watch,
    grpc_webhooks::WebhooksService,
    login, quote,
    reach::Reach,
    read::events::{LAST_EVENT_ID, WRONG_AFTER},
    repeat::REPLAYED,
    submit::{
        Intake, LOGIN_WARNING, NUMBER_READ, OUTLIVES_SESSION, QUOTE_CENTS, SESSION_ENDS,
        number_read,
    },
    watch::{Watch, WatchAll},
};

/// How messages are compressed, both ways.
const GZIP: CompressionEncoding = CompressionEncoding::Gzip;

/// The gRPC services, to be served over HTTP/2. Their health is that of the way to the database.
///
/// # Errors
/// When the description of the services is damaged.
pub fn server(intake: Intake, database: Reach) -> anyhow::Result<Router> {
    let (reporter, health) = tonic_health::server::health_reporter();
    let api = intake.api.clone();
    let largest = api.body_limit_bytes;
    let service = FetchServer::new(FetchService { intake })
        .max_decoding_message_size(largest)
        .accept_compressed(GZIP)
        .send_compressed(GZIP);
    let webhooks = WebhooksServer::new(WebhooksService::new(api.clone()))
        .max_decoding_message_size(largest)
        .accept_compressed(GZIP)
        .send_compressed(GZIP);
    let v1 = described().build_v1()?;
    let v1alpha = described().build_v1alpha()?;
    tokio::spawn(tell_health(reporter, database));
    // Whoever compresses at all compresses what it asks of these, too.
    Ok(
        Routes::new(health.accept_compressed(GZIP).send_compressed(GZIP))
            .add_service(v1.accept_compressed(GZIP).send_compressed(GZIP))
            .add_service(v1alpha.accept_compressed(GZIP).send_compressed(GZIP))
            .add_service(service)
            .add_service(webhooks)
            .prepare()
            .into_axum_router()
            .layer(middleware::from_fn(grpc_status::blame))
            .layer(middleware::from_fn_with_state(api, grpc_gate::pass))
            .layer(CatchPanicLayer::custom(panicked)),
    )
}

/// All that is served here, in the version of reflection that is now and in the one before, which is
/// what most tools speak.
fn described() -> tonic_reflection::server::Builder<'static> {
    let services = [
        wire::FILE_DESCRIPTOR_SET,
        tonic_health::pb::FILE_DESCRIPTOR_SET,
        tonic_reflection::pb::v1::FILE_DESCRIPTOR_SET,
        tonic_reflection::pb::v1alpha::FILE_DESCRIPTOR_SET,
    ];
    let nothing = tonic_reflection::server::Builder::configure().include_reflection_service(false);
    services.into_iter().fold(nothing, |described, services| {
        described.register_encoded_file_descriptor_set(services)
    })
}

/// Tells health checks what callers are told: while the database is away, everything is refused.
async fn tell_health(reporter: HealthReporter, mut database: Reach) {
    loop {
        let status = match database.is_away() {
            true => ServingStatus::NotServing,
            false => ServingStatus::Serving,
        };
        // The empty name stands for all that is served here.
        for service in ["", FETCH, WEBHOOKS] {
            reporter.set_service_status(service, status).await;
        }
        if !database.changed().await {
            return;
        }
    }
}

/// The answer to a call that ran into a mistake of ours.
fn panicked(_: Box<dyn Any + Send>) -> axum::http::Response<Body> {
    Status::internal(SERVER_ERROR).into_http()
}

/// The names of the services.
const FETCH: &str = FetchServer::<FetchService>::NAME;
const WEBHOOKS: &str = WebhooksServer::<WebhooksService>::NAME;

/// A method of one of the services.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Method {
    Submit,
    SubmitMany,
    LogIn,
    Cancel,
    Watch,
    /// It changes an endpoint, or what is sent to one.
    ChangeWebhooks,
    /// It reads and answers at once.
    Other,
}

impl Method {
    /// The method that a path means; none of another service.
    pub fn of(path: &str) -> Option<Method> {
        let (service, method) = path.strip_prefix('/')?.split_once('/')?;
        match service {
            FETCH => Some(match method {
                "Submit" => Method::Submit,
                "SubmitMany" => Method::SubmitMany,
                "LogIn" => Method::LogIn,
                "Cancel" => Method::Cancel,
                "Watch" | "WatchAll" => Method::Watch,
                _ => Method::Other,
            }),
            WEBHOOKS => Some(match method {
                "ListWebhooks" | "GetWebhook" | "ListWebhookEvents" | "GetWebhookEvent" => {
                    Method::Other
                }
                _ => Method::ChangeWebhooks,
            }),
            _ => None,
        }
    }

    /// Whether it changes anything.
    pub fn changes(self) -> bool {
        match self {
            Method::Submit
            | Method::SubmitMany
            | Method::LogIn
            | Method::Cancel
            | Method::ChangeWebhooks => true,
            Method::Watch | Method::Other => false,
        }
    }
}

struct FetchService {
    intake: Intake,
}

#[tonic::async_trait]
impl Fetch for FetchService {
    async fn submit(
        &self,
        request: Request<SubmitRequest>,
    ) -> Result<Response<wire::FetchRequest>, Status> {
        let caller = caller(&request)?;
        let accepted = grpc_queue::submit(&self.intake, &caller, request.into_inner()).await?;
        let mut response = Response::new(message_of(&accepted.request));
        let warning = accepted.warning.and_then(|text| text.parse().ok());
        if let Some(warning) = warning {
            response.metadata_mut().insert(LOGIN_WARNING, warning);
        }
        if let Some(most) = accepted.at_most {
            response.metadata_mut().insert(QUOTE_CENTS, most.0.into());
        }
        let number = number_read(&accepted.request).and_then(|number| number.parse().ok());
        if let Some(number) = number {
            response.metadata_mut().insert(NUMBER_READ, number);
        }
        if let Some(life) = accepted.session {
            let ends = moment::write(life.ends, self.intake.api.time_zone);
            if let Ok(ends) = ends.parse() {
                response.metadata_mut().insert(SESSION_ENDS, ends);
            }
        }
        if accepted.outlives_session {
            let yes = MetadataValue::from_static("true");
            response.metadata_mut().insert(OUTLIVES_SESSION, yes);
        }
        if accepted.replayed {
            let yes = MetadataValue::from_static("true");
            response.metadata_mut().insert(REPLAYED, yes);
        }
        Ok(response)
    }

    async fn log_in(
        &self,
        request: Request<LogInRequest>,
    ) -> Result<Response<wire::LogInReply>, Status> {
        let caller = caller(&request)?;
        let message = Message::from(request.into_inner());
        let done = self.intake.log_in_only(&caller, &message).await;
        Ok(login::response(&done.map_err(status_of)?))
    }

    async fn quote(
        &self,
        request: Request<SubmitRequest>,
    ) -> Result<Response<wire::QuoteReply>, Status> {
        let user = caller(&request)?.id();
        let message = Message::from(request.into_inner());
        let told = self.intake.quote(user, &message).await.map_err(status_of)?;
        Ok(Response::new(quote::message(&told)))
    }

    async fn get(
        &self,
        request: Request<GetRequest>,
    ) -> Result<Response<wire::FetchRequest>, Status> {
        let caller = caller(&request)?;
        let found = find(&self.intake, caller.id(), FetchId(request.get_ref().id)).await?;
        let told = grpc_queue::told(&self.intake, &caller, &found, request.get_ref()).await?;
        Ok(Response::new(told))
    }

    type SubmitManyStream = grpc_queue::Results;

    async fn submit_many(
        &self,
        request: Request<Streaming<SubmitRequest>>,
    ) -> Result<Response<Self::SubmitManyStream>, Status> {
        let caller = caller(&request)?;
        let sent = request.into_inner();
        let results = grpc_queue::submit_many(self.intake.clone(), caller, sent);
        Ok(Response::new(results))
    }

    async fn list(
        &self,
        request: Request<ListRequest>,
    ) -> Result<Response<wire::ListResponse>, Status> {
        let caller = caller(&request)?;
        grpc_queue::list(&self.intake, &caller, request.get_ref())
            .await
            .map(Response::new)
    }

    async fn cancel(
        &self,
        request: Request<CancelRequest>,
    ) -> Result<Response<wire::FetchRequest>, Status> {
        let user = caller(&request)?.id();
        let id = FetchId(request.get_ref().id);
        grpc_queue::cancel(&self.intake, user, id)
            .await
            .map(Response::new)
    }

    type WatchStream = Pin<Box<dyn Stream<Item = Result<wire::FetchRequest, Status>> + Send>>;

    async fn watch(
        &self,
        request: Request<WatchRequest>,
    ) -> Result<Response<Self::WatchStream>, Status> {
        let caller = caller(&request)?;
        let groups = grpc_queue::groups_of(&caller, request.get_ref().expand.as_deref())?;
        let reader = GroupReader::new(&self.intake, &caller, groups);
        let id = FetchId(request.get_ref().id);
        let mut watching = Watch::begin(&self.intake, &caller, id);
        let first = watching.look().await.map_err(status_of)?;
        Ok(Response::new(Box::pin(grpc_watch::rows(
            watching, first, reader,
        ))))
    }

    type WatchAllStream = Pin<Box<dyn Stream<Item = Result<wire::RequestEvent, Status>> + Send>>;

    async fn watch_all(
        &self,
        request: Request<WatchAllRequest>,
    ) -> Result<Response<Self::WatchAllStream>, Status> {
        let caller = caller(&request)?;
        let after = request.get_ref().after;
        if after.is_some_and(|after| after < 0) {
            return Err(grpc_status::wrong_field("after", WRONG_AFTER));
        }
        let groups = grpc_queue::groups_of(&caller, request.get_ref().expand.as_deref())?;
        let reader = GroupReader::new(&self.intake, &caller, groups);
        let watch = WatchAll::begin(&self.intake, &caller, after).await;
        let watch = watch.map_err(status_of)?;
        // Whoever comes again before the first event misses nothing.
        let begins_after = MetadataValue::from(watch.after());
        let events = grpc_watch::events(watch, reader);
        let mut response: Response<Self::WatchAllStream> = Response::new(Box::pin(events));
        let metadata = response.metadata_mut();
        metadata.insert(LAST_EVENT_ID, begins_after);
        Ok(response)
    }
}

/// Who calls: `grpc_gate.rs` has found out.
pub(crate) fn caller<T>(request: &Request<T>) -> Result<Caller, Status> {
    let caller = request.extensions().get::<Caller>();
    let caller = caller.ok_or_else(|| status_of(auth::nothing_sent()))?;
    Ok(caller.clone())
}

async fn find(intake: &Intake, user: UserId, id: FetchId) -> Result<FetchRequest, Status> {
    let found = intake.api.control.queue.request_of(user, id).await;
    there(found.map_err(|error| status_of(error.into()))?)
}

fn there(found: Option<FetchRequest>) -> Result<FetchRequest, Status> {
    found.ok_or_else(|| Status::not_found("No PacerFetchQueue matches the given query."))
}

pub(crate) fn message_of(request: &FetchRequest) -> wire::FetchRequest {
    let asked = &request.spec;
    let status = request.public_status();
    wire::FetchRequest {
        id: request.id.0,
        court: asked.court.clone(),
        docket: asked.docket.map(|id| id.0),
        recap_document: asked.document.map(|id| id.0),
        date_created: Some(timestamp(request.date_created)),
        date_modified: Some(timestamp(request.date_modified)),
        date_completed: request.date_completed.map(timestamp),
        status: i16::from(status).into(),
        request_type: asked.kind.number().into(),
        message: request.message.clone(),
        pacer_case_id: asked.pacer_case_id.clone(),
        docket_number: asked.docket_number.clone(),
        options: Some(DocketOptions {
            de_date_start: asked.options.date_start.map(|day| day.to_string()),
            de_date_end: asked.options.date_end.map(|day| day.to_string()),
            de_number_start: asked.options.number_start,
            de_number_end: asked.options.number_end,
            show_parties_and_counsel: Some(asked.options.show_parties_and_counsel),
            show_terminated_parties: Some(asked.options.show_terminated_parties),
            show_list_of_member_cases: Some(asked.options.show_list_of_member_cases),
        }),
        attempts: request.attempts,
        cost_cents: request.cost.0,
        failure: code_of(request).unwrap_or_default(),
        next_step: request.next_step().unwrap_or_default().to_owned(),
        ..wire::FetchRequest::default()
    }
}

pub(crate) fn timestamp(time: DateTime<Utc>) -> Timestamp {
    Timestamp {
        seconds: time.timestamp(),
        nanos: i32::try_from(time.timestamp_subsec_nanos()).unwrap_or_default(),
    }
}
