//! Where the process takes its work from the bus.

/// Serves reading jobs until the process is told to stop.
///
/// # Errors
/// Always, in a build whose jobs are not connected yet.
pub async fn serve() -> anyhow::Result<()> {
    anyhow::bail!("reading jobs are not connected in this build; try `ocr read FILE`")
}
