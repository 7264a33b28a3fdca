//! Somebody who is logged in and asks the servlet.

use std::sync::Arc;

use axum::http::HeaderMap;
use axum::http::header::REFERER;

use super::params::Params;
use super::{Call, Reply, confirm, login_page, notice, tokens_of};
use crate::Simulator;
use crate::dice::{Dice, word};
use crate::page::Place;
use crate::page::appellate::Frame;
use crate::page::notice::Notice;
use crate::session::Visitor;

/// A request of somebody who may search.
pub(super) struct Visit {
    pub simulator: Arc<Simulator>,
    pub place: Place,
    pub visitor: Visitor,
    pub params: Params,
    /// A fault wants the price shown although it was accepted.
    pub price_again: bool,
    /// The token of this session's forms.
    csrf: String,
    referer: Option<String>,
}

impl Visit {
    /// Lets somebody in, or says why not. `asked` is what the sign-on is to come back to.
    pub fn admit(call: Call, params: Params, asked: &str) -> Result<Visit, Reply> {
        let headers = call.request.headers();
        let (Some(visitor), Some(token)) =
            (call.visitor(), session_token(&call.simulator, headers))
        else {
            return Err(Reply::html(login_page(&call.simulator, &call.place, asked)));
        };
        let referer = headers
            .get(REFERER)
            .and_then(|referer| referer.to_str().ok())
            .map(str::to_owned);
        let visit = Visit {
            csrf: csrf(&token),
            simulator: call.simulator,
            place: call.place,
            visitor,
            params,
            price_again: call.price_again,
            referer,
        };
        if visit.visitor.lacks_client_code {
            return Err(visit.message(Notice::ClientCodeRequired.text()));
        }
        if visit.visitor.disabled {
            return Err(visit.message("Search access of your current account has been disabled"));
        }
        Ok(visit)
    }

    /// What pages are made with.
    pub fn frame(&self) -> Frame<'_> {
        Frame {
            place: &self.place,
            csrf: &self.csrf,
        }
    }

    /// A page with one sentence.
    pub fn message(&self, text: &str) -> Reply {
        Reply::html(notice::message(&self.frame(), text))
    }

    /// True for a form that came from a page of this session. The form behind the links of a
    /// docket carries no token; it can only ask for a price.
    pub fn may_post(&self, servlet: &str) -> bool {
        let buys = self.params.get("pacer") == Some("t");
        self.params.get("CSRF") == Some(&self.csrf) || (servlet == "ShowDoc" && !buys)
    }

    /// True for a link that cannot be from a page of a court: without a referrer, and at the
    /// Federal Circuit with a foreign one as well.
    pub fn comes_from_outside(&self) -> bool {
        let Some(referer) = &self.referer else {
            return true;
        };
        let host = url::Url::parse(referer)
            .ok()
            .and_then(|url| Some(url.host_str()?.to_owned()))
            .unwrap_or_default();
        let inside = referer.starts_with(&self.place.base) || host.ends_with(".uscourts.gov");
        self.place.court.id == "cafc" && !inside
    }

    /// Asks for what was asked once more, from a page of the court.
    pub fn ask_about_outside_link(&self) -> Reply {
        Reply::html(confirm::outside_link(&self.frame(), &self.params.asked()))
    }
}

fn session_token(simulator: &Simulator, headers: &HeaderMap) -> Option<String> {
    tokens_of(headers).find(|token| simulator.sessions.login_of(token).is_some())
}

/// A token that belongs to the session, and that nobody can know who does not.
fn csrf(token: &str) -> String {
    let number = Dice::new(word(token), &[word("csrf")]).next();
    format!("csrf_{}", number as i64)
}
