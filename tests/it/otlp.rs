//! A receiver of traces, as an operator would run one.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
};

use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTraceServiceRequest, ExportTraceServiceResponse,
    trace_service_server::{TraceService, TraceServiceServer},
};
use tokio::{net::TcpListener, task::JoinHandle};
use tokio_stream::wrappers::TcpListenerStream;
use tonic::{Request, Response, Status, transport::Server};

/// Keeps all that is sent to it.
pub struct Receiver {
    address: SocketAddr,
    came: Came,
    serving: JoinHandle<()>,
}

#[derive(Clone, Default)]
struct Came(Arc<Mutex<Vec<ExportTraceServiceRequest>>>);

#[tonic::async_trait]
impl TraceService for Came {
    async fn export(
        &self,
        request: Request<ExportTraceServiceRequest>,
    ) -> Result<Response<ExportTraceServiceResponse>, Status> {
        let mut came = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        came.push(request.into_inner());
        Ok(Response::new(ExportTraceServiceResponse::default()))
    }
}

impl Receiver {
    pub async fn start() -> anyhow::Result<Receiver> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let came = Came::default();
        let service = TraceServiceServer::new(came.clone());
        let serving = Server::builder()
            .add_service(service)
            .serve_with_incoming(TcpListenerStream::new(listener));
        let serving = tokio::spawn(async move { serving.await.expect("it listens already") });
        Ok(Receiver {
            address,
            came,
            serving,
        })
    }

    /// The setting that sends traces here.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Every span that came, in words.
    pub fn spans(&self) -> Vec<String> {
        let came = self.came.0.lock().unwrap_or_else(PoisonError::into_inner);
        came.iter()
            .flat_map(|request| &request.resource_spans)
            .flat_map(|resource| {
                let service = format!("{:?}", resource.resource);
                let spans = resource.scope_spans.iter().flat_map(|scope| &scope.spans);
                spans.map(move |span| format!("{service} {span:?}"))
            })
            .collect()
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.serving.abort();
    }
}
