//! Logs, traces and metrics.

mod json_line;
#[cfg(test)]
mod lines;

use std::io::{self, IsTerminal};

use anyhow::Context;
use opentelemetry::{global, trace::TracerProvider};
use opentelemetry_otlp::WithExportConfig;
use opentelemetry_sdk::{
    Resource, metrics::SdkMeterProvider, propagation::TraceContextPropagator,
    trace::SdkTracerProvider,
};
use prometheus::Registry;
use tracing::{Level, Metadata, error, warn};
use tracing_subscriber::{
    EnvFilter, Layer, filter::filter_fn, fmt::format::JsonFields, layer::SubscriberExt,
    util::SubscriberInitExt,
};

use self::json_line::JsonLine;
use crate::{FromEnv, Settings};

/// The crates that are ours.
const OURS: [&str; 27] = [
    "cli",
    "dev_stack",
    "docket_fetcher",
    "fetch_attempt",
    "fetch_bus",
    "fetch_control",
    "fetch_db",
    "fetch_keys",
    "fetch_ledger",
    "fetch_library",
    "fetch_model",
    "fetch_purchase",
    "fetch_queue",
    "fetch_reparse",
    "fetch_runtime",
    "fetch_settings",
    "fetch_text",
    "fetch_webhooks",
    "gateway",
    "kill_point",
    "line_network",
    "login",
    "ocr",
    "pacer",
    "pacer_client",
    "pacer_fetch_client",
    "pdf_fetcher",
];

/// Where telemetry goes.
pub(crate) struct TelemetryConfig {
    /// What is logged, in the syntax of `tracing`'s filters.
    filter: String,
    /// Where spans are sent, by OTLP over gRPC.
    otlp_endpoint: Option<String>,
    /// JSON lines instead of text for people.
    json: bool,
}

impl FromEnv for TelemetryConfig {
    fn from_env(settings: &mut Settings) -> TelemetryConfig {
        let filter = settings.text("LOG", "info");
        if let Err(error) = EnvFilter::try_new(&filter) {
            settings.mistake("LOG", &format!("is not a valid log filter: {error}"));
        }
        TelemetryConfig {
            filter,
            otlp_endpoint: settings.optional("OTLP_ENDPOINT"),
            json: settings.flag("LOG_JSON", !io::stderr().is_terminal()),
        }
    }
}

/// What must be flushed before the process ends.
pub(crate) struct Telemetry {
    pub(crate) registry: Registry,
    tracer: SdkTracerProvider,
    meter: SdkMeterProvider,
}

/// Starts telemetry for the process called `name`. Must run inside the runtime.
pub(crate) fn start(name: &'static str, config: &TelemetryConfig) -> anyhow::Result<Telemetry> {
    let resource = Resource::builder().with_service_name(name).build();
    global::set_text_map_propagator(TraceContextPropagator::new());

    let registry = Registry::new();
    let exporter = opentelemetry_prometheus::exporter()
        .with_registry(registry.clone())
        .without_target_info()
        .build()
        .context("metrics cannot be exported")?;
    let meter = SdkMeterProvider::builder()
        .with_reader(exporter)
        .with_resource(resource.clone())
        .build();
    global::set_meter_provider(meter.clone());

    let tracer = tracer(config, resource)?;
    global::set_tracer_provider(tracer.clone());
    subscribe(name, config, &tracer)?;
    log_panics_without_their_payload();
    Ok(Telemetry {
        registry,
        tracer,
        meter,
    })
}

/// Spans get trace ids even when they are exported nowhere: the ids join the logs of services.
fn tracer(config: &TelemetryConfig, resource: Resource) -> anyhow::Result<SdkTracerProvider> {
    let mut provider = SdkTracerProvider::builder().with_resource(resource);
    if let Some(endpoint) = &config.otlp_endpoint {
        let exporter = opentelemetry_otlp::SpanExporter::builder()
            .with_tonic()
            .with_endpoint(endpoint)
            .build()
            .context("spans cannot be exported")?;
        provider = provider.with_batch_exporter(exporter);
    }
    Ok(provider.build())
}

fn subscribe(
    name: &'static str,
    config: &TelemetryConfig,
    tracer: &SdkTracerProvider,
) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(&config.filter).context("the log filter cannot be used")?;
    let lines = tracing_subscriber::fmt::layer().with_writer(io::stderr);
    let lines = match config.json {
        true => lines
            .fmt_fields(JsonFields::new())
            .event_format(JsonLine)
            .boxed(),
        false => lines.boxed(),
    };
    tracing_subscriber::registry()
        .with(filter)
        .with(filter_fn(is_discreet))
        .with(lines)
        .with(tracing_opentelemetry::layer().with_tracer(tracer.tracer(name)))
        .try_init()
        .context("logging is already set up")
}

/// Whether something may be told, whatever the setting says. Below `info` the code of others quotes what
/// it works on: the parser of pages each piece of text, and so the buyer in a receipt; the jar each cookie.
/// A list of those who do so would be out of date with the next version of any of them.
fn is_discreet(metadata: &Metadata<'_>) -> bool {
    let of = metadata.target().split("::").next().unwrap_or_default();
    *metadata.level() <= Level::INFO || OURS.contains(&of)
}

/// A panic's payload may quote what it was working on, a secret even; its place never does.
fn log_panics_without_their_payload() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic
            .location()
            .map(ToString::to_string)
            .unwrap_or_default();
        error!(place, "panicked");
    }));
}

impl Telemetry {
    /// Sends what is still waiting. Blocks for a few seconds at most.
    pub(crate) fn flush(self) {
        if let Err(error) = self.tracer.shutdown() {
            warn!(
                error = &error as &dyn std::error::Error,
                "could not send the last spans"
            );
        }
        if let Err(error) = self.meter.shutdown() {
            warn!(
                error = &error as &dyn std::error::Error,
                "the metrics exporter did not shut down cleanly"
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, fs, panic};

    use tracing::subscriber::with_default;
    use tracing_subscriber::registry;

    use super::{lines::Lines, *};

    #[test]
    fn what_others_quote_is_not_told_and_what_we_say_is() {
        let told = |told: bool, level: &str| assert!(told, "{level}");
        with_default(registry().with(filter_fn(is_discreet)), || {
            use tracing::enabled;
            told(
                enabled!(target: "html5ever::tokenizer", Level::INFO),
                "info",
            );
            told(
                !enabled!(target: "html5ever::tokenizer", Level::TRACE),
                "trace",
            );
            told(!enabled!(target: "cookie_store", Level::DEBUG), "debug");
            told(
                !enabled!(target: "pacerish", Level::DEBUG),
                "a name like ours",
            );
            told(enabled!(target: "pacer::page", Level::TRACE), "ours");
            told(enabled!(Level::TRACE), "this crate");
        });
    }

    #[test]
    fn a_panic_is_told_by_its_place_and_not_by_its_words() {
        let log = Lines::default();
        let writer = log.clone();
        let lines = tracing_subscriber::fmt().with_writer(move || writer.clone());
        let usual = panic::take_hook();
        log_panics_without_their_payload();
        with_default(lines.finish(), || {
            let password = "Canary-panic";
            panic::catch_unwind(|| panic!("no login with {password}")).unwrap_err();
        });
        panic::set_hook(usual);
        let said = log.written();
        assert!(
            said.contains("panicked") && said.contains(file!()),
            "{said}"
        );
        assert!(!said.contains("Canary"), "{said}");
    }

    #[test]
    fn each_crate_of_ours_is_known_as_ours() {
        let crates = fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/..")).unwrap();
        let named =
            |entry: fs::DirEntry| entry.file_name().into_string().unwrap().replace('-', "_");
        let mut there: BTreeSet<String> = crates.map(|entry| named(entry.unwrap())).collect();
        // They run beside the services and not in them.
        for other in ["pacer_sim", "testkit"] {
            there.remove(other);
        }
        assert_eq!(there, OURS.map(str::to_owned).into());
    }
}
