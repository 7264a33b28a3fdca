//! Asking for something that costs nothing.

use fetch_model::{AttemptError, Failure};
use pacer::flow::FreeFlow;

use super::{Conclusion, Driver};
use crate::{Conversation, response::CourtResponse};

impl Conversation<'_> {
    /// Asks for something that costs nothing, until it is there or the table of answers says no.
    pub(crate) async fn ask(&self, flow: FreeFlow) -> Result<CourtResponse, AttemptError> {
        // Boxed, as what it waits for is nested too deeply for an optimising compiler.
        match Box::pin(Driver::free(self).drive(flow)).await {
            Conclusion::Done(_, response) => Ok(response),
            Conclusion::NotBilled(error) | Conclusion::Doubt { then: error, .. } => Err(error),
            // No flow of what is free says so.
            Conclusion::RefusedWithBill { .. } => Err(Failure::Internal.into()),
        }
    }
}

impl<'a> Driver<'a> {
    /// Drives what costs nothing.
    pub(super) fn free(conversation: &'a Conversation<'a>) -> Driver<'a> {
        Driver {
            conversation,
            intent: None,
            case: "",
            pauses: 0,
        }
    }
}
