//! What a fault does to a request, before and after it is looked at.

use std::time::Duration;

use axum::http::StatusCode;

use super::login_page;
use super::reply::{Reply, hang};
use super::visit::Call;
use crate::Simulator;
use crate::fault::FaultKind;
use crate::page::{Place, notice};
use crate::server::Cut;

/// What a fault answers without looking at the request.
pub(super) fn instead(fault: &FaultKind, call: &Call, cut: &Cut) -> Option<Reply> {
    let place = &call.place;
    if let Some(reply) = instead_of_data(fault, cut) {
        return Some(reply);
    }
    Some(match fault {
        FaultKind::LoginPage => Reply::html(login_page(&call.simulator, place, &call.asked())),
        FaultKind::Xml => Reply::xml("<response><status>blocked</status></response>".to_owned()),
        FaultKind::ExcessiveUsage => Reply::html(excessive_usage()),
        FaultKind::NoPrivileges => Reply::html(notice::page(
            place,
            "This user has no access privileges defined.",
        )),
        FaultKind::UnknownHtml => Reply::html(unknown(place)),
        FaultKind::Notice { notice } => call.notice(notice),
        FaultKind::Page {
            body,
            as_pdf,
            billed: false,
        } => page(body, *as_pdf),
        _ => return None,
    })
}

/// Of what a fault answers without looking, that which makes sense where there are no pages of a
/// court as well.
pub(super) fn instead_of_data(fault: &FaultKind, cut: &Cut) -> Option<Reply> {
    Some(match fault {
        FaultKind::Status {
            status,
            billed: false,
            retry_after,
        } => status_reply(*status).with_retry_after(retry_after.clone()),
        FaultKind::ResetBefore => {
            cut.now();
            Reply::html(String::new())
        }
        FaultKind::Maintenance => Reply::html(
            "<html><body><h1>The system is being maintained.</h1></body></html>".to_owned(),
        ),
        _ => return None,
    })
}

/// A page with this status that says what it means.
pub(super) fn status_reply(status: u16) -> Reply {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let reason = match status {
        StatusCode::REQUEST_TIMEOUT => {
            "Server timeout waiting for the HTTP request from the client."
        }
        other => other.canonical_reason().unwrap_or("Error"),
    };
    let page = format!(
        "<html><head><title>{0}</title></head><body><h1>{0}</h1><p>{reason}</p></body></html>",
        status.as_u16()
    );
    Reply::html(page).with_status(status)
}

fn page(body: &str, as_pdf: bool) -> Reply {
    match as_pdf {
        true => Reply::pdf(body.to_owned().into()),
        false => Reply::html(body.to_owned()),
    }
}

/// The text of the real notice is not known; the policy behind it is.
fn excessive_usage() -> String {
    "<html><body><h1>Excessive usage</h1><p>Your PACER account was suspended because of excessive usage. \
     Contact the PACER Service Center.</p></body></html>"
        .to_owned()
}

fn unknown(place: &Place) -> String {
    place.page("<p>Something that nobody has seen before.</p>")
}

/// What a fault does to an answer after everything was done that was asked.
pub(super) async fn afterwards(
    simulator: &Simulator,
    fault: Option<FaultKind>,
    reply: Reply,
    cut: &Cut,
) -> Reply {
    match fault {
        Some(FaultKind::Delay { ms }) => {
            tokio::time::sleep(Duration::from_millis(ms)).await;
            reply
        }
        Some(FaultKind::SlowBody { ms }) => reply.dripping(Duration::from_millis(ms)),
        Some(FaultKind::Reset) => {
            cut.now();
            reply
        }
        Some(FaultKind::Truncate) => reply.truncated(),
        Some(FaultKind::PdfAsHtml) => Reply::html(
            "<html><body><pre>pdf:Producer Fictional Press 1.0\nThe words of a document.</pre></body></html>"
                .to_owned(),
        ),
        Some(FaultKind::Hang) => hang(simulator, cut).await,
        Some(FaultKind::Page { body, as_pdf, .. }) => page(&body, as_pdf),
        Some(FaultKind::Redirect { location }) => Reply::found(location),
        Some(FaultKind::Status {
            status,
            retry_after,
            ..
        }) => status_reply(status).with_retry_after(retry_after),
        _ => reply,
    }
}
