//! ACMS, where two courts of appeals keep recent cases: provisional, since little is known of it.
//!
//! [`sites`] finds out which of its sites is asked, [`saml`] lets people in, [`show`] sells
//! dockets, [`api`] answers in JSON and [`merge`] sells documents. [`state`] remembers.

mod api;
mod merge;
mod saml;
mod show;
mod sites;
mod state;

use std::sync::Arc;

use axum::body::to_bytes;
use axum::extract::Request;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method};
use axum::response::Response;
use bytes::Bytes;

use super::mishap::{afterwards, instead_of_data, status_reply};
use super::reply::Reply;
use super::sale::charge;
use super::visit::{cookie, login_of};
use super::{MOST_BYTES, let_in};
use crate::Simulator;
use crate::court::Court;
use crate::fault::FaultKind;
use crate::limits::Subject;
use crate::server::Cut;
use crate::session::Visitor;
use sites::Site;
pub(super) use sites::{Address, find};
pub(crate) use state::Acms;
use state::Session;

/// A request to one of the sites.
struct Call {
    simulator: Arc<Simulator>,
    address: Address,
    /// Path without the label of the site.
    path: String,
    parts: Parts,
    body: Bytes,
}

/// Somebody who is in, and who pays.
struct Guest {
    session: Session,
    visitor: Visitor,
}

/// Answers a request.
pub(super) async fn answer(
    simulator: Arc<Simulator>,
    cut: Cut,
    address: Address,
    path: String,
    request: Request,
) -> Response {
    let account = who(&simulator, address.site, request.headers());
    let label = address.site.label();
    let method = request.method().clone();
    let asked = match request.uri().query() {
        Some(query) => format!("{path}?{query}"),
        None => path.clone(),
    };
    let subject = Subject {
        court: &label,
        is_court: address.site != Site::Idp,
        account: account.as_deref(),
        method: method.as_str(),
        path: &asked,
    };
    let arrival =
        simulator
            .traffic
            .begin(subject.court, subject.account, subject.method, subject.path);
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, MOST_BYTES).await.unwrap_or_default();
    let call = Call {
        simulator: simulator.clone(),
        address,
        path,
        parts,
        body,
    };
    let fault = match let_in(&simulator, &subject, &arrival).await {
        Ok(fault) => fault,
        Err(reply) => return reply.send(Some(arrival.request)),
    };
    if let Some(reply) = fault
        .as_ref()
        .and_then(|fault| instead_of_data(fault, &cut))
    {
        return reply.send(Some(arrival.request));
    }
    if fault == Some(FaultKind::ExpireSession) {
        call.end_sessions();
    }
    // Files of several scans take a moment, and nobody else should wait for them.
    let reply = tokio::task::spawn_blocking(move || route(&call))
        .await
        .expect("serving a page does not panic");
    afterwards(&simulator, fault, reply, &cut)
        .await
        .send(Some(arrival.request))
}

fn route(call: &Call) -> Reply {
    match call.address.site {
        Site::Idp => saml::identity_provider(call),
        Site::ShowDoc(court) => show::answer(call, court),
        Site::Services(court) => api::answer(call, court),
    }
}

/// Whose request it is, by whatever is shown.
fn who(simulator: &Simulator, site: Site, headers: &HeaderMap) -> Option<String> {
    let session = session_at(&simulator.acms, site, headers);
    match session {
        Some(session) => simulator.sessions.login_of(&session.sign_on),
        None => login_of(simulator, headers),
    }
}

/// The session that belongs to the cookies or the token, dead or alive.
fn session_at(acms: &Acms, site: Site, headers: &HeaderMap) -> Option<Session> {
    match site {
        Site::Idp => None,
        Site::ShowDoc(court) => {
            let [first, second] = saml::COOKIES.map(|name| cookie(headers, name));
            acms.by_cookie(court, &(first? + &second?))
        }
        Site::Services(court) => {
            let header = headers.get("authorization")?.to_str().ok()?;
            acms.by_bearer(court, header.strip_prefix("Bearer ")?)
        }
    }
}

impl Call {
    fn is(&self, method: &Method) -> bool {
        self.parts.method == method
    }

    /// The value in the query.
    fn param(&self, name: &str) -> Option<String> {
        let query = self.parts.uri.query().unwrap_or_default();
        value_in(query.as_bytes(), name)
    }

    /// The value in a body that is a form as browsers send it.
    fn field(&self, name: &str) -> Option<String> {
        let kind = self.parts.headers.get("content-type")?.to_str().ok()?;
        let is_form = kind.starts_with("application/x-www-form-urlencoded");
        is_form.then(|| value_in(&self.body, name)).flatten()
    }

    /// Who is in; nobody if the account logged in elsewhere since.
    fn guest(&self) -> Option<Guest> {
        let session = session_at(&self.simulator.acms, self.address.site, &self.parts.headers)?;
        let sessions = &self.simulator.sessions;
        if !sessions.is_newest(&session.sign_on) {
            return None;
        }
        let visitor = sessions.visitor(&session.sign_on, None)?;
        Some(Guest { session, visitor })
    }

    /// The court, which the world has.
    fn court(&self, id: &str) -> &Court {
        let court = self.simulator.world.court(id);
        court.expect("courts of appeals are in the table")
    }

    fn end_sessions(&self) {
        if let Some(guest) = self.guest() {
            self.simulator.sessions.log_out(&guest.session.sign_on);
        }
    }
}

fn value_in(text: &[u8], name: &str) -> Option<String> {
    url::form_urlencoded::parse(text)
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.into_owned())
}
