//! How the gateway finds what nobody moves.

use fetch_db::Error;
use fetch_ledger::abandoned;
use fetch_queue::{SweepReport, attempt, sweep};
use kill_point::Point;

use crate::Control;

impl Control {
    /// Finds work that nobody moves, lost messages and dead workers, and closes the purchases of buyers
    /// that fell silent. `None` when another process is sweeping at this moment.
    pub async fn sweep(&self) -> Result<Option<SweepReport>, Error> {
        let mut transaction = self.db.begin().await?;
        let Some(swept) = sweep::sweep(&mut transaction).await? else {
            return Ok(None);
        };
        for closed in abandoned::close_forgotten_intents(&mut transaction).await? {
            let (request, fence) = (closed.request, closed.fence);
            attempt::note(&mut transaction, request, fence, "doubt", &closed.why).await?;
        }
        kill_point::reached(Point::InSweep);
        transaction.commit().await?;
        Ok(Some(swept))
    }
}
