//! What a tracker shows, in the order of the answers.

use chrono_tz::Tz;
use fetch_queue::trackers::Tracker;

use crate::{
    dialect::{Object, moment},
    openapi::{Described, Shape::*, key},
};

/// A docket that is looked at again and again.
#[rustfmt::skip]
pub(crate) const TRACKER: Described = Described {
    name: "Tracker",
    about: "A docket that is looked at again and again, and bought when something was filed.",
    keys: &[
        key("id", Integer),
        key("docket", Integer),
        key("court", Text),
        key("state", Word(&["active", "out_of_money", "paused", "ended"])),
        key("message", Text).means("What came of its last request, or why it asks nothing."),
        key("every_hours", Integer),
        key("until", Instant).or_null(),
        key("lane", Word(&["interactive", "bulk"])),
        key("client_code", Text),
        key("max_cost_cents", Integer).means("The most that all of its requests may cost together in a quarter."),
        key("spent_cents", Integer).means("What they have cost in this quarter, or may have."),
        key("next_due", Instant).or_null().means("When it asks next."),
        key("date_asked", Instant).or_null().means("When the court said something last."),
        key("date_found", Instant).or_null().means("When there was something new last."),
        key("recap_fetch", Integer).or_null().means("Its last request."),
        key("is_asking", Boolean).means("Whether that is under way."),
        key("date_created", Instant),
        key("date_modified", Instant),
    ],
};

/// As its owner sees it.
pub(super) fn shown(tracker: &Tracker, zone: Tz) -> Object {
    let at = |at| moment::write(at, zone);
    Object::new()
        .with("id", tracker.id.0)
        .with("docket", tracker.docket.0)
        .with("court", tracker.court.as_str())
        .with("state", tracker.state.as_str())
        .with("message", tracker.message.as_str())
        .with("every_hours", tracker.every_hours)
        .with("until", tracker.until.map(at))
        .with("lane", tracker.lane.as_str())
        .with("client_code", tracker.client_code.as_str())
        .with("max_cost_cents", tracker.max_cost.0)
        .with("spent_cents", tracker.spent.0)
        .with("next_due", tracker.next_due.map(at))
        .with("date_asked", tracker.asked.map(at))
        .with("date_found", tracker.found.map(at))
        .with("recap_fetch", tracker.last_request.map(|id| id.0))
        .with("is_asking", tracker.is_asking)
        .with("date_created", at(tracker.date_created))
        .with("date_modified", at(tracker.date_modified))
}
