//! The simulator as a program: serves on one port until it is told to stop.

mod options;

use std::io::Write;
use std::sync::Arc;

use anyhow::Context;
use clap::Parser;
use options::Options;
use pacer_sim::Simulator;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let options = Options::parse();
    let listener = TcpListener::bind(&options.listen)
        .await
        .with_context(|| format!("cannot listen on {}", options.listen))?;
    let simulator = Arc::new(Simulator::new(options.into_config()?)?);
    let stop = stop_signal()?;
    announce(&listener)?;
    pacer_sim::serve(listener, simulator, stop)
        .await
        .context("serving")
}

fn announce(listener: &TcpListener) -> anyhow::Result<()> {
    let address = format!("http://{}", listener.local_addr()?);
    let mut output = std::io::stdout().lock();
    writeln!(output, "{}", serde_json::json!({"listening": address}))?;
    Ok(output.flush()?)
}

/// Done when the process is asked to end.
fn stop_signal() -> anyhow::Result<impl Future<Output = ()> + Send + 'static> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}
