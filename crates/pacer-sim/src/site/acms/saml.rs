//! The way in: the court sends whoever has no session to the identity provider, which knows who is
//! logged in to PACER, and believes what comes back from there.

use axum::http::{Method, StatusCode};

use super::sites::Site;
use super::{Call, Reply, cookie, status_reply};
use crate::page::acms as page;
use crate::session::new_token;

/// The cookies of a session. It is cut in two, as if it were too long for one.
pub(super) const COOKIES: [&str; 2] = [".AspNetCore.saml2C1", ".AspNetCore.saml2C2"];

/// Where the identity provider is asked.
const SINGLE_SIGN_ON: &str = "/idp/profile/SAML2/Redirect/SSO";

/// Where a court hears what it says.
pub(super) const CONSUMER: &str = "/Saml2/Acs";

/// Sends somebody without a session to the identity provider.
pub(super) fn ask(call: &Call, court: &'static str) -> Reply {
    let (request, relay) = call.simulator.acms.ask(court);
    let query = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("SAMLRequest", &request)
        .append_pair("RelayState", &relay)
        .finish();
    let idp = call.address.of(Site::Idp);
    Reply::found(format!("{idp}{SINGLE_SIGN_ON}?{query}"))
}

/// Answers as the identity provider.
pub(super) fn identity_provider(call: &Call) -> Reply {
    if call.path != SINGLE_SIGN_ON {
        return status_reply(404);
    }
    if !call.is(&Method::GET) {
        return status_reply(405);
    }
    let sign_on = cookie(&call.parts.headers, "NextGenCSO")
        .filter(|token| call.simulator.sessions.login_of(token).is_some());
    let Some(sign_on) = sign_on else {
        return Reply::html(page::login_form());
    };
    let vouched = call
        .param("SAMLRequest")
        .zip(call.param("RelayState"))
        .and_then(|(request, relay)| {
            let (court, response) = call.simulator.acms.vouch(&request, &relay, &sign_on)?;
            Some((court, relay, response))
        });
    let Some((court, relay, response)) = vouched else {
        return Reply::text(StatusCode::BAD_REQUEST, "nobody asked this");
    };
    let consumer = format!("{}{CONSUMER}", call.address.of(Site::ShowDoc(court)));
    Reply::html(page::saml_form(&consumer, &relay, &response))
}

/// `POST /Saml2/Acs`. It answers 200 whether it believes or not, and only the cookies tell.
pub(super) fn consume(call: &Call, court: &'static str) -> Reply {
    let attributes = call.address.cookie_attributes();
    let sign_on = call
        .field("RelayState")
        .zip(call.field("SAMLResponse"))
        .and_then(|(relay, response)| call.simulator.acms.believe(court, &relay, &response))
        .filter(|sign_on| may_search(call, sign_on));
    let affinity = &new_token()[..64];
    let mut reply = Reply::html(page::after_login(sign_on.is_some()));
    for name in ["ARRAffinity", "ARRAffinitySameSite"] {
        reply = reply.with_cookie(format!("{name}={affinity}; {attributes}"));
    }
    let Some(sign_on) = sign_on else {
        return reply;
    };
    let session = call.simulator.acms.open(court, sign_on);
    let (first, second) = session.cookie.split_at(session.cookie.len() / 2);
    for (name, value) in COOKIES.into_iter().zip([first, second]) {
        reply = reply.with_cookie(format!("{name}={value}; {attributes}"));
    }
    reply
}

/// Nobody gets in whose login is over or was followed by another, or who may not search.
fn may_search(call: &Call, sign_on: &str) -> bool {
    let sessions = &call.simulator.sessions;
    let visitor = sessions.visitor(sign_on, None);
    sessions.is_newest(sign_on)
        && visitor.is_some_and(|visitor| !visitor.disabled && !visitor.lacks_client_code)
}
