//! What the groups of keys hold that a request has for those who ask.

use fetch_model::{State, expand::Group, fields::REQUEST_TYPES};

use crate::openapi::{Described, Shape::*, key};

/// The keys of a group.
pub(crate) fn of(group: Group) -> &'static Described {
    match group {
        Group::Money => &MONEY,
        Group::Life => &LIFE,
        Group::Queue => &QUEUE,
        Group::Changes => &CHANGES,
        Group::Plan => &PLAN,
    }
}

#[rustfmt::skip]
const MONEY: Described = Described {
    name: "Money",
    about: "What a request costs, in cents.",
    keys: &[
        key("cost_cents", Integer).means("What PACER charged, as far as known."),
        key("is_settled", Boolean).means("False while a purchase is under way or in doubt, or pages are counted."),
        key("in_doubt_cents", Integer).means("What purchases whose answer was lost may have cost."),
        key("under_way_cents", Integer).means("What a purchase under way costs at most."),
        key("reserved_cents", Integer).means("What else is set aside."),
        key("max_cost_cents", Integer).or_null().means("As sent."),
    ],
};

/// Our own states of a request.
pub(crate) const STATES: [&str; State::ALL.len()] = {
    let mut words = [""; State::ALL.len()];
    let mut place = 0;
    while place < words.len() {
        words[place] = State::ALL[place].as_str();
        place += 1;
    }
    words
};

#[rustfmt::skip]
const LIFE: Described = Described {
    name: "Life",
    about: "Where a request is in its life, and what its owner can do.",
    keys: &[
        key("state", Word(&STATES)).means("Our own state, finer than `status`."),
        key("attempts", Integer),
        key("failure", Text).or_null().means("A code, by which programs decide."),
        key("not_before", Instant).or_null(),
        key("steps", List(&Object(&LIFE_STEP))),
        key("next_step", Text).or_null().means("What you can do, as a sentence."),
        key("retry_after", Integer).or_null()
            .means("In how many seconds it is tried again or, of one that failed, may succeed if it is sent again."),
    ],
};

#[rustfmt::skip]
const LIFE_STEP: Described = Described {
    name: "LifeStep",
    about: "What became of a request, and when.",
    keys: &[key("at", Instant), key("step", Text), key("detail", Text)],
};

#[rustfmt::skip]
const QUEUE: Described = Described {
    name: "Queue",
    about: "The place of a request that waits.",
    keys: &[
        key("lane", Word(&["interactive", "bulk"])),
        key("position", Integer).or_null().means("1 for the next one, 0 once released."),
        key("under_way", Integer).means("Requests under way at the court."),
        key("eta_seconds", Integer).or_null(),
        key("waits_for", Text).or_null()
            .means("`not_before`, `court_fails`, `court_paused`, `court_asked_for_pause`, `next_turn`, `no_worker`, \
                    `bulk_window`, `login` or `step`."),
        key("waits_until", Instant).or_null(),
    ],
};

#[rustfmt::skip]
const CHANGES: Described = Described {
    name: "Changes",
    about: "What a request added to what is stored, and changed there.",
    keys: &[
        key("docket_new", Boolean),
        key("entries_new", Integer),
        key("entries_changed", Integer),
        key("documents_new", Integer),
        key("documents_changed", Integer),
        key("parties_new", Integer),
        key("parties_changed", Integer),
    ],
};

#[rustfmt::skip]
const PLAN: Described = Described {
    name: "Plan",
    about: "What was fetched on the way to a document that was asked for by its address.",
    keys: &[
        key("steps", List(&Object(&PLAN_STEP))).means("Each is a request of its own."),
        key("cost_cents", Integer).means("What they cost together, without the request itself."),
    ],
};

#[rustfmt::skip]
const PLAN_STEP: Described = Described {
    name: "PlanStep",
    about: "A request that was made on the way to another one.",
    keys: &[
        key("id", Integer),
        key("request_type", Choice(REQUEST_TYPES)),
        key("state", Word(&STATES)),
        key("message", Text),
        key("cost_cents", Integer).or_null(),
    ],
};
